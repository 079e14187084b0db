"""Who is told of what, by which ways and when: one table, one message a person and destination."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from grids.models import Post
from incidents import joint, tasks, telling, workflow
from incidents.letters import Channel, Message, Preference, PushDevice
from incidents.models import Demand, Outbox, Plan, Reporter, Step
from incidents.notices import NOTICES
from lib import now
from staff.models import City
from tests import cast
from tests.incidents import play, post

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


# --- the table -----------------------------------------------------------------------------------


def written_in(source):
    """The kinds of notices that a module writes: as `notice=…`, as what a move also tells, of
    joint tasks, and where the engine of deadlines names them in a list."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "notice":
            yield node.value
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.endswith("also_told.append"):
                yield node.args[0].elts[0]
            elif called == "_tell_units":
                yield node.args[2]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "notices":
            yield from ast.walk(node.value)


def test_every_notice_written_anywhere_has_its_row_in_the_table():
    # What is named by a variable: demands by their kind, clocks by the move of the system.
    written = {*Demand.Kind.values, "warn", "breach"}
    for file in (ROOT / "incidents").glob("*.py"):
        found = written_in(file.read_text(encoding="utf-8"))
        written |= {node.value for node in found if isinstance(node, ast.Constant)}
    assert {"your_turn", "ended", "lapsed", "decided", "replied", "called", "plan_red"} < written
    assert written - {"several"} == set(NOTICES)


@pytest.mark.parametrize("kind", NOTICES)
def test_every_row_has_words_in_both_languages(kind):
    notice = NOTICES[kind]
    with override("en"):
        english = (str(notice.title), str(notice.who))
    with override("zh-hans"):
        chinese = (str(notice.title), str(notice.who))
    assert all(text.isascii() for text in english)
    assert all(re.search(r"[一-鿿]", text) for text in chinese), chinese
    assert "page" in notice.ways
    assert {way.removesuffix("!") for way in notice.ways} <= set(Channel.values)


# --- who -----------------------------------------------------------------------------------------


def test_whose_turn_it_is_hears_of_it_once(town):
    play.reported(town)
    post.told()
    assert post.kinds(town.intake) == ["your_turn"]
    assert post.kinds(town.chief) == post.kinds(town.worker) == []
    assert telling.tell() == 0
    assert not Outbox.objects.not_told().exists()


def test_a_unit_hears_of_its_case_and_no_other_unit(town):
    play.dispatched(town)
    post.told()
    assert post.kinds(town.handler) == ["your_turn"]
    assert post.kinds(town.gardener) == []


def test_the_community_s_supervisor_closes_and_the_street_s_where_the_community_handled(town):
    play.verified(town)
    post.told()
    assert post.kinds(town.supervisor) == ["your_turn"]
    assert post.kinds(town.street_supervisor) == []
    case = play.dispatched(town, unit=town.community_office)
    play.verify(town, play.handle(town, case, town.neighbour))
    post.told()
    assert post.kinds(town.supervisor) == ["your_turn"]
    assert post.kinds(town.street_supervisor) == ["your_turn"]


def test_a_post_for_another_place_or_time_is_not_told(town):
    play.accepted(town)
    Post.objects.filter(member=town.intake).update(area=town.other_community)
    Post.objects.filter(member=town.chief).update(valid_until=cast.BEGAN)
    post.told()
    assert post.kinds(town.intake) == post.kinds(town.chief) == []
    elsewhere = cast.make_city("OC", lon=115.0)
    assert post.kinds(elsewhere.intake) == []


def test_only_the_head_of_the_duty_grid_is_told_of_an_escalation(town):
    far_head = type(town.grid_head).objects.create(username="far_head", name="far head")
    Post.objects.create(
        member=far_head,
        role="grid_head",
        city=town.city,
        duty_grid=town.far_duty_grid,
        valid_from=cast.BEGAN,
    )
    case = play.reported(town)
    step = Step.objects.get(case=case)
    # As a row that names no place, and as one that does.
    Outbox.objects.create(step=step, notice="answer", made_at=now.now(), to_role="grid_head")
    Outbox.objects.create(
        step=step,
        notice="answer",
        made_at=now.now(),
        to_role="grid_head",
        to_duty_grid=town.duty_grid,
    )
    post.told()
    assert post.kinds(town.grid_head) == ["answer", "answer"]
    assert post.kinds(far_head) == []


def test_who_asked_hears_the_decision_and_who_ordered_the_reply(town):
    case = workflow.move(play.dispatched(town), "ask_extend", town.handler, reason="rain")
    post.told()
    assert post.kinds(town.dispatcher)[-1] == "request"
    workflow.move(case, "refuse", town.dispatcher, reason="no")
    due = (now.now() + timedelta(hours=5)).isoformat()
    workflow.move(case, "supervise", town.leader, words="hurry", due=due)
    workflow.move(case, "reply", town.handler, words="on it")
    post.told()
    assert post.kinds(town.handler) == ["your_turn", "decided", "reply"]
    assert post.kinds(town.leader) == ["replied"]


