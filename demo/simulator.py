"""Plays the roles of a city over some days, through the loop itself and with a clock of its own.

Deterministic: the plan of a day depends on the seed and the day alone, so that days can be played
in any order and a day that is there already is left alone.
"""

import math
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from multiprocessing import current_process, get_context
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from tqdm import tqdm

from demo.pictures import Album, draw
from demo.story import Life
from demo.wording import SAYINGS, describe
from grids.models import AreaVersion, Component, DutyGridMember, Post
from incidents.clocks import current_version
from incidents.facts import Refused
from incidents.models import Category, Condition, Evidence, Step
from incidents.workflow import system_member
from lib import now as clock
from staff.models import Member, Unit

# Reports a day for 1,000 people: some 217 a day in a district of 453,000.
PER_THOUSAND = 0.48
HOURS = [0.3, 0.2, 0.1, 0.1, 0.2, 0.6, 2, 5, 8, 9, 9, 7, 5, 6, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0.6]
SOURCES = {"patrol": 62, "self_handle": 6, "hotline": 17, "public": 10, "counter": 3, "superior": 2}
COMPONENT_SHARE = 0.27
KEY = "simulated "
ENDS = ("closed", "dismissed", "voided", "merged")
AHEAD = 5  # cases whose photos are drawn ahead
SIZE = (400, 300)  # pixels of a simulated photo: 30 days stay under 300 MB


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


def simulate(
    city, *, days, seed, until, per_day=None, only=None, go_on=False, waiting=0, show=False
):
    """Play `days` days that end at `until`; returns {"cases", "moves", stages…, "refused: …"}.

    `only` is a single date to play instead; `show` draws a bar with the share done and the time
    left. What was played before is left alone, and a day that was cut goes on after its last
    report; with `go_on` the cases that are still open go on living too. `waiting` cases are left
    at each stage of the loop for the demo accounts."""
    last = until.astimezone(ZoneInfo(city.time_zone)).date()
    wanted = [only] if only else [last - timedelta(days=back) for back in range(days)]
    people, total = People(city), Counter()
    planned = {
        day: [p for p in plans_of(city, day, seed, people, per_day) if p.at < until]
        for day in wanted
    }
    if waiting and last in planned:
        planned[last] = by_time(planned[last] + plans_waiting(city, until, seed, people, waiting))
    number = sum(map(len, planned.values()))
    with _drawing() as pool, tqdm(total=number, unit=" cases", disable=not show) as bar:
        darkroom = Darkroom(Album(_known(city)), pool)
        # The oldest first: waiting cases that began before midnight must not make yesterday seem
        # played already.
        for day, plans in sorted(planned.items()):
            bar.set_description(str(day))
            total += _play_day(city, day, plans, until, people, darkroom, go_on, bar)
    return dict(total)


def _drawing():
    """Two processes that draw ahead; none in a Celery worker, which may have no children."""
    if current_process().daemon:
        return nullcontext()
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


def day_is_played(city, day):
    """Whether a day has cases from the simulator."""
    return bool(_played(city, day))


def _played(city, day):
    """{key: case} of what was simulated of a day."""
    first = Step.objects.filter(
        seq=1,
        idempotency_key__startswith=KEY,
        case__city=city,
        case__number__startswith=f"{city.number_prefix}-{day:%Y%m%d}-",
    )
    return {step.idempotency_key: step.case for step in first.select_related("case")}


def _known(city):
    return Evidence.objects.filter(city=city, phash__isnull=False).values_list("phash", flat=True)


def _play_day(city, day, plans, until, people, darkroom, go_on, bar):
    """A day in one transaction: it is there whole or not at all."""
    played = _played(city, day)
    last = max((case.reported_at for case in played.values()), default=None)
    new = [p for p in plans if p.key not in played]
    fresh = [p for p in new if p.stop or last is None or p.at > last]
    old = [p for p in plans if go_on and p.key in played and played[p.key].stage not in ENDS]
    done = Counter()
    bar.update(len(plans) - len(old) - len(fresh))
    with transaction.atomic(), clock.at(until):
        for plan in old:
            case = played[plan.key]
            rng = random.Random(f"{plan.seed} {case.version}")
            _count(done, Life(plan, people, darkroom, rng, until), case)
            bar.update()
        for number, plan in enumerate(fresh):
            darkroom.order(fresh[number : number + AHEAD])
            _count(done, Life(plan, people, darkroom, random.Random(plan.seed), until))
            bar.update()
    return done


def _count(done, life, old=None):
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


def day_rng(slug, day: date, seed):
    """The random numbers of a day; the first says how many reports there are."""
    return random.Random(f"{seed} {slug} {day}")


