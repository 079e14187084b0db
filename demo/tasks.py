"""Fills in the rest of the demo city's month in the background; progress for the pages."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from demo.simulator import day_is_played, simulate
from lib import now as clock
from staff.models import City

MONTH_DAYS = 30
LONGEST_DAY_S = 3600  # seconds after which a worker that was killed no longer holds the lock
PROGRESS_S = 3600 * 12  # seconds until a month that is complete is looked at again
_LOCK, _PROGRESS = "demo-filling", "demo-progress"


@shared_task(ignore_result=True)
def fill_month(seed=1):
    """Play the newest day of the demo month that is missing. Beat calls it again and again, so
    that a run that was cut goes on by itself; twice at once is refused by the lock, and a day is
    one transaction, so that it is there whole or not at all."""
    if settings.DEMO and cache.add(_LOCK, 1, timeout=LONGEST_DAY_S):
        try:
            play_missing_day(seed)
        finally:
            cache.delete(_LOCK)


def play_missing_day(seed):
    """One missing day, newest first, if the demo city has any life at all; tells the progress."""
    city = City.objects.exclude(invented="").order_by("pk").first()
    there = progress()
    if city is None or (there and there[0] == there[1]):
        return
    until = clock.now()
    today = until.astimezone(ZoneInfo(city.time_zone)).date()
    days = [today - timedelta(days=back) for back in range(1, MONTH_DAYS)]
    missing = [day for day in days if not day_is_played(city, day)]
    # A city without any life is one that load_demo has not finished with.
    has_life = len(missing) < len(days) or day_is_played(city, today)
    if missing and has_life:
        _tell(missing)
        simulate(city, days=1, seed=seed, until=until, only=missing.pop(0))
    _tell(missing)


def _tell(missing):
    """Note how many days are there, for `progress`."""
    cache.set(_PROGRESS, (MONTH_DAYS - len(missing), MONTH_DAYS), timeout=PROGRESS_S)


def progress():
    """(days there, days wanted) of the demo month, or None before it began."""
    return cache.get(_PROGRESS)
