"""A month of the demo city has enough cases, and of every kind of life a plausible share. On a day
of it every figure equals its cases, and each of the 93 indicators is somewhere not nought, or it is
listed with what is missing."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from PIL import Image

from assessment import rollups
from assessment.measures import KINDS, MISSING
from assessment.periods import Period
from assessment.publishing import differences_of
from assessment.scorecards import indicators, scorecard
from demo import loader, matrix
from demo.generator import generate, load_profile
from demo.people import SHARES as STORY
from demo.people import People
from demo.planned import day_rng, plans_of, reports_a_day
from demo.simulator import simulate
from grids.models import Area
from incidents.models import Case, Clock, Demand, MatrixRow, Step
from lib import now as clock

# A Monday four weeks after the days that are played: nearly every life is over by then.
UNTIL = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
USUAL, TURBULENT = date(2026, 3, 5), date(2026, 3, 4)
# What is too rare to be counted among a hundred cases happens often on the turbulent day.
OFTEN = {
    "hand_back": 0.3,
    "hand_back_filing": 0.3,
    "recall": 0.5,
    "reassign": 0.3,
    "hand_up": 0.3,
    "correct": 0.3,
    "return": 0.5,
    "return_again": 1,
    "adjudicate": 0.4,
    "extend": 0.4,
    "suspend": 0.8,
    "supervise": 0.3,
    "merge": 0.3,
    "void": 0.1,
    "send_back": 0.3,
    "reopen": 0.5,
    "late": 0.3,
    "appeal": 1,
    "undecided": 0.3,
    "unanswered": 0.4,
    "dismiss_filing": 0.15,
    "dismiss": 0.1,
    "refuse": 0.1,
}


@pytest.mark.parametrize("first", [date(2026, 3, 1), date(2026, 10, 1)])
def test_a_month_of_the_large_city_has_six_thousand_reports(first):
    figures = load_profile("xiaonan").figures
    people = figures.duty_grids * figures.people[1]  # the mean
    days = [first + timedelta(days=n) for n in range(30)]
    assert sum(reports_a_day(people, day_rng("xiaonan", day, 1)) for day in days) >= 6000


class OnePicture:
    """A darkroom for days of which photos are not what is counted: one grey picture for all."""

    def __init__(self):
        self._picture = Image.new("RGB", (64, 48), "grey")

    def order(self, plans):
        """Nothing to draw ahead."""

    def develop(self, plan, state, *, again=False):
        return self._picture


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """Yizhang without a case, loaded once for this file and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.at(UNTIL - timedelta(days=60)):
            city, _is_new = loader.load("yizhang", lambda: generate(load_profile("yizhang"), 1))
        yield city
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def usual(city, django_db_blocker, tmp_path_factory):
    """What happens on a usual day, which is undone: {move: cases that saw it, …}."""
    with django_db_blocker.unblock(), transaction.atomic():
        counted = _played(city, tmp_path_factory, USUAL, 70, STORY)
        transaction.set_rollback(True)
    return counted


@pytest.fixture(scope="module")
def turbulent(city, usual, django_db_blocker, tmp_path_factory):
    """The same of a turbulent day, which stays for the rest of this file and is counted."""
    with django_db_blocker.unblock():
        counted = _played(city, tmp_path_factory, TURBULENT, 45, STORY | OFTEN)
        with clock.at(UNTIL):
            rollups.roll_up(city, everything=True)
    return counted


@pytest.fixture
def scored(city, turbulent, db):
    """The city with its turbulent day, at the moment at which it was counted."""
    with clock.at(UNTIL):
        yield city


def _played(city, folders, day, number, shares):
    with override_settings(MEDIA_ROOT=folders.mktemp("media")):
        done = simulate(
            city,
            days=1,
            seed=3,
            until=UNTIL,
            per_day=number,
            only=day,
            shares=shares,
            darkroom=OnePicture(),
        )
    return _counted(city, done)


