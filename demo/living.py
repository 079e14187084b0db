"""The demo city goes on living: its month is filled in day by day, and each minute a little
happens, so that no wall is ever dead.

Only cases that the simulator reported itself are played, and none in which a person has had a
hand; those in the duty grid of the cast's worker are left to the accounts of the demonstration, and
nothing is ever done in their names.
"""

import random
import time
from collections import Counter
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from assessment import rollups
from demo import undertaken
from demo.darkroom import Darkroom
from demo.passing import MARK
from demo.people import People
from demo.pictures import Album
from demo.planned import KEY, plans_of
from demo.progress import progress, tell
from demo.querysets import going_on, known_hashes, undrawn
from demo.rechecks import case_of, check_day
from demo.simulator import day_is_played, live, played_on, simulate
from demo.staffing import CAST
from demo.story import Life
from lib import now as clock
from lib.claims import claimed
from publication.publishing import open_schedule
from staff.models import City

MONTH_DAYS = 30
ONE_AT_A_TIME = 4209_2027  # key of an advisory lock, any number will do
LIVES_EVERY_S = 55  # a minute of life a minute, at beat's pace
LIVED = "demo-lived"
BUDGET_S = 20  # seconds after which a minute's playing stops; what is left is the next one's
SLEEPS_S = 3600 * 6  # seconds for which it is remembered when a case moves next
_SLEEPING = "demo-sleeping"


def alone():
    """A context: True for one task at a time, so that another process of the worker is always free
    for the city's own tasks."""
    return claimed(ONE_AT_A_TIME)


def go_on(seed):
    """A little of today and a day of the month, if the demo city has any life at all."""
    city = City.objects.exclude(invented="").order_by("pk").first()
    if city is None:
        return
    until = clock.now()
    today = city.local_date(until)
    # A city without any life is one that load_demo has not finished with.
    begun = any(day_is_played(city, today - timedelta(days=back)) for back in range(MONTH_DAYS))
    if begun and settings.DEMO_LIVES and cache.add(LIVED, 1, timeout=LIVES_EVERY_S):
        play_a_little(city, seed, until=until)
    there = progress()
    if not begun or there and there[0] == there[1]:
        return
    days = [today - timedelta(days=back) for back in range(1, MONTH_DAYS)]
    missing = [day for day in days if not day_is_played(city, day)]
    _play_missing_day(city, days, missing, seed, until)


def _play_missing_day(city, days, missing, seed, until):
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


def play_a_little(city, seed, *, until, budget_s=BUDGET_S, per_day=None):
    """Play what has happened since the last time: new reports of today and yesterday, and the
    open cases whose next move has come. Returns what was done, as `simulate`; `per_day` is how many
    reports a day has, by default as many as so large a city."""
    people, done = _people(city.pk, city.local_date(until)), Counter()
    end = time.monotonic() + budget_s
    darkroom = Darkroom(Album(known_hashes(city)), None)
    for plan in _new_plans(city, seed, people, until, per_day):
        if time.monotonic() > end:
            break
        life = Life(plan, people, darkroom, random.Random(plan.seed), until)
        _alone(done, life, until)
    slept_before = cache.get(_SLEEPING) or {}
    cases = going_on(city, KEY, MARK, people.system, people.home_duty)
    cases = list(cases.values_list("pk", "version"))
    # Who has ended or moved on sleeps no more.
    sleeping = {pk: slept_before[pk] for pk, _version in cases if pk in slept_before}
    for pk, version in cases:
        slept = sleeping.get(pk)
        if slept and slept[0] == version and slept[1] > until:
            continue
        if time.monotonic() > end:
            break
        case, plan = case_of(pk, people)
        life = Life(plan, people, darkroom, random.Random(f"{plan.seed} {version}"), until)
        _alone(done, life, until, case)
        wakes_at = life.wakes_at or until + timedelta(seconds=SLEEPS_S)
        sleeping[pk] = (life.case.version, wakes_at)
    cache.set(_SLEEPING, sleeping, timeout=SLEEPS_S)
    with transaction.atomic(), clock.at(until):
        undertaken.carry_on(city, people, until)
    return dict(done)


def _alone(done, life, until, old=None):
    """One life in a transaction of its own: nobody at the demo waits for more than a case."""
    with transaction.atomic(), clock.at(until):
        live(done, life, old)


@lru_cache(maxsize=2)
def _people(city_pk, day):
    """Read once a day: borders and posts of a demonstration change seldom."""
    return People(City.objects.get(pk=city_pk), without=CAST)


def _new_plans(city, seed, people, until, per_day):
    """The reports since the last simulated one. In the cast's own grid residents report, and the
    demo accounts do the rest."""
    today = city.local_date(until)
    for day in (today - timedelta(days=1), today):
        played = played_on(city, day)
        last = max((case.reported_at for case in played.values()), default=None)
        for plan in _plans(city.pk, day, seed, per_day):
            if plan.key in played or plan.at >= until or last and plan.at <= last:
                continue
            if people.is_home(plan.grid):
                plan.stop = "reported"
                if plan.source in ("patrol", "self_handle"):
                    plan.source = "public"
            yield plan


@lru_cache(maxsize=2)
def _plans(city_pk, day, seed, per_day):
    people = _people(city_pk, day)
    return plans_of(people.city, day, seed, people, per_day)
