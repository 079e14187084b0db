"""/health/: how the system does, for the people who look after it: its parts, the loop's daily
check, how far the enforcing of deadlines and the telling of notices lag behind."""

from datetime import timedelta

from django.apps import apps
from django.db import connection
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gridcity.health import check_database, check_redis
from incidents.models import Outbox
from incidents.orphans import REPLAYED, RULES, last_check
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, tabs
from lib import now as clock

# Issue of deadlines: recorded within 30 s of due while database and queue are up.
LAG_SECONDS = 30
MOST_SHOWN = 20
# A notice that waits for longer says that nobody tells them (house rule).
LONGEST_WAIT = timedelta(minutes=5)
NAMES = {
    "database": _("Database"),
    "postgis": _("Maps in the database"),
    "redis": _("Queue"),
    "worker": _("Background worker"),
    "beat": _("Timetable"),
}
# A ledger entry of an earlier due time is no breach of this one.
_LAG = """
SELECT count(*), min(k.due_at) FROM incidents_clock k
 WHERE k.state = 'running' AND k.due_at < %(now)s AND NOT EXISTS (
       SELECT 1 FROM incidents_clockentry e
        WHERE e.clock_id = k.id AND e.kind = 'breach' AND e.at >= k.due_at)
"""


@signed_in
@never_cache
@require_GET
def health(request):
    """The page; parts that do not answer are said, never a reason not to show the rest."""
    ask(request.user, "health")
    parts = check_database() | check_redis()
    context = {
        "parts": [{"name": NAMES.get(key, key), **part} for key, part in parts.items()],
        "check": _check(),
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


def _lag():
    """Clocks past their due time without a breach in their ledger, and for how long the oldest."""
    moment = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_LAG, {"now": moment})
        count, oldest = cursor.fetchone()
    seconds = int((moment - oldest).total_seconds()) if oldest else 0
    return {"count": count, "oldest": oldest, "seconds": seconds, "ok": seconds <= LAG_SECONDS}


def _outbox():
    """How many notices wait to be told, and since when the oldest."""
    waiting = Outbox.objects.not_told()
    oldest = waiting.order_by("made_at").values_list("made_at", flat=True).first()
    late = oldest is not None and clock.now() - oldest > LONGEST_WAIT
    return {"count": waiting.count(), "oldest": oldest, "ok": not late}


def _set_aside():
    """The rows that the enforcing of deadlines set aside, newest first; None while the city's
    system keeps no such table."""
    try:
        model = apps.get_model("incidents", "SetAside")
    except LookupError:
        return None
    rows = model.objects.select_related("case").order_by("-at")
    return {"count": rows.count(), "rows": rows[:MOST_SHOWN]}
