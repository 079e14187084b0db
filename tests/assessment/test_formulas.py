"""Formulas: exact, rescaled over the figures that exist, edited as new versions."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assessment import rollups
from assessment.admin import checked_items, preview
from assessment.models import Formula
from assessment.periods import Period
from assessment.scorecards import formula_of
from assessment.scoring import score

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "counts, found",
    [
        ({"P_CHF_INST": 4, "P_CHF_INTIME_INST": 4, "P_CHF_ACCUR_INST": 4}, (Decimal(100), "A")),
        ({"P_CHF_INST": 4, "P_CHF_INTIME_INST": 2, "P_CHF_ACCUR_INST": 3}, (Decimal("65.38"), "C")),
        ({}, (None, "")),
    ],
)
def test_weights_are_rescaled_over_the_figures_that_exist(counts, found):
    """0.25 and 0.40 of a shift chief's formula; closings count for the supervisor."""
    assert score(counts, formula_of("chief"), 1) == found


def test_an_area_without_confirmed_public_reports_and_with_all_closed_in_time():
    counts = {"R_INST": 10, "R_CLOSE": 10, "R_INTIME_CLOSE": 10, "grids": 10}
    # 0.1 x 100 + 0.2 x 90 + 0.3 x 100 + 0.4 x 100: one case a unit grid scores 90.
    assert score(counts, formula_of("street"), 1) == (Decimal(98), "A")


def test_bands_of_counts_are_of_a_month():
    counts = {"D_INST": 90, "D_CLOSE": 90, "D_INTIME_DISPOSE": 90, "D_DISPOSE": 90}
    assert score(counts, formula_of("unit"), 1)[0] == 99
    assert score(counts, formula_of("unit"), 3)[0] == 100


def test_the_rules_for_persons_know_no_mileage_check_in_or_quota():
    for kind in ("worker", "grid_head"):
        codes = [item["code"] for item in formula_of(kind).items]
        assert all(code.endswith("RATE") for code in codes)


@pytest.mark.parametrize(
    "items", [[], "x", [{"code": "MILEAGE", "weight": "1"}], [{"code": "R_CLOSE_RATE"}]]
)
def test_items_that_say_nothing_are_refused(items):
    with pytest.raises(ValidationError):
        checked_items(items)


def test_a_formula_is_shown_on_last_month(town):
    rollups.roll_up(town.city)
    assert preview(formula_of("street")) == ""
    assert Period.read("2026-03", "Asia/Shanghai").before().first.month == 2


def test_every_kind_of_subject_has_one_usual_formula():
    usual = Formula.objects.filter(is_default=True).values_list("subject_kind", flat=True)
    assert len(usual) == len(set(usual)) == 14
