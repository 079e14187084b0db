"""Areas from a GeoJSON file: read without GDAL, refused with reasons, written, and looked over.

GeoJSON is plain JSON with rings of [longitude, latitude]; GEOS alone makes and checks the polygons.
What a file leaves out is never guessed: a system of coordinates that is not WGS 84 is refused, and
GCJ-02 is converted only when the caller says so.
"""

import json
import math
import re
from dataclasses import dataclass, field
from datetime import date

from django.contrib.gis.geos import GEOSException, LinearRing, MultiPolygon, Polygon
from django.db import connection, transaction
from django.utils.translation import gettext as _

from grids.models import Area, AreaVersion, DutyGrid, DutyGridMember
from lib import coords
from lib import now as clock
from staff.models import Calendar, CalendarVersion, City

# A border of which no beginning is known holds for every day that a case may carry.
SINCE_EVER = date(1900, 1, 1)
# WGS 84 in GeoJSON's own order, and CGCS 2000, equal to it at this accuracy (domain rule: areas).
_SAME_AS_WGS84 = re.compile(
    r"CRS:?84$|EPSG:(?:[\d.]*:)?(?:4326|4490)$|^WGS ?84$|^CGCS ?2000$", re.I
)
_SHIFTED = re.compile(r"gcj[-_ ]?0?2|火星坐标", re.I)
_BAIDU = re.compile(r"\bbd[-_ ]?0?9", re.I)
_LIKE_COORDINATES = re.compile(r"crs|coord|datum|srs|system|坐标", re.I)
# Office and patrol hours of a city that is made here; a city's own are set in the admin
# (domain rules: clocks, staffing).
_OFFICE = {"hours": [[480, 720], [840, 1080]], "workweek": [1, 2, 3, 4, 5], "day_minutes": 480}
_PATROL = {"hours": [[420, 1260]], "workweek": [1, 2, 3, 4, 5, 6, 7], "day_minutes": 840}


class Unreadable(Exception):
    """A file that is refused as a whole; `reasons` is a list of sentences."""

    def __init__(self, *reasons):
        super().__init__("\n".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Shape:
    """One area of a file: its code, name, the code of what it belongs to, its border."""

    code: str
    name: str
    parent: str
    border: MultiPolygon


@dataclass
class Written:
    """What an import of areas did, and what the division violates (areas in square metres)."""

    made: int = 0
    changed: int = 0
    same: int = 0
    parents: list = field(default_factory=list)
    duty_grids: int = 0
    overlaps: list = field(default_factory=list)
    gaps: list = field(default_factory=list)


# --- reading -------------------------------------------------------------------------------------


def read(path, *, code_field, name_field=None, parent_field=None, gcj02=False):
    """The Shapes of a GeoJSON file in WGS 84. Raises Unreadable with every reason found."""
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, OSError) as problem:
        raise Unreadable(
            _("%(file)s is no JSON: %(why)s") % {"file": path, "why": problem}
        ) from None
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not features:
        raise Unreadable(_("%(file)s is no FeatureCollection with features.") % {"file": path})
    _check_system(told, features, gcj02)
    shapes, reasons, seen = [], [], {}
    for number, feature in enumerate(features, 1):
        try:
            shape = _shape(feature, code_field, name_field, parent_field, gcj02)
            if shape.code in seen:
                raise Unreadable(_("the code stands at feature %s already") % seen[shape.code])
            seen[shape.code] = number
            shapes.append(shape)
        except Unreadable as problem:
            label = _label(feature, code_field)
            reasons += [
                _("feature %(number)s (%(code)s): %(why)s")
                % {"number": number, "code": label, "why": why}
                for why in problem.reasons
            ]
    if reasons:
        raise Unreadable(*reasons)
    return shapes


def _check_system(told, features, gcj02):
    """Refuse what is declared to be anything but WGS 84; GCJ-02 only unless it is to be
    converted. Only a declaration counts: shifted points look like any others."""
    crs = told.get("crs")
    name = (
        str(((crs or {}).get("properties") or {}).get("name", ""))
        if isinstance(crs, dict)
        else str(crs or "")
    )
    notes = list(_declarations(told, features))
    if any(_BAIDU.search(note) for note in notes):
        raise Unreadable(_("The file says that it is in BD-09; convert it to WGS 84 first."))
    if any(_SHIFTED.search(note) for note in notes):
        if not gcj02:
            raise Unreadable(
                _("The file says that it is in GCJ-02; say --gcj02 to have it converted.")
            )
    elif name and not _SAME_AS_WGS84.search(name.strip()):
        raise Unreadable(
            _(
                "The file's coordinate system is %s; WGS 84 (CRS84, EPSG:4326) or CGCS 2000 "
                "(EPSG:4490) is expected."
            )
            % name
        )


def _declarations(told, features):
    """The sentences by which a file may say what its coordinates are: all that stands beside the
    features, and the features' properties of a telling name."""
    yield json.dumps({k: v for k, v in told.items() if k != "features"}, ensure_ascii=False)
    for feature in features:
        properties = (feature.get("properties") if isinstance(feature, dict) else None) or {}
        for key, value in properties.items() if isinstance(properties, dict) else ():
            if isinstance(value, str) and _LIKE_COORDINATES.search(key):
                yield value


