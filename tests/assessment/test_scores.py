"""Figures, roll-ups and scores of a small city."""

import subprocess
import sys
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from assessment import rollups
from assessment.measures import (
    FIGURES,
    KINDS,
    MEASURES,
    MISSING,
    RATES,
    codes_of,
    named,
    occurrences,
    parts_of,
    value_of,
)
from assessment.models import DayCount, PublishedScore
from assessment.periods import Period
from assessment.publishing import NotOver, publish
from assessment.scorecards import Figures, cases_behind, formula_of, scorecard
from incidents import recalendar, workflow
from lib import now
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
MONTH = "2026-03"


def test_there_are_93_indicators_and_each_has_a_figure_or_a_reason():
    composite = {code for code in MEASURES if code.endswith(("SCORE", "SCORE_ALT", "LEVEL"))}
    without = {code for code in MEASURES if not parts_of(code)} - composite
    assert len(MEASURES) == 93
    assert without == set(MISSING)


@pytest.mark.parametrize(
    "closed, on_time, overdue, rates",
    [
        (911, 737, 61, ("93.72", "75.82")),
        (902, 902, 54, ("94.35", "94.35")),
        (9, 9, 7, ("56.25", "56.25")),
    ],
)
def test_published_figures_of_cities(closed, on_time, overdue, rates):
    """Gold figures of the domain rules, section 6: due = closed + open past the limit."""
    counts = {"R_CLOSE": closed, "R_INTIME_CLOSE": on_time, "R_OVERDUE_OPEN": overdue}
    period = Period.read(MONTH, "Asia/Shanghai")
    found = Figures("street", counts, formula_of("street"), period)
    assert found["R_NEED_CLOSE"].numerator == closed + overdue
    assert (str(found["R_CLOSE_RATE"].value), str(found["R_INTIME_CLOSE_RATE"].value)) == rates


def test_14577_due_at_85_19_percent_leaves_2159():
    counts = {"R_CLOSE": 14577 - 2159, "R_OVERDUE_OPEN": 2159}
    assert round(value_of("R_CLOSE_RATE", counts)[0], 2) == Fraction("85.19")


def test_every_code_has_a_name_in_both_languages():
    assert all(all(named(code)) for code in (*MEASURES, *FIGURES, *RATES))
    assert MEASURES["R_CLOSE_RATE"].formula_zh == "结案数 ÷ 应结案数 × 100%"


def test_every_figure_of_every_kind_of_subject_is_sound_sql():
    period = Period.read(MONTH, "Asia/Shanghai")
    with connection.cursor() as cursor:
        for kind in KINDS:
            for code in codes_of(kind):
                cursor.execute(occurrences(code, kind, period.start, period.end))


def _play(town):
    """One case reported by a worker and filed, dispatched to water and left open."""
    case = workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        category="E-01-13",
        evidence=[cast.photo_of(town.worker, town).pk],
    )
    case = workflow.move(case, "accept", town.intake, category="E-01-13")
    case = workflow.move(case, "file", town.chief, condition="E-01-13-1")
    case = workflow.move(case, "dispatch", town.dispatcher, unit="WATER")
    now.set_to(cast.MORNING + timedelta(minutes=1))
    return case


def test_figures_open_to_their_cases_and_equal_a_recount(town):
    case = _play(town)
    rollups.roll_up(town.city)
    assert rollups.check(town.city) == []
    period = Period.read(MONTH, town.city.time_zone)
    (row,) = scorecard(town.city, "street", period)
    assert row.subject == town.street.pk and row.figures["R_INST"].numerator == 1
    for kind in KINDS:
        for row in scorecard(town.city, kind, period):
            for code, amount in row.counts.items():
                if code in ("grids", "D_HANDLE_MINUTES"):
                    continue
                behind = cases_behind(code, kind, row.subject, period, now.now())
                assert behind.aggregate(n=Sum("times"))["n"] == amount, (kind, code)
                assert case in behind


def test_the_recount_says_where_a_roll_up_is_wrong(town):
    _play(town)
    rollups.roll_up(town.city)
    DayCount.objects.filter(code="R_INST", kind="city").update(amount=7)
    assert [row[1:] for row in rollups.check(town.city)] == [("city", town.city.pk, "R_INST", 7, 1)]


def test_what_is_open_past_its_limit_is_due_for_closing(town):
    _play(town)
    with now.at(cast.MORNING.replace(day=30)):
        rollups.roll_up(town.city)
        period = Period.read(MONTH, town.city.time_zone)
        (row,) = scorecard(town.city, "city", period)
        assert (row.figures["R_NEED_CLOSE"].numerator, row.figures["R_CLOSE"].numerator) == (1, 0)
        assert rollups.check(town.city) == []


