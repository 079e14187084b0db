"""A small city made by hand, and the people in it: every test speaks of them by name.

Two communities of one street, each with two unit grids of 0.001 degrees, a department, a centre of
each axis, and one member a role. `stranger` holds the same posts in another city.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import uuid4

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.test import Client

from grids.models import Area, AreaVersion, Crossing, DutyGrid, DutyGridMember, Post, Roster
from incidents.models import Category, Condition, Evidence, MatrixRow
from lib import now
from staff.models import Calendar, CalendarVersion, City, Member, Unit

BEGAN = date(2026, 1, 1)
# A Tuesday, 09:00 in Shanghai, well inside office and patrol hours.
MORNING = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
HOLIDAYS = {f"2026-10-0{day}": False for day in range(1, 8)} | {"2026-02-28": True}


def make_city(prefix="TC", lon=113.9, lat=30.9):
    """One whole small city; returns it with everything in it as attributes."""
    made = SimpleNamespace(prefix=prefix, lon=lon, lat=lat)
    made.city = _city(prefix)
    _units(made)
    _areas(made)
    _people(made)
    _catalogue(made)
    return made


def _city(prefix):
    city = City.objects.create(
        slug=prefix.lower(), name_zh="试城", name_en="Test City", number_prefix=prefix
    )
    office = Calendar.objects.create(city=city, name="office")
    patrol = Calendar.objects.create(city=city, name="patrol")
    CalendarVersion.objects.create(
        calendar=office,
        number=1,
        hours=[[480, 720], [840, 1080]],
        workweek=[1, 2, 3, 4, 5],
        exceptions=HOLIDAYS,
        known_until=date(2026, 12, 31),
        created_at=MORNING,
    )
    CalendarVersion.objects.create(
        calendar=patrol,
        number=1,
        hours=[[420, 1260]],
        workweek=[1, 2, 3, 4, 5, 6, 7],
        day_minutes=840,
        created_at=MORNING,
    )
    city.calendar, city.patrol_calendar = office, patrol
    city.save()
    return city


def _areas(made):
    def area(code, level, parent, name, unit=None):
        return Area(city=made.city, code=code, level=level, parent=parent, name=name, unit=unit)

    def border(of, x=0.0, width=0.004):
        box = Polygon.from_bbox((made.lon + x, made.lat, made.lon + x + width, made.lat + 0.001))
        box = MultiPolygon(box, srid=4326)
        return AreaVersion(area=of, geometry=box, valid_from=BEGAN)

    made.whole = area("4209", "city", None, "试城")
    made.district = area("420902", "district", made.whole, "孝南区")
    made.street = area("420902001", "street", made.district, "书院街道", made.street_office)
    for each in (made.whole, made.district, made.street):
        each.save()
    made.community, made.other_community = communities = Area.objects.bulk_create(
        [
            area("420902001001", "community", made.street, "书院社区", made.community_office),
            area("420902001002", "community", made.street, "北外社区"),
        ]
    )
    halves = [(community, number) for community in communities for number in (1, 2)]
    made.grids = Area.objects.bulk_create(
        area(f"{community.code}00{number}", "grid", community, "") for community, number in halves
    )
    AreaVersion.objects.bulk_create(
        [
            *(border(each) for each in (made.whole, made.district, made.street)),
            *(border(each, 0.002 * index, 0.002) for index, each in enumerate(communities)),
            *(border(each, 0.001 * index, 0.001) for index, each in enumerate(made.grids)),
        ]
    )
    made.duty_grids = DutyGrid.objects.bulk_create(
        DutyGrid(
            community=community,
            code=f"{community.code}-0{number}",
            name=f"{community.name}第{number}网格",
        )
        for community, number in halves
    )
    DutyGridMember.objects.bulk_create(
        DutyGridMember(duty_grid=duty, grid=grid, valid_from=BEGAN)
        for duty, grid in zip(made.duty_grids, made.grids, strict=True)
    )
    Crossing.objects.create(
        city=made.city, one="人民路", other="建设街", point=Point(made.lon, made.lat, srid=4326)
    )
    made.inside = Point(made.lon + 0.0005, made.lat + 0.0005, srid=4326)


UNITS = {
    "centre": ("SC", "监督中心", "Supervision centre", "supervision"),
    "command": ("CC", "指挥中心", "Command centre", "command"),
    "water": ("WATER", "水务局", "Water bureau", "department"),
    "gardens": ("GARDENS", "园林局", "Gardens bureau", "department"),
    "street_office": ("ST1", "书院街道办", "Shuyuan street office", "street"),
    "community_office": ("CM1", "书院社区", "Shuyuan community", "community"),
}


def _units(made):
    units = Unit.objects.bulk_create(
        Unit(city=made.city, code=code, name_zh=zh, name_en=en, kind=kind)
        for code, zh, en, kind in UNITS.values()
    )
    for name, unit in zip(UNITS, units, strict=True):
        setattr(made, name, unit)


ACCOUNTS = (
    ("worker", "worker", "duty_grid"),
    ("mate", "worker", "duty_grid"),
    ("far_worker", "worker", "far_duty_grid"),
    ("grid_head", "grid_head", "duty_grid"),
    ("intake", "intake", None),
    ("chief", "chief", None),
    ("dispatcher", "dispatcher", None),
    ("second_dispatcher", "dispatcher", None),
    ("adjudicator", "adjudicator", None),
    ("handler", "handler", "water"),
    ("gardener", "handler", "gardens"),
    ("street_handler", "handler", "street_office"),
    ("neighbour", "handler", "community_office"),
    ("supervisor", "supervisor", "community"),
    ("far_supervisor", "supervisor", "other_community"),
    ("street_supervisor", "supervisor", "street"),
    ("leader", "leader", "whole"),
    ("water_leader", "leader", "water"),
    ("street_leader", "leader", "street"),
    ("community_leader", "leader", "community"),
    ("assessor", "assessor", None),
    ("sysadmin", "sysadmin", None),
    ("secadmin", "secadmin", None),
    ("auditor", "auditor", None),
)


def _people(made):
    """In one statement a table: every test makes this city."""
    made.duty_grid, made.far_duty_grid = made.duty_grids[0], made.duty_grids[2]
    members = Member.objects.bulk_create(
        Member(username=f"{made.prefix.lower()}_{name}", name=name) for name, _role, _at in ACCOUNTS
    )
    posts = Post.objects.bulk_create(
        _post(made, member, role, getattr(made, place) if place else None)
        for member, (_name, role, place) in zip(members, ACCOUNTS, strict=True)
    )
    Roster.objects.bulk_create(
        Roster(
            post=post,
            area=made.community if place == "duty_grid" else made.other_community,
            weekdays=[1, 2, 3, 4, 5, 6, 7],
            from_minute=420,
            until_minute=1260,
        )
        for post, (_name, role, place) in zip(posts, ACCOUNTS, strict=True)
        if role == "worker"
    )
    for member in members:
        setattr(made, member.name, member)
    for name in ("system", "public"):
        made.__dict__[name], _new = Member.objects.get_or_create(
            username=name, defaults={"name": name}
        )


def _post(made, member, role, where):
    kind = {DutyGrid: "duty_grid", Area: "area", Unit: "unit"}.get(type(where))
    place = {kind: where} if kind else {}
    return Post(member=member, role=role, city=made.city, valid_from=BEGAN, **place)


def _catalogue(made):
    made.cover = _category("C-01-03", "component", "雨水井盖", "Stormwater manhole cover")
    made.rubbish = _category("E-01-13", "event", "暴露垃圾", "Exposed rubbish")
    made.urgent = _condition(made.cover, 1, "2", "hour", "urgent")
    made.slow = _condition(made.cover, 2, "3", "work_day", "normal")
    made.quick = _condition(made.rubbish, 1, "4", "work_hour", "normal")
    made.endless = _condition(made.rubbish, 2, None, "", "normal")
    for kind, lead in (("component", made.water), ("event", made.street_office)):
        MatrixRow.objects.create(
            city=made.city, kind=kind, area=made.whole, lead=lead, valid_from=BEGAN
        )


def _category(code, kind, zh, en):
    found, _new = Category.objects.get_or_create(
        city=None,
        code=code,
        defaults={
            "kind": kind,
            "class_code": code[2:4],
            "class_zh": "类",
            "class_en": "Class",
            "subclass_code": code[5:],
            "name_zh": zh,
            "name_en": en,
        },
    )
    return found


def _condition(category, number, value, unit, priority):
    found, _new = Condition.objects.get_or_create(
        category=category,
        code=f"{category.code}-{number}",
        version=1,
        defaults={
            "text_zh": "条件",
            "text_en": "Condition",
            "limit_value": value,
            "limit_unit": unit,
            "closing_zh": "已恢复",
            "closing_en": "Restored",
            "priority": priority,
        },
    )
    return found


def photo_of(member, made, *, at=None, point=None):
    """An unnamed photo of a member, taken now in the middle of the first grid."""
    at = at or now.now()
    return Evidence.objects.create(
        city=made.city,
        uploaded_by=member,
        uploaded_at=at,
        sha256=uuid4().hex * 2,
        original="o",
        shown="s",
        thumbnail="t",
        width=1,
        height=1,
        size=1,
        media_type="image/jpeg",
        position=point or made.inside,
        taken_at=at,
    )


def client_of(member, language="en", *, htmx=False):
    """The browser of a member who is signed in, in a language; with `htmx` it asks for parts."""
    headers = {"Accept-Language": language} | ({"HX-Request": "true"} if htmx else {})
    client = Client(headers=headers)
    client.force_login(member, backend="grids.backends.PostBackend")
    return client
