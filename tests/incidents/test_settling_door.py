"""What falls due on one case: the system's moves, made by the door before anybody else's."""

from datetime import timedelta

import pytest

from incidents import orphans, workflow
from incidents.facts import Conflict
from incidents.models import ClockEntry, Demand, Outbox
from lib import now
from tests import cast
from tests.incidents import play

pytestmark = pytest.mark.django_db


def later(**time):
    now.set_to(now.now() + timedelta(**time))


def steps(case):
    return list(case.steps.order_by("seq").values_list("move", flat=True))


def noted(case):
    rows = ClockEntry.objects.filter(clock__case=case, kind__in=("warn", "breach"))
    return list(rows.order_by("at", "pk").values_list("clock__kind", "kind"))


def asked(case):
    """The open demand to answer of a case."""
    return Demand.objects.open().get(case=case, kind="answer")


def sound():
    finds = [*orphans.look(), orphans.replay_clocks(stopped=True)]
    return {each.rule.key: each.shown for each in finds if each.count} == {}


def test_a_clock_is_warned_of_at_four_fifths_and_breached_when_it_is_due(town):
    case = play.dispatched(town, town.urgent)  # two hours, day and night
    later(minutes=95)
    assert workflow.settle_case(case) == 0
    later(minutes=2)
    assert workflow.settle_case(case) == 1
    assert workflow.settle_case(case) == 0
    later(minutes=30)
    assert workflow.settle_case(case) == 1
    assert steps(case)[-2:] == ["warn", "breach"]
    assert noted(case) == [("handle", "warn"), ("handle", "breach")]
    assert sound()


def test_due_at_the_very_moment_is_in_time(town):
    case = play.dispatched(town, town.urgent)
    later(hours=2)
    workflow.settle_case(case)
    assert noted(case) == [("handle", "warn")]
    later(microseconds=1)
    workflow.settle_case(case)
    assert noted(case)[-1] == ("handle", "breach")


def test_a_department_that_is_late_has_its_leader_answer_then_the_district_then_the_city(town):
    case = play.dispatched(town, town.urgent, unit=town.water)
    later(hours=3)
    workflow.settle_case(case)
    owed = asked(case)
    assert (owed.owner_role, owed.owner_unit) == ("leader", town.water)
    case.refresh_from_db()
    assert case.level == 1
    assert owed.clock.due_at == now.now() + timedelta(hours=6)  # 4 work hours and the lunch break
    later(days=1)
    workflow.settle_case(case)
    # Nobody heads the district here.
    assert asked(case).owner_area == town.whole
    owed.refresh_from_db()
    assert (owed.outcome, owed.clock.verdict) == ("unanswered", "late")
    case.refresh_from_db()
    assert case.level == 3
    assert sound()


def test_at_the_city_it_repeats_daily(town):
    case = play.dispatched(town, town.urgent)
    for _day in range(4):
        later(days=1, minutes=1)
        workflow.settle_case(case)
    owed = asked(case)
    assert owed.owner_area == town.whole
    assert owed.clock.due_at == now.now() + timedelta(days=1)
    assert Demand.objects.filter(case=case, outcome="unanswered").count() == 3


@pytest.mark.parametrize(
    ("start", "role", "place"),
    [
        ("reported", "leader", "whole"),  # nobody leads the centres of this town
        ("filed", "leader", "whole"),
        ("verified", "leader", "whole"),
        ("handled", "grid_head", "duty_grid"),
        ("community", "leader", "community"),
        ("street", "leader", "street"),
    ],
)
def test_each_party_has_its_own_head(town, start, role, place):
    if start in ("community", "street"):
        case = play.dispatched(town, unit=getattr(town, f"{start}_office"))
    else:
        case = getattr(play, start)(town)
    later(days=2)
    workflow.settle_case(case)
    owed = Demand.objects.filter(case=case, kind="answer").earliest("pk")
    assert owed.owner_role == role
    assert getattr(town, place) in (owed.owner_area, owed.owner_duty_grid)
    assert sound()


def test_a_centre_that_has_a_leader_answers_itself_and_the_case_is_not_lifted(town):
    town.community_leader.posts = None
    cast.Post.objects.create(
        member=town.leader, role="leader", city=town.city, unit=town.command, valid_from=cast.BEGAN
    )
    case = play.filed(town)
    later(hours=1)
    workflow.settle_case(case)
    assert asked(case).owner_unit == town.command
    later(days=1)
    workflow.settle_case(case)
    assert asked(case).owner_area == town.whole
    case.refresh_from_db()
    assert case.level == 0