def _label(feature, code_field):
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return (properties.get(code_field) if isinstance(properties, dict) else None) or "?"


def _shape(feature, code_field, name_field, parent_field, gcj02):
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise Unreadable(_("it has no properties"))

    def text(name, needed, longest):
        value = properties.get(name) if name else None
        value = "" if value is None else str(value).strip()
        if needed and not value:
            raise Unreadable(_("it has no %s") % name)
        if len(value) > longest:
            raise Unreadable(
                _("%(field)s is longer than %(n)s characters") % {"field": name, "n": longest}
            )
        return value

    return Shape(
        code=text(code_field, True, 20),
        name=text(name_field, False, 120),
        parent=text(parent_field, bool(parent_field), 20),
        border=_border(feature.get("geometry"), gcj02),
    )


def _border(geometry, gcj02):
    """The valid MultiPolygon of a geometry, in WGS 84."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    parts = geometry.get("coordinates") if kind else None
    if kind == "Polygon":
        parts = [parts]
    elif kind != "MultiPolygon":
        raise Unreadable(_("a Polygon or MultiPolygon is expected, not %s") % (kind or "null"))
    try:
        polygons = [
            Polygon(*(LinearRing([_point(p, gcj02) for p in ring]) for ring in rings))
            for rings in parts
        ]
        border = MultiPolygon(*polygons, srid=4326)
    except (TypeError, ValueError, IndexError, GEOSException) as problem:
        raise Unreadable(_("its rings cannot be read: %s") % problem) from None
    if border.empty:
        raise Unreadable(_("its border is empty"))
    if not border.valid:
        raise Unreadable(_("its border is not valid: %s") % border.valid_reason)
    return border


def _point(position, gcj02):
    lon, lat = float(position[0]), float(position[1])
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Unreadable(
            _(
                "%(lon)s, %(lat)s is no longitude and latitude: the file is in another coordinate "
                "system, or latitude comes first"
            )
            % {"lon": lon, "lat": lat}
        )
    return coords.gcj02_to_wgs84(lon, lat) if gcj02 else (lon, lat)


# --- writing -------------------------------------------------------------------------------------


def city_of(slug, *, name_en="", name_zh="", time_zone="", prefix=""):
    """The city of that slug, made with its two calendars and its city area when it is missing."""
    city = City.objects.filter(slug=slug).first()
    if city is None:
        city = City.objects.create(
            slug=slug,
            name_zh=name_zh or name_en or slug,
            name_en=name_en or name_zh or slug,
            time_zone=time_zone or "Asia/Shanghai",
            number_prefix=prefix or slug[:8].upper(),
        )
        city.calendar = _calendar(city, "office", _OFFICE)
        city.patrol_calendar = _calendar(city, "patrol", _PATROL)
        city.save(update_fields=["calendar", "patrol_calendar"])
    return city


def _calendar(city, name, week):
    calendar = Calendar.objects.create(city=city, name=name)
    CalendarVersion.objects.create(calendar=calendar, number=1, created_at=clock.now(), **week)
    return calendar


def root_of(city):
    """The area that is the whole city; every tree hangs from it."""
    root = Area.objects.filter(city=city, level=Area.Level.CITY).order_by("pk").first()
    return root or Area.objects.create(
        city=city, code=city.number_prefix, level=Area.Level.CITY, name=str(city)
    )


@transaction.atomic
def write(shapes, *, city, level, valid_from=SINCE_EVER, duty_grids=True):
    """Make areas and borders of these Shapes; safe to run twice. A border that differs begins
    another version on `valid_from`; the old one ends there. Raises Unreadable."""
    done = Written()
    areas = {area.code: area for area in Area.objects.filter(city=city).select_related("city")}
    root = root_of(city)
    above = {code: _parent(code, areas, root, level, done) for code in {s.parent for s in shapes}}
    reasons = []
    for shape in shapes:
        try:
            _write(shape, areas, above[shape.parent], level, valid_from, done)
        except Unreadable as problem:
            reasons += [f"{shape.code}: {why}" for why in problem.reasons]
    if reasons:
        raise Unreadable(*reasons)
    if duty_grids and level == Area.Level.GRID:
        done.duty_grids = _duty_grids(shapes, areas, valid_from)
    done.overlaps = overlaps(city, level, valid_from)
    done.gaps = gaps(city, level, valid_from)
    return done


_ABOVE = {"grid": "community", "community": "street", "street": "district", "district": "city"}


def _parent(code, areas, root, level, done):
    """The area that shapes of `level` belong to: the one of that code, made when it is missing,
    or the whole city."""
    if not code or level == Area.Level.CITY:
        return root
    if code in areas:
        if areas[code].level == level:
            raise Unreadable(_("%s is to be the parent of areas of its own level") % code)
        return areas[code]
    done.parents.append(code)
    areas[code] = Area.objects.create(
        city=root.city, code=code, level=_ABOVE[level], parent=root, name=code
    )
    return areas[code]


def _write(shape, areas, parent, level, valid_from, done):
    area = areas.get(shape.code)
    if area is None:
        area = areas[shape.code] = Area.objects.create(
            city=parent.city, code=shape.code, level=level, parent=parent, name=shape.name
        )
        done.made += 1
    elif area.level != level:
        raise Unreadable(_("an area of another level has this code: %s") % area.level)
    elif _renew(area, shape, parent):
        done.changed += 1
    else:
        done.same += 1
    _write_border(area, shape.border, valid_from)


def _renew(area, shape, parent):
    """Take over a new name; a parent only where the file names one. True if anything changed or
    the border did."""
    fields = []
    if shape.name and shape.name != area.name:
        area.name = shape.name
        fields.append("name")
    if shape.parent and area.parent_id != parent.pk:
        area.parent = parent
        fields.append("parent")
    if fields:
        area.save(update_fields=fields)
    last = area.versions.order_by("-valid_from").first()
    return bool(fields) or last is None or not last.geometry.equals_exact(shape.border, 1e-9)


def _write_border(area, border, valid_from):
    last = area.versions.order_by("-valid_from").first()
    if last is not None:
        if last.geometry.equals_exact(border, 1e-9):
            return
        if last.valid_from >= valid_from:
            raise Unreadable(
                _(
                    "it has another border since %s, which cases may rest on; name the day of the "
                    "change with --valid-from"
                )
                % last.valid_from
            )
        last.valid_until = valid_from
        last.save(update_fields=["valid_until"])
    AreaVersion.objects.create(area=area, geometry=border, valid_from=valid_from)


def _duty_grids(shapes, areas, valid_from):
    """A duty grid of its own for each grid that is in none; how many were made."""
    grids = [areas[shape.code] for shape in shapes]
    placed = set(DutyGridMember.objects.filter(grid__in=grids).values_list("grid", flat=True))
    missing = [g for g in grids if g.pk not in placed and g.parent.level == "community"]
    made = DutyGrid.objects.bulk_create(
        DutyGrid(community=grid.parent, code=grid.code, name=grid.name or grid.code)
        for grid in missing
    )
    DutyGridMember.objects.bulk_create(
        DutyGridMember(duty_grid=duty, grid=grid, valid_from=valid_from)
        for duty, grid in zip(made, missing, strict=True)
    )
    return len(made)


# --- looking the division over -------------------------------------------------------------------


def overlaps(city, level, day):
    """[(code, code, square metres)] of areas of a level that lie over each other, largest first;
    every one, however small."""
    return _rows(_OVERLAPS, city, level, day)


def gaps(city, level, day):
    """[(where, longitude, latitude, square metres)] that no area of the level covers, largest
    first: holes enclosed by them, and what they leave of the border of the area above."""
    return _rows(_GAPS, city, level, day)


def _rows(query, city, level, day):
    with connection.cursor() as cursor:
        cursor.execute(query, {"city": city.pk, "level": level, "day": day})
        return cursor.fetchall()


_VALID = """
    SELECT a.code, a.parent_id, v.geometry AS g FROM grids_areaversion v
      JOIN grids_area a ON a.id = v.area_id
     WHERE a.city_id = %(city)s AND a.level = %(level)s AND v.valid_from <= %(day)s
       AND (v.valid_until IS NULL OR v.valid_until > %(day)s)
