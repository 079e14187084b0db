"""What leaves the house as a table holds texts: no name is a formula to whoever opens it."""

import csv
import io

import pytest

from publication.sheets import sheet_of
from staff.models import Unit
from tests.publication.test_digests import book_of, month  # noqa: F401 - a month of the small city

TRAP = '=HYPERLINK("http://evil.example","x")'
TOTAL = {"intake": 1, "filed": 1, "due": 1, "closed": 1, "on_time": 1, "late": 0, "patrol": 1}


def body_of(name):
    return {
        "number": 1,
        "day": "2026-03-02",
        "corrects": None,
        "city": {"zh": "试城", "en": "Test City"},
        "total": TOTAL,
        "streets": [],
        "units": [{"code": "WATER", "zh": name, "en": name, "late": -1}],
        "week": None,
    }


@pytest.mark.parametrize("name", [TRAP, "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_name_in_the_public_table_is_no_formula(name):
    text = sheet_of(body_of(name)).removeprefix("\ufeff")
    unit = list(csv.DictReader(io.StringIO(text)))[1]
    assert unit["name_zh"] == unit["name_en"] == f"'{name}"
    assert unit["late"] == "-1"  # a number stays one
    assert sheet_of(body_of("水务局")).count("'") == 0


@pytest.mark.django_db
def test_a_name_in_the_workbook_is_no_formula(month):  # noqa: F811
    Unit.objects.filter(city=month.city).update(name_zh=TRAP, name_en=TRAP)
    cells = [cell for row in book_of(month)["Units"].iter_rows() for cell in row]
    assert TRAP in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}
