"""Puts a generated plan into the database: one transaction, in bulk, all or nothing."""

import csv
import datetime
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from django.contrib.gis.geos import GEOSGeometry as Geometry
from django.contrib.gis.geos import MultiLineString, MultiPolygon
from django.db import connection, transaction

from demo import catalogue, matrix, staffing
from grids.models import Area, AreaVersion, Component, DutyGrid, DutyGridMember, LandFeature, Road
from incidents.models import Category
from lib import now as clock
from staff.models import Calendar, CalendarVersion, City, Member, Unit

OFFICE = Path(__file__).parent / "office"
# Borders, posts and the matrix hold from two years before the day of loading: longer than any
# history that the simulator plays.
YEARS_BACK = 2
OFFICE_HOURS, PATROL_HOURS = [[480, 720], [840, 1080]], [[420, 1260]]
OFFICES = {"街道": "办事处", "镇": "人民政府", "乡": "人民政府", "社区": "居民委员会"}
OTHER = "管理委员会"
CODE_LENGTHS = [6, 9, 12, 15]
ONE_LOAD_AT_A_TIME = 4209_2026  # key of an advisory lock, any number will do


@dataclass
class Ground:
    """What has been made so far: areas by level and by code, duty grids, units."""

    city: City
    since: datetime.date
    units: dict = field(default_factory=dict)
    handlers: dict = field(default_factory=dict)
    areas: dict = field(default_factory=dict)
    duty_grids: dict = field(default_factory=dict)
    by_code: dict = field(default_factory=dict)

    def add_units(self, found):
        """Insert units and keep them."""
        self.units |= {unit.code: unit for unit in Unit.objects.bulk_create(found)}

    def add_areas(self, level, found):
        """Insert areas of a level and keep them."""
        self.areas[level] = Area.objects.bulk_create(found, batch_size=1000)
        self.by_code |= {area.code: area for area in found}


def load(slug, make_plan, *, seed=1, say=lambda words: None):
    """The city of a profile, and whether it was made now. `make_plan()` is called, outside the
    transaction, only if the city is not there; a city that is there is left alone."""
    if city := City.objects.filter(slug=slug).first():
        return city, False
    catalogue.load()
    plan = make_plan()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_LOAD_AT_A_TIME])
        if city := City.objects.filter(slug=slug).first():
            return city, False
        return _build(slug, plan, seed, say), True


def _build(slug, plan, seed, say):
    words = tomllib.loads((OFFICE / "cities.toml").read_text(encoding="utf-8"))[slug]
    city = _city(slug, plan, words)
    today = city.today()
    ground = Ground(city, today - datetime.timedelta(days=365 * YEARS_BACK + 1))
    _units(ground, plan, words)
    _areas(ground, plan, words)
    _borders(ground, plan)
    _duty_grids(ground, plan)
    say("areas")
    _map(ground, plan)
    say("map")
    answers = _matrix(ground, plan)
    say("matrix")
    _staff(ground, plan, answers, seed)
    say("people")
    _components(ground, plan, answers)
    say("components")
    return city


def _city(slug, plan, words):
    city = City.objects.create(
        slug=slug,
        name_zh=words["name_zh"],
        name_en=words["name_en"],
        number_prefix=words["number_prefix"],
        code_lengths=CODE_LENGTHS,
        invented=f"{plan.notice.zh}\n{plan.notice.en}",
    )
    days, known_until = catalogue.national_days()
    city.calendar = _calendar(
        city,
        "office",
        hours=OFFICE_HOURS,
        workweek=[1, 2, 3, 4, 5],
        exceptions=days,
        known_until=known_until,
    )
    city.patrol_calendar = _calendar(
        city, "patrol", hours=PATROL_HOURS, workweek=[1, 2, 3, 4, 5, 6, 7], day_minutes=840
    )
    city.save(update_fields=["calendar", "patrol_calendar"])
    return city


def _calendar(city, name, **content):
    calendar = Calendar.objects.create(city=city, name=name)
    CalendarVersion.objects.create(calendar=calendar, number=1, created_at=clock.now(), **content)
    return calendar


