"""Keeps the demo city alive: its month is filled in in the background, and it goes on living."""

from contextlib import contextmanager
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from assessment import rollups
from demo.living import play_a_little
from demo.people import People
from demo.progress import progress, tell
from demo.rechecks import check_day, undrawn
from demo.simulator import day_is_played, simulate
from lib import now as clock
from publication.publishing import open_schedule
from staff.models import City

MONTH_DAYS = 30
ONE_AT_A_TIME = 4209_2027  # key of an advisory lock, any number will do
LIVES_EVERY_S = 55  # a minute of life a minute, at beat's pace
_LIVED = "demo-lived"


@shared_task(ignore_result=True)
def fill_month(seed=1):
    """Let the city live for a minute, then play the newest day of its month that is missing. Beat
    calls it again and again, so that a run that was cut goes on by itself."""
    if settings.DEMO:
        with alone() as nobody_else:
            if nobody_else:
                play(seed)


@contextmanager
def alone():
    """True for one task at a time, so that another process of the worker is always free for the
    city's own tasks. The lock is the database connection's: it ends with whoever held it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def play(seed):
    """A little of today and a day of the month, if the demo city has any life at all."""
    city = City.objects.exclude(invented="").order_by("pk").first()
    if city is None:
        return
    until = clock.now()
    today = city.local_date(until)
    # A city without any life is one that load_demo has not finished with.
    begun = any(day_is_played(city, today - timedelta(days=back)) for back in range(MONTH_DAYS))
    if begun and settings.DEMO_LIVES and cache.add(_LIVED, 1, timeout=LIVES_EVERY_S):
        play_a_little(city, seed, until=until)
    there = progress()
    if not begun or there and there[0] == there[1]:
        return
    days = [today - timedelta(days=back) for back in range(1, MONTH_DAYS)]
    missing = [day for day in days if not day_is_played(city, day)]
    play_missing_day(city, days, missing, seed, until)


def play_missing_day(city, days, missing, seed, until):
    """One missing day, the newest first; when none is missing, the spot checks of all days, the
    oldest first. A day is one transaction: it is there whole or not at all."""
    if missing:
        tell(MONTH_DAYS - len(missing), MONTH_DAYS)
        simulate(city, days=1, seed=seed, until=until, only=missing.pop(0))
        tell(MONTH_DAYS - max(len(missing), 1), MONTH_DAYS)
        return
    # The last day is there when all were checked.
    tell(MONTH_DAYS - 1, MONTH_DAYS)
    people = People(city)
    for day in undrawn(city, days):
        check_day(city, day, seed, people, until)
    # Bulletins are a chain from the oldest day on: they wait for the whole month, counted.
    rollups.roll_up(city)
    open_schedule(city, days[-1])
    tell(MONTH_DAYS, MONTH_DAYS)
