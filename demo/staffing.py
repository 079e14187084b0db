"""The demo city's people: invented names, their posts with deputies, and their duty hours.

One list says who works where; nothing is saved before `Staff.save`, in three bulk inserts.
"""

import random
import tomllib
from itertools import pairwise
from pathlib import Path

from django.contrib.auth.hashers import make_password

from grids.models import Post, Roster
from staff.models import Member

NAMES = Path(__file__).parent / "office" / "names.toml"
# The roles of the demo accounts, which are user names too.
CAST = (
    "worker",
    "intake",
    "chief",
    "dispatcher",
    "adjudicator",
    "handler",
    "supervisor",
    "leader",
    "assessor",
    "sysadmin",
    "secadmin",
    "auditor",
)
# How many hold a role for the whole city; two at least, so that each has a deputy.
CITYWIDE = {
    "intake": 6,
    "chief": 3,
    "dispatcher": 5,
    "adjudicator": 2,
    "assessor": 2,
    "sysadmin": 2,
    "secadmin": 2,
    "auditor": 2,
}
# Minutes of the local day. Patrol goes from 07:00 to 21:00 in two shifts that meet at 14:00; at
# night each street has its duty worker.
EARLY, LATE, NIGHT = (420, 840), (840, 1260), ((1260, 1440), (0, 420))
WHOLE_PATROL, WHOLE_DAY = (420, 1260), (0, 1440)
WEEK = (1, 2, 3, 4, 5, 6, 7)
ON_DUTY = 2  # domain rule: every community has two on duty in patrol hours


class Staff:
    """People, posts and duty hours in the making."""

    def __init__(self, city, since, seed, taken=()):
        self.city, self.since = city, since
        self.members, self.posts, self.rosters = [], [], []
        self.cast = {}
        self._numbers, self._names, self._taken = {}, _names(seed), set(taken)

    def hire(self, role, *, in_cast=False):
        """A new member; one of the cast bears the role as user name where that is free."""
        prefix = self.city.number_prefix.lower()
        self._numbers[role] = number = self._numbers.get(role, 0) + 1
        username = f"{prefix}-{role.replace('_', '-')}-{number}"
        if in_cast and role not in self._taken:
            username = role
        member = Member(username=username, name=next(self._names), password=make_password(None))
        self.members.append(member)
        if in_cast:
            # Their notices also go by e-mail, which the demo writes to files.
            member.email = f"{username}@demo.invalid"
            self.cast[role] = member
        return member

    def post(self, member, role, deputy=None, **place):
        """Give a member a role in an area, a duty grid or a unit."""
        post = Post(
            member=member, role=role, city=self.city, deputy=deputy, valid_from=self.since, **place
        )
        self.posts.append(post)
        return post

    def on_duty(self, post, area, weekdays, minutes):
        """Hours of a post."""
        self.rosters.append(
            Roster(
                post=post,
                area=area,
                weekdays=list(weekdays),
                from_minute=minutes[0],
                until_minute=minutes[1],
            )
        )

    def in_a_ring(self, members, role, **place):
        """The same post for all of them, each with the next as deputy."""
        ring = [*members, members[0]]
        for member, deputy in pairwise(ring):
            self.post(member, role, deputy if deputy is not member else None, **place)

    def save(self):
        """Insert everybody and everything, in this order."""
        Member.objects.bulk_create(self.members, batch_size=1000)
        Post.objects.bulk_create(self.posts, batch_size=1000)
        Roster.objects.bulk_create(self.rosters, batch_size=1000)


def _names(seed):
    """Invented names without end, each once."""
    table = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    rng, seen = random.Random(f"names {seed}"), set()
    while True:
        given = "".join(rng.sample(table["given"], rng.choice((1, 2, 2, 2))))
        name = rng.choice(table["surnames"]) + given
        if name not in seen:
            seen.add(name)
            yield name


def staff_centres(staff, units):
    """Those who work for the whole city, and the leaders of the two centres."""
    first = {}
    for role, count in CITYWIDE.items():
        members = [staff.hire(role, in_cast=True), *(staff.hire(role) for _ in range(count - 1))]
        staff.in_a_ring(members, role)
        first[role] = members[1]
    for code, deputy in (("SUPERVISION", "chief"), ("COMMAND", "dispatcher")):
        staff.post(staff.hire("leader"), "leader", first[deputy], unit=units[code])


