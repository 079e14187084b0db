"""What will be reported on a day: when, where, what, by whom. It depends on the seed and the day
alone, so that days can be played in any order."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.gis.geos import Point

from demo.people import PER_THOUSAND
from demo.wording import describe

HOURS = [0.3, 0.2, 0.1, 0.1, 0.2, 0.6, 2, 5, 8, 9, 9, 7, 5, 6, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0.6]
SOURCES = {"patrol": 62, "self_handle": 6, "hotline": 17, "public": 10, "counter": 3, "superior": 2}
KEY = "simulated "
# Minutes before the end at which a case is reported that is to wait at a stage, from and to:
# long enough for the moves before, and short enough for the desks' fifteen minutes.
WAITING = {
    "reported": (2, 11),
    "confirming": (9, 20),
    "accepted": (9, 14),
    "filed": (12, 16),
    "dispatched": (40, 160),
    "handled": (150, 280),
    "verified": (180, 300),
}


@dataclass
class Plan:
    """What will be reported: when, where, what, by whom."""

    city: object
    at: datetime
    point: Point
    condition: object
    source: str
    words: str
    component: str | None
    grid: int
    seed: int
    stop: str = ""  # the stage at which the case is left for somebody to find

    @property
    def key(self):
        """The idempotency key of its report, by which a later run knows it again."""
        return f"{KEY}{self.seed}"

    @property
    def twin_key(self):
        """The key of a second report of the same problem."""
        return f"{KEY}{self.seed + 1}"


def plan_of(case, key, people):
    """The plan of a case that is there, as far as its life from now on needs it; `key` is the
    idempotency key of its report."""
    category = case.category
    condition = case.condition or people.condition(category.code, "")
    source = "self_handle" if case.source == "patrol" and not case.condition else case.source
    seed = int(key.removeprefix(KEY))
    return Plan(
        people.city, case.reported_at, case.point, condition, source, "", None, case.grid_id, seed
    )


def day_rng(slug, day: date, seed):
    """The random numbers of a day; the first says how many reports there are."""
    return random.Random(f"{seed} {slug} {day}")


def reports_a_day(population, rng):
    """How many problems are reported on a day."""
    return max(3, round(population / 1000 * PER_THOUSAND * rng.uniform(0.9, 1.1)))


def plans_of(city, day: date, seed, people, per_day=None):
    """The reports of a day in the order of their times."""
    rng = day_rng(city.slug, day, seed)
    number = reports_a_day(people.population, rng)
    midnight = city.day_begins(day)
    return by_time(_plan(city, midnight, people, rng) for _report in range(per_day or number))


def _plan(city, midnight, people, rng):
    minute = rng.choices(range(24), HOURS)[0] * 60 + rng.uniform(0, 60)
    source = rng.choices(list(SOURCES), SOURCES.values())[0]
    if source in ("patrol", "self_handle") and not 7 * 60 <= minute < 21 * 60:
        source = "hotline"
    condition, point, component, grid = people.problem(rng)
    at, words, key = midnight + timedelta(minutes=minute), describe(condition, rng), _key(rng)
    return Plan(city, at, point, condition, source, words, component, grid, key)


def _key(rng):
    return rng.randrange(2**39) * 2  # the odd ones are the twins'


def by_time(plans):
    """In the order in which they are reported."""
    return sorted(plans, key=lambda plan: plan.at)


def plans_waiting(city, until, seed, people, number):
    """`number` reports for each stage, told by residents, in the duty grid of the cast's worker;
    none where there is no cast."""
    rng = random.Random(f"{seed} {city.slug} {until.isoformat()}")
    plans = []
    for stop, (least, most) in list(WAITING.items()) * number if people.home else ():
        at = until - timedelta(minutes=rng.uniform(least, most))
        condition, point, component, grid = people.event(rng, people.home)
        words, source = describe(condition, rng), rng.choice(("hotline", "public"))
        plans.append(
            Plan(city, at, point, condition, source, words, component, grid, _key(rng), stop)
        )
    return plans
