"""The ranking: scores of a kind of subject in a period, and the button that freezes them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment.measures import AREAS, EVERYDAY, is_person
from assessment.publishing import NotOver, publish
from assessment.standings import standings
from assessment.subjects import WORDS, named, seen_by
from assessment.views.asked import asked_of, tabs_of
from incidents.views.signed import signed_in

PAGE = 60
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


def columns_of(kind, formula):
    """The codes of the figures beside the score."""
    if kind in EVERYDAY:
        word = EVERYDAY[kind]
        return tuple(f"E_{word}_{what}" for what in ("DUE", "DONE", "LEFT", "RATE"))
    items = tuple(item["code"] for item in formula.items) if formula else ()
    return COLUMNS.get("area" if kind in AREAS else kind, items)


@signed_in
@require_GET
def ranking(request):
    """/scores/: who stands where; of persons a list by name, for who answers for them."""
    asked = asked_of(request)
    may_publish = request.user.has_perm("assessment.publish_score")
    found = table_of(request, asked, check=may_publish)
    start = _start(request, len(found.lines))
    context = {
        "asked": asked,
        "found": found,
        "lines": found.lines[start : start + PAGE],
        "columns": columns_of(asked.kind, found.formula),
        "kind_word": WORDS[asked.kind],
        "is_person": is_person(asked.kind),
        "tabs": tabs_of(request.user, asked.kind),
        "shown": (start + 1, min(start + PAGE, len(found.lines))),
        "next_from": start + PAGE if start + PAGE < len(found.lines) else None,
        "previous_from": max(start - PAGE, 0) if start else None,
        "may_publish": may_publish,
    }
    return render(request, "assessment/ranking.html", context)


def table_of(request, asked, check=False):
    """The standings with their subjects' names, narrowed to what this member may see and asks
    for: `?within=` is the key of the area above."""
    entry = request.GET.get("entry", "")
    found = standings(
        asked.city,
        asked.kind,
        asked.period,
        check=check,
        entry=int(entry) if entry.isdigit() else None,
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
    within = request.GET.get("within", "")
    asked.within = int(within) if within.isdigit() and int(within) in places else None
    if asked.within:
        lines, found.total = [n for n in lines if n.subject.above == asked.within], None
    found.lines = lines


def _start(request, many):
    """Where the page begins: `?from=` counts lines."""
    text = request.GET.get("from", "")
    return int(text) if text.isdigit() and int(text) < many else 0


@signed_in
@require_POST
def publish_scores(request):
    """Freeze a period, or publish a correction beside what was frozen."""
    if not request.user.has_perm("assessment.publish_score"):
        raise PermissionDenied
    asked = asked_of(request)
    try:
        made = publish(asked.city, asked.kind, asked.period)
    except NotOver as refused:
        messages.error(request, str(refused))
    else:
        words = _("Corrected; the entry before stands beside it.") if made.corrects_id else None
        messages.success(request, words or _("Published and frozen."))
    return redirect(f"{reverse('scores')}?kind={asked.kind}&period={asked.period}")
