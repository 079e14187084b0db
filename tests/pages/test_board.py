"""The board by its addresses: who sees what in which order, partials and whole pages, one move,
several at once, conflicts, and what each answer costs."""

import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from grids.models import Post
from incidents import workflow
from incidents.clocks import Turns, calendar_for
from incidents.models import Case, Demand
from incidents.templatetags.loop import moment
from incidents.views import queue
from lib import now
from staff.models import Calendar, CalendarVersion, Member, Unit
from tests.cast import client_of, photo_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
MOST_QUERIES, MOST_BYTES = 12, 30_000


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def client():
    """Reads English: sentences are compared as they stand in the code."""
    return Client(headers={"Accept-Language": "en"})


def rows(answer):
    return re.findall(r'data-row="([^"]+)"', answer.content.decode())


def groups(answer):
    found = re.findall(r'<h2 class="group">\s*(.*?)\s*<span>', answer.content.decode(), re.DOTALL)
    return [words.strip() for words in found]


def cost(client, url, **headers):
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(url, headers=headers)
    return answer, len(seen)


def test_strangers_are_sent_to_the_entry(client, town):
    assert client.get("/board/").status_code == 302
    assert client.get("/board/rows/", headers=HTMX).status_code == 401


@pytest.mark.parametrize(
    ("role", "make"),
    [
        ("intake", play.reported),
        ("chief", play.accepted),
        ("dispatcher", play.filed),
        ("handler", lambda town: play.dispatched(town, town.slow)),
        ("mate", lambda town: _asked(town, town.mate)),
        ("supervisor", play.verified),
    ],
)
def test_what_waits_on_a_role_stands_on_its_board(client, town, role, make):
    case = make(town)
    client.force_login(getattr(town, role))
    assert rows(client.get("/board/")) == [case.number]
    case = Case.objects.get(pk=case.pk)
    preview = client.get(f"/board/{case.number}/", headers=HTMX)
    assert preview.status_code == 200
    offered = {offer.move for offer in workflow.moves(case, getattr(town, role))}
    shown = set(re.findall(r'data-move="(\w+)"', preview.content.decode()))
    shown |= set(re.findall(r'name="move" value="(\w+)"', preview.content.decode()))
    assert shown == offered


def _asked(town, worker):
    return workflow.move(play.reported(town), "ask_confirm", town.intake, worker=worker.username)


def test_an_adjudicator_gets_what_units_hand_back_and_forth(client, town):
    case = play.dispatched(town, town.slow)
    for _time in range(3):
        case = workflow.move(case, "ask_return", town.handler, reason="not ours")
        if _time < 2:
            case = workflow.move(case, "refuse", town.dispatcher, reason="yours")
    client.force_login(town.adjudicator)
    answer = client.get("/board/")
    assert rows(answer) == [case.number]
    assert groups(answer) == ["Requests to decide"]


def test_a_unit_sees_its_own_and_nobody_elses(client, town):
    play.dispatched(town, town.slow)
    client.force_login(town.gardener)
    assert rows(client.get("/board/?tab=open")) == []


def test_stages_then_demands_each_by_time_left(client, town):
    late, asked = play.filed(town), play.dispatched(town, town.slow)
    with now.at(now.now().replace(minute=10)):
        soon = play.filed(town)
    workflow.move(asked, "ask_extend", town.handler, reason="rain")
    client.force_login(town.dispatcher)
    answer = client.get("/board/")
    assert rows(answer) == [late.number, soon.number, asked.number]
    assert groups(answer) == ["To be dispatched", "Requests to decide"]