def staff_units(staff, units, handlers):
    """Handlers and a leader for every unit that handles; `handlers` is {unit code: how many}.
    The leader of an office leads its area too (`staff_areas`). Returns {unit code: leader}."""
    leaders = {}
    for code, unit in units.items():
        if unit.kind in ("supervision", "command"):
            continue
        leaders[code] = leader = staff.hire("leader", in_cast=code == "CITY")
        members = [staff.hire("handler") for _ in range(max(1, handlers.get(code, 1)))]
        staff.post(leader, "leader", members[0], unit=unit)
        for member, following in zip(members, [*members[1:], leader], strict=True):
            staff.post(member, "handler", following, unit=unit)
    return leaders


def staff_cast_handler(staff, units):
    """The handler of the cast works for each of some units, the first one's deputy beside."""
    member = staff.hire("handler", in_cast=True)
    deputies = {post.unit: post.member for post in staff.posts if post.role == "handler"}
    for unit in units:
        staff.post(member, "handler", deputies[unit], unit=unit)


def staff_areas(staff, areas, leaders):
    """A leader, and below the district a supervisor and a deputy, for every area with an office;
    a duty worker for every street's night. The deputy of an area's leader is the one above."""
    for level, above in (
        ("city", None),
        ("district", "city"),
        ("street", "district"),
        ("community", "street"),
    ):
        for area in areas[level]:
            member, deputy = leaders[area.unit.code], leaders[areas["district"][0].unit.code]
            if above == "street":
                deputy = leaders[area.parent.unit.code]
            if member is deputy:
                deputy = leaders[areas["city"][0].unit.code]
            staff.post(member, "leader", deputy, area=area)
    for area in areas["street"]:
        pair = [staff.hire("supervisor"), staff.hire("supervisor")]
        staff.in_a_ring(pair, "supervisor", area=area)
        night = staff.post(staff.hire("worker"), "worker", pair[0], area=area)
        for minutes in NIGHT:
            staff.on_duty(night, area, WEEK, minutes)


def staff_community(staff, community, duty_grids, *, home=None):
    """Supervisor and deputy, workers and a head for each duty grid, and the hours of patrol.

    `duty_grids` is [(DutyGrid, how many workers)]; in the one that is `home` the worker of the
    cast works alone, and its supervisor is the cast's."""
    is_home = home is not None
    pair = [staff.hire("supervisor", in_cast=is_home), staff.hire("supervisor")]
    staff.in_a_ring(pair, "supervisor", area=community)
    heads = [staff.hire("grid_head") for _ in duty_grids]
    hired = [
        (staff.hire("worker", in_cast=duty_grid is home), duty_grid)
        for duty_grid, count in duty_grids
        for _ in range(count)
    ]
    workers = [member for member, _duty_grid in hired]
    posts = [
        staff.post(member, "worker", _next(workers, i) or pair[0], duty_grid=duty_grid)
        for i, (member, duty_grid) in enumerate(hired)
    ]
    for i, (duty_grid, _count) in enumerate(duty_grids):
        staff.post(heads[i], "grid_head", _next(heads, i) or workers[0], duty_grid=duty_grid)
    _patrol(staff, community, [p for p in posts if not is_home or p.duty_grid is not home])
    for post in posts if is_home else ():
        if post.duty_grid is home:
            # Day and night, and last of all in the roster: so every case of the home grid comes
            # to the worker of the cast, and none of the neighbours' while those are on duty.
            staff.on_duty(post, community, WEEK, WHOLE_DAY)


def _next(members, i):
    following = members[(i + 1) % len(members)]
    return None if following is members[i] else following


def _patrol(staff, community, posts):
    """Two shifts where there are workers for both, else whole days; days off, one a week and
    never the same for neighbours, as long as two stay on duty."""
    shifts = [(posts, WHOLE_PATROL)]
    if len(posts) >= 2 * ON_DUTY:
        shifts = [(posts[0::2], EARLY), (posts[1::2], LATE)]
    for members, minutes in shifts:
        there = {day: len(members) for day in WEEK}
        for i, post in enumerate(members):
            off = WEEK[(i * 3 + len(staff.rosters)) % len(WEEK)]
            if there[off] > ON_DUTY:
                there[off] -= 1
                staff.on_duty(post, community, [d for d in WEEK if d != off], minutes)
            else:
                staff.on_duty(post, community, WEEK, minutes)
