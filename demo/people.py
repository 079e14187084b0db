"""Who is there in a simulated city, and what may happen where: read once, asked all the time."""

import math
import random

from django.contrib.gis.geos import Point
from django.db import connection

from demo.wording import SAYINGS
from grids.backends import give_posts
from grids.models import AreaVersion, DutyGridMember, Post
from incidents.clocks import current_version
from incidents.models import Category, Condition
from incidents.workflow import public_member, system_member
from staff.models import Unit, calendar_of

COMPONENT_SHARE = 0.27
# Reports a day for 1,000 people: some 206 a day, 6,200 a month, in a district of 453,000.
PER_THOUSAND = 0.455
# Shares of what goes another way, from what cities publish of their loops and what the loop must
# show; late handling about one case in twelve.
SHARES = {
    "dismiss": 0.03,
    "dismiss_filing": 0.006,
    "merge": 0.01,
    "void": 0.008,
    "hand_back": 0.008,
    "hand_back_filing": 0.012,
    "recall": 0.03,
    "reassign": 0.012,
    "hand_up": 0.006,
    "hand_up_lead": 0.08,
    "unanswered": 0.15,
    "correct": 0.015,
    "late": 0.085,
    "rework": 0.05,
    "send_back": 0.012,
    "return": 0.03,
    "return_again": 0.25,
    "extend": 0.035,
    "suspend": 0.012,
    "resume": 0.3,
    "reopen": 0.016,
    "supervise": 0.01,
    "joint": 0.008,
    "appeal": 0.2,
    "confirm": 0.6,
    "late_desk": 0.04,
    "adjudicate": 0.12,
    "refuse": 0.35,
    "undecided": 0.06,
    "found_again": 0.06,
    "reused_photo": 0.004,
}


