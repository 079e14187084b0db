"""Draws closed cases for spot checks: seals seeds ahead, draws a day when it is over, and puts each
drawn case before a worker of another duty grid who had no hand in it.

How it is drawn can be done again by anybody (docs/recompute_draw.py): each case of the day has the
key sha256("seed:number:round"); within a stratum the cases with the lowest keys are drawn.
"""

import hashlib
import json
import secrets
from collections import Counter
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

from django.db import IntegrityError, transaction

from grids.models import Post
from incidents import workflow
from incidents.draws import Draw, Drawn, DrawRule, Seal, sealed_ahead
from incidents.facts import Refused
from incidents.models import Case, Step
from lib import now as clock

# A day that was not drawn within a week, for the system was down, is drawn no more: nobody could
# still see on the spot what was done.
DRAWN_WITHIN = timedelta(days=7)
FORMAT = "gridcity-draw/1"


def rule_of(city):
    """The city's DrawRule, or one with the defaults."""
    return DrawRule.objects.filter(city=city).first() or DrawRule(city=city)


def today_of(city):
    """The city's day of this moment."""
    return city.today()


def seal_ahead(city):
    """Seal the seeds of today and tomorrow where there is none; returns how many were new. Today's
    was sealed yesterday but on the day of set-up."""
    today, made = today_of(city), 0
    for day in (today, today + timedelta(days=1)):
        seed = secrets.token_hex(32)
        _seal, new = Seal.objects.get_or_create(
            city=city,
            day=day,
            defaults={"seed": seed, "seed_hash": sha256(seed), "sealed_at": clock.now()},
        )
        made += new
    return made


def draw_due(city):
    """Draw every sealed day that is over and was not drawn, the oldest first; returns the Draws."""
    today = today_of(city)
    due = [s for s in sealed_ahead(city.pk, today - DRAWN_WITHIN) if s.day < today]
    return [drawn for seal in due if (drawn := draw(seal)) is not None]


def draw(seal):
    """Draw the day of a seal: whole or not at all, and once. None if another worker was first."""
    try:
        with transaction.atomic():
            return _draw(seal)
    except IntegrityError:
        # The other worker's row stood first; anything else is a mistake of the code.
        if Draw.objects.filter(seal=seal).exists():
            return None
        raise


def _draw(seal):
    city, rule = seal.city, rule_of(seal.city)
    lines = population_of(city, seal.day, rule)
    text = "".join(f"{line}\n" for line in lines)
    made = Draw.objects.create(
        seal=seal,
        population=text,
        population_hash=sha256(text),
        size=len(lines),
        share=rule.share,
        least=rule.least,
        drawn_at=clock.now(),
    )
    system, load = workflow.system_member(), Counter()
    workers = list(_workers(city))
    for place, (number, turn, stratum) in enumerate(
        drawn_of(seal.seed, lines, rule.share, rule.least), start=1
    ):
        case = Case.objects.select_related("duty_grid").get(city=city, number=number)
        worker, demand = _put_before_a_worker(case, turn, seal.seed, workers, load, system)
        Drawn.objects.create(
            draw=made,
            place=place,
            case=case,
            round=turn,
            stratum=stratum,
            worker=worker,
            demand=demand,
        )
    return made


# --- what is drawn among, and which --------------------------------------------------------------


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def bounds_of(city, day):
    """[begin, end) of a city's day."""
    return city.day_begins(day), city.day_begins(day + timedelta(days=1))


def population_of(city, day, rule):
    """The lines "number|round|stratum" of all cases that were closed on a day, sorted. What another
    system closed before an import is none of this city's work."""
    begin, end = bounds_of(city, day)
    closed = Step.objects.filter(case__city=city, move="close", at__gte=begin, at__lt=end)
    closed = closed.exclude(case__source=Case.Source.IMPORT)
    rows = closed.values_list("case__number", "round", "case__street__code", "case__kind")
    return sorted(
        f"{number}|{turn}|{stratum_of(rule, street or '', kind)}"
        for number, turn, street, kind in set(rows)
    )


def stratum_of(rule, street, kind):
    """The stratum of a case: what its rule tells apart, joined by a slash."""
    return "/".join(part for part, told in ((street, rule.by_street), (kind, rule.by_kind)) if told)


def drawn_of(seed, lines, share, least):
    """[(number, round, stratum)] of the drawn, by stratum and key: the share of each stratum
    rounded up, at least `least`, at most all of it."""
    strata = {}
    for line in lines:
        number, turn, stratum = line.split("|")
        strata.setdefault(stratum, []).append((sha256(f"{seed}:{number}:{turn}"), number, turn))
    drawn = []
    for stratum, keyed in sorted(strata.items()):
        wanted = (Decimal(len(keyed)) * share / 100).to_integral_value(ROUND_CEILING)
        keyed.sort()
        drawn += [(n, int(t), stratum) for _key, n, t in keyed[: max(int(wanted), least)]]
    return drawn


# --- who looks -----------------------------------------------------------------------------------


def _workers(city):
    """Posts of today's grid workers who are not absent, with where their duty grids lie."""
    posts = Post.objects.on(today_of(city)).giving("incidents.spot_check_case").present(clock.now())
    posts = posts.filter(city=city, duty_grid__isnull=False)
    return posts.select_related("member", "duty_grid__community")


def _put_before_a_worker(case, turn, seed, posts, load, system):
    """(worker, demand) of a drawn case; (None, None) if it is open again or nobody may look."""
    if case.stage != "closed" or case.round != turn:
        return None, None
    worker = worker_for(case, turn, seed, posts, load)
    if worker is None:
        return None, None
    try:
        case = workflow.move(case, "draw", system, worker=worker.username)
    except Refused:  # reopened in between
        return None, None
    load[worker.pk] += 1
    demand = case.demands.get(kind="spot_check", outcome="", cause__seq=case.version)
    return worker, demand


def worker_for(case, turn, seed, posts, load):
    """The worker of another duty grid, than the case's and than that of who verified it, who
    neither reported, confirmed, handled, verified nor closed it in its round: of those nearest
    (community, street, city) the one with the fewest checks of this draw, and among those by hash,
    so that nobody picks."""
    hands = set(case.steps.filter(round=turn).values_list("by", flat=True))
    grids = {post.duty_grid_id for post in posts if post.member_id == case.verified_by_id}
    grids.add(case.duty_grid_id)
    own = {post.member_id for post in posts if post.duty_grid_id in grids}
    free = [post for post in posts if post.member_id not in hands | own]

    def rank(post):
        community = post.duty_grid.community
        away = 0 if community.pk == case.community_id else 1
        away += community.parent_id != case.street_id
        key = sha256(f"{seed}:{case.number}:{turn}:{post.member.username}")
        return away, load[post.member_id], key

    return min(free, key=rank).member if free else None


# --- export --------------------------------------------------------------------------------------


def export_of(made):
    """What docs/recompute_draw.py reads: everything that the draw depends on, and what it gave."""
    seal = made.seal
    rows = made.cases.select_related("case").order_by("place")
    return {
        "format": FORMAT,
        "city": seal.city.slug,
        "day": seal.day.isoformat(),
        "sealed_at": seal.sealed_at.isoformat(),
        "seed_hash": seal.seed_hash,
        "seed": seal.seed,
        "share": str(made.share),
        "least": made.least,
        "population_hash": made.population_hash,
        "population": made.population.splitlines(),
        "drawn": [[row.case.number, row.round, row.stratum] for row in rows],
    }


def export_text(made):
    """The export as JSON that a person can read."""
    return json.dumps(export_of(made), ensure_ascii=False, indent=1) + "\n"
