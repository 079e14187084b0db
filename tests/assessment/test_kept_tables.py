"""A ranking that was drawn is kept while nothing in it has changed, and no longer."""

from datetime import date, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment import rankings, rollups, tasks
from assessment.models import CountedDay, DayCount, Formula
from assessment.periods import Period
from assessment.publishing import publish
from incidents import workflow
from incidents.models import Case
from lib import now
from tests.assessment.busy import wait
from tests.assessment.test_pages import MONTH, client_of, get
from tests.incidents import play

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    caches["tables"].clear()


def asked_for(member, **asked):
    with CaptureQueriesContext(connection) as queries:
        get(member, "scores", **{"kind": "street", **asked})
    return sum("daycount" in query["sql"] for query in queries)


def test_a_second_look_asks_for_no_counts(filled):
    assert asked_for(filled.leader) == 1
    assert asked_for(filled.leader) == 0


def test_a_kept_table_is_the_one_that_would_be_drawn(filled):
    first, kept = (get(filled.leader, "scores", kind="street").text for _time in range(2))
    caches["tables"].clear()
    fresh = get(filled.leader, "scores", kind="street").text
    table = slice(first.index("<table"), None)
    assert first[table] == kept[table] == fresh[table]


def test_a_case_that_comes_stands_in_the_next_table(filled):
    get(filled.leader, "scores", kind="street")
    before = DayCount.objects.get(kind="street", code="R_CLOSE").amount
    play.closed(filled)
    wait(minutes=1)
    rollups.roll_up(filled.city)
    page = get(filled.leader, "scores", kind="street", period=MONTH)
    (line,) = page.context["lines"]
    assert line.row.figures["R_CLOSE"].value == before + 1


def test_each_asks_in_their_own_language_and_for_their_own_lines(filled):
    assert "Rank</th>" in get(filled.leader, "scores", kind="street").text
    chinese = client_of(filled.leader, "zh-hans").get("/scores/?kind=street&period=" + MONTH).text
    assert "Rank</th>" not in chinese and "名次" in chinese
    narrowed = get(filled.leader, "scores", kind="duty_grid", within=filled.community.pk)
    whole = get(filled.leader, "scores", kind="duty_grid")
    assert narrowed.text != whole.text


def test_a_new_formula_and_a_publication_are_seen_at_once(filled):
    assert asked_for(filled.leader) == 1
    old = Formula.objects.filter(subject_kind="area", is_default=True).first()
    old.pk, old.version = None, old.version + 1
    old.save()
    assert asked_for(filled.leader) == 1
    period = Period.read(MONTH, filled.city.time_zone)
    with now.at(period.end + timedelta(days=4)):
        rollups.roll_up(filled.city)
        assert "Not frozen" in get(filled.leader, "scores", kind="street").text
        publish(filled.city, "street", period)
        assert "Not frozen" not in get(filled.leader, "scores", kind="street").text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_looks_after_the_roll_up_finds_the_new_counts_drawn(filled, language):
    tasks.roll_up()
    before = DayCount.objects.get(kind="street", code="R_CLOSE").amount
    play.closed(filled)
    wait(minutes=1)
    tasks.roll_up()
    with CaptureQueriesContext(connection) as queries:
        page = client_of(filled.leader, language).get("/scores/?kind=street")
    assert not any("daycount" in query["sql"] for query in queries)
    cell = f"R_CLOSE/?period={MONTH}"
    drawer = client_of(filled.leader, language).get(f"/scores/street/{filled.street.code}/{cell}")
    assert drawer.context["drawer"].times == before + 1
    caches["tables"].clear()
    again = client_of(filled.leader, language).get("/scores/?kind=street")
    assert table(again) == table(page)


def table(page):
    return page.text[page.text.index("<table") : page.text.rindex("</table>")]


def test_nothing_is_drawn_twice_while_nothing_changes(filled):
    assert rankings.draw_ahead(filled.city) > 0
    wait(minutes=1)
    assert rankings.draw_ahead(filled.city) == 0