def reports_a_day(population, rng):
    """How many problems are reported on a day."""
    return max(3, round(population / 1000 * PER_THOUSAND * rng.uniform(0.9, 1.1)))


def plans_of(city, day: date, seed, people, per_day=None):
    """The reports of a day in the order of their times."""
    rng = day_rng(city.slug, day, seed)
    number = per_day or reports_a_day(people.population, rng)
    zone = ZoneInfo(city.time_zone)
    plans = []
    for _report in range(number):
        minute = rng.choices(range(24), HOURS)[0] * 60 + rng.uniform(0, 60)
        at = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
        source = rng.choices(list(SOURCES), SOURCES.values())[0]
        if source in ("patrol", "self_handle") and not 7 * 60 <= minute < 21 * 60:
            source = "hotline"
        condition, point, component, grid = people.problem(rng)
        plans.append(
            Plan(
                city,
                at,
                point,
                condition,
                source,
                describe(condition, rng),
                component,
                grid,
                rng.randrange(2**40),
            )
        )
    return by_time(plans)


def by_time(plans):
    """In the order in which they are reported."""
    return sorted(plans, key=lambda plan: plan.at)


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


def plans_waiting(city, until, seed, people, number):
    """`number` reports for each stage, told by residents, in the duty grid of the cast's worker;
    none where there is no cast."""
    rng = random.Random(f"{seed} {city.slug} {until.isoformat()}")
    plans = []
    for stop, (least, most) in list(WAITING.items()) * number if people.home else ():
        at = until - timedelta(minutes=rng.uniform(least, most))
        condition, point, component, grid = people.event(rng, people.home)
        words, source = describe(condition, rng), rng.choice(("hotline", "public"))
        key = rng.randrange(2**40)
        plans.append(Plan(city, at, point, condition, source, words, component, grid, key, stop))
    return plans


class People:
    """Who is there, read once: posts by role and place, the catalogue, the places."""

    def __init__(self, city):
        self.city, self.system = city, system_member()
        self.public = Member.objects.get(username="public")
        self.office = current_version(city.calendar_id).pk
        self.patrol = current_version(city.patrol_calendar_id).pk
        self._posts = {}
        for post in Post.objects.on().filter(city=city).select_related("member").order_by("pk"):
            for place in ("", f"u{post.unit_id}", f"a{post.area_id}", f"d{post.duty_grid_id}"):
                self._posts.setdefault((post.role, place), []).append(post.member)
        self._units = {unit.pk: unit for unit in Unit.objects.filter(city=city).order_by("pk")}
        self._read_catalogue()
        self._read_places()

    def _read_catalogue(self):
        rows = (
            Condition.objects.filter(
                is_active=True, category__in=Category.objects.of_city(self.city)
            )
            .select_related("category")
            .order_by("code")
        )
        self._conditions = {}
        for row in rows:
            self._conditions.setdefault(row.category.code, []).append(row)
        # Few kinds make up most reports, as in every city: weight falls with the rank.
        codes = sorted(c for c in self._conditions if c.startswith("E-"))
        random.Random("usual").shuffle(codes)
        self._events = codes
        self._weights = [1 / (rank + 2) for rank in range(len(codes))]

    def _read_places(self):
        with connection.cursor() as cursor:
            cursor.execute(_PLACES, [self.city.pk])
            self._grids = cursor.fetchall()
        self._crowd = [row[1] for row in self._grids]
        self._lamps = list(
            Component.objects.filter(city=self.city, category_code__in=self._conditions)
            .order_by("pk")
            .values_list("code", "category_code", "point", "grid")
        )
        members = DutyGridMember.objects.on().filter(grid__city=self.city)
        self._duty_of = dict(members.values_list("grid", "duty_grid"))
        district = AreaVersion.objects.on().filter(area__city=self.city, area__level="district")
        own = Post.objects.on().filter(member__username="worker", city=self.city, role="worker")
        home = own.values_list("duty_grid", flat=True).first()
        # Where the cast's worker works.
        self.home = [row for row in self._grids if self._duty_of[row[0]] == home]
        self.population = sum(v.population or 0 for v in district.defer("geometry"))

    def problem(self, rng):
        """(condition, point, component code or None, unit grid) of a plausible report."""
        if self._lamps and rng.random() < COMPONENT_SHARE:
            code, category, point, grid = rng.choice(self._lamps)
            return rng.choice(self._conditions[category]), point, code, grid
        return self.event(rng)

    def event(self, rng, home=()):
        """The same for an event, anywhere or in one of some rows of `_PLACES`."""
        category = rng.choices(self._events, self._weights)[0]
        row = rng.choice(home) if home else rng.choices(self._grids, self._crowd)[0]
        angle, share = rng.uniform(0, 6.283), rng.uniform(0, 0.85)
        # Inside the largest circle of the grid, so that the place is never another one's.
        x = row[2] + share * row[4] * math.cos(angle)
        y = row[3] + share * row[4] * math.sin(angle)
        return rng.choice(self._conditions[category]), Point(x, y, srid=4326), None, row[0]

    def one(self, role, rng):
        """Anybody of a role that works for the whole city."""
        return rng.choice(self._posts[role, ""]) if (role, "") in self._posts else None

    def handler(self, unit_id, rng):
        found = self._posts.get(("handler", f"u{unit_id}"))
        return rng.choice(found) if found else None

    def unit(self, unit_id):
        return self._units[unit_id]

    def is_community(self, unit_id):
        return self._units[unit_id].kind == Unit.Kind.COMMUNITY

    def other_unit(self, unit_id, rng):
        departments = [u for u in self._units.values() if u.kind == Unit.Kind.DEPARTMENT]
        return rng.choice([unit for unit in departments if unit.pk != unit_id])

    def other_conditions(self, condition):
        """The other filing conditions of its subclass."""
        return [c for c in self._conditions[condition.category.code] if c.code != condition.code]

    def owner(self, demand, rng):
        """Somebody who owns a demand: its member, or one with its role at its place."""
        if demand.owner_id:
            return demand.owner
        places = (
            (demand.owner_unit_id, "u"),
            (demand.owner_duty_grid_id, "d"),
            (demand.owner_area_id, "a"),
        )
        place = next((f"{letter}{pk}" for pk, letter in places if pk), "")
        found = self._posts.get((demand.owner_role, place))
        return rng.choice(found) if found else None

    def reporter(self, plan, rng):
        """Who takes the report down: the grid's worker, an intake officer, the public."""
        if plan.source == "public":
            return self.public
        if plan.source in ("patrol", "self_handle"):
            return rng.choice(self._posts["worker", f"d{self._duty_of[plan.grid]}"])
        return self.one("intake", rng)

    def leader(self, case, rng):
        """A leader of the case's street or district."""
        places = (f"a{case.street_id}", f"a{case.district_id}")
        found = [member for place in places for member in self._posts.get(("leader", place), [])]
        return rng.choice(found) if found else None

    def closer(self, case):
        """The community's supervisor, or the street's where the community itself led."""
        led = case.unit_id and case.community.unit_id == case.unit_id
        place = case.street_id if led else case.community_id
        hands = (case.handled_by_id, case.verified_by_id)
        found = self._posts.get(("supervisor", f"a{place}"), [])
        return next((member for member in found if member.pk not in hands), None)

    def say(self, what, rng):
        """Words that a person would type."""
        return rng.choice(SAYINGS[what])


