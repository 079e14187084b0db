"""On a played day of the demo city: every figure equals its cases, and each of the 93 indicators is
somewhere not nought, or it is listed with what is missing."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from assessment import rollups
from assessment.measures import KINDS, MISSING
from assessment.periods import Period
from assessment.publishing import differences_of
from assessment.scorecards import indicators, scorecard
from demo import loader
from demo.generator import generate, load_profile
from demo.people import SHARES
from demo.simulator import simulate
from lib import now as clock
from tests.demo.test_month import OFTEN, TURBULENT, UNTIL, OnePicture

pytestmark = pytest.mark.django_db
# What so small a sample would else lack.
SEEN = {"dismiss_filing": 0.15, "dismiss": 0.1, "suspend": 0.8, "refuse": 0.1, "undecided": 0.02}
CASES = 45


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """Yizhang with one turbulent day, counted four weeks after; gone after this file."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), transaction.atomic(), media:
        with clock.at(UNTIL - timedelta(days=60)):
            city, _is_new = loader.load("yizhang", lambda: generate(load_profile("yizhang"), 1))
        simulate(
            city,
            days=1,
            seed=3,
            until=UNTIL,
            per_day=CASES,
            only=TURBULENT,
            shares=SHARES | OFTEN | SEEN,
            darkroom=OnePicture(),
        )
        with clock.at(UNTIL):
            rollups.roll_up(city, everything=True)
            yield city
        transaction.set_rollback(True)


def periods(city):
    return [Period.of(kind, TURBULENT, city.time_zone) for kind in ("day", "week", "month")]


def test_all_figures_equal_the_cases_in_their_drawers(city):
    for period in (*periods(city), Period.read("2026", city.time_zone)):
        assert differences_of(city, period) == [], period


def test_each_indicator_is_not_nought_or_says_what_is_missing(city):
    found = [indicators(city, period) for period in periods(city)]
    nought = {code for code in found[0] if not any(one[code] for one in found)}
    assert nought == set(MISSING)


def test_every_kind_of_subject_has_a_score(city):
    month = periods(city)[-1]
    for kind in KINDS:
        assert any(row.score is not None for row in scorecard(city, kind, month)), kind


def test_the_roll_ups_equal_a_recount(city):
    assert rollups.differences(city) == []