def test_tabs_narrow_and_count(client, town):
    handled, waits = play.dispatched(town, town.slow), play.reported(town)
    client.force_login(town.dispatcher)
    answer = client.get("/board/?tab=handling")
    assert rows(answer) == [handled.number]
    assert 'data-tab-open="2"' in answer.content.decode()
    assert set(rows(client.get("/board/?tab=open"))) == {handled.number, waits.number}
    assert rows(client.get("/board/?tab=overdue")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=filed", True),
        ("stage=dispatched", False),
        ("category=C-01-03", True),
        ("category=E-01-13", False),
        ("area=420902001001", True),
        ("area=420902001002", False),
        ("light=green", True),
        ("light=red", False),
        ("text=manhole", True),
        ("text=%00", True),
        ("text=nothing+like+it", False),
        ("stage=nonsense", True),
        ("after=forged", True),
    ],
)
def test_filters_stand_in_the_address(client, town, query, found):
    case = play.filed(town, town.urgent)
    client.force_login(town.dispatcher)
    assert rows(client.get(f"/board/?tab=open&{query}")) == [case.number] * found


def test_selection_stands_in_the_address(client, town):
    case = play.filed(town)
    client.force_login(town.dispatcher)
    page = client.get(f"/board/?case={case.number}&pick={case.number}").content.decode()
    assert 'aria-current="true"' in page
    assert re.search(r"<input[^>]*checked", page)


def test_pages_by_key_show_each_case_once(client, town):
    made = {play.reported(town).number for _each in range(23)}
    client.force_login(town.intake)
    first = client.get("/board/rows/", headers=HTMX)
    following = re.search(r'href="([^"]+after=[^"]+)"', first.content.decode()).group(1)
    second = client.get(following.replace("&amp;", "&"), headers=HTMX)
    assert len(rows(first)) == 20
    assert set(rows(first)) | set(rows(second)) == made
    assert not set(rows(first)) & set(rows(second))
    assert groups(second) == []


def test_groups_of_many_come_in_the_order_of_the_small_ones(town):
    """Read by their index, a group after the other, as those of thousands are; page by page."""
    for condition in (town.slow, town.urgent, town.endless, town.slow):
        play.dispatched(town, condition)
    play.filed(town), play.filed(town), play.handled(town)
    asked = play.dispatched(town, town.slow)
    workflow.move(asked, "ask_extend", town.handler, reason="rain")
    owed = queue.owed_by(town.dispatcher)
    cases = queue.queue_of(town.dispatcher, queue.Asked(tab="open"), owed)
    counted = cases.counted_by_queue(now.now())
    everything = queue.page_of(cases, counted, owed.values(), None, None)
    assert len(everything) == 8 and everything[-1].pk == asked.pk
    for place, last in enumerate([None, *everything]):
        after = last and (last.queue, last.falls_due, last.pk)
        found = queue.page_of(cases, counted, owed.values(), after, 0)
        assert [row.pk for row in found] == [row.pk for row in everything[place:]]


def test_every_partial_is_a_page_by_itself(client, town):
    case = play.filed(town)
    client.force_login(town.dispatcher)
    for url in (
        "/board/rows/",
        f"/board/{case.number}/",
        f"/board/{case.number}/move/?move=hand_back_filing",
    ):
        page = client.get(url)
        assert page.status_code == 200
        assert "<html" in page.content.decode()
        assert "<html" not in client.get(url, headers=HTMX).content.decode()


def test_the_preview_names_the_unit_its_load_and_the_due_time(client, town):
    play.dispatched(town, town.slow)
    case = play.filed(town, town.slow)
    client.force_login(town.dispatcher)
    words = client.get(f"/board/{case.number}/", headers=HTMX).content.decode()
    assert "Suggested: Water bureau" in words
    assert '"WATER": [1, 0, "6 Mar, 09:00"]' in words
    assert re.search(r'value="WATER"\s+selected', words)
    assert "3 work days → " in words
    assert "1 like it within 200 m and 7 days" in words


def test_a_handler_is_shown_no_reporter(client, town):
    case = play.dispatched(town, town.slow)
    client.force_login(town.handler)
    assert "found on duty" not in client.get(f"/board/{case.number}/").content.decode()


