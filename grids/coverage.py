"""Where a point lies: grid, duty grid and the areas above; near a border; in words."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from django.utils.translation import override

from grids.models import Area, AreaVersion, Crossing, DutyGridMember
from lib import coords


@dataclass(frozen=True)
class Place:
    """What a point belongs to on a day. `on_border` lists the codes of other grids within the
    city's tolerance, and the grid's own where the point lies outside every grid."""

    version: object
    grid: object
    duty_grid: object
    community: object
    street: object
    district: object
    on_border: list


def containing(point, city, day=None):
    """The Place of `point` (SRID 4326) in a city on a day, the city's own today by default; None
    farther outside its grids than the city's tolerance: within it the nearest grid answers.

    A point on the very border belongs to the grid of the lower code, so that two workers never
    both own it. One query.
    """
    day = day or city.today()
    versions = AreaVersion.objects.filter(area__city=city).with_duty(day).defer("geometry")
    versions = versions.select_related("area__parent__parent__parent", "duty__duty_grid")
    near = versions.near(point, "grid", max(city.border_tolerance_m, 0.01), day)
    if not near:
        return None
    version = min(near, key=lambda v: (not v.inside, v.metres, v.area.code))
    others = sorted(v.area.code for v in near if v is not version or not v.inside)
    community, street, district = above(version.area)
    duty = getattr(version, "duty", None)
    duty_grid = duty.duty_grid if duty else None
    return Place(version, version.area, duty_grid, community, street, district, others)


def above(grid):
    """Community, street and district of a unit grid by its parents; None where there is none."""
    found, area = {}, grid.parent
    while area is not None and area.level != Area.Level.CITY:
        found[area.level] = area
        # The city above a district is not asked for.
        area = area.parent if area.level != Area.Level.DISTRICT else None
    return found.get("community"), found.get("street"), found.get("district")


def duty_grid_of(grid, day):
    """The duty grid that a unit grid belongs to on a day, or None."""
    row = DutyGridMember.objects.on(day).filter(grid=grid).select_related("duty_grid").first()
    return row.duty_grid if row else None


def place_in_words(point, city):
    """A place as people say it: crossing, direction and metres
    ("人民路与建设街交叉口东北侧 30 米").

    Typed text and road names are not translated, so the sentence is in the city's own language.
    """
    crossing = Crossing.objects.nearest(point, city.pk)
    if crossing is None:
        return f"{point.y:.5f}, {point.x:.5f}"
    here = (crossing.point.x, crossing.point.y)
    metres = round(coords.distance(*here, point.x, point.y) / 5) * 5
    with override("zh-hans" if city.time_zone == "Asia/Shanghai" else "en"):
        if metres == 0:
            return _("crossing of %(one)s and %(other)s") % _roads(crossing)
        side = _SIDES[coords.compass(*here, point.x, point.y)]()
        return _("%(metres)s m %(side)s of the crossing of %(one)s and %(other)s") % {
            **_roads(crossing),
            "metres": metres,
            "side": side,
        }


def _roads(crossing):
    return {"one": crossing.one, "other": crossing.other}


_SIDES = {
    "N": lambda: _("north"),
    "NE": lambda: _("north-east"),
    "E": lambda: _("east"),
    "SE": lambda: _("south-east"),
    "S": lambda: _("south"),
    "SW": lambda: _("south-west"),
    "W": lambda: _("west"),
    "NW": lambda: _("north-west"),
}


def point_of(value):
    """A Point (SRID 4326) from [longitude, latitude]; ValueError when it is none."""
    if isinstance(value, Point):
        return value
    longitude, latitude = (float(v) for v in value)
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError("longitude or latitude out of range")
    return Point(longitude, latitude, srid=4326)