def test_a_period_is_frozen_when_over_and_corrected_beside(town):
    _play(town)
    rollups.roll_up(town.city)
    period = Period.read(MONTH, town.city.time_zone)
    with pytest.raises(NotOver):
        publish(town.city, "street", period)
    with now.at(cast.MORNING.replace(month=4)):
        with pytest.raises(NotOver):  # over, and not counted to its end
            publish(town.city, "street", period)
        rollups.roll_up(town.city)
        first = publish(town.city, "street", period)
        assert publish(town.city, "street", period) == first
        DayCount.objects.filter(code="R_INST").update(amount=3)
        second = publish(town.city, "street", period)
    assert second.corrects == first and first.scores.count() == 1


def test_who_stands_only_in_a_corrected_entry_has_no_published_score(town):
    _play(town)
    period = Period.read(MONTH, town.city.time_zone)
    with now.at(cast.MORNING.replace(month=4)):
        rollups.roll_up(town.city)
        publish(town.city, "street", period)
        DayCount.objects.filter(kind="street").delete()
        publish(town.city, "street", period)
        assert not PublishedScore.objects.of_kind(town.city, "street", [period]).exists()


def test_a_lost_day_is_found_by_the_recount_and_told_to_those_who_look_after_it(town):
    _play(town)
    rollups.roll_up(town.city)
    DayCount.objects.filter(kind="street").delete()
    assert rollups.check(town.city) != []
    page = client_of(town.sysadmin).get("/health/").text
    assert "Nightly recount of the scores" in page and "R_INST: 0 ≠" in page
    rollups.roll_up(town.city, everything=True)
    now.set_to(now.now() + timedelta(minutes=1))
    # What came since the roll-up is no difference, also where it happened before.
    play.reported(town)
    with now.at(cast.MORNING):
        play.closed(town)
    assert rollups.check(town.city) == []
    assert "All figures equal the recount" in client_of(town.sysadmin).get("/health/").text


def test_an_independent_script_gets_the_same_scores(town, tmp_path):
    _play(town)
    rollups.roll_up(town.city)
    file = tmp_path / "scores.jsonl"
    call_command("export_scores", MONTH, str(file))
    script = Path(__file__).parents[2] / "docs" / "recompute_scores.py"
    ran = subprocess.run(
        [sys.executable, str(script), str(file)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 do not" in ran.stdout


def test_a_reopening_takes_the_closing_back_and_dirties_its_day(town):
    case = _play(town)
    photo = cast.photo_of(town.handler, town)
    case = workflow.move(case, "handle", town.handler, result="put right", evidence=[photo.pk])
    checker = case.worker
    photo = cast.photo_of(checker, town)
    case = workflow.move(case, "verify", checker, evidence=[photo.pk])
    case = workflow.move(case, "close", town.supervisor)
    now.set_to(cast.MORNING + timedelta(minutes=2))
    rollups.roll_up(town.city)
    period = Period.read(MONTH, town.city.time_zone)
    (row,) = scorecard(town.city, "unit", period)
    assert (row.figures["D_CLOSE"].numerator, row.figures["D_INTIME_DISPOSE"].numerator) == (1, 1)
    assert row.score == 100 and row.band == "A"
    now.set_to(cast.MORNING + timedelta(days=2))
    workflow.move(case, "reopen", case.reported_by, reason="it is there again")
    now.set_to(cast.MORNING + timedelta(days=2, minutes=1))
    rollups.roll_up(town.city)
    (row,) = scorecard(town.city, "unit", period)
    assert row.figures["D_CLOSE"].numerator == 0
    assert rollups.check(town.city) == []


def test_a_calendar_that_is_edited_dirties_the_days_of_the_clocks_it_moves(town):
    """What stood past its limit yesterday may not have, by the calendar that holds now."""
    play.dispatched(town)
    now.set_to(now.now() + timedelta(days=5))
    rollups.roll_up(town.city)
    assert rollups.differences(town.city) == []
    now.set_to(now.now() + timedelta(minutes=1))
    calendar = town.city.calendar
    version = calendar.current()
    names = ("hours", "workweek", "day_minutes", "exceptions", "known_until")
    content = {name: getattr(version, name) for name in names}
    recalendar.apply(calendar, content | {"hours": [[600, 660]], "day_minutes": 60})
    assert rollups.differences(town.city) != []
    rollups.roll_up(town.city)
    assert rollups.differences(town.city) == []