_PLACES = """
    SELECT a.id, v.population, ST_X((c.circle).center), ST_Y((c.circle).center), (c.circle).radius
      FROM grids_area a
      JOIN grids_areaversion v ON v.area_id = a.id AND v.valid_until IS NULL
     CROSS JOIN LATERAL (SELECT ST_MaximumInscribedCircle(v.geometry) AS circle) c
     WHERE a.city_id = %s AND a.level = 'grid' AND v.population > 0
     ORDER BY a.code
"""


class Darkroom:
    """Photos, by other processes if there are any; no two alike but for the planted re-uses."""

    def __init__(self, album, pool):
        self.album, self._pool = album, pool
        self._waiting, self._takes, self._last = {}, Counter(), None

    def order(self, plans):
        """Have the photos drawn that these cases will need first."""
        for plan in plans if self._pool else ():
            for state in ("after", "check") if plan.source == "hotline" else _PHOTOS:
                key = (plan.condition.category.code, state, plan.seed)
                if plan.key not in self._takes:
                    self._waiting[key] = self._pool.submit(draw, *key, size=SIZE)
            self._takes[plan.key] += 1
        for key in [k for k in self._waiting if plans and k[2] not in {p.seed for p in plans}]:
            self._waiting.pop(key).cancel()

    def develop(self, plan, state, *, again=False):
        """The picture of a state; with `again` the one handed out before, a planted re-use."""
        if again and self._last is not None:
            return self._last
        take = self._takes[plan.seed, state]
        self._takes[plan.seed, state] += 1
        key = (plan.condition.category.code, state, plan.seed + take)
        self._last, _hash = self.album.picture(*key, size=SIZE, drawn=self._drawn)
        return self._last

    def _drawn(self, *key, size, attempt):
        waiting = self._waiting.pop(key, None) if attempt == 0 else None
        if waiting is not None:
            return waiting.result()
        if self._pool:
            return self._pool.submit(draw, *key, size=size, attempt=attempt).result()
        return draw(*key, size=size, attempt=attempt)


_PHOTOS = ("before", "after", "check")
