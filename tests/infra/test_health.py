"""/healthz says which part is down, to anyone, and nothing else."""

import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from gridcity import health
from gridcity.celery import heartbeat_key, heartbeat_store
from incidents.models import Clock
from lib import now
from tests.concurrency.test_races import live_town  # noqa: F401 - a fixture
from tests.incidents import play

pytestmark = pytest.mark.django_db
PARTS = ["database", "postgis", "deadlines", "redis", "worker", "beat", "engine"]


@pytest.fixture
def pulses():
    """Worker, beat and engine as if they ran; a function sets how long ago each was last heard."""
    store = heartbeat_store()
    keys = [heartbeat_key(part) for part in ("worker", "beat", "engine")]

    def set_age(seconds):
        store.mset(dict.fromkeys(keys, int(time.time()) - seconds))

    set_age(0)
    yield set_age
    store.delete(*keys)


def down_parts(answer):
    return [part for part in PARTS if not answer.json()[part]["ok"]]


def test_all_parts_are_well_and_say_so_without_signing_in(client, pulses):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert down_parts(answer) == []


def test_each_part_names_its_version_or_its_last_heartbeat(client, pulses):
    body = client.get("/healthz").json()
    assert all(body[part]["version"] for part in ("database", "postgis", "redis"))
    assert all(body[part]["heartbeat"] for part in ("worker", "beat", "engine"))


def test_an_old_heartbeat_is_a_dead_process(client, pulses):
    pulses(health.STALE_SECONDS + 1)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert down_parts(answer) == ["worker", "beat"]
    pulses(health.ENGINE_STALE_SECONDS + 1)
    assert down_parts(client.get("/healthz")) == ["worker", "beat", "engine"]


@pytest.mark.django_db(transaction=True)  # the check reads by a connection of its own
def test_what_the_engine_has_not_settled_is_counted_and_is_no_fault(
    live_town,  # noqa: F811 - the fixture's name
    client,
    pulses,
):
    case = play.dispatched(live_town, live_town.urgent)
    due = Clock.objects.get(case=case, next_at__isnull=False)
    with now.at(due.next_at + timedelta(minutes=1)):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["deadlines"]["due"] == 1
    assert answer.json()["deadlines"]["oldest"] == due.next_at.isoformat()


def test_a_worker_never_heard_of_is_down(client):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"]["heartbeat"] is None


def test_a_database_that_is_down_is_told_without_the_error_text(client, pulses, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")  # where nobody listens
    with pytest.raises(psycopg.OperationalError) as refused:
        health.read_database()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert down_parts(answer) == ["database", "postgis", "deadlines"]
    host = connection.settings_dict["HOST"]
    assert host in str(refused.value) and host not in answer.text


def test_a_redis_that_is_down_takes_the_heartbeats_along(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert down_parts(answer) == ["redis", "worker", "beat", "engine"]


def test_the_health_check_costs_no_query_and_no_session(client, pulses, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert "Set-Cookie" not in answer