def test_an_empty_queue_says_what_is_next(client, town):
    play.reported(town)
    client.force_login(town.dispatcher)
    words = client.get("/board/").content.decode()
    assert "No case waits on you" in words
    assert "falls due" in words
    assert "No case fits the filters" in client.get("/board/?stage=filed").content.decode()


# --- moving --------------------------------------------------------------------------------------


def test_a_move_tells_the_page_which_row_leaves(client, town):
    case = play.filed(town)
    client.force_login(town.dispatcher)
    sent = {"move": "dispatch", "version": case.version, "unit": "WATER"}
    answer = client.post(f"/board/{case.number}/move/", sent, headers=HTMX)
    assert case.number in answer.headers["HX-Trigger"]
    assert Case.objects.get(pk=case.pk).stage == "dispatched"


def test_without_a_module_a_move_leads_back_to_the_board(client, town):
    case = play.filed(town)
    client.force_login(town.dispatcher)
    sent = {"move": "dispatch", "version": case.version, "unit": "WATER"}
    assert client.post(f"/board/{case.number}/move/", sent)["Location"] == "/board/"


def test_a_conflict_says_who_won_and_keeps_my_words(client, town):
    case = play.filed(town)
    workflow.move(case, "dispatch", town.second_dispatcher, unit="GARDENS")
    client.force_login(town.dispatcher)
    sent = {"move": "dispatch", "version": case.version, "unit": "WATER", "note": "mind the dog"}
    answer = client.post(f"/board/{case.number}/move/", sent, headers=HTMX)
    words = answer.content.decode()
    assert "second_dispatcher was first" in words
    assert "mind the dog" in words
    assert Case.objects.get(pk=case.pk).unit == town.gardens


def test_several_at_once_with_a_result_for_each(client, town):
    good, gone = play.filed(town, town.slow), play.filed(town, town.slow)
    ticked = [f"{case.number}:{case.version}" for case in (good, gone)]
    workflow.move(gone, "dispatch", town.second_dispatcher, unit="GARDENS")
    client.force_login(town.dispatcher)
    sent = {"move": "dispatch", "case": [*ticked, "no-such:1"]}
    answer = client.post("/board/bulk/", sent, headers=HTMX)
    words = answer.content.decode()
    assert re.findall(r'data-number="([^"]+)"\s+data-done', words) == [good.number]
    assert "second_dispatcher was first" in words
    assert "There is no such case." in words
    assert Case.objects.get(pk=good.pk).unit == town.water
    page = client.post("/board/bulk/", sent).content.decode()
    assert f"pick={good.number},{gone.number},no-such" in page


def test_several_to_one_unit_and_with_one_reason(client, town):
    cases = [play.filed(town), play.filed(town)]
    client.force_login(town.dispatcher)
    ticked = [f"{case.number}:{case.version}" for case in cases]
    client.post("/board/bulk/", {"move": "dispatch", "case": ticked, "unit": "GARDENS"})
    assert {case.unit for case in Case.objects.all()} == {town.gardens}
    asked = [
        workflow.move(case, "ask_extend", town.gardener, reason="rain")
        for case in Case.objects.all()
    ]
    ticked = [f"{case.number}:{case.version}" for case in asked]
    answer = client.post("/board/bulk/", {"move": "refuse", "case": ticked})
    assert "“Reason” must not be empty." in answer.content.decode()
    client.post("/board/bulk/", {"move": "refuse", "case": ticked, "reason": "no rain"})
    assert {case.steps.last().move for case in Case.objects.all()} == {"refuse"}


def test_what_a_post_does_not_include_is_not_done_for_several_either(client, town):
    case = play.filed(town)
    client.force_login(town.intake)
    sent = {"move": "dispatch", "case": f"{case.number}:{case.version}"}
    assert "Your post does not include" in client.post("/board/bulk/", sent).content.decode()
    assert Case.objects.get(pk=case.pk).stage == "filed"


