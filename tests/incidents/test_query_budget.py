"""How many queries the one door costs: every move of the table has its exact number.

A number counts what one request adds after signing in: the member's posts, the move, and the two
statements that begin and end its transaction. Whoever makes a move dearer changes a line here, and
says why; a move that costs less than its line changes it too.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents import evidence, workflow
from incidents.models import Clock, ClockEntry, Demand
from lib import now
from staff.models import CalendarVersion, calendar_of
from tests.cast import photo_of
from tests.incidents import play
from tests.incidents.conftest import HERE, fresh, phone_photo, upload


def later(**time):
    now.set_to(now.now() + timedelta(**time))


def hence(**time):
    return (now.now() + timedelta(**time)).isoformat()


def photo(town, by):
    return [photo_of(by, town).pk]


def report(town, **given):
    return play.reported(town, **given)


def confirming(town):
    return workflow.move(play.reported(town), "ask_confirm", town.intake)


def asked(kind):
    def make(town):
        facts = {"until": hence(days=5)} if kind == "suspend" else {}
        case = play.dispatched(town, town.slow)
        return workflow.move(case, f"ask_{kind}", town.handler, reason="x", **facts)

    return make


def suspended(town):
    return workflow.move(asked("suspend")(town), "grant", town.dispatcher)


def returned(town):
    return workflow.move(asked("return")(town), "grant", town.dispatcher)


def for_the_adjudicator(town):
    case = asked("return")(town)
    for _time in range(2):
        case = workflow.move(case, "refuse", town.dispatcher, reason="yours")
        case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    return case


def self_handled(town):
    return workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        move="self_handle",
        condition=town.quick.code,
        evidence=photo(town, town.worker),
        after=photo(town, town.worker),
    )


def due_soon(town):
    case = play.dispatched(town, town.urgent)
    later(minutes=100)
    return case


def overdue(town):
    case = due_soon(town)
    workflow.settle_case(case)
    later(minutes=21)
    return case


def merged(town):
    case = play.reported(town)
    into = play.reported(town)
    workflow.move(case, "merge", town.intake, into=into.number)
    return into


def supervised(town):
    case = play.dispatched(town)
    return workflow.move(case, "supervise", town.leader, words="hurry", due=hence(hours=5))


def handed_up(town):
    return workflow.move(confirming(town), "hand_up", town.worker, reason="no way in")


def late(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    return workflow.move(play.verify(town, play.handle(town, case)), "close", town.supervisor)


def appealed(town):
    return workflow.move(late(town), "appeal", town.handler, reason="flood")


def opined(town):
    return workflow.move(appealed(town), "opine", town.dispatcher, opinion="true")


def third_rework(town):
    case = play.dispatched(town, town.slow)
    for _time in range(2):
        case = play.rework(town, play.handle(town, case))
    return play.handle(town, case)


def to_be_checked(town):
    """A closed case with a spot check drawn for a worker."""
    case = play.closed(town)
    cause = case.steps.get(move="close")
    with transaction.atomic():
        demand = Demand.objects.create(
            case=case, round=1, kind="spot_check", owner=town.mate, cause=cause
        )
        clock = Clock.objects.create(
            case=case,
            round=1,
            kind="demand",
            demand=demand,
            state="running",
            started_at=now.now(),
        )
        ClockEntry.objects.create(
            clock=clock,
            seq=1,
            kind="start",
            at=now.now(),
            step=cause,
            limit_value=1,
            limit_unit="work_day",
            calendar=town.city.calendar.current(),
        )
    return case


def to_the_next_grid(town):
    return {"reason": "wrong place", "longitude": town.lon + 0.0015, "latitude": town.lat + 0.0005}


ENOUGH = {"reason": "x"}
THREE = {"unit": "WATER", "assisting": ["GARDENS", "ST1"]}
FINAL = {"unit": "GARDENS", "reason": "x"}


def into_another(town):
    return {"into": play.reported(town).number}


def with_an_end(town):
    return {"reason": "x", "until": hence(days=5)}


def order(town):
    return {"words": "hurry", "due": hence(hours=5)}


# move, where it starts, who makes it, its facts (or what makes them), photos, queries
BUDGET = [
    ("accept", play.reported, "intake", {"category": "E-01-13"}, 0, 8),
    ("ask_confirm", play.reported, "intake", {}, 0, 12),
    ("confirm", confirming, "worker", {"found": True}, 1, 13),
    ("recall", confirming, "intake", {}, 0, 11),
    ("reassign", confirming, "intake", {}, 0, 10),
    ("merge", play.reported, "intake", into_another, 0, 12),
    ("dismiss", play.reported, "intake", ENOUGH, 0, 12),
    ("dismiss bringing one back", merged, "intake", ENOUGH, 0, 22),
    ("hand_back", play.accepted, "chief", ENOUGH, 0, 8),
    ("file", play.accepted, "chief", {"condition": "E-01-13-1"}, 0, 12),
    ("hand_back_filing", play.filed, "dispatcher", ENOUGH, 0, 12),
    ("correct", play.dispatched, "chief", {"reason": "x", "condition": "E-01-13-2"}, 0, 11),
    ("correct the place", play.dispatched, "chief", to_the_next_grid, 0, 9),
    ("dispatch", play.filed, "dispatcher", {"unit": "WATER"}, 0, 14),
    ("dispatch to three", play.filed, "dispatcher", THREE, 0, 16),
    ("dispatch after a return", returned, "dispatcher", {"unit": "GARDENS"}, 0, 16),
    ("handle", play.dispatched, "handler", {"result": "done"}, 1, 15),
    ("verify", play.handled, "worker", {}, 1, 13),
    ("rework", play.handled, "worker", {"reason": "not yet"}, 1, 14),
    ("rework that lifts", third_rework, "worker", {"reason": "not yet"}, 1, 25),
    # Two of them look for photos used before, by file and by likeness.
    ("close", play.verified, "supervisor", {}, 0, 14),
    ("send_back", play.verified, "supervisor", ENOUGH, 0, 12),
    ("send_back to filed", self_handled, "supervisor", ENOUGH, 0, 12),
    ("void", play.handled, "chief", ENOUGH, 0, 12),
    ("ask_extend", play.dispatched, "handler", ENOUGH, 0, 12),
    ("ask_suspend", play.dispatched, "handler", with_an_end, 0, 12),
    ("ask_return", play.dispatched, "handler", ENOUGH, 0, 13),
    ("grant an extension", asked("extend"), "dispatcher", {}, 0, 13),
    ("grant a suspension", asked("suspend"), "dispatcher", {}, 0, 12),
    ("grant a return", asked("return"), "dispatcher", {}, 0, 13),
    ("refuse", asked("extend"), "dispatcher", ENOUGH, 0, 13),
    ("refuse by lapse", asked("extend"), "system", {}, 0, 12),
    ("resume", suspended, "dispatcher", {}, 0, 10),
    ("resume by itself", suspended, "system", {}, 0, 10),
    ("adjudicate", for_the_adjudicator, "adjudicator", FINAL, 0, 19),
    ("adjudicate filed", play.filed, "adjudicator", FINAL, 0, 16),
    ("reopen", play.closed, "worker", ENOUGH, 0, 11),
    ("supervise", play.dispatched, "leader", order, 0, 11),
    ("reply", supervised, "handler", {"words": "on it"}, 0, 13),
    ("hand_up", confirming, "worker", ENOUGH, 0, 13),
    ("answer", handed_up, "community_leader", {"words": "x"}, 0, 12),
    ("appeal", late, "handler", {"reason": "flood"}, 0, 13),
    ("opine", appealed, "dispatcher", {"opinion": "true"}, 0, 15),
    ("decide", opined, "intake", {"decision": "granted", "reason": "x"}, 0, 13),
    ("warn", due_soon, "system", {}, 0, 10),
    ("breach", overdue, "system", {}, 0, 14),
    ("lift", play.dispatched, "system", {}, 0, 13),
    ("draw", play.closed, "system", {"worker": "tc_far_worker"}, 0, 12),
    ("spot_check", to_be_checked, "mate", {"found": False}, 1, 13),
]


@pytest.fixture(autouse=True)
def warm(town):
    """What a process reads once is not a move's own: calendars by version."""
    for version in CalendarVersion.objects.all():
        calendar_of(version.pk)


