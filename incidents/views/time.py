"""What breaches next, by stage and by unit; and at which level matters were solved."""

from datetime import date

from django.shortcuts import render
from django.views.decorators.http import require_GET

from incidents import outlook
from incidents.models import Stage
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, city_of, tabs
from lib import now as clock

MOST_UNITS = 30


@signed_in
@require_GET
def time(request):
    """What falls due in the next hour and the next four, over the cases that one may see."""
    ask(request.user, "time")
    context = _due(*outlook.falling_due(request.user)) | tabs(request.user, "time")
    return render(request, "incidents/time.html", context)


def _due(stages, units):
    """The context: stages by the loop, units by urgency, and the sums of all."""
    stages.sort(key=lambda due: Stage.values.index(due.code))
    return {
        "stages": stages,
        "units": [due for due in units if due.shown][:MOST_UNITS],
        "quiet": sum(1 for due in units if not due.shown),
        "most": max((due.shown for due in units), default=0),
        "whole": {
            name: sum(getattr(due, name) for due in stages)
            for name in ("over", "hour", "four", "later")
        },
        "at": clock.now(),
    }


# --- solved at each level ------------------------------------------------------------------------


@signed_in
@require_GET
def ladder(request):
    """Of the cases closed in a month, the share solved at each level, by street."""
    ask(request.user, "ladder")
    context = _solved(request.user, request.GET.get("month", ""))
    return render(request, "incidents/ladder.html", context | tabs(request.user, "ladder"))


def _solved(user, month):
    """The context of a month, given as 2026-07."""
    city = city_of(user)
    zone = city.time_zone if city else "UTC"
    first = _month(month, clock.local_date(clock.now(), zone))
    after = _first_after(first)
    begins, ends = clock.day_begins(first, zone), clock.day_begins(after, zone)
    streets, whole = outlook.solved_by_level(user, begins, ends)
    return {
        "streets": streets,
        "whole": whole,
        "first": first,
        "back": _before(first).strftime("%Y-%m"),
        "on": after.strftime("%Y-%m") if ends <= clock.now() else "",
        "levels": outlook.LEVELS,
    }


def _month(text, today):
    """The first day of a month given as 2026-07; this month where that is none."""
    year, _dash, number = text.partition("-")
    this = today.replace(day=1)
    if not (year.isdecimal() and number.isdecimal() and len(text) == 7):
        return this
    if not (1 <= int(number) <= 12 and 2000 <= int(year) <= 9000):
        return this
    return min(date(int(year), int(number), 1), this)


def _first_after(first):
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _before(first):
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
