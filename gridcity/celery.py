"""Celery and the beat table: everything that happens by the clock stands here."""

import contextlib
import os
import time

import redis
from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, before_task_publish, heartbeat_sent, task_success
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridcity.settings")

HEARTBEAT_SECONDS = 5
HEARTBEAT_TTL_SECONDS = 3600
# How often the engine of the deadlines looks for what is due.
TICK_SECONDS = 5

app = Celery("gridcity")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "heartbeat": {
        "task": "gridcity.celery.heartbeat",
        "schedule": HEARTBEAT_SECONDS,
        # A pulse that waited says nothing any more.
        "options": {"expires": 2 * HEARTBEAT_SECONDS},
    },
    # The rest of the demo city's month, a day at a time, and a minute of its life a minute; nothing
    # outside demo mode.
    "fill-demo-month": {
        "task": "demo.tasks.fill_month",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    # Photos that were sent and never named by a report or a move; 03:00 in China.
    "sweep-evidence": {
        "task": "incidents.tasks.sweep_evidence",
        "schedule": crontab(hour=19, minute=0),
    },
    # Yesterday's closed cases that are looked at again, soon after each city's midnight.
    "draw-checks": {
        "task": "incidents.tasks.draw_checks",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    # Deadlines are recorded within 30 s. A tick that came too late is as good as the next one.
    "settle": {
        "task": "incidents.tasks.settle",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    # Notices become messages, and messages go out: each way by itself, so that a slow one holds no
    # other up.
    "tell": {"task": "incidents.tasks.tell", "schedule": 3.0, "options": {"expires": 3}},
    **{
        f"send-{way}": {
            "task": "incidents.tasks.send_messages",
            "schedule": 5.0,
            "args": (way,),
            # Where slow tasks hold every worker, one is still there when they end.
            "options": {"expires": 60},
        }
        for way in ("email", "push", "sms")
    },
    "tell-of-plans": {
        "task": "incidents.tasks.tell_of_plans",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    # Messages past their time; 03:30 in China.
    "sweep-messages": {
        "task": "incidents.tasks.sweep_messages",
        "schedule": crontab(hour=19, minute=30),
    },
    # That no case, clock or demand is forgotten; 04:30 in China.
    "check-loop": {
        "task": "incidents.tasks.check_loop",
        "schedule": crontab(hour=20, minute=30),
    },
    # That every city's areas, staffing and matrix are whole; 05:15 in China.
    "check-areas": {
        "task": "incidents.tasks.check_areas",
        "schedule": crontab(hour=21, minute=15),
    },
    # Figures of the days that new steps have changed.
    "roll-up-scores": {
        "task": "assessment.tasks.roll_up",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    # The every-days of yesterday, and past periods once their grace is over.
    "publish-scores": {
        "task": "assessment.tasks.publish",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    # The bulletins of days that are over, each at its city's hour; missed ones in order.
    "publish-bulletins": {
        "task": "publication.tasks.publish_bulletins",
        "schedule": 120.0,
        "options": {"expires": 100},
    },
    # Papers and workbooks that were asked for and whose message was lost.
    "make-forgotten-digests": {
        "task": "publication.tasks.make_forgotten_digests",
        "schedule": 300.0,
        "options": {"expires": 280},
    },
    # That the roll-ups equal a recount from the steps; 05:00 in China.
    "recount-scores": {
        "task": "assessment.tasks.recount",
        "schedule": crontab(hour=21, minute=0),
    },
}


def heartbeat_store():
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, decode_responses=True
    )


def heartbeat_key(part):
    return f"gridcity:heartbeat:{part}"


def record_heartbeat(part):
    heartbeat_store().set(heartbeat_key(part), int(time.time()), ex=HEARTBEAT_TTL_SECONDS)


@app.task(name="gridcity.celery.heartbeat")
def heartbeat():
    """Has gone from beat through the queue to a worker process: the whole chain runs."""
    record_heartbeat("task")


def record_quietly(part):
    """Beat and worker reconnect to Redis by themselves; a pulse must not end them."""
    with contextlib.suppress(redis.RedisError):
        record_heartbeat(part)


@beat_init.connect
def beat_has_started(**kwargs):
    record_quietly("beat")


@before_task_publish.connect
def beat_is_alive(sender=None, **kwargs):
    """Only beat publishes the heartbeat, so publishing it is beat's own sign of life."""
    if sender == "gridcity.celery.heartbeat":
        record_quietly("beat")


@heartbeat_sent.connect
def worker_is_alive(sender=None, **kwargs):
    """From the worker's main process: a worker busy with long tasks is not a dead one. Those that
    have one queue alone do not speak for it: the one of the deadlines shows that it lives by
    settling them, the one of the messages is helped out by every other."""
    if not sender.eventer.hostname.startswith(("deadlines@", "messages@")):
        record_quietly("worker")


@task_success.connect
def engine_is_alive(sender=None, **kwargs):
    """A tick that ended well; one that fails on a database that is away is none."""
    if sender.name == "incidents.tasks.settle":
        record_quietly("engine")