@pytest.fixture
def counted(town):
    """A function: how many queries a deed makes, the savepoint of a test in place of BEGIN."""

    def run(deed):
        with CaptureQueriesContext(connection) as queries:
            deed()
        return len(queries)

    return run


def test_every_move_of_the_table_has_its_line():
    named = {name.split()[0] for name, *_rest in BUDGET}
    assert named == {row.move for row in workflow.TABLE} - {"report", "self_handle", "bring_back"}


@pytest.mark.parametrize(("name", "start", "who", "facts", "photos", "most"), BUDGET)
def test_a_move_costs_exactly(town, counted, name, start, who, facts, photos, most):
    case = start(town)
    by = fresh(getattr(town, who))
    given = dict(facts(town) if callable(facts) else facts)
    if photos:
        given["evidence"] = photo(town, by)
    cost = counted(lambda: workflow.move(case.number, name.split()[0], by, **given))
    assert cost == most


CALLED = {"source": "hotline", "description": "it stinks"}
NAMED = {"source": "hotline", "category": "E-01-13", "reporter": {"name": "Li", "phone": "1"}}
ON_THE_SPOT = {"move": "self_handle", "condition": "E-01-13-1"}
REPORTS = [
    ("from patrol", "worker", {"category": "E-01-13"}, 1, 16),
    ("from the hotline", "intake", CALLED, 0, 14),
    ("with who told of it", "intake", NAMED, 0, 15),
    ("handled on the spot", "worker", ON_THE_SPOT, 2, 18),
]


