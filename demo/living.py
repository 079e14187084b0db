"""The demo city goes on living: each minute a little happens, so that no wall is ever dead.

Only cases that the simulator reported itself are played, and none in which a person has had a
hand; those in the duty grid of the cast's worker are left to the accounts of the demonstration, and
nothing is ever done in their names.
"""

import random
import time
from collections import Counter
from datetime import timedelta
from functools import lru_cache

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from demo import undertaken
from demo.darkroom import Darkroom
from demo.passing import MARK
from demo.people import People
from demo.pictures import Album
from demo.planned import KEY, plans_of
from demo.rechecks import case_of
from demo.simulator import known_hashes, live, played_on
from demo.staffing import CAST
from demo.story import Life
from incidents.models import Case, Demand, Step
from incidents.querysets import ENDS
from lib import now as clock
from staff.models import City

BUDGET_S = 20  # seconds after which a minute's playing stops; what is left is the next one's
SLEEPS_S = 3600 * 6  # seconds for which it is remembered when a case moves next
_SLEEPING = "demo-sleeping"


def play_a_little(city, seed, *, until, budget_s=BUDGET_S):
    """Play what has happened since the last time: new reports of today and yesterday, and the
    open cases whose next move has come. Returns what was done, as `simulate`."""
    people, done = _people(city.pk, city.local_date(until)), Counter()
    end = time.monotonic() + budget_s
    darkroom = Darkroom(Album(known_hashes(city)), None)
    for plan in _new_plans(city, seed, people, until):
        if time.monotonic() > end:
            break
        life = Life(plan, people, darkroom, random.Random(plan.seed), until)
        _alone(done, life, until)
    sleeping = cache.get(_SLEEPING) or {}
    for pk, version in _candidates(city, people):
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


def _new_plans(city, seed, people, until):
    """The reports since the last simulated one. In the cast's own grid residents report, and the
    demo accounts do the rest."""
    today = city.local_date(until)
    for day in (today - timedelta(days=1), today):
        played = played_on(city, day)
        last = max((case.reported_at for case in played.values()), default=None)
        for plan in _plans(city.pk, day, seed):
            if plan.key in played or plan.at >= until or last and plan.at <= last:
                continue
            if people.is_home(plan.grid):
                plan.stop = "reported"
                if plan.source in ("patrol", "self_handle"):
                    plan.source = "public"
            yield plan


@lru_cache(maxsize=2)
def _plans(city_pk, day, seed):
    people = _people(city_pk, day)
    return plans_of(people.city, day, seed, people)


def _candidates(city, people):
    """[(key, version)] of the cases that may be played on: simulated, open or with something owed,
    outside the cast's grid, and nobody's but the simulator's and the system's."""
    first = Step.objects.filter(case=OuterRef("pk"), seq=1, idempotency_key__startswith=KEY)
    by_hand = (
        Step.objects.filter(case=OuterRef("pk"), seq__gt=1)
        .exclude(body_hash=MARK)
        .exclude(by=people.system)
    )
    owed = Demand.objects.open().filter(
        case=OuterRef("pk"), kind__in=("spot_check", "opine", "decide")
    )
    cases = Case.objects.filter(city=city).exclude(duty_grid=people.home_duty)
    cases = cases.filter(~Q(stage__in=ENDS) | Q(Exists(owed)))
    return cases.filter(Exists(first), ~Exists(by_hand)).order_by("pk").values_list("pk", "version")