class People:
    """Posts by role and place, the catalogue, the places. Members named in `without` are left to
    themselves: nothing is done in their names. `shares` says how often things go another way."""

    def __init__(self, city, *, without=(), shares=SHARES):
        self.city, self.without, self.shares = city, frozenset(without), shares
        self.system, self.public = system_member(), public_member()
        self.office = current_version(city.calendar_id).pk
        self.patrol = current_version(city.patrol_calendar_id).pk
        self._read_posts()
        self._units = {unit.pk: unit for unit in Unit.objects.filter(city=city).order_by("pk")}
        self._read_catalogue()
        self._read_places()

    def _read_posts(self):
        self._posts, self._held = {}, {}
        self._members = {member.pk: member for member in (self.system, self.public)}
        posts = Post.objects.on(self.city.today()).filter(city=self.city).order_by("pk")
        for post in posts.select_related("member", "area", "city"):
            # One object for each member, however many posts: what it has read it keeps.
            post.member = member = self._members.setdefault(post.member_id, post.member)
            self._held.setdefault(member.pk, []).append(post)
            if member.username in self.without:
                continue
            for place in ("", f"u{post.unit_id}", f"a{post.area_id}", f"d{post.duty_grid_id}"):
                self._posts.setdefault((post.role, place), []).append(member)

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
            cursor.execute(_GRIDS, [self.city.pk])
            self._grids = cursor.fetchall()
            cursor.execute(_COMPONENTS, [self.city.pk, list(self._conditions)])
            self._components = cursor.fetchall()
        self._crowd = [people for _grid, people in self._grids]
        members = DutyGridMember.objects.on(self.city.today()).filter(grid__city=self.city)
        self._duty_of = dict(members.values_list("grid", "duty_grid"))
        district = AreaVersion.objects.on(self.city.today())
        district = district.filter(area__city=self.city, area__level="district")
        own = Post.objects.on(self.city.today()).filter(
            member__username="worker", city=self.city, role="worker"
        )
        # Where the cast's worker works.
        self.home_duty = own.values_list("duty_grid", flat=True).first()
        self.home = [row for row in self._grids if self._duty_of[row[0]] == self.home_duty]
        self.population = sum(v.population or 0 for v in district.defer("geometry"))

    # --- what may happen -------------------------------------------------------------------------

    def problem(self, rng):
        """(condition, point, component code or None, unit grid) of a plausible report."""
        if self._components and rng.random() < COMPONENT_SHARE:
            code, category, x, y, grid = rng.choice(self._components)
            return rng.choice(self._conditions[category]), Point(x, y, srid=4326), code, grid
        return self.event(rng)

    def event(self, rng, home=()):
        """The same for an event, anywhere or in one of some of the grids."""
        category = rng.choices(self._events, self._weights)[0]
        grid, _people = rng.choice(home) if home else rng.choices(self._grids, self._crowd)[0]
        angle, share = rng.uniform(0, 6.283), rng.uniform(0, 0.85)
        # Inside the largest circle of the grid, so that the place is never another one's.
        x, y, radius = _circle_of(grid)
        x, y = x + share * radius * math.cos(angle), y + share * radius * math.sin(angle)
        return rng.choice(self._conditions[category]), Point(x, y, srid=4326), None, grid

    def is_home(self, grid):
        """Whether a unit grid is the cast worker's."""
        return self.home_duty is not None and self._duty_of.get(grid) == self.home_duty

    def usual_categories(self, number):
        """The kinds of event that are reported most, the first the most."""
        return [self._conditions[code][0].category for code in self._events[:number]]

    def reports_a_day(self):
        """How many problems are reported on an average day."""
        return self.population / 1000 * PER_THOUSAND

    def share_of(self, category):
        """The share of all reports that are of a kind of event."""
        weight = self._weights[self._events.index(category.code)]
        return (1 - COMPONENT_SHARE) * weight / sum(self._weights)

    def condition(self, category, code):
        """A filing condition by its code, else the first of its subclass."""
        found = self._conditions[category]
        return next((row for row in found if row.code == code), found[0])

    def other_conditions(self, condition):
        """The other filing conditions of its subclass."""
        return [c for c in self._conditions[condition.category.code] if c.code != condition.code]

    # --- who does it -----------------------------------------------------------------------------

    def ready(self, member):
        """The member with what is known of its posts on the simulated day."""
        known = self._members.get(member.pk)
        if known is None:
            return member
        today = self.city.today()
        give_posts(known, [p for p in self._held.get(known.pk, ()) if _holds(p, today)])
        return known

    def may_act(self, member):
        """Whether something may be done in a member's name."""
        return member is not None and member.username not in self.without

    def one(self, role, rng):
        """Anybody of a role that works for the whole city."""
        return rng.choice(self._posts[role, ""]) if (role, "") in self._posts else None

    def at(self, role, place, rng):
        """Somebody with a role at a place ("u7" the unit, "a7" the area, "d7" the duty grid)."""
        found = self._posts.get((role, place))
        return rng.choice(found) if found else None

    def handler(self, unit_id, rng):
        return self.at("handler", f"u{unit_id}", rng)

    def unit(self, unit_id):
        return self._units[unit_id]

    def is_community(self, unit_id):
        return self._units[unit_id].kind == Unit.Kind.COMMUNITY

    def departments(self, besides=None):
        """Those that have members who could come or handle."""
        return [
            unit
            for unit in self._units.values()
            if unit.kind == Unit.Kind.DEPARTMENT
            and unit.pk != besides
            and ("handler", f"u{unit.pk}") in self._posts
        ]

    def owner(self, demand, rng):
        """Somebody who owns a demand: its member, or one with its role at its place."""
        if demand.owner_id:
            return self._members.get(demand.owner_id)
        places = (
            (demand.owner_unit_id, "u"),
            (demand.owner_duty_grid_id, "d"),
            (demand.owner_area_id, "a"),
        )
        place = next((f"{letter}{pk}" for pk, letter in places if pk), "")
        return self.at(demand.owner_role, place, rng)

    def reporter(self, plan, rng):
        """Who takes the report down: the grid's worker, an intake officer, the public."""
        if plan.source == "public":
            return self.public
        if plan.source in ("patrol", "self_handle"):
            return self.at("worker", f"d{self._duty_of[plan.grid]}", rng)
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

    # --- when ------------------------------------------------------------------------------------

    def office_is_open(self, moment):
        return calendar_of(self.office).is_open(moment)

    def is_patrolled(self, moment):
        return calendar_of(self.patrol).is_open(moment)


def _holds(post, day):
    return post.valid_from <= day and (post.valid_until is None or post.valid_until > day)


def _circle_of(grid):
    """(x, y, radius in degrees) of the largest circle in a unit grid."""
    with connection.cursor() as cursor:
        cursor.execute(_CIRCLE, [grid])
        return cursor.fetchone()


_GRIDS = """
    SELECT a.id, v.population
      FROM grids_area a
      JOIN grids_areaversion v ON v.area_id = a.id AND v.valid_until IS NULL
     WHERE a.city_id = %s AND a.level = 'grid' AND v.population > 0
     ORDER BY a.code
"""
_CIRCLE = """
    SELECT ST_X((c.circle).center), ST_Y((c.circle).center), (c.circle).radius
      FROM (SELECT ST_MaximumInscribedCircle(v.geometry) AS circle
              FROM grids_areaversion v WHERE v.area_id = %s AND v.valid_until IS NULL) c
"""
_COMPONENTS = """
    SELECT code, category_code, ST_X(point), ST_Y(point), grid_id
      FROM grids_component
     WHERE city_id = %s AND category_code = ANY(%s)
     ORDER BY id
"""
