"""The standard tables as rows: the catalogue and formulas that all cities share, and national days
off."""

import csv
import datetime
import tomllib
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from assessment.models import Formula
from incidents.models import Category, Condition
from staff.models import Member

STANDARDS = Path(__file__).parent / "standards"
# Steps that nobody took and reports from outside have these two members, who never sign in.
WITHOUT_PASSWORD = {"system": "系统", "public": "公众"}


def table(name):
    """The rows of one of the tables, as dicts."""
    with (STANDARDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load():
    """Add what is missing of the shared catalogue, the formulas and the two members without a
    password.

    Rows that are there stay as they are: a city may have edited them. Returns how many of each
    were added, as {"categories": 181, "conditions": 515, "formulas": 16, "members": 2}.
    """
    return {
        "categories": _categories(),
        "conditions": _conditions(),
        "formulas": add_formulas(),
        "members": add_members(),
    }


def add_members():
    """See that the two members without a password are there; how many were not."""
    return sum(_member(name, shown) for name, shown in WITHOUT_PASSWORD.items())


def _categories():
    known = set(Category.objects.filter(city=None).values_list("code", flat=True))
    fresh = [row for row in table("categories") if _code(row) not in known]
    Category.objects.bulk_create(
        Category(
            code=_code(row),
            kind=row["kind"],
            class_code=row["class_code"],
            class_zh=row["class_zh"],
            class_en=row["class_en"],
            subclass_code=row["subclass_code"],
            name_zh=row["subclass_zh"],
            name_en=row["subclass_en"],
            basis=row["basis"],
        )
        for row in fresh
    )
    return len(fresh)


def _conditions():
    categories = {category.code: category for category in Category.objects.filter(city=None)}
    known = set(Condition.objects.filter(category__city=None).values_list("code", flat=True))
    fresh = [row for row in table("filing_conditions") if row["id"] not in known]
    Condition.objects.bulk_create(_condition(row, categories[_code(row)]) for row in fresh)
    return len(fresh)


def _condition(row, category):
    return Condition(
        category=category,
        code=row["id"],
        text_zh=row["condition_zh"],
        text_en=row["condition_en"],
        limit_value=Decimal(row["limit_value"]) if row["limit_value"] else None,
        limit_unit=row["limit_unit"] if row["limit_value"] else "",
        closing_zh=row["closing_condition_zh"],
        closing_en=row["closing_condition_en"],
        priority=row["priority"],
        basis=row["basis"],
    )


def add_formulas():
    """See that the first versions of the formulas are there; how many were not."""
    text = (STANDARDS / "formulas.toml").read_text(encoding="utf-8")
    standard = tomllib.loads(text)
    known = set(Formula.objects.filter(version=1).values_list("subject_kind", "code"))
    fresh = [row for row in standard["formula"] if (row["subject_kind"], row["code"]) not in known]
    Formula.objects.bulk_create(_formula(row, standard) for row in fresh)
    return len(fresh)


def _formula(row, standard):
    steps = {
        code: [[None if most == "" else most, score] for most, score in standard["steps"][name]]
        for code, name in row.get("steps", {}).items()
    }
    items = [{"turned": False, "floor": 0, "cap": 100} | item for item in row["items"]]
    return Formula(**row | {"items": items, "steps": steps, "bands": standard["bands"]})


def _code(row):
    return f"{row['kind'][0].upper()}-{row['class_code']}-{row['subclass_code']}"


def _member(username, shown):
    _member_row, is_new = Member.objects.get_or_create(
        username=username, defaults={"name": shown, "password": make_password(None)}
    )
    return is_new


def national_days():
    """({"2026-10-01": False, …}, the last year's end): how days differ from Monday to Friday."""
    days = {row["date"]: row["is_workday"] == "1" for row in table("workdays")}
    last = max(days)
    # The table is published a calendar year at a time.
    return days, datetime.date(int(last[:4]), 12, 31)