def _counted(city, done):
    steps = Step.objects.filter(case__city=city)
    found = Counter(move for _case, move in set(steps.values_list("case", "move")))
    handled = Clock.objects.filter(case__city=city, kind="handle").exclude(verdict="")
    found["late"] = handled.filter(verdict="late").values("case").distinct().count()
    for ask, outcome in Demand.objects.filter(case__city=city).values_list("ask", "outcome"):
        found[f"{ask} {outcome}"] += 1
    found["unsettled"] = Clock.objects.filter(case__city=city, next_at__lt=UNTIL).count()
    found["cases"] = Case.objects.filter(city=city).count()
    found["closed"] = Case.objects.filter(city=city, stage="closed").count()
    found["refused"] = sum(n for name, n in done.items() if name.startswith("refused"))
    return found


# Per cent of all cases, from and to: wide, for the sample is small.
SHARES = {
    "late": (3, 20),
    "rework": (1, 14),
    "self_handle": (2, 12),
    "dismiss": (1, 10),
    "confirm": (10, 40),
}


@pytest.mark.parametrize("name", SHARES)
def test_what_is_common_has_its_share(usual, name):
    least, most = SHARES[name]
    assert least <= 100 * usual[name] / usual["cases"] <= most


@pytest.mark.parametrize(
    "name", ["void", "suspend", "reopen", "merge", "send_back", "return", "extend"]
)
def test_what_is_rare_is_planned_for_a_few_in_a_hundred_at_most(name):
    assert 0.005 <= STORY[name] <= 0.04


MOVES = """recall reassign correct supervise reply hand_up answer adjudicate appeal opine decide
    hand_back hand_back_filing resume merge void send_back reopen refuse warn breach"""


@pytest.mark.parametrize("move", MOVES.split())
def test_the_rarer_moves_are_made_too(turbulent, move):
    assert turbulent[move] > 0


@pytest.mark.parametrize("outcome", ["extend granted", "suspend granted", "return granted"])
def test_requests_are_granted(turbulent, outcome):
    assert turbulent[outcome] > 0


def test_a_request_that_nobody_decides_lapses(turbulent):
    assert sum(turbulent[f"{ask} lapsed"] for ask in ("extend", "suspend", "return")) > 0


def test_heads_answer_or_the_next_level_must(turbulent):
    assert turbulent[" done"] > 0 and turbulent[" unanswered"] > 0


def test_what_fell_due_was_settled_in_its_time(usual, turbulent):
    assert usual["unsettled"] == turbulent["unsettled"] == 0
    assert usual["breach"] >= usual["late"] > 0


def test_most_cases_are_closed_and_no_move_is_refused(usual, turbulent):
    assert usual["closed"] > 0.85 * usual["cases"]
    assert usual["refused"] == turbulent["refused"] == 0


@pytest.mark.django_db
def test_every_level_of_the_matrix_wins_cases_of_the_month(city):
    rows = MatrixRow.objects.filter(city=city).select_related("area", "lead", "category")
    answers = matrix.Answers((row, ()) for row in rows)
    grids = Area.objects.filter(city=city, level="grid")
    grids = {grid.pk: grid for grid in grids.select_related("parent__parent__parent__parent")}
    wins, people = Counter(), People(city)
    for day in range(1, 31):
        for plan in plans_of(city, date(2026, 3, day), 1, people, per_day=200):
            wins[answers.row(plan.condition.category, grids[plan.grid]).area.level] += 1
    assert set(wins) == {"city", "district", "street", "community", "grid"}
    assert min(wins.values()) >= 10, wins


# --- figures and their cases ---------------------------------------------------------------------


def periods(city):
    return [Period.of(kind, TURBULENT, city.time_zone) for kind in ("day", "week", "month")]


def test_all_figures_equal_the_cases_in_their_drawers(scored):
    for period in (*periods(scored), Period.read("2026", scored.time_zone)):
        assert differences_of(scored, period) == [], period


def test_each_indicator_is_not_nought_or_says_what_is_missing(scored):
    found = [indicators(scored, period) for period in periods(scored)]
    nought = {code for code in found[0] if not any(one[code] for one in found)}
    assert nought == set(MISSING)


def test_every_kind_of_subject_has_a_score(scored):
    month = periods(scored)[-1]
    for kind in KINDS:
        assert any(row.score is not None for row in scorecard(scored, kind, month)), kind


def test_the_roll_ups_equal_a_recount(scored):
    assert rollups.differences(scored) == []
