"""Every figure of everybody equals the number of cases in its drawer."""

import pytest

from assessment.drawer import SCORE, open_drawer
from assessment.measures import KINDS, MEASURES, MISSING, figures_of, is_person
from assessment.measures.counting import FIGURES
from assessment.measures.meanings import MEANINGS
from assessment.periods import Period
from assessment.publishing import differences_of
from assessment.scorecards import indicators, scorecard
from assessment.subjects import named
from tests.assessment.busy import DAY, MONTH

pytestmark = pytest.mark.django_db


def period(town, text=MONTH):
    return Period.read(text, town.city.time_zone)


@pytest.mark.parametrize("text", [DAY, MONTH])
def test_each_figure_is_what_its_drawer_holds(filled, text):
    """All kinds of subject, all subjects, all figures, as the assessor opens them."""
    town, opened = filled, 0
    for kind in KINDS:
        names = named(town.city, kind)
        for row in scorecard(town.city, kind, period(town, text)):
            for code, figure in row.figures.items():
                drawer = open_drawer(
                    town.assessor, town.city, names[row.subject], code, period(town, text)
                )
                assert drawer.value == figure.value, (kind, code)
                assert drawer.agrees and drawer.hidden == 0, (kind, code)
                if code in FIGURES and code != "D_HANDLE_MINUTES":
                    assert drawer.times == figure.numerator
                opened += 1
    assert opened > 150


@pytest.mark.parametrize("text", [DAY, MONTH, "2026-Q1", "2026-W10"])
def test_over_everybody_figures_and_drawers_are_the_same(filled, text):
    assert differences_of(filled.city, period(filled, text)) == []


def test_the_cases_of_a_drawer_are_listed_once_with_why_each_counts(filled):
    town = filled
    street = named(town.city, "street")[town.street.pk]
    drawer = open_drawer(town.assessor, town.city, street, "R_OVERTIME_CLOSE", period(town))
    assert [case.number for case in drawer.rows] == [town.cases["late"].number]
    (case,) = drawer.rows
    assert [reason.code for reason in case.reasons] == ["R_OVERTIME_CLOSE"]
    assert case.late_minutes == 60  # two hours were allowed, three were taken
    assert [term.code for term in drawer.terms] == ["R_CLOSE", "R_INTIME_CLOSE"]


def test_of_a_rate_it_is_told_which_cases_stand_above_the_line(filled):
    town = filled
    street = named(town.city, "street")[town.street.pk]
    drawer = open_drawer(town.assessor, town.city, street, "R_INTIME_CLOSE_RATE", period(town))
    above = {case.number: case.counts for case in drawer.rows}
    assert above[town.cases["closed"].number] is True
    assert above[town.cases["late"].number] is False


def test_the_drawer_of_a_score_has_its_weights_rescaled_to_a_hundred(filled):
    town = filled
    for kind in ("street", "worker", "intake"):
        for row in scorecard(town.city, kind, period(town)):
            subject = named(town.city, kind)[row.subject]
            drawer = open_drawer(town.assessor, town.city, subject, SCORE, period(town))
            assert drawer.value == row.score and drawer.band == row.band
            shares = [term.weight for term in drawer.terms if term.weight is not None]
            assert not shares or sum(shares) == pytest.approx(100, abs=0.2)


def test_every_counted_figure_says_what_it_counts_in_both_languages():
    assert set(MEANINGS) == set(FIGURES)
    assert all(zh and en for zh, en in MEANINGS.values())


def test_every_counted_figure_says_in_the_code_how_it_follows_from_the_table():
    assert not [code for code, figure in FIGURES.items() if not figure.sql.__doc__]


def test_every_figure_of_a_kind_has_a_drawer_and_no_kind_is_without():
    assert all(figures_of(kind) for kind in KINDS)
    assert sum(is_person(kind) for kind in KINDS) == 8


def test_each_indicator_is_counted_or_says_what_is_missing(filled):
    """On so small a city some are nought; the demo city's list is another test's matter."""
    found = indicators(filled.city, period(filled))
    assert set(found) == set(MEASURES) and not any(found[code] for code in MISSING)
    assert sum(number > 0 for number in found.values()) > 60