def _table(name):
    with (OFFICE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _units(ground, plan, words):
    """The centres and departments of the table, then street offices, then communities."""
    city, english = ground.city, {row["code"]: row["name_en"] for row in _table("english")}
    zh = {"district": plan.district.name, "city": words["city_area_zh"]}
    en = {"district": words["district_en"], "city": words["city_area_en"]}
    departments = []
    for row in _table("units"):
        ground.handlers[row["code"]] = int(row["handlers"])
        departments.append(
            Unit(
                city=city,
                code=row["code"],
                kind=row["kind"],
                name_zh=row["name_zh"].format(**zh),
                name_en=row["name_en"].format(**en),
            )
        )
    ground.add_units(departments)
    for kind, places, handlers, suffix in (
        (Unit.Kind.STREET, plan.streets, 2, "Office"),
        (Unit.Kind.COMMUNITY, plan.communities, 1, "Community"),
    ):
        ground.handlers |= {place.code: handlers for place in places}
        ground.add_units(
            [
                Unit(
                    city=city,
                    code=place.code,
                    kind=kind,
                    name_zh=_office_of(place.name),
                    name_en=f"{english.get(place.code, place.name)} {suffix}",
                    parent=ground.units.get(place.parent_code),
                )
                for place in places
            ]
        )


def _office_of(name):
    """What the office of a place is called, by the last characters of its name."""
    return name + next((words for end, words in OFFICES.items() if name.endswith(end)), OTHER)


def _areas(ground, plan, words):
    """The tree from the city down to the unit grids, each area with its office."""
    city, top = ground.city, plan.district.parent_code
    office = ground.units["CITY"]
    ground.add_areas(
        "city",
        [Area(city=city, code=top, level="city", name=words["city_area_zh"], unit=office)],
    )
    for places in ([plan.district], plan.streets, plan.communities):
        places = sorted(places, key=lambda place: place.code)
        found = [_area(ground, place) for place in places]
        ground.add_areas(places[0].level, found)
    found = []
    for grid in sorted(plan.grids, key=lambda grid: grid.code):
        community = ground.by_code[grid.community_code]
        name = f"{community.name}{grid.code[CODE_LENGTHS[2] :]}"
        found.append(Area(city=city, code=grid.code, level="grid", parent=community, name=name))
    ground.add_areas("grid", found)


def _area(ground, place):
    return Area(
        city=ground.city,
        code=place.code,
        level=place.level,
        name=place.name,
        parent=ground.by_code[place.parent_code],
        unit=ground.units.get(place.code, ground.units["DISTRICT"]),
    )


def _copy(model, columns, rows):
    """Rows into a table by COPY, several times as fast as INSERT where there are geometries."""
    names = ", ".join(f'"{model._meta.get_field(column).column}"' for column in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _hex(geometries):
    """EWKB of shapely geometries in WGS 84, as COPY reads it."""
    return shapely.to_wkb(shapely.set_srid(geometries, 4326), hex=True, include_srid=True)


def _borders(ground, plan):
    places = [(plan.district.parent_code, plan.district.polygon, plan.district.population, None)]
    for place in (plan.district, *plan.streets, *plan.communities):
        places.append((place.code, place.polygon, place.population, None))
    for grid in plan.grids:
        places.append((grid.code, grid.polygon, grid.population, grid.households))
    borders = _hex(
        [
            shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
            for _code, shape, _people, _households in places
        ]
    )
    _copy(
        AreaVersion,
        ("area", "geometry", "valid_from", "population", "households"),
        [
            (ground.by_code[code].pk, border, ground.since, people, households)
            for (code, _shape, people, households), border in zip(places, borders, strict=True)
        ],
    )


def _duty_grids(ground, plan):
    found = DutyGrid.objects.bulk_create(
        DutyGrid(
            community=ground.by_code[duty.community_code],
            code=duty.code,
            name=duty.name,
            population=duty.population,
        )
        for duty in plan.duty_grids
    )
    ground.duty_grids = {duty.code: duty for duty in found}
    _copy(
        DutyGridMember,
        ("duty_grid", "grid", "valid_from"),
        [
            (ground.duty_grids[duty.code].pk, ground.by_code[code].pk, ground.since)
            for duty in plan.duty_grids
            for code in duty.grid_codes
        ],
    )


def _map(ground, plan):
    """Roads, water and parks, and the crossings of roads, which the database finds."""
    Road.objects.bulk_create(
        Road(
            city=ground.city,
            name=road.name,
            kind=road.kind,
            width_m=road.width_m,
            line=_many(road.line, MultiLineString),
        )
        for road in plan.roads
    )
    LandFeature.objects.bulk_create(
        LandFeature(
            city=ground.city,
            kind=feature.kind,
            name=feature.name,
            geometry=_many(feature.polygon, MultiPolygon),
        )
        for feature in plan.land
    )
    with connection.cursor() as cursor:
        cursor.execute(_CROSSINGS, {"city": ground.city.pk})


def _many(shape, kind):
    """A shapely geometry as Django's multi-geometry."""
    geometry = Geometry(memoryview(shape.wkb), srid=4326)
    return geometry if isinstance(geometry, kind) else kind(geometry, srid=4326)


# Where two names meet on a stretch, its first point stands for all of it; crossings of the same
# two roads within about 50 m of each other are one. Lanes without a name are no help to anybody.
_CROSSINGS = """
    INSERT INTO grids_crossing (city_id, one, other, point)
    SELECT DISTINCT ON (one, other, ST_SnapToGrid(point, 0.0005)) %(city)s, one, other, point
      FROM (
        SELECT least(a.name, b.name) AS one, greatest(a.name, b.name) AS other,
               ST_GeometryN(ST_Points(piece.geom), 1) AS point
          FROM grids_road a
          JOIN grids_road b ON b.city_id = a.city_id AND a.id < b.id AND a.name <> b.name
                               AND ST_Intersects(a.line, b.line)
         CROSS JOIN LATERAL ST_Dump(ST_Intersection(a.line, b.line)) AS piece
         WHERE a.city_id = %(city)s AND a.name <> '' AND b.name <> ''
      ) AS met
     ORDER BY one, other, ST_SnapToGrid(point, 0.0005), ST_X(point), ST_Y(point)
"""


def _matrix(ground, plan):
    """Insert the matrix; returns it as `matrix.Answers`."""
    communities, grids = ground.areas["community"], {}
    for grid in plan.grids:
        pair = (grid.population, ground.by_code[grid.code])
        grids.setdefault(grid.community_code, []).append(pair)
    areas = ground.areas | {
        "community": matrix.leading(communities),
        "grid": matrix.squares(communities, grids),
    }
    categories = {c.code: c for c in Category.objects.of_city(ground.city)}
    pairs = matrix.rows(ground.city, areas, ground.units, categories, ground.since)
    matrix.save(pairs)
    return matrix.Answers(pairs)


def _home(ground, plan):
    """The duty grid of the cast: one worker, in a community that leads in nothing, so that its
    supervisor may close every case; the one with the most colleagues, who have the other grids."""
    leads = {community.code for community in matrix.leading(ground.areas["community"])}
    colleagues = {}
    for duty in plan.duty_grids:
        colleagues[duty.community_code] = colleagues.get(duty.community_code, 0) + duty.workers
    alone = [d for d in plan.duty_grids if d.workers == 1 and d.community_code not in leads]
    return max(alone, key=lambda duty: (colleagues[duty.community_code], duty.code))


def _staff(ground, plan, answers, seed):
    taken = Member.objects.filter(username__in=staffing.CAST).values_list("username", flat=True)
    staff = staffing.Staff(ground.city, ground.since, f"{ground.city.slug} {seed}", taken)
    staffing.staff_centres(staff, ground.units)
    leaders = staffing.staff_units(staff, ground.units, ground.handlers)
    staffing.staff_areas(staff, ground.areas, leaders)
    home, duties = _home(ground, plan), {}
    for duty in plan.duty_grids:
        duties.setdefault(duty.community_code, []).append(
            (ground.duty_grids[duty.code], duty.workers)
        )
    for community in ground.areas["community"]:
        is_home = community.code == home.community_code
        staffing.staff_community(
            staff,
            community,
            duties[community.code],
            home=ground.duty_grids[home.code] if is_home else None,
        )
    categories = list(Category.objects.of_city(ground.city))
    grids = [ground.by_code[code] for code in home.grid_codes]
    street = ground.by_code[home.community_code].parent.unit
    units = sorted(answers.leads(categories, grids), key=lambda unit: unit is not street)
    staffing.staff_cast_handler(staff, units)
    staff.save()


def _components(ground, plan, answers):
    """Every public thing with its three responsible parties."""
    categories = {c.code: c for c in Category.objects.of_city(ground.city)}
    points, rows = _hex([seed.point for seed in plan.components]), []
    for seed, point in zip(plan.components, points, strict=True):
        grid = ground.by_code[seed.grid_code]
        parties = answers.parties(categories[seed.category], grid, ground.units)
        rows.append(
            (
                ground.city.pk,
                seed.code,
                seed.category,
                grid.pk,
                point,
                Component.State.INTACT.value,
                *(unit.pk for unit in parties),
            )
        )
    _copy(
        Component,
        (
            "city",
            "code",
            "category_code",
            "grid",
            "point",
            "state",
            "in_charge",
            "owner",
            "maintainer",
        ),
        rows,
    )