def test_every_month_quarter_and_year_with_a_count_is_drawn_ahead(filled):
    for day in (date(2025, 8, 15), date(2025, 12, 31)):
        CountedDay.objects.create(city=filled.city, day=day, changes=1)
    tasks.roll_up()
    for period in ("2025-08", "2025-Q3", "2025-12", "2025", MONTH, "2026-Q1", "2026"):
        assert asked_for(filled.leader, period=period) == 0, period
    assert asked_for(filled.leader, period="2025-04") == 1


def test_another_name_stands_in_the_ranking_after_the_next_roll_up(filled):
    tasks.roll_up()
    filled.street.name = "Willow Street"
    filled.street.save()
    tasks.roll_up()
    assert asked_for(filled.leader) == 0
    assert "Willow Street" in get(filled.leader, "scores", kind="street").text


def test_what_another_period_published_draws_nothing_anew(filled):
    period = Period.read(MONTH, filled.city.time_zone)
    with now.at(period.end + timedelta(days=4)):
        tasks.roll_up()
        publish(filled.city, "street", Period.read("2026-W02", filled.city.time_zone))
        assert rankings.draw_ahead(filled.city) == 0
        publish(filled.city, "street", period)
        assert rankings.draw_ahead(filled.city) > 0


def test_an_appeal_is_seen_with_the_next_roll_up_and_so_is_its_end(filled):
    tasks.roll_up()
    page = get(filled.leader, "scores", kind="unit").text
    assert "pending 1" in page and "exempted 1" not in page
    case = Case.objects.get(pk=filled.cases["late"].pk)
    case = workflow.move(case, "opine", filled.dispatcher, opinion="it rained")
    workflow.move(case, "decide", filled.intake, decision="granted", reason="it did")
    wait(minutes=1)
    tasks.roll_up()
    page = get(filled.leader, "scores", kind="unit").text
    assert "pending 1" not in page and "exempted 1" in page
    assert rollups.differences(filled.city) == []


def test_what_nobody_could_have_asked_for_is_not_kept(filled):
    for asked in ({"from": 7}, {"within": 99}, {"entry": 99}):
        assert asked_for(filled.leader, **asked) == asked_for(filled.leader, **asked) == 1


def test_persons_are_drawn_for_each_who_looks(filled):
    assert asked_for(filled.assessor, kind="worker") == 1
    assert asked_for(filled.assessor, kind="worker") == 1
    seen = get(filled.grid_head, "scores", kind="worker").context["lines"]
    assert {line.row.subject for line in seen} <= {filled.worker.pk, filled.mate.pk}


# --- what tells that a day has changed -----------------------------------------------------------


def changes(town):
    return sum(CountedDay.objects.filter(city=town.city).values_list("changes", flat=True))


def test_a_day_that_is_counted_again_is_written_only_where_it_changed(filled):
    stood = dict(DayCount.objects.values_list("pk", "amount"))
    before = changes(filled)
    day = DayCount.objects.first().day
    assert not rollups.count_day(filled.city, day, now.now())
    assert changes(filled) == before and dict(DayCount.objects.values_list("pk", "amount")) == stood
    wrong, gone = DayCount.objects.filter(kind="city")[:2]
    DayCount.objects.filter(pk=wrong.pk).update(amount=77)
    DayCount.objects.filter(pk=gone.pk).delete()
    extra = DayCount.objects.create(
        city=filled.city, day=day, kind="city", subject=filled.city.pk, code="R_X", amount=1
    )
    assert rollups.count_day(filled.city, day, now.now())
    assert changes(filled) == before + 1
    now_there = dict(DayCount.objects.values_list("pk", "amount"))
    assert now_there[wrong.pk] == stood[wrong.pk] and extra.pk not in now_there
    assert sorted(now_there.values()) == sorted(stood.values())
    untouched = stood.keys() - {wrong.pk, gone.pk}
    assert untouched <= now_there.keys() and rollups.differences(filled.city) == []
