"""GET /healthz: does every part answer? For machines and people, without signing in."""

import time

import psycopg
import redis
from django.db import connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridcity.celery import heartbeat_key, heartbeat_store
from lib import now as clock

# Three missed pulses of five seconds.
STALE_SECONDS = 15
# A tick of the engine makes room for other tasks after 20 s (incidents.settling), and a worker that
# has much else to do may let some pass.
ENGINE_STALE_SECONDS = 90
# More is not counted: what matters then is that it becomes less.
MOST_COUNTED = 10_000
_DUE = """
SELECT count(*), min(next_at) FROM (SELECT next_at FROM incidents_clock WHERE next_at < %s
 ORDER BY next_at LIMIT %s) due
"""


def read_database():
    """Versions of PostgreSQL and PostGIS, and what the engine still has to settle: how many clocks
    and since when the oldest. By a connection of its own, made as the web makes its.

    A pool that is empty or exhausted would make the check wait as long as any request does.
    """
    address = connection.settings_dict
    options = {name: value for name, value in address["OPTIONS"].items() if name != "pool"}
    at_login = options.pop("options", "")
    with psycopg.connect(
        dbname=address["NAME"],
        user=address["USER"],
        password=address["PASSWORD"],
        host=address["HOST"],
        port=address["PORT"],
        connect_timeout=2,
        options=f"{at_login} -c statement_timeout=2000",
        **options,
    ) as link:
        server = link.execute("SHOW server_version").fetchone()[0]
        row = link.execute(
            "SELECT extversion FROM pg_extension WHERE extname = 'postgis'"
        ).fetchone()
        due = link.execute(_DUE, [clock.now(), MOST_COUNTED]).fetchone()
    return server, row and row[0], due


def check_database():
    try:
        server, postgis, due = read_database()
    except psycopg.Error:
        down = {"ok": False, "version": None, "detail": "does not answer"}
        unknown = down | {"detail": "database does not answer"}
        return {"database": down, "postgis": unknown, "deadlines": {"ok": False} | _no_deadlines()}
    return {
        "database": {"ok": True, "version": server, "detail": "answers"},
        "postgis": {
            "ok": postgis is not None,
            "version": postgis,
            "detail": "installed" if postgis else "extension is missing",
        },
        "deadlines": read_deadlines(*due),
    }


def _no_deadlines():
    return {"due": None, "oldest": None, "detail": "database does not answer"}


def read_deadlines(due, oldest):
    """How far the engine is behind. Much to catch up is no part that is down: whether the engine
    runs says its pulse."""
    since = f", the oldest since {oldest:%Y-%m-%dT%H:%M:%SZ}" if oldest else ""
    many = f"{due}{'+' if due == MOST_COUNTED else ''}"
    return {
        "ok": True,
        "due": due,
        "oldest": oldest.isoformat() if oldest else None,
        "detail": f"{many} due and not settled{since}",
    }


def read_pulse(stamp, now, stale=STALE_SECONDS):
    """A heartbeat that is missing or old means that the process behind it is down."""
    if stamp is None:
        return {"ok": False, "heartbeat": None, "detail": "no heartbeat"}
    age = max(0, now - int(stamp))
    return {
        "ok": age <= stale,
        "heartbeat": int(stamp),
        "detail": f"last heartbeat {age} s ago",
    }


def check_redis():
    try:
        store = heartbeat_store()
        version = store.info("server").get("redis_version")
        pulses = store.mget(*(heartbeat_key(part) for part in ("worker", "beat", "engine")))
    except redis.RedisError:
        unknown = {"ok": False, "heartbeat": None, "detail": "unknown: redis does not answer"}
        down = {"ok": False, "version": None, "detail": "does not answer"}
        return {"redis": down, "worker": unknown, "beat": unknown, "engine": unknown}
    now = int(time.time())
    worker, beat, engine = pulses
    return {
        "redis": {"ok": True, "version": version, "detail": "answers"},
        "worker": read_pulse(worker, now),
        "beat": read_pulse(beat, now),
        "engine": read_pulse(engine, now, ENGINE_STALE_SECONDS),
    }


@never_cache
@require_safe
def healthz(request):
    parts = check_database() | check_redis()
    well = all(part["ok"] for part in parts.values())
    response = JsonResponse(
        {"status": "ok" if well else "down"} | parts, status=200 if well else 503
    )
    # The answer is the message; a line of log for each would bury the cause.
    response._has_been_logged = True
    return response
