"""The tile of open cases: points with number, stage and light, or from many points on, counts.

What goes in has been through `visible_to`; nothing here widens it."""

from django.contrib.gis.geos import Polygon
from django.db.models import BinaryField, F, Func

from grids.tiles import BUFFER, EXTENT, encoded, fetched
from incidents.lights import light_at
from staff.models import in_language

# Interface guide, section 9: above that many, counts instead of points.
POINTS = 2_000
# Cells a side in which a tile's cases are counted: 64 px each on a tile 512 px wide. A count's
# circle stays so far, in the tile's own units, from the border of its cell that none is cut.
CELLS, MARGIN = 8, 180
# The loudest is drawn last, on top.
LOUDNESS = "array_position(ARRAY['green','none','paused','yellow','red'], light)"

_CELL = EXTENT // CELLS
_WITHIN = f"ST_X(geom) >= 0 AND ST_X(geom) < {EXTENT} AND ST_Y(geom) >= 0 AND ST_Y(geom) < {EXTENT}"


def cases_tile(cases, tile, moment, most=None):
    """The bytes of the tile of some cases: a layer `cases`, or above `most` of them a layer
    `clusters` with counts per cell. Empty where there are none."""
    inner, asked = _seen(cases, tile, moment).query.sql_with_params()
    points = encoded("cases", f"SELECT * FROM seen ORDER BY {LOUDNESS}, number")
    clusters = encoded("clusters", _clusters())
    sql = (
        f"WITH seen AS MATERIALIZED ({inner})"
        f" SELECT CASE WHEN (SELECT count(*) FROM seen WHERE {_WITHIN}) <= %s"
        f" THEN {points} ELSE {clusters} END"
    )
    return fetched(sql, [*asked, POINTS if most is None else most])


def _seen(cases, tile, moment):
    west, south, east, north = tile.corners(BUFFER / EXTENT)
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4326
    return (
        cases.filter(point__bboverlaps=box)
        .order_by()
        .annotate(
            geom=_InTile(F("point"), tile.z, tile.x, tile.y),
            light=light_at(moment),
            name=F(in_language("category__name_zh", "category__name_en")),
        )
        .values("geom", "number", "stage", "light", "name")
    )


class _InTile(Func):
    """A point of the database in a tile's own units."""

    template = (
        f"ST_AsMVTGeom(ST_Transform(%(point)s, 3857), ST_TileEnvelope(%(tile)s),"
        f" {EXTENT}, {BUFFER}, true)"
    )
    # Said to be bytes, or Django would turn the geometry into bytes for Python's sake.
    output_field = BinaryField()

    def as_sql(self, compiler, connection, **context):
        point, asked = compiler.compile(self.source_expressions[0])
        numbers = [e.value for e in self.source_expressions[1:]]
        return self.template % {"point": point, "tile": "%s, %s, %s"}, [*asked, *numbers]


def _clusters():
    def middle(axis):
        cell = f"floor({axis}(geom) / {_CELL})"
        low, high = f"min({cell}) * {_CELL} + {MARGIN}", f"(min({cell}) + 1) * {_CELL} - {MARGIN}"
        return f"least(greatest(avg({axis}(geom)), {low}), {high})"

    lights = ", ".join(
        f"count(*) FILTER (WHERE light = '{light}') AS {light}"
        for light in ("red", "yellow", "paused")
    )
    return (
        f"SELECT ST_MakePoint({middle('ST_X')}, {middle('ST_Y')}) AS geom,"
        f" count(*) AS count, {lights} FROM seen WHERE {_WITHIN}"
        f" GROUP BY floor(ST_X(geom) / {_CELL}), floor(ST_Y(geom) / {_CELL})"
    )
