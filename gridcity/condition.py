"""/health/: how the system does, for the people who look after it: its parts, the loop's daily
check, how far the enforcing of deadlines and the telling of notices lag behind."""

from datetime import timedelta

from django.db.models import Count, Min
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from assessment.models import Progress
from gridcity.health import check_database, check_redis
from incidents import division
from incidents.models import Clock, Outbox, SetAside
from incidents.orphans import REPLAYED, RULES, last_check
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, cities_of, tabs
from lib import now as clock
from staff.models import City
from staff.views import PARTS

# Issue of deadlines: recorded within 30 s of due while database and queue are up.
LAG_SECONDS = 30
MOST_SHOWN = 20
# A notice that waits for longer says that nobody tells them (house rule).
LONGEST_WAIT = timedelta(minutes=5)
NAMES = PARTS | {"redis": _("Queue")}


@signed_in
@never_cache
@require_GET
def health(request):
    """The page; parts that do not answer are said, never a reason not to show the rest."""
    ask(request.user, "health")
    parts = check_database() | check_redis()
    parts.pop("deadlines")  # said below, in words
    context = {
        "parts": [{"name": NAMES.get(key, key), **part} for key, part in parts.items()],
        "check": _check(),
        "areas": _areas(request.user),
        "scores": _scores(request.user),
        "lag": _lag(),
        "outbox": _outbox(),
        "aside": _set_aside(),
        "at": clock.now(),
    }
    return render(request, "gridcity/health.html", context | tabs(request.user, "health"))


def _check():
    """What the daily check found: {"at", "rows": [(what must hold, how many offend)]}, or None."""
    found = last_check()
    if found is None:
        return None
    says = {rule.key: rule.says for rule in (*RULES, REPLAYED)}
    rows = [(says.get(key, key), count) for key, count in found["offenders"].items()]
    return {"at": found["at"], "rows": rows}


def _areas(user):
    """What the daily check of the member's cities found: {"at", "rows": [(city, what must hold, how
    many offend, the first of them)]}, or None."""
    found = division.last_check()
    if found is None:
        return None
    says = {rule.key: rule.says for rule in division.RULES}
    rows = [
        (city, says.get(key, key), count, shown)
        for city in _own_cities(user)
        for key, count, shown in found["cities"].get(city.pk, ())
        if count
    ]
    return {"at": found["at"], "rows": rows}


def _scores(user):
    """What the nightly recount of the member's cities found: [(city, when, how many figures differ,
    the first of them as (day, kind, subject, code, rolled up, recounted))]."""
    rows = Progress.objects.filter(city__in=_own_cities(user)).exclude(checked_at=None)
    return [
        (row.city, row.checked_at, len(row.differences), row.differences[:MOST_SHOWN])
        for row in rows.select_related("city").order_by("city")
    ]


def _own_cities(user):
    cities = City.objects.order_by("pk")
    return cities if user.is_superuser else cities.filter(pk__in=cities_of(user))


def _lag():
    """Clocks whose warning or breach is due and not recorded, and for how long the oldest."""
    moment = clock.now()
    found = Clock.objects.not_settled(moment).aggregate(count=Count("pk"), oldest=Min("next_at"))
    oldest = found["oldest"]
    seconds = int((moment - oldest).total_seconds()) if oldest else 0
    return {**found, "seconds": seconds, "ok": seconds <= LAG_SECONDS}


def _outbox():
    """How many notices wait to be told, and since when the oldest."""
    waiting = Outbox.objects.not_told()
    oldest = waiting.order_by("made_at").values_list("made_at", flat=True).first()
    late = oldest is not None and clock.now() - oldest > LONGEST_WAIT
    return {"count": waiting.count(), "oldest": oldest, "ok": not late}


def _set_aside():
    """The clocks that the enforcing of deadlines set aside, newest first."""
    rows = SetAside.objects.select_related("case", "clock").order_by("-at")
    return {"count": rows.count(), "rows": rows[:MOST_SHOWN]}