def brought_before_the_adjudicator(town):
    case = play.dispatched(town, town.slow)
    for _time in range(2):
        case = workflow.move(case, "ask_return", town.handler, reason="not ours")
        case = workflow.move(case, "refuse", town.dispatcher, reason="yours")
    return workflow.move(case, "ask_return", town.handler, reason="not ours")


def test_a_unit_hears_that_the_adjudicator_gave_it_the_case_and_who_asked_of_the_decision(town):
    case = brought_before_the_adjudicator(town)
    post.told()
    before = post.kinds(town.handler)
    workflow.move(case, "adjudicate", town.adjudicator, unit="GARDENS", reason="theirs")
    post.told()
    assert post.kinds(town.gardener) == ["your_turn"]
    assert post.kinds(town.handler) == [*before, "decided"]


def test_a_unit_that_keeps_the_case_hears_only_of_the_decision(town):
    case = brought_before_the_adjudicator(town)
    post.told()
    before = post.kinds(town.handler)
    workflow.move(case, "adjudicate", town.adjudicator, unit="WATER", reason="yours")
    post.told()
    assert post.kinds(town.handler) == [*before, "decided"]


@pytest.mark.parametrize("stage", ["confirming", "handled"])
def test_whoever_is_asked_instead_hears_of_it(town, stage):
    if stage == "handled":
        case = play.handled(town)
    else:
        case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    assert case.worker == town.worker
    post.quiet()
    workflow.move(case, "reassign", town.intake, worker=town.mate.username)
    post.told()
    assert post.kinds(town.mate) == ["your_turn"]
    assert post.kinds(town.worker) == []


def test_units_that_assist_hear_of_it_and_nobody_else(town):
    case = play.filed(town)
    post.quiet()
    workflow.move(case, "dispatch", town.dispatcher, unit="WATER", assisting=["GARDENS", "ST1"])
    post.told()
    assert post.kinds(town.gardener) == post.kinds(town.street_handler) == ["assist"]
    assert post.kinds(town.handler) == ["your_turn"]
    assert post.kinds(town.neighbour) == []


def test_a_suspension_is_no_end(town):
    until = (now.now() + timedelta(days=3)).isoformat()
    case = play.dispatched(town)
    case = workflow.move(case, "ask_suspend", town.handler, reason="x", until=until)
    workflow.move(case, "grant", town.dispatcher)
    post.told()
    assert "ended" not in post.kinds(town.worker)
    assert post.kinds(town.handler)[-1] == "decided"


def test_who_reported_hears_of_the_end(town):
    play.closed(town)
    post.told()
    assert post.kinds(town.worker) == ["your_turn", "ended"]


def test_a_reporter_without_an_account_hears_of_the_end_by_text_message(town):
    gateway = post.gateway(town)
    case = play.workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category=town.rubbish.code,
        reporter={"name": "Li", "phone": "13900000000"},
    )
    workflow.move(case, "dismiss", town.intake, reason="twice")
    post.told()
    message = Message.objects.get(reporter__isnull=False)
    assert (message.channel, message.destination) == ("sms", str(gateway.pk))
    assert message.notice == "ended" and message.member is None
    Reporter.objects.update(erased_at=now.now())
    case = play.workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category=town.rubbish.code,
        reporter={"name": "Li", "phone": "13900000000"},
    )
    Reporter.objects.filter(pk=case.reporter_id).update(erased_at=now.now())
    workflow.move(case, "dismiss", town.intake, reason="twice")
    post.told()
    assert Message.objects.filter(reporter__isnull=False).count() == 1


def test_neither_the_system_nor_the_public_nor_who_has_left_is_told(town):
    case = play.reported(town)
    step = Step.objects.get(case=case)
    type(town.mate).objects.filter(pk=town.mate.pk).update(is_active=False)
    for member in (town.system, town.public, town.mate):
        Outbox.objects.create(step=step, notice="ended", made_at=now.now(), to_member=member)
    post.told()
    assert not Message.objects.filter(notice="ended").exists()


def test_a_called_department_and_its_head_hear_of_the_call_and_that_it_is_off(town):
    task = joint.call(
        town.street_handler,
        units=[town.water],
        due_at=now.now() + timedelta(minutes=30),
        subject="burst pipe",
        place="the gate",
    )
    post.told()
    joint.call_off(task, town.street_handler)
    post.told()
    assert post.kinds(town.handler) == post.kinds(town.water_leader) == ["called", "called_off"]
    assert post.kinds(town.gardener) == []


def test_the_head_of_the_unit_hears_once_of_a_plan_that_missed_its_mark(town):
    today = now.now().date()
    Plan.objects.create(
        city=town.city,
        name="Clean streets",
        area=town.whole,
        unit=town.street_office,
        target=4,
        starts=today - timedelta(days=9),
        ends=today - timedelta(days=2),
        made_by=town.leader,
        made_at=now.now(),
    )
    for _time in range(2):
        telling.tell_of_plans()
        post.told()
    assert post.kinds(town.street_leader) == ["plan_red"]
    assert post.kinds(town.water_leader) == []


