"""/everydays/: the day of the five kinds of subject, and the week of one of them."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from assessment.everydays import DEEDS, day_of, days_to, rows_of, week_of
from assessment.measures import EVERYDAY, is_person
from assessment.subjects import WORDS, named, seen_by
from assessment.views.asked import Asked, city_of, may_rank, period_of, tabs_of
from incidents.views.signed import signed_in
from lib.numbers import whole

PAGE = 60
SHOWN = {"idle": ("idle",), "part": ("part",), "all": ("all",), "due": ("idle", "part", "all")}


@signed_in
@require_GET
def everydays(request):
    """What was due and done on a day, yesterday by default: the last one that is whole."""
    city = city_of(request.user)
    if not may_rank(request.user):
        raise PermissionDenied
    day = _day(request, city)
    kind = request.GET.get("kind", "")
    kind = kind if kind in EVERYDAY else "owner"
    whole = day_of(city, day.period.first)
    rows = _rows(request, city, kind, day.period.first, whole[kind])
    start = _start(request, len(rows))
    context = {
        "asked": Asked(city, kind, day.period, day.today),
        "whole": whole.values(),
        "one": whole[kind],
        "words": WORDS,
        "deeds": DEEDS,
        "days": days_to(day.period.first),
        "rows": rows[start : start + PAGE],
        "many": len(rows),
        "next_from": start + PAGE if start + PAGE < len(rows) else None,
        "show": request.GET.get("show", ""),
        "codes": {what: f"E_{EVERYDAY[kind]}_{what}" for what in ("DUE", "DONE", "LEFT", "RATE")},
        "bulletin": _bulletin(),
        "is_person": is_person(kind),
        "tabs": tabs_of(request.user, ""),
    }
    return render(request, "assessment/everydays.html", context)


def _day(request, city):
    """The day that is asked for; by default yesterday."""
    period, today = period_of(request, city, "day")
    if period.kind != "day" or not request.GET.get("period"):
        period = type(period).of("day", today - timedelta(days=1), city.time_zone)
    return Asked(city, "", period, today)


def _rows(request, city, kind, day, one):
    """The week's rows that this member may see, narrowed by `?show=`."""
    week = week_of(city, kind, day, one.deeds)
    if is_person(kind):
        keys = seen_by(request.user, city, kind)
        seen = week if keys is None else set(keys.values_list("member", flat=True))
        week = {key: deeds for key, deeds in week.items() if key in seen}
    rows = rows_of(week, named(city, kind, list(week)))
    states = SHOWN.get(request.GET.get("show", ""))
    return [row for row in rows if not states or row.today.state in states]


def _start(request, many):
    at = whole(request.GET.get("from", ""))
    return at if at is not None and at < many else 0


def _bulletin():
    """Where the sixth every-day is seen; the app that publishes it lies above this one."""
    try:
        return reverse("bulletin")
    except NoReverseMatch:
        return ""
