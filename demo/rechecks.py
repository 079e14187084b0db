"""Spot checks of the days that were simulated: each is sealed and drawn at its own midnights, and
the workers who were named go there. Once a month is whole, its days are drawn in their order."""

import hashlib
import random
from collections import Counter
from datetime import timedelta

from django.db import transaction

from demo.darkroom import Darkroom
from demo.pictures import Album
from demo.planned import KEY, plan_of
from demo.querysets import known_hashes
from demo.simulator import live
from demo.story import Life
from incidents import drawing
from incidents.draws import Seal
from incidents.models import Case, Step
from lib import now as clock

DRAWN_AFTER = timedelta(minutes=10)  # from midnight, as beat would


def check_day(city, day, seed, people, until):
    """Draw the closed cases of a day that is over and have them looked at again, in one
    transaction; returns what was done, as `simulate`."""
    midnight = city.day_begins(day + timedelta(days=1))
    done = Counter()
    with transaction.atomic(), clock.at(until):
        clock.set_to(midnight - timedelta(hours=30))
        seal = _seal(city, day, seed)
        clock.set_to(min(midnight + DRAWN_AFTER, until))
        made = drawing.draw(seal)
        rows = made.cases.filter(demand__isnull=False) if made else ()
        darkroom = Darkroom(Album(known_hashes(city) if rows else ()), None)
        for row in rows:
            case, plan = case_of(row.case_id, people)
            if plan is not None:
                rng = random.Random(f"{plan.seed} {case.version}")
                live(done, Life(plan, people, darkroom, rng, until), case)
    return done


def _seal(city, day, seed):
    text = hashlib.sha256(f"{seed} {city.slug} {day}".encode()).hexdigest()
    seal, _new = Seal.objects.get_or_create(
        city=city,
        day=day,
        defaults={
            "seed": text,
            "seed_hash": drawing.sha256(text),
            "sealed_at": clock.now(),
        },
    )
    return seal


def case_of(pk, people):
    """(case, its plan), the plan None if it was not simulated."""
    case = Case.objects.select_related("category", "condition__category").get(pk=pk)
    case.city = people.city
    key = Step.objects.get(case=case, seq=1).idempotency_key
    return case, plan_of(case, key, people) if key.startswith(KEY) else None