# --- by which ways -------------------------------------------------------------------------------


def test_one_message_for_each_way_and_browser(town):
    post.reach(town.handler, town.dispatcher)
    post.gateway(town)
    for name in ("a", "b"):
        PushDevice.objects.create(
            member=town.handler,
            endpoint=f"https://fcm.googleapis.com/{name}",
            p256dh="x",
            auth="y",
            made_at=now.now(),
        )
    play.dispatched(town)  # a case that is not urgent
    post.told()
    channels = Message.objects.filter(member=town.handler).values_list("channel", flat=True)
    assert sorted(channels) == ["page", "push", "push"]
    play.dispatched(town, town.urgent)
    post.told()
    channels = Message.objects.filter(member=town.handler, urgent=True)
    assert sorted(channels.values_list("channel", flat=True)) == [
        "email",
        "page",
        "push",
        "push",
        "sms",
    ]


def test_who_wants_no_e_mail_gets_none(town):
    post.reach(town.handler)
    Preference.objects.create(member=town.handler, email=False)
    play.dispatched(town, town.urgent)
    post.told()
    assert post.kinds(town.handler, "email") == []
    assert post.kinds(town.handler) == ["your_turn"]


def test_without_a_mail_server_no_e_mail_is_made(town, settings):
    settings.EMAIL_IS_ON = False
    post.reach(town.handler)
    play.dispatched(town, town.urgent)
    post.told()
    assert post.kinds(town.handler, "email") == []


# --- what cannot be told -------------------------------------------------------------------------


def test_a_row_that_cannot_be_told_is_set_aside_and_keeps_nobody_waiting(town):
    elsewhere = cast.make_city("OC", lon=115.0)
    play.reported(elsewhere)
    case = play.reported(town)
    Outbox.objects.create(
        step=case.steps.get(), notice="nonsense", made_at=now.now(), to_member=town.mate
    )
    City.objects.filter(pk=elsewhere.city.pk).update(time_zone="No/Where")
    post.told()
    assert post.kinds(town.intake) == ["your_turn"]
    left = Outbox.objects.not_told().order_by("error")
    assert len(left) == 2 and all(row.error for row in left)
    City.objects.filter(pk=elsewhere.city.pk).update(time_zone="Asia/Shanghai")
    left.update(error="")
    post.told()
    assert post.kinds(elsewhere.intake) == ["your_turn"]


def test_told_twice_is_one_message_under_one_id(town):
    play.reported(town)
    post.told()
    before = set(Message.objects.values_list("key", flat=True))
    Outbox.objects.update(told_at=None)
    post.told()
    assert set(Message.objects.values_list("key", flat=True)) == before


def test_a_thousand_rows_cost_as_many_queries_as_one(town):
    step = play.dispatched(town).steps.last()

    def cost(rows):
        Outbox.objects.bulk_create(
            Outbox(
                step=step, notice="warn", made_at=now.now(), to_role="handler", to_unit=town.water
            )
            for _each in range(rows)
        )
        with CaptureQueriesContext(connection) as asked:
            telling.tell(batch=2000)
        return len(asked)

    assert cost(1) == cost(1000)


# --- by the clock --------------------------------------------------------------------------------


def test_the_tasks_tell_and_send(town):
    post.reach(town.handler)
    play.dispatched(town, town.urgent)
    for _time in range(2):
        tasks.tell.delay()
        for way in ("email", "push", "sms"):
            tasks.send_messages.delay(way)
        tasks.tell_of_plans.delay()
        tasks.sweep_messages.delay()
    assert post.kinds(town.handler) == post.kinds(town.handler, "email") == ["your_turn"]
    assert len(mail.outbox) == 1


def test_a_run_ends_in_time_and_the_next_goes_on(town, monkeypatch):
    monkeypatch.setattr(telling, "BATCH", 1)
    monkeypatch.setattr(telling, "LONGEST_SECONDS", -1)
    monkeypatch.setattr(telling.tell, "__defaults__", (1,))
    play.accepted(town)
    waiting = Outbox.objects.not_told().count()
    assert waiting == 2
    telling.tell_all()
    assert Outbox.objects.not_told().count() == waiting - 1


def test_no_slow_task_keeps_notices_waiting(settings):
    """Told beside the deadlines, whose worker takes nothing slow; what hangs on other people's
    servers is kept from there."""
    routes = settings.CELERY_TASK_ROUTES
    assert routes["incidents.tasks.tell"] == routes["incidents.tasks.settle"]
    assert routes["incidents.tasks.send_messages"] != routes["incidents.tasks.settle"]
    named = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert {route["queue"] for route in routes.values()} <= named