"""
# ST_Overlaps says nothing of one area inside another, so the interiors are asked whether they meet.
_OVERLAPS = f"""
    WITH valid AS ({_VALID})
    SELECT a.code, b.code, ST_Area(ST_Intersection(a.g, b.g)::geography) AS metres
      FROM valid a JOIN valid b ON a.code < b.code AND a.g && b.g
           AND ST_Relate(a.g, b.g, 'T********')
     ORDER BY 3 DESC, 1, 2
"""
_GAPS = f"""
    WITH valid AS ({_VALID}), whole AS (SELECT (ST_Dump(ST_Union(g))).geom AS g FROM valid),
    rings AS (SELECT (ST_DumpRings(g)).* FROM whole),
    holes AS (SELECT '' AS code, geom AS g FROM rings WHERE path[1] > 0),
    rest AS (
        SELECT p.code, (ST_Dump(ST_Difference(v.geometry, ST_Union(c.g)))).geom AS g
          FROM grids_area p JOIN grids_areaversion v ON v.area_id = p.id AND v.valid_from <= %(day)s
               AND (v.valid_until IS NULL OR v.valid_until > %(day)s)
          JOIN valid c ON c.parent_id = p.id GROUP BY p.code, v.geometry
    ), missing AS (SELECT * FROM holes UNION ALL SELECT * FROM rest)
    SELECT code, ST_X(ST_PointOnSurface(g)), ST_Y(ST_PointOnSurface(g)), ST_Area(g::geography)
      FROM missing ORDER BY 4 DESC, 1
"""
