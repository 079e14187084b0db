"""Rules of the house that no linter holds."""

import re
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parent.parent
ORDER = ["staff", "grids", "incidents", "assessment", "publication", "demo"]
OURS = [*ORDER, "lib", "gridcity"]


def sources(*folders):
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")


def test_foreign_keys_between_apps_point_down_and_leave_no_way_up():
    wrong = []
    for model in apps.get_models():
        here = model._meta.app_label
        if here not in ORDER:
            continue
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete) or field.related_model is None:
                continue
            there = field.related_model._meta.app_label
            if there == here or there not in ORDER:
                continue
            up = ORDER.index(there) > ORDER.index(here)
            if up or not field.remote_field.hidden:
                wrong.append(str(field))
    assert not wrong


def test_time_comes_from_one_place():
    told = re.compile(r"timezone\.now\(|datetime\.now\(|datetime\.utcnow\(|date\.today\(")
    wrong = [
        str(path.relative_to(ROOT))
        for path, text in sources(*OURS)
        if told.search(text) and path.name != "now.py"
    ]
    assert not wrong


# `lib.now.local_date`, the calendar's own twin of it, and the date of a cell of a sheet.
MAKES_A_DAY = {"lib/now.py": 1, "lib/calendars.py": 1, "staff/tables/sheet.py": 1}


def test_a_day_is_the_citys_and_never_the_servers():
    """A moment becomes a day by `lib.now.local_date` (`City.today`, `City.local_date`; in SQL by
    `grids.querysets.LocalDate` or AT TIME ZONE): its date in UTC is yesterday's until eight."""
    made = re.compile(
        r"\.date\(\)|\bCURRENT_DATE\b|\bnow\(\)::date|localdate\("
        r"|\bTrunc(?:Date|Day)\((?!.*tzinfo)|_at(?:__date\b|::date)"
    )
    wrong = {}
    for path, text in sources(*OURS):
        name = str(path.relative_to(ROOT))
        found = len(made.findall(text))
        if found != MAKES_A_DAY.get(name, 0):
            wrong[name] = found
    assert not wrong


# The simulator, in its parts, and the importer.
SETS_THE_TIME = {"simulator.py", "story.py", "passing.py", "undertaken.py", "rechecks.py"}
SETS_THE_TIME |= {"living.py", "importers.py"}


def test_only_the_simulator_and_the_importer_set_the_time():
    sets = re.compile(r"\b(?:now|clock)\.(?:at|set_to)\(")
    wrong = [
        str(path.relative_to(ROOT))
        for path, text in sources(*OURS)
        if sets.search(text) and path.name not in SETS_THE_TIME and path.parent.name != "lib"
    ]
    assert not wrong


def test_only_the_workflow_sets_the_stage():
    sets = re.compile(r"\.stage = |stage=['\"]\w+['\"]\)\.update|update\(stage")
    wrong = [
        str(path.relative_to(ROOT))
        for path, text in sources("incidents", "grids", "demo", "staff")
        if sets.search(text) and path.name != "workflow.py"
    ]
    assert not wrong


def test_nobody_asks_for_groups():
    asks = re.compile(r"\.groups\.(?:all|filter|add)|Group\.objects|user_permissions\.")
    assert not [str(path) for path, text in sources(*OURS) if asks.search(text)]


def test_a_right_is_asked_for_by_permission_and_never_by_the_name_of_a_role():
    """`grids.backends.posts_with` finds the posts by which a member may do something."""
    asks = re.compile(r"\.role (?:==|!=) [\"']")
    folders = [name for name in OURS if name != "demo"]  # which makes the posts
    assert not [str(path) for path, text in sources(*folders) if asks.search(text)]
