"""Outside checks of the working-time arithmetic: a real city's promises, the official calendar.

The data lie beside the project, not in it: a folder named by GRIDCITY_SHARED or `../shared`.
"""

import csv
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from lib.worktime import DAY, WORK_DAY, Calendar, Limit, due_at
from tests.lib.cast import CITY, NEW_YORK

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("GRIDCITY_SHARED") or ROOT.parent / "shared") / "data"

# Boston counts every weekday, holidays too, as 24 hours.
BOSTON = Calendar("America/New_York", ((0, 1440),), frozenset(range(1, 6)), day_minutes=1440)
UNITS = {"working_day": WORK_DAY, "calendar_day": DAY}


def rows(name):
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"no {name}: set GRIDCITY_SHARED to the folder that holds data/{name}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def filed(opened):
    """Boston's filing rule, read from its data: a weekend counts as Monday at the same time; from
    17:00 on, the next weekday at 08:30."""
    while opened.isoweekday() > 5:
        opened += timedelta(days=1)
    if opened.time() < time(17):
        return opened
    opened = datetime.combine(opened.date() + timedelta(days=1), time(8, 30))
    while opened.isoweekday() > 5:
        opened += timedelta(days=1)
    return opened


def promises(unit):
    """(promised by the city, computed here) of every sample case whose type has a rule.

    The filing rule is one of working days; calendar days count from the opening itself.
    """
    rules = {row["type"]: row for row in rows("sla_rules_boston311.csv") if row["unit"] == unit}
    pairs = []
    for case in rows("cases_boston311_sample5000.csv"):
        rule = rules.get(case["type"])
        if rule and case["target_dt"]:
            opened = datetime.fromisoformat(case["open_dt"])
            start = filed(opened) if unit == "working_day" else opened
            start = start.replace(tzinfo=NEW_YORK)
            promised = datetime.fromisoformat(case["target_dt"]).replace(tzinfo=NEW_YORK)
            pairs.append((promised, due_at(start, Limit(rule["days"], UNITS[unit]), BOSTON)))
    return pairs


def test_bostons_working_day_promises_are_reproduced():
    pairs = promises("working_day")
    right = sum(abs(promised - due) <= timedelta(minutes=5) for promised, due in pairs)
    assert len(pairs) == 2830
    assert right / len(pairs) >= 0.992


def test_bostons_calendar_day_promises_are_all_reproduced():
    pairs = promises("calendar_day")
    right = sum(abs(promised - due) <= timedelta(minutes=5) for promised, due in pairs)
    assert (right, len(pairs)) == (662, 662)


def test_the_work_days_of_2026_are_the_official_ones():
    days = [row for row in rows("workdays_cn_2024_2026.csv") if row["date"].startswith("2026")]
    assert len(days) == 365
    wrong = [
        row["date"]
        for row in days
        if CITY.is_work_day(date.fromisoformat(row["date"])) != (row["is_workday"] == "1")
    ]
    assert wrong == []