def test_what_was_due_is_settled_before_anybody_moves(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    photo = cast.photo_of(town.handler, town).pk
    case = workflow.move(
        case, "handle", town.handler, result="x", evidence=[photo], version=case.version
    )
    assert steps(case)[-3:] == ["warn", "breach", "handle"]
    assert sound()


def test_a_stale_page_is_refused_as_before(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    with pytest.raises(Conflict):
        workflow.move(case, "ask_return", town.handler, reason="not ours", version=case.version - 1)
    assert noted(case) == []


def test_a_request_lapses_when_it_or_the_handle_clock_falls_due(town):
    quick, slow = play.dispatched(town, town.urgent), play.dispatched(town, town.slow)
    for case in (quick, slow):
        workflow.move(case, "ask_extend", town.handler, reason="rain")
    later(hours=3)
    workflow.settle_case(quick)
    workflow.settle_case(slow)
    assert Demand.objects.get(case=quick, kind="request").outcome == "lapsed"
    assert Demand.objects.get(case=slow, kind="request").outcome == ""
    later(hours=4)
    workflow.settle_case(slow)
    assert Demand.objects.get(case=slow, kind="request").outcome == "lapsed"
    assert steps(slow)[-2:] == ["breach", "refuse"]
    assert not Demand.objects.filter(case=slow, kind="answer").exists()
    told = Outbox.objects.filter(step__case=slow).values_list("notice", flat=True)
    assert {"warn", "breach", "lapsed"} <= set(told)
    assert sound()


def test_a_request_asked_when_the_case_was_overdue_runs_its_own_time(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    later(hours=1)
    workflow.settle_case(case)
    assert Demand.objects.get(case=case, kind="request").outcome == ""


def test_a_suspension_ends_by_itself(town):
    case = play.dispatched(town, town.slow)
    until = now.now() + timedelta(days=1)
    workflow.move(case, "ask_suspend", town.handler, reason="rain", until=until.isoformat())
    workflow.move(case, "grant", town.dispatcher)
    later(hours=23)
    assert workflow.settle_case(case) == 0
    later(hours=1)
    assert workflow.settle_case(case) == 1
    case.refresh_from_db()
    assert (case.stage, case.suspended_until) == ("dispatched", None)
    assert sound()


def test_an_extension_arms_warning_and_breach_again(town):
    case = play.dispatched(town, town.urgent)
    later(minutes=100)
    workflow.settle_case(case)
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    workflow.move(case, "grant", town.dispatcher)
    later(minutes=60)
    assert workflow.settle_case(case) == 0
    later(minutes=200)
    workflow.settle_case(case)
    assert noted(case) == [("handle", "warn"), ("handle", "warn"), ("handle", "breach")]


def test_an_order_that_nobody_replies_to_goes_to_the_head_of_the_unit(town):
    case = play.dispatched(town, town.endless)
    due = (now.now() + timedelta(hours=5)).isoformat()
    workflow.move(case, "supervise", town.leader, words="hurry", due=due)
    later(hours=6)
    workflow.settle_case(case)
    assert asked(case).owner_unit == town.water
    assert Demand.objects.open().filter(case=case, kind="reply").exists()
    assert sound()


def test_what_is_owed_on_a_closed_case_is_told_to_the_centre_and_asked_of_nobody(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    case = workflow.move(
        play.verify(town, play.handle(town, case)), "close", town.supervisor, note="x"
    )
    workflow.move(case, "appeal", town.handler, reason="flood")
    later(days=5)
    workflow.settle_case(case)
    assert Demand.objects.open().filter(case=case).values_list("kind", flat=True)[0] == "opine"
    told = Outbox.objects.filter(step__case=case, step__move="breach").order_by("-made_at")
    assert {(row.to_role, row.to_area_id) for row in told if row.made_at == now.now()} == {
        ("dispatcher", None),
        ("leader", town.whole.pk),
    }
    assert sound()


def test_an_appeal_that_outlives_its_case_is_still_enforced_and_decided(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    case = workflow.move(
        play.verify(town, play.handle(town, case)), "close", town.supervisor, note="x"
    )
    case = workflow.move(case, "appeal", town.handler, reason="flood")
    case = workflow.move(case, "reopen", town.worker, reason="again")
    case = workflow.move(case, "void", town.chief, reason="mistake")
    later(days=5)
    assert workflow.settle_case(case) == 2
    assert steps(case)[-2:] == ["warn", "breach"]
    assert sound()
    workflow.move(case, "opine", town.dispatcher, opinion="true")
    assert sound()