@pytest.mark.parametrize(("_name", "who", "facts", "photos", "most"), REPORTS)
def test_a_report_costs_exactly(town, counted, _name, who, facts, photos, most):
    play.reported(town)  # the counter of the day's numbers is there
    by, given = fresh(getattr(town, who)), dict(facts)
    if photos:
        given["evidence"] = photo(town, by)
    if photos == 2:
        given["after"] = photo(town, by)
    cost = counted(lambda: workflow.report(by, city=town.city, point=town.inside, **given))
    assert cost == most


@pytest.mark.parametrize("key", ["", "one"])
def test_a_photo_costs_exactly(town, counted, key):
    by = fresh(town.worker)
    content = phone_photo()
    assert counted(lambda: evidence.take_in(upload(content), by, key=key)) == (6 if key else 5)


# address ({} is the case's number), who reads it, queries
PAGES = [
    ("cases/", "worker", 4),
    ("cases/?waiting_on=me", "worker", 4),
    ("cases/{}/", "worker", 4),
    ("cases/{}/moves/", "worker", 4),
    ("cases/{}/steps/", "worker", 5),
    ("cases/{}/clocks/", "worker", 6),
    ("cases/{}/evidence/", "worker", 4),
    ("cases/similar/?category=E-01-13&longitude=113.9005&latitude=30.9005", "worker", 6),
]


@pytest.mark.parametrize(("address", "who", "most"), PAGES)
def test_reading_costs_exactly_and_no_more_with_more_cases(
    town, caller, counted, address, who, most
):
    cases = [play.handled(town) for _number in range(3)]
    member = fresh(getattr(town, who))
    at = f"/api/{address.format(cases[0].number)}"
    costs = []
    for more in (0, 3):
        for _number in range(more):
            play.handled(town)
        costs.append(counted(lambda: caller(member).get(at)))
    assert costs == [most, most]


def test_writing_over_http_costs_exactly(town, caller, counted, send):
    photos = [send(town.worker, seed) for seed in (1, 2)]
    intake, worker = (caller(member) for member in (town.intake, town.worker))
    report = {**HERE, "category": "E-01-13"}
    play.reported(town)
    answers = []

    def post(client, address, body):
        answers.append(client.post(f"/api/{address}", body, format="json"))

    assert counted(lambda: post(worker, "cases/", {**report, "evidence": photos[:1]})) == 18
    number = answers[0].json()["number"]
    accept = {"move": "accept", "category": "E-01-13"}
    assert counted(lambda: post(intake, f"cases/{number}/moves/", accept)) == 10
    assert [answer.status_code for answer in answers] == [201, 200]
