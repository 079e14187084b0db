"""Appeals of late verdicts: a unit objects once, the dispatcher opines, the intake officer decides;
the fact stays, the statistics leave a granted one out, and every page says both."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from assessment.measures import count
from assessment.periods import Period
from incidents import appeals, workflow
from incidents.facts import Conflict
from incidents.marks import EXEMPTED, PENDING, REFUSED, show_marks
from incidents.models import Case, Clock
from lib import now
from staff.models import Member
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def fresh(member):
    return Member.objects.get(pk=member.pk)


def get(member, name="appeals", *args, **asked):
    return client_of(member).get(reverse(name, args=args), asked)


def send(member, case, move, **sent):
    version = Case.objects.get(pk=case.pk).version
    address = reverse("appeal", args=[case.number])
    return client_of(member).post(address, {"move": move, "version": version, **sent})


def closed_late(town):
    """A case that the water bureau handled a day late."""
    case = play.dispatched(town, town.urgent)
    now.set_to(now.now() + timedelta(hours=30))
    case = play.verify(town, play.handle(town, case))
    return workflow.move(case, "close", town.supervisor)


@pytest.fixture
def late(town):
    return closed_late(town)


def objected(town, case):
    return workflow.move(case, "appeal", fresh(town.handler), reason="the gate was locked")


def opined(town, case):
    return workflow.move(objected(town, case), "opine", town.dispatcher, opinion="it was")


def decided(town, case, decision="granted"):
    case = opined(town, case)
    return workflow.move(case, "decide", town.intake, decision=decision, reason="seen")


def numbers(answer):
    rows = answer.context["rows"]
    return [(getattr(row, "demand", None) or row).case.number for row in rows]


# --- who opens what ------------------------------------------------------------------------------

OPENS = {
    "handler": ("may", {"may", "open", "decided", "all"}),
    "dispatcher": ("mine", {"mine", "open", "decided", "all"}),
    "intake": ("mine", {"mine", "open", "decided", "all"}),
    "assessor": ("open", {"open", "decided", "all"}),
    "leader": ("open", {"open", "decided", "all"}),
    "supervisor": ("open", {"open", "decided", "all"}),
}


@pytest.mark.parametrize("who", OPENS)
def test_each_role_has_its_lists(town, who):
    answer = get(getattr(town, who))
    first, lists = OPENS[who]
    assert answer.context["which"] == first
    assert {key for key, _label in answer.context["lists"]} == lists
    assert get(getattr(town, who), which="nonsense").context["which"] == first


@pytest.mark.parametrize("who", ["worker", "grid_head", "secadmin", "auditor"])
def test_others_have_nothing_to_do_with_it(town, late, who):
    assert get(getattr(town, who)).status_code == 403
    assert get(getattr(town, who), "appeal", late.number).status_code == 403


def test_a_stranger_signs_in_first():
    assert Client().get(reverse("appeals")).status_code == 302


# --- objecting -----------------------------------------------------------------------------------


def test_a_unit_finds_its_late_verdicts_and_until_when(town, late):
    play.closed(town)
    answer = get(town.handler)
    assert numbers(answer) == [late.number]
    row = answer.context["rows"][0]
    # Closed on Wednesday 4 March at 15:00: ten work days end on Wednesday the 18th.
    assert row.until == late.ended_at + timedelta(days=14)
    assert numbers(get(town.gardener)) == []


def test_what_the_list_offers_the_loop_takes_to_the_minute(town, late):
    until = appeals.last_moment(late.ended_at, appeals.calendar_of_days(fresh(town.handler)))
    now.set_to(until)
    assert numbers(get(town.handler)) == [late.number]
    now.set_to(until + timedelta(minutes=1))
    assert numbers(get(town.handler)) == []
    with pytest.raises(Conflict):
        objected(town, late)


def test_the_unit_objects_with_a_reason_and_once(town, late):
    page = get(town.handler, "appeal", late.number)
    assert "The verdict" in page.text and "stays, whatever is decided" in page.text
    assert send(town.handler, late, "appeal").status_code == 422
    answer = send(town.handler, late, "appeal", reason="the gate was locked")
    assert answer.url == reverse("appeal", args=[late.number])
    again = send(town.handler, late, "appeal", reason="and again")
    assert again.status_code == 409 and "and again" in again.text
    assert late.demands.filter(kind="opine").count() == 1
    assert numbers(get(town.handler)) == []
    assert numbers(get(town.handler, which="open")) == [late.number]
    page = get(town.handler, "appeal", late.number).text
    assert "the gate was locked" in page and "waits for the dispatcher&#x27;s opinion" in page


def test_only_the_late_unit_objects(town, late):
    assert get(town.gardener, "appeal", late.number).status_code == 404
    on_time = play.closed(town)
    assert get(town.handler, "appeal", on_time.number).status_code == 404
    assert get(town.assessor, "appeal", late.number).status_code == 404
    assert send(town.handler, on_time, "appeal", reason="x").status_code == 404


# --- opinion and decision ------------------------------------------------------------------------


def test_dispatcher_then_intake_officer_each_with_a_work_day(town, late):
    case = objected(town, late)
    demand = case.demands.get(kind="opine")
    assert demand.clock.due_at == now.now() + timedelta(days=1)
    assert numbers(get(town.dispatcher)) == [late.number]
    assert numbers(get(town.intake)) == []
    answer = send(town.dispatcher, late, "opine", opinion="it was locked, the log says so")
    assert answer.status_code == 302
    assert numbers(get(town.dispatcher)) == []
    assert numbers(get(town.intake)) == [late.number]
    decision = case.demands.get(kind="decide")
    assert decision.clock.due_at == now.now() + timedelta(days=1)
    assert send(town.intake, late, "decide", decision="granted").status_code == 422
    answer = send(town.intake, late, "decide", decision="granted", reason="not their fault")
    assert answer.status_code == 302
    page = get(town.assessor, "appeal", late.number).text
    for words in ("the gate was locked", "the log says so", "not their fault"):
        assert words in page
    assert "granted: exempted from statistics" in page


def test_nobody_speaks_out_of_turn(town, late):
    objected(town, late)
    for member in (town.intake, town.handler, town.assessor):
        page = get(member, "appeal", late.number)
        assert page.context["panel"].form is None
    assert send(town.intake, late, "decide", decision="granted", reason="x").status_code in (
        403,
        409,
    )
    assert send(town.dispatcher, late, "close", reason="x").status_code == 403


def test_lists_tell_open_from_decided(town):
    first, second, third = (closed_late(town) for _each in range(3))
    objected(town, first)
    opined(town, second)
    decided(town, third, "refused")
    assert set(numbers(get(town.assessor, which="open"))) == {first.number, second.number}
    assert numbers(get(town.assessor, which="decided")) == [third.number]
    assert len(numbers(get(town.assessor, which="all"))) == 3
    assert [a.state for a in get(town.assessor, which="all").context["rows"]] == [
        "refused",
        "decision",
        "opinion",
    ]


def test_the_list_goes_by_key(town, monkeypatch):
    monkeypatch.setattr("incidents.views.appeals.PAGE", 2)
    cases = [objected(town, closed_late(town)) for _each in range(3)]
    first = get(town.assessor, which="all")
    assert numbers(first) == [cases[2].number, cases[1].number]
    second = get(town.assessor, which="all", before=first.context["more"])
    assert numbers(second) == [cases[0].number] and not second.context["more"]
    for bad in ("x", "9" * 40, "-1"):
        assert get(town.assessor, which="all", before=bad).status_code == 200


def test_another_citys_people_see_none(town, late):
    decided(town, late)
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    for member in (elsewhere.assessor, elsewhere.handler, elsewhere.dispatcher):
        assert numbers(get(member, which="all")) == []
        assert get(member, "appeal", late.number).status_code == 404


# --- fact and statistic --------------------------------------------------------------------------


def figures(town):
    day = now.now().astimezone().date()
    period = Period.of("month", day, town.city.time_zone)
    counts = count(town.city, "unit", period.start, period.end)
    return {code: counts.get((town.water.pk, code), 0) for code in ("D_CLOSE", "D_INTIME_CLOSE")}


def test_the_fact_stays_and_the_statistic_is_exempted(town, late):
    assert figures(town) == {"D_CLOSE": 1, "D_INTIME_CLOSE": 0}
    decided(town, late)
    assert Clock.objects.get(case=late, kind="handle").verdict == "late"
    assert figures(town) == {"D_CLOSE": 1, "D_INTIME_CLOSE": 1}


def test_a_refused_appeal_changes_nothing(town, late):
    decided(town, late, "refused")
    assert figures(town) == {"D_CLOSE": 1, "D_INTIME_CLOSE": 0}


@pytest.mark.parametrize(
    ("way", "mark"),
    [
        (objected, PENDING),
        (opined, PENDING),
        (decided, EXEMPTED),
        (lambda town, case: decided(town, case, "refused"), REFUSED),
    ],
)
def test_a_page_of_cases_is_marked_in_one_query(town, late, way, mark, django_assert_num_queries):
    case, other = way(town, late), play.closed(town)
    with django_assert_num_queries(1):
        show_marks([case, other])
    assert case.marks.appeal == mark and not other.marks


def test_the_case_page_shows_both(town, late):
    case = decided(town, late)
    page = get(town.assessor, "case", case.number).text
    assert "exempted from statistics" in page and "1 d" in page
    assert reverse("appeal", args=[case.number]) in page
    page = get(town.handler, "case", case.number).text
    assert "exempted from statistics" in page


def test_pages_take_few_queries(town, late, django_assert_max_num_queries):
    for _each in range(3):
        opined(town, closed_late(town))
    objected(town, late)
    for member, name, args, asked in (
        (town.handler, "appeals", [], {}),
        (town.assessor, "appeals", [], {"which": "all"}),
        (town.dispatcher, "appeals", [], {"which": "mine"}),
        (town.dispatcher, "appeal", [late.number], {}),
        (town.handler, "appeal", [late.number], {}),
    ):
        client = client_of(member)
        address = reverse(name, args=args)
        client.get(address, asked)
        with django_assert_max_num_queries(MOST_QUERIES):
            client.get(address, asked)


def test_it_reads_in_chinese(town, late):
    decided(town, late)
    page = client_of(town.assessor, "zh-hans").get(reverse("appeal", args=[late.number]))
    assert page.status_code == 200
