"""Formulas: exact, rescaled over the figures that exist, edited as new versions."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse, reverse_lazy

from assessment import rollups
from assessment.forms import FormulaForm
from assessment.models import Formula
from assessment.scorecards import formula_of
from assessment.scoring import score
from lib import now
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
EFFECT = reverse_lazy("admin:assessment_formula_effect")


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


ITEM = {"code": "D_CLOSE_RATE", "weight": 0.5}
GIVEN = {
    "subject_kind": "unit",
    "code": "OURS",
    "name_zh": "自定",
    "name_en": "Ours",
    "basis": "assumed",
    "items": json.dumps([ITEM]),
    "steps": "{}",
    "bands": json.dumps([["A", 90], ["E", 0]]),
}
STEPS = {"D_COUNT_SCORE": [[10, 100], [None, 0]]}
# The same as the rows of the page say it.
ROWS = {name: value for name, value in GIVEN.items() if name not in ("items", "bands")} | {
    "items-rows": "4",
    "items-0-code": "D_CLOSE_RATE",
    "items-0-weight": "0.5",
    "items-2-code": "D_INTIME_CLOSE_RATE",
    "items-2-weight": "0.25",
    "items-2-floor": "10",
    "items-2-cap": "90",
    "items-2-turned": "on",
    "bands-rows": "5",
    "bands-A": "90",
    "bands-E": "0",
}


@pytest.mark.parametrize(
    "field, value",
    [
        ("items", []),
        ("items", "x"),
        ("items", [{"code": "MILEAGE", "weight": "1"}]),
        ("items", [{"code": "D_CLOSE_RATE"}]),
        ("items", [ITEM | {"weight": "inf"}]),
        ("items", [ITEM | {"weight": "nan"}]),
        ("items", [ITEM | {"weight": -1}]),
        ("items", [ITEM | {"floor": 60, "cap": 50}]),
        ("items", [ITEM | {"cap": "x"}]),
        ("items", [{"code": "R_CLOSE_RATE", "weight": "1"}]),
        ("steps", [1]),
        ("steps", {"MILEAGE": [[None, 0]]}),
        ("steps", {"D_COUNT_SCORE": [[10, 100]]}),
        ("steps", {"D_COUNT_SCORE": [[10, 100], [5, 50], [None, 0]]}),
        ("steps", {"D_COUNT_SCORE": [[10, 101], [None, 0]]}),
        ("bands", []),
        ("bands", {"A": 90}),
        ("bands", [["A", 90]]),
        ("bands", [["E", 90], ["A", 0]]),
        ("bands", [["A", 90], ["F", 0]]),
        ("bands", [[["A"], 90], ["E", 0]]),
        ("bands", [["A", 90], ["B", 95], ["E", 0]]),
    ],
)
def test_what_could_not_be_reckoned_with_is_refused_by_its_field(field, value):
    form = FormulaForm(GIVEN | {field: json.dumps(value)})
    assert field in form.errors


def test_a_score_of_a_count_needs_its_steps():
    items = json.dumps([{"code": "D_COUNT_SCORE", "weight": "1"}])
    assert "steps" in FormulaForm(GIVEN | {"items": items}).errors
    assert FormulaForm(GIVEN | {"items": items, "steps": json.dumps(STEPS)}).is_valid()


def test_an_accepted_formula_scores():
    form = FormulaForm(GIVEN | {"items": json.dumps([ITEM | {"floor": 20}])})
    assert form.is_valid(), form.errors
    counts = {"D_NEED_CLOSE": 4, "D_CLOSE": 4}
    assert form.cleaned_data["items"][0]["weight"] == "0.5"
    assert score(counts, form.instance, 1) == (Decimal(100), "A")


@pytest.fixture
def administrator(town):
    return client_of(town.assessor)


def test_a_formula_is_shown_on_last_month_before_it_is_saved(administrator, town):
    """Under the names of its subjects; nothing is kept."""
    now.set_to(cast.MORNING)
    play.closed(town)
    now.set_to(cast.MORNING + timedelta(days=31))
    rollups.roll_up(town.city)
    before = Formula.objects.count()
    page = administrator.post(EFFECT, GIVEN, headers={"hx-request": "true"}).content.decode()
    assert Formula.objects.count() == before
    assert town.water.name_en in page or town.water.name_zh in page
    assert "100" in page


def test_a_formula_that_cannot_be_reckoned_with_is_refused_before_it_is_saved(administrator):
    page = administrator.post(EFFECT, GIVEN | {"bands": "[]"}).content.decode()
    assert 'role="alert"' in page


def test_a_new_version_begins_with_what_the_last_one_says(administrator):
    old = formula_of("unit")
    page = administrator.get(reverse("admin:assessment_formula_add"), {"from": old.pk})
    form = page.context["adminform"].form
    assert form.initial["items"] == old.items
    given = GIVEN | {"code": old.code}
    assert administrator.post(reverse("admin:assessment_formula_add"), given).status_code == 302
    assert formula_of("unit", old.code).version == old.version + 1


def test_every_kind_of_subject_has_one_usual_formula():
    usual = Formula.objects.filter(is_default=True).values_list("subject_kind", flat=True)
    assert len(usual) == len(set(usual)) == 14


def test_items_and_bands_are_rows_of_the_page(town):
    page, address = client_of(town.assessor), reverse("admin:assessment_formula_add")
    assert page.post(address, ROWS).status_code == 302
    kept = Formula.objects.get(code="OURS")
    assert kept.items == [
        {"code": "D_CLOSE_RATE", "weight": "0.5", "turned": False, "floor": 0, "cap": 100},
        {"code": "D_INTIME_CLOSE_RATE", "weight": "0.25", "turned": True, "floor": 10, "cap": 90},
    ]
    assert kept.bands == [["A", 90], ["E", 0]]
    again = page.get(address, {"from": kept.pk}).content.decode()
    for name, value in ROWS.items():
        if name.startswith("items-0-w") or name.startswith("bands-A"):
            assert f'name="{name}"' in again and f'value="{value}"' in again


@pytest.mark.parametrize(
    "wrong, field, said",
    [
        ({"items-0-weight": "much"}, "items", "D_CLOSE_RATE"),
        ({"items-1-weight": "1"}, "items", "no figure"),
        ({"items-2-floor": "low"}, "items", "D_INTIME_CLOSE_RATE"),
        ({"items-rows": "0"}, "items", ""),
        ({"bands-A": "top"}, "bands", "A to E"),
    ],
)
def test_a_wrong_row_is_refused_and_stays_as_it_was_typed(town, wrong, field, said):
    page = client_of(town.assessor)
    answer = page.post(reverse("admin:assessment_formula_add"), ROWS | wrong)
    assert answer.status_code == 200 and not Formula.objects.filter(code="OURS").exists()
    assert said in str(answer.context["adminform"].form.errors[field])
    for name, value in wrong.items():
        if name.endswith(("weight", "floor", "-A")):
            assert f'value="{value}"' in answer.content.decode()
