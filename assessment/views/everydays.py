"""/everydays/: the day of the five kinds of subject, and the week of one of them."""

from datetime import timedelta

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from assessment.everydays import DEEDS, day_of, days_to, rows_of, week_of
from assessment.measures import EVERYDAY, is_person
from assessment.periods import Period
from assessment.subjects import AREA_SCORES, WORDS, named, seen_by
from assessment.views.asked import Asked, cities_of, period_of, tabs_of
from incidents.views.signed import signed_in
from lib.numbers import whole

PAGE = 60
SHOWN = {"idle": ("idle",), "part": ("part",), "all": ("all",), "due": ("idle", "part", "all")}


@signed_in
@require_GET
def everydays(request):
    """What was due and done on a day, yesterday by default: the last one that is whole."""
    asked = _asked(request)
    day = asked.period.first
    kinds = day_of(asked.city, day)
    context = {
        "asked": asked,
        "kinds": kinds.values(),
        "one": kinds[asked.kind],
        "days": days_to(day),
        "bulletin": _bulletin(),
        "tabs": tabs_of(request.user, ""),
    }
    context |= _words(asked.kind) | _page(request, _rows(request, asked, kinds[asked.kind]))
    return render(request, "assessment/everydays.html", context)


def _asked(request):
    """The kind of subject and the day that are asked for, by default yesterday. Raises
    PermissionDenied for who reads no scores."""
    city, *_others = cities_of(request, AREA_SCORES)
    kind = request.GET.get("kind", "")
    period, today = period_of(request, city, "day")
    if period.kind != "day" or not request.GET.get("period"):
        period = Period.of("day", today - timedelta(days=1), city.time_zone)
    return Asked(city, kind if kind in EVERYDAY else "owner", period, today)


def _words(kind):
    """What a kind of subject and its deeds are called, and the codes of its figures."""
    whats = ("DUE", "DONE", "LEFT", "RATE")
    return {
        "words": WORDS,
        "deeds": DEEDS,
        "codes": {what: f"E_{EVERYDAY[kind]}_{what}" for what in whats},
        "is_person": is_person(kind),
    }


def _page(request, rows):
    """A page of the rows; `?from=` counts them."""
    at = whole(request.GET.get("from", ""))
    start = at if at is not None and at < len(rows) else 0
    return {
        "rows": rows[start : start + PAGE],
        "many": len(rows),
        "next_from": start + PAGE if start + PAGE < len(rows) else None,
        "show": request.GET.get("show", ""),
    }


def _rows(request, asked, one):
    """The week's rows that this member may see, narrowed by `?show=`."""
    city, kind = asked.city, asked.kind
    week = week_of(city, kind, asked.period.first, one.deeds)
    if is_person(kind):
        keys = seen_by(request.user, city, kind)
        seen = week if keys is None else set(keys.values_list("member", flat=True))
        week = {key: deeds for key, deeds in week.items() if key in seen}
    rows = rows_of(week, named(city, kind, list(week)))
    states = SHOWN.get(request.GET.get("show", ""))
    return [row for row in rows if not states or row.today.state in states]


def _bulletin():
    """Where the sixth every-day is seen; the app that publishes it lies above this one."""
    try:
        return reverse("bulletin_home")
    except NoReverseMatch:
        return ""
