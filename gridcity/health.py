"""GET /healthz: does every part answer? For machines and people, without signing in."""

import time

import psycopg
import redis
from django.db import connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridcity.celery import heartbeat_key, heartbeat_store

# Three missed pulses of five seconds.
STALE_SECONDS = 15


def read_database():
    """Versions of PostgreSQL and PostGIS, by a connection of its own, made as the web makes its.

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
    return server, row and row[0]


def check_database():
    try:
        server, postgis = read_database()
    except psycopg.Error:
        down = {"ok": False, "version": None, "detail": "does not answer"}
        return {"database": down, "postgis": down | {"detail": "database does not answer"}}
    return {
        "database": {"ok": True, "version": server, "detail": "answers"},
        "postgis": {
            "ok": postgis is not None,
            "version": postgis,
            "detail": "installed" if postgis else "extension is missing",
        },
    }


def read_pulse(stamp, now):
    """A heartbeat that is missing or old means that the process behind it is down."""
    if stamp is None:
        return {"ok": False, "heartbeat": None, "detail": "no heartbeat"}
    age = max(0, now - int(stamp))
    return {
        "ok": age <= STALE_SECONDS,
        "heartbeat": int(stamp),
        "detail": f"last heartbeat {age} s ago",
    }


def check_redis():
    try:
        store = heartbeat_store()
        version = store.info("server").get("redis_version")
        worker, beat = store.mget(heartbeat_key("worker"), heartbeat_key("beat"))
    except redis.RedisError:
        unknown = {"ok": False, "heartbeat": None, "detail": "unknown: redis does not answer"}
        down = {"ok": False, "version": None, "detail": "does not answer"}
        return {"redis": down, "worker": unknown, "beat": unknown}
    now = int(time.time())
    return {
        "redis": {"ok": True, "version": version, "detail": "answers"},
        "worker": read_pulse(worker, now),
        "beat": read_pulse(beat, now),
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