def test_each_unit_is_told_by_its_own_calendar(client, town):
    hours = {"hours": [[480, 720]], "workweek": [1, 3, 5], "day_minutes": 240}
    own = Calendar.objects.create(city=town.city, name="half days")
    CalendarVersion.objects.create(calendar=own, number=1, created_at=now.now(), **hours)
    Unit.objects.filter(code="GARDENS").update(calendar=own)
    case = play.filed(town, town.slow)
    client.force_login(town.dispatcher)
    words = client.get(f"/board/{case.number}/", headers=HTMX).content.decode()
    loads = json.loads(re.search(r'id="board-loads"[^>]*>(.*?)</script>', words)[1])
    assert loads["WATER"][2] == "6 Mar, 09:00"
    made = workflow.move(case, "dispatch", town.dispatcher, unit="GARDENS")
    with translation.override("en"), timezone.override("Asia/Shanghai"):
        assert loads["GARDENS"][2] == moment(made.due_at) != "6 Mar, 09:00"


def test_a_spot_check_is_seen_by_its_worker_while_it_is_owed(client, town):
    case = play.closed(town)
    Post.objects.filter(member=town.mate).update(duty_grid=None, area=town.other_community)
    assert not Case.objects.visible_to(town.mate).filter(pk=case.pk).exists()
    cause = case.steps.get(move="close")
    demand = Demand.objects.create(
        case=case, round=1, kind="spot_check", owner=town.mate, cause=cause
    )
    with transaction.atomic():
        turns = Turns(case, at=now.now())
        turns.start(
            "demand", limit=(1, "work_day"), calendar=calendar_for(case, "demand"), demand=demand
        )
        turns.write(cause)
    client.force_login(Member.objects.get(pk=town.mate.pk))
    assert rows(client.get("/board/")) == [case.number]
    assert client.get(f"/cases/{case.number}/").status_code == 200
    case = workflow.move(
        case, "spot_check", town.mate, found=False, evidence=[photo_of(town.mate, town).pk]
    )
    assert not Case.objects.visible_to(town.mate).filter(pk=case.pk).exists()


# --- budgets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["intake", "chief", "dispatcher", "handler", "mate", "supervisor"])
def test_twelve_queries_and_thirty_kilobytes_are_enough(client, town, role):
    for _each in range(8):
        play.filed(town, town.urgent)
        play.verified(town, town.slow)
        asked = play.dispatched(town, town.slow)
        workflow.move(asked, "ask_extend", town.handler, reason="rain")
        _asked(town, town.mate)
    client.force_login(getattr(town, role))
    client.get("/board/")
    for tab in ("mine", "open"):
        page, queries = cost(client, f"/board/?tab={tab}")
        assert queries <= MOST_QUERIES
        partial, queries = cost(client, f"/board/rows/?tab={tab}&area=420902001001", **HTMX)
        assert queries <= MOST_QUERIES
        assert len(partial.content) <= MOST_BYTES
    stages = dict(Case.objects.order_by("pk").values_list("stage", "number"))
    for number in {*rows(page)[:1], *rows(page)[-1:], *stages.values()} & set(rows(page)):
        partial, queries = cost(client, f"/board/{number}/", **HTMX)
        assert len(partial.content) <= MOST_BYTES
        assert queries <= MOST_QUERIES


def test_the_numbers_of_the_tabs_are_the_same_from_every_tab(town):
    """The queue of all that is open counts them by itself, beside the others a query does."""
    play.reported(town)
    for late in (True, False):
        now.set_to(now.now() + timedelta(days=late))
        play.dispatched(town)
        play.handled(town)
    client = client_of(town.dispatcher)
    told = {}
    for tab in ("open", "mine", "handling", "overdue"):
        listed = client.get(f"/board/?tab={tab}").context["tabs"]
        told[tab] = {name: number for name, _word, number in listed if name != "mine"}
    assert told["open"]["handling"] == 2 and told["open"]["overdue"] and told["open"]["open"] == 5
    assert all(numbers == told["open"] for numbers in told.values())
