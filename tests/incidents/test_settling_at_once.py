"""The engine settles many cases in one transaction, exactly as the door would one by one."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents import orphans, settling, workflow
from incidents.models import Case, Clock, ClockEntry, Demand, Outbox, SetAside, Step
from incidents.tasks import settle
from lib import now
from tests import cast
from tests.incidents import play

pytestmark = pytest.mark.django_db


def later(**time):
    now.set_to(now.now() + timedelta(**time))


def offenders():
    finds = [*orphans.look(), orphans.replay_clocks(stopped=True)]
    return {each.rule.key: each.shown for each in finds if each.count}


# --- a town full of clocks -----------------------------------------------------------------------


def suspended(town, days=2):
    case = play.dispatched(town, town.slow)
    until = (now.now() + timedelta(days=days)).isoformat()
    workflow.move(case, "ask_suspend", town.handler, reason="rain", until=until)
    return workflow.move(case, "grant", town.dispatcher)


def asked(town, condition=None):
    case = play.dispatched(town, condition or town.urgent)
    return workflow.move(case, "ask_extend", town.handler, reason="rain")


def ordered(town):
    case = play.dispatched(town, town.endless)
    due = (now.now() + timedelta(hours=5)).isoformat()
    return workflow.move(case, "supervise", town.leader, words="hurry", due=due)


def confirming(town):
    return workflow.move(play.reported(town), "ask_confirm", town.intake)


def appealed(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    case = play.verify(town, play.handle(town, case))
    case = workflow.move(case, "close", town.supervisor, note="x")
    return workflow.move(case, "appeal", town.handler, reason="flood")


KINDS = (
    play.reported,
    play.accepted,
    play.filed,
    play.dispatched,
    play.handled,
    play.verified,
    confirming,
    suspended,
    asked,
    ordered,
    appealed,
    lambda town: asked(town, town.slow),
    lambda town: play.dispatched(town, town.urgent, unit=town.street_office),
    lambda town: play.dispatched(town, town.slow, unit=town.community_office),
)


def told_and_written():
    """Everything that settling writes, by what it means and not by key."""
    steps = {s.pk: (s.case_id, s.seq) for s in Step.objects.all()}
    cases = Case.objects.order_by("pk").values_list(
        "pk", "stage", "version", "level", "due_at", "suspended_until", "clock_kind"
    )
    demands = {
        d.pk: (d.case_id, d.round, d.kind, steps[d.cause_id], d.owner_role, d.owner_area_id)
        + (d.owner_unit_id, d.owner_duty_grid_id, d.outcome, steps.get(d.ended_by_id))
        for d in Demand.objects.all()
    }
    clocks = {
        c.pk: (c.case_id, c.kind, demands.get(c.demand_id), c.state, c.due_at, c.warn_at)
        + (c.next_at, c.verdict, c.late_by, c.stopped_at, c.started_at)
        for c in Clock.objects.all()
    }
    return {
        "steps": list(
            Step.objects.order_by("case", "seq").values_list(
                "case", "seq", "round", "move", "from_stage", "to_stage", "by", "role", "at"
            )
        ),
        "cases": list(cases),
        "demands": sorted(map(repr, demands.values())),
        "clocks": sorted(map(repr, clocks.values())),
        "entries": sorted(
            repr((clocks[e.clock_id], e.seq, e.kind, e.at, steps.get(e.step_id), e.limit_value))
            + repr((e.limit_unit, e.calendar_id, e.judged, e.due_at))
            for e in ClockEntry.objects.all()
        ),
        "outbox": sorted(
            repr((steps[row.step_id], row.notice, row.to_role, row.to_area_id, row.to_unit_id))
            + repr((row.to_member_id, row.to_duty_grid_id, row.made_at))
            for row in Outbox.objects.all()
        ),
    }


def undone(deed):
    """What a deed leaves, which is then undone."""
    with transaction.atomic():
        deed()
        left = told_and_written()
        transaction.set_rollback(True)
    return left


def one_by_one():
    for case in Case.objects.order_by("pk"):
        workflow.settle_case(case)


def set_based():
    settling.settle_due()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    starts=st.lists(st.tuples(st.integers(0, len(KINDS) - 1), st.integers(0, 300)), max_size=6),
    waits=st.lists(st.integers(1, 6000), min_size=1, max_size=4),
)
def test_many_at_once_is_the_same_as_one_by_one(town, starts, waits):
    with transaction.atomic(), now.at(cast.MORNING):
        for kind, minutes in starts:
            KINDS[kind](town)
            later(minutes=minutes)
        for minutes in waits:
            later(minutes=minutes)
            assert undone(set_based) == undone(one_by_one)
            set_based()
            assert undone(set_based) == told_and_written()
        assert offenders() == {}
        transaction.set_rollback(True)


# --- a batch -------------------------------------------------------------------------------------


def test_the_task_settles_what_is_due_and_nothing_twice(town):
    cases = [play.dispatched(town, town.urgent) for _each in range(7)]
    later(hours=3)
    settle()
    settle()
    for move in ("warn", "breach"):
        made = Step.objects.filter(move=move).values_list("case", flat=True)
        assert sorted(made) == sorted(case.pk for case in cases)
    assert Demand.objects.open().filter(kind="answer").count() == 7
    assert offenders() == {}


def test_a_batch_asks_the_database_the_same_number_of_times_whatever_its_size(
    town, django_assert_num_queries
):
    for _each in range(3):
        play.dispatched(town, town.urgent)
    later(hours=3)
    assert settling.settle() == 3  # the warnings
    with django_assert_num_queries(19):
        assert settling.settle() == 3
    for _each in range(20):
        play.dispatched(town, town.urgent)
    later(hours=3)
    assert settling.settle() == 20
    with django_assert_num_queries(19):
        assert settling.settle() == 20


def test_what_was_due_first_is_settled_first(town):
    slow, quick = play.dispatched(town, town.slow), play.dispatched(town, town.urgent)
    later(days=10)
    settling.settle(most=1)
    assert quick.steps.filter(move="warn").exists()
    assert not slow.steps.filter(move="warn").exists()
    settling.settle_due()
    assert slow.steps.filter(move="breach").exists()


def test_the_database_lets_a_due_time_be_breached_once(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    settling.settle_due()
    again = ClockEntry.objects.get(clock__case=case, kind="breach")
    with pytest.raises(Exception, match="once_a_due_time"), transaction.atomic():
        ClockEntry.objects.create(
            clock=again.clock,
            seq=9,
            kind="breach",
            at=now.now(),
            step=again.step,
            due_at=again.due_at,
        )


def test_a_clock_that_was_set_back_holds_up_nothing_and_no_ledger_goes_backwards(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    settling.settle_due()
    later(minutes=-50)
    case.refresh_from_db()
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "refuse", town.dispatcher, reason="yours")
    play.handle(town, case)
    later(hours=5)
    settling.settle_due()
    assert offenders() == {}


# --- what cannot be settled ----------------------------------------------------------------------


def spoil(clock, seq=32767):
    """Leave no place for a next entry in the ledger of a clock; or, with 1, mend it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE incidents_clockentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE incidents_clockentry SET seq = %s WHERE clock_id = %s", [seq, clock.pk]
        )
        cursor.execute("ALTER TABLE incidents_clockentry ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def poisoned(town):
    """Five late cases; the handle clock of the third cannot be settled."""
    cases = [play.dispatched(town, town.urgent) for _each in range(5)]
    bad = Clock.objects.get(case=cases[2], kind="handle")
    spoil(bad)
    later(hours=3)
    return cases, bad


def test_a_row_that_cannot_be_settled_is_set_aside_and_holds_up_no_other(town, poisoned):
    cases, bad = poisoned
    settling.settle_due()
    breached = Step.objects.filter(move="breach").values_list("case", flat=True)
    assert sorted(breached) == sorted(case.pk for case in cases if case != cases[2])
    aside = SetAside.objects.get()
    assert (aside.case, aside.clock, aside.tries) == (cases[2], bad, 1)
    assert "out of range" in aside.error
    settling.settle_due()
    assert SetAside.objects.get().tries == 1


def test_what_was_set_aside_is_tried_again_ever_later_and_gone_once_it_was_done(town, poisoned):
    cases, bad = poisoned
    settling.settle_due()
    for tries, minutes in ((2, 2), (3, 4)):
        later(minutes=minutes / 2, seconds=1)
        settling.settle_due()
        aside = SetAside.objects.get()
        assert aside.tries == tries
        assert aside.again_at == now.now() + timedelta(minutes=minutes)
    spoil(bad, seq=1)
    later(minutes=5)
    settling.settle_due()
    assert not SetAside.objects.exists()
    assert cases[2].steps.filter(move="breach").exists()
    assert offenders() == {}


def test_it_is_shown_on_the_health_page_and_tried_again_at_once_when_asked(town, poisoned, client):
    cases, bad = poisoned
    settling.settle_due()
    client.force_login(town.sysadmin, backend="grids.backends.PostBackend")
    text = client.get("/health/").text
    assert cases[2].number in text and "out of range" in text
    spoil(bad, seq=1)
    asked = {"action": "try_again", "_selected_action": [SetAside.objects.get().pk]}
    later(seconds=1)
    assert client.post(reverse("admin:incidents_setaside_changelist"), asked).status_code == 302
    assert LogEntry.objects.filter(user=town.sysadmin).count() == 1
    later(seconds=1)
    settling.settle_due()
    assert not SetAside.objects.exists()


def test_a_move_on_a_case_that_cannot_be_settled_is_made_all_the_same(town, poisoned):
    cases, _bad = poisoned
    case = workflow.move(cases[2], "supervise", town.leader, words="x", due="2026-03-09T09:00")
    assert case.steps.last().move in ("supervise", "report")
    assert Demand.objects.filter(case=case, kind="reply").exists()


def test_a_suspension_ends_though_a_clock_of_its_case_cannot_be_settled(town):
    case = suspended(town)
    workflow.move(case, "supervise", town.leader, words="x", due="2026-03-04T09:00")
    bad = Clock.objects.get(case=case, demand__kind="reply")
    spoil(bad)
    later(days=3)
    settling.settle_due()
    case.refresh_from_db()
    assert case.stage == "dispatched"
    assert SetAside.objects.get().clock == bad
