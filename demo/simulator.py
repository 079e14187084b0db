"""Plays the roles of a city over some days, through the loop itself and with a clock of its own.

Deterministic: the plan of a day depends on the seed and the day alone, so that days can be played
in any order and a day that is there already is left alone.
"""

import random
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta

from django.db import transaction
from tqdm import tqdm

from demo import undertaken
from demo.darkroom import open_darkroom
from demo.people import SHARES, People
from demo.planned import KEY, by_time, plans_of, plans_waiting
from demo.querysets import first_steps, known_hashes
from demo.story import Life
from incidents.facts import Refused
from incidents.querysets import ENDS
from lib import now as clock

AHEAD = 5  # cases whose photos are drawn ahead


def simulate(
    city,
    *,
    days,
    seed,
    until,
    per_day=None,
    only=None,
    go_on=False,
    waiting=0,
    show=False,
    shares=SHARES,
    darkroom=None,
):
    """Play `days` days that end at `until`; returns {"cases", "moves", stages…, "refused: …"}.

    `only` is a single date to play instead; `show` draws a bar with the share done and the time
    left. What was played before is left alone, and a day that was cut goes on after its last
    report; with `go_on` the cases that are still open go on living too. `waiting` cases are left
    at each stage of the loop for the demo accounts. `shares` says how often things go another way;
    `darkroom` gives the photos, by default one with a process of its own."""
    last = city.local_date(until)
    wanted = [only] if only else [last - timedelta(days=back) for back in range(days)]
    people, total = People(city, shares=shares), Counter()
    planned = _planned(wanted, seed, until, people, per_day)
    if waiting and last in planned:
        planned[last] = by_time(planned[last] + plans_waiting(city, until, seed, people, waiting))
    number = sum(map(len, planned.values()))
    opened = nullcontext(darkroom) if darkroom else open_darkroom(known_hashes(city))
    with opened as photos, tqdm(total=number, unit=" cases", disable=not show) as bar:
        # The oldest first: waiting cases that began before midnight must not make yesterday seem
        # played already.
        for day, plans in sorted(planned.items()):
            bar.set_description(str(day))
            total += _play_day(city, day, plans, until, people, photos, go_on, bar)
    with transaction.atomic(), clock.at(until):
        undertaken.begin_plans(city, people, until)
        undertaken.carry_on(city, people, until)
    return dict(total)


def _planned(days, seed, until, people, per_day):
    """{day: what will be reported on it before a moment}."""
    plans = {day: plans_of(people.city, day, seed, people, per_day) for day in days}
    return {day: [plan for plan in found if plan.at < until] for day, found in plans.items()}


def day_is_played(city, day):
    """Whether a day has cases from the simulator."""
    return first_steps(city, day, KEY).exists()


def played_on(city, day):
    """{key: case} of what was simulated of a day."""
    first = first_steps(city, day, KEY).select_related("case")
    return {step.idempotency_key: step.case for step in first}


def _play_day(city, day, plans, until, people, darkroom, go_on, bar):
    """A day in one transaction: it is there whole or not at all."""
    played = played_on(city, day)
    told = [played[plan.key].reported_at for plan in plans if plan.key in played]
    last = max(told, default=None)
    new = [p for p in plans if p.key not in played]
    fresh = [p for p in new if p.stop or last is None or p.at > last]
    old = [p for p in plans if go_on and p.key in played and played[p.key].stage not in ENDS]
    done = Counter()
    bar.update(len(plans) - len(old) - len(fresh))
    with transaction.atomic(), clock.at(until):
        for plan in old:
            case = played[plan.key]
            rng = random.Random(f"{plan.seed} {case.version}")
            live(done, Life(plan, people, darkroom, rng, until), case)
            bar.update()
        for number, plan in enumerate(fresh):
            darkroom.order(fresh[number : number + AHEAD])
            live(done, Life(plan, people, darkroom, random.Random(plan.seed), until))
            bar.update()
    return done


def live(done, life, old=None):
    """Let a life be lived, or an old case's go on; count it, or the refusal that ended it."""
    before = old.version if old else 0
    try:
        with transaction.atomic():
            case = life.go_on(old) if old else life.play()
    except Refused as refused:
        done[f"refused: {refused.message}"] += 1
        return
    done["went on" if old else "cases"] += 1
    done["cases"] += len(life.twins)
    done["moves"] += case.version - before + sum(twin.version for twin in life.twins)
    done.update(lived.stage for lived in (case, *life.twins))
