"""The table of a ranking: who stands in it, and its parts as they were drawn, kept until a count, a
formula or a publication changes."""

import hashlib
from dataclasses import dataclass, field

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.translation import get_language

from assessment.measures import AREAS, EVERYDAY, is_person
from assessment.models import Progress
from assessment.scorecards import stock_day
from assessment.standings import standings
from assessment.subjects import WORDS, named, seen_by
from lib.numbers import whole

PAGE = 60
# Names of areas and units have no version: a new one stands in a kept table so much later.
KEPT_S = 300
# Beside the score; of other kinds the items of the formula.
COLUMNS = {
    "area": (
        "R_PUB_RATE",
        "R_INST_SCORE",
        "R_NEED_CLOSE",
        "R_CLOSE_RATE",
        "R_INTIME_CLOSE_RATE",
        "R_OVERTIME_CLOSE",
    ),
    "unit": (
        "D_COUNT_SCORE",
        "D_NEED_DISPOSE",
        "D_CLOSE_RATE",
        "D_INTIME_DISPOSE_RATE",
        "D_REWORK_RATE",
        "D_OVERTIME_TO_DISPOSE",
    ),
    "grid_head": ("R_PATROL_RATE", "R_NEED_CLOSE", "R_CLOSE_RATE", "R_INTIME_CLOSE_RATE"),
}


@dataclass
class Drawn:
    """The parts of a ranking that are the same for everybody who may read it, as HTML, and what
    the rest of the page says of it."""

    formula: str
    within: str
    table: str
    has_changed: bool = False
    publication: object = None
    entries: list = field(default_factory=list)
    progress: object = None


def columns_of(kind, formula):
    """The codes of the figures beside the score."""
    if kind in EVERYDAY:
        word = EVERYDAY[kind]
        return tuple(f"E_{word}_{what}" for what in ("DUE", "DONE", "LEFT", "RATE"))
    items = tuple(item["code"] for item in formula.items) if formula else ()
    return COLUMNS.get("area" if kind in AREAS else kind, items)


def drawn(request, asked, check):
    """The parts of a ranking; kept ones where nothing has changed since. Those of persons differ
    by who looks, so they are drawn anew each time."""
    progress, versions = _state(asked.city, asked.period)
    if is_person(asked.kind):
        found = _draw(request, asked, check, progress)
    else:
        key = _key(request, asked, progress, versions, check)
        found = caches["tables"].get(key)
        if found is None:
            found = _draw(request, asked, check, progress)
            caches["tables"].set(key, found, KEPT_S)
    # Until when was counted moves on also where no count changes.
    found.progress = progress
    return found


_STATE = """
    SELECT p.id, p.city_id, p.rolled_at, p.day,
           (SELECT sum(changes) FROM assessment_countedday d WHERE d.city_id = p.city_id
               AND d.day >= %(first)s AND d.day < %(until)s) AS changes,
           (SELECT max(id) FROM assessment_formula) AS formula,
           (SELECT max(id) FROM assessment_publication) AS publication
      FROM assessment_progress p WHERE p.city_id = %(city)s"""


def _state(city, period):
    """How far the roll-ups have come, and how often the counts of a period, formulas and
    publications have changed. One query, which every look at a ranking asks."""
    values = {"city": city.pk, "first": period.first, "until": period.until}
    found = next(iter(Progress.objects.raw(_STATE, values)), None)
    if found is None:
        return Progress(city=city), None
    return found, (found.changes, found.formula, found.publication)


def _key(request, asked, progress, versions, check):
    """What a drawn table depends on: what is asked for, in which language, and the versions of all
    that it is made of."""
    said = (
        asked.city.pk,
        asked.kind,
        str(asked.period),
        get_language(),
        request.GET.urlencode(),
        str(stock_day(asked.period, progress)),
        asked.period_is_over,
        check,
        versions,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _draw(request, asked, check, progress):
    found = table_of(request, asked, check=check, progress=progress)
    start = _start(request, len(found.lines))
    context = {
        "asked": asked,
        "found": found,
        "lines": found.lines[start : start + PAGE],
        "columns": columns_of(asked.kind, found.formula),
        "kind_word": WORDS[asked.kind],
        "is_person": is_person(asked.kind),
        "shown": (start + 1, min(start + PAGE, len(found.lines))),
        "next_from": start + PAGE if start + PAGE < len(found.lines) else None,
        "previous_from": max(start - PAGE, 0) if start else None,
    }
    return Drawn(
        formula=render_to_string(
            "assessment/_formula.html", {"formula": found.formula}, request=request
        ),
        within=render_to_string("assessment/_within.html", context, request=request),
        table=render_to_string("assessment/_ranking.html", context, request=request),
        has_changed=found.has_changed,
        publication=found.publication,
        entries=found.entries,
    )


def table_of(request, asked, check=False, progress=None):
    """The standings with their subjects' names, narrowed to what this member may see and asks
    for: `?within=` is the key of the area above."""
    found = standings(
        asked.city,
        asked.kind,
        asked.period,
        check=check,
        progress=progress,
        entry=whole(request.GET.get("entry", "")),
    )
    names = named(asked.city, asked.kind)
    lines = [line for line in found.lines if line.row.subject in names]
    if is_person(asked.kind):
        keys = seen_by(request.user, asked.city, asked.kind)
        seen = None if keys is None else set(keys.values_list("member", flat=True))
        order = {key: place for place, key in enumerate(names)}
        lines = [line for line in lines if seen is None or line.row.subject in seen]
        lines.sort(key=lambda line: order[line.row.subject])
    for line in lines:
        line.subject = names[line.row.subject]
    _narrow(request, asked, found, lines)
    return found


def _narrow(request, asked, found, lines):
    places = {line.subject.above: line.subject.place for line in lines if line.subject.above}
    asked.places = sorted(places.items(), key=lambda row: row[1]) if len(places) > 1 else []
    within = whole(request.GET.get("within", ""))
    asked.within = within if within in places else None
    if asked.within:
        lines, found.total = [n for n in lines if n.subject.above == asked.within], None
    found.lines = lines


def _start(request, many):
    """Where the page begins: `?from=` counts lines."""
    at = whole(request.GET.get("from", ""))
    return at if at is not None and at < many else 0
