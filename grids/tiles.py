"""Vector tiles of the base map, made by PostGIS: borders, grids, roads, water and components.

A tile is a square of the web's own map projection (EPSG:3857) at a zoom; its bytes follow the
Mapbox Vector Tile specification 2.1. An address may lead to one layer or to several at once.
"""

import math
from dataclasses import dataclass

from django.db import connection

EXTENT = 4096
# Around a tile, in its own units: a page draws a tile 512 px wide and shapes up to 16 px beyond.
BUFFER = 128
DEEPEST = 22
# Metres round the equator of EPSG:3857.
ROUND = 40_075_016.686


@dataclass(frozen=True)
class Tile:
    """One square: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @classmethod
    def at(cls, z, x, y):
        """The tile that an address names by three words; ValueError if there is no such tile."""
        if not all(word.isascii() and word.isdigit() and len(word) < 9 for word in (z, x, y)):
            raise ValueError("not a number")
        tile = cls(int(z), int(x), int(y))
        if tile.z > DEEPEST or max(tile.x, tile.y) >= 2**tile.z:
            raise ValueError("no such tile")
        return tile

    @property
    def metre_per_px(self):
        """Metres of the projection in one pixel of a tile drawn 512 px wide."""
        return ROUND / 2**self.z / 512

    def corners(self, margin=0.0):
        """West, south, east and north in degrees, widened by a share of the tile's width."""

        def lon(x):
            return x / 2**self.z * 360 - 180

        def lat(y):
            return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**self.z))))

        west, east = lon(self.x - margin), lon(self.x + 1 + margin)
        return west, lat(self.y + 1 + margin), east, lat(self.y - margin)


# What every layer's SQL may use, filled in once a tile: `{box}` the square in EPSG:3857, `{inside}`
# and `{around}` the square and its surroundings in degrees, for the index.
BOX = "ST_TileEnvelope(%(z)s, %(x)s, %(y)s)"
INSIDE = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
AROUND = "ST_MakeEnvelope(%(near_west)s, %(near_south)s, %(near_east)s, %(near_north)s, 4326)"
# The day of the city of area `a`.
DAY = "(%(days)s::date[])[array_position(%(cities)s::bigint[], a.city_id)]"
CURRENT = f"v.valid_from <= {DAY} AND (v.valid_until IS NULL OR v.valid_until > {DAY})"


def in_tile(geometry, buffer=BUFFER):
    """SQL of a geometry of EPSG:3857 in the tile's own units, NULL where nothing of it lies in."""
    return f"ST_AsMVTGeom({geometry}, {BOX}, {EXTENT}, {buffer}, true)"


def arguments(tile, **more):
    """The parameters of the SQL of a tile."""
    names = ("west", "south", "east", "north")
    inside = dict(zip(names, tile.corners(), strict=True))
    around = zip(names, tile.corners(BUFFER / EXTENT), strict=True)
    near = {f"near_{name}": value for name, value in around}
    return {"z": tile.z, "x": tile.x, "y": tile.y, "px": tile.metre_per_px} | inside | near | more


def encoded(name, rows):
    """SQL of the bytes of a layer whose rows have a column `geom`; empty bytes for no rows."""
    # An empty layer is a few bytes long; a tile of nothing has none.
    return (
        f"(SELECT CASE WHEN count(*) = 0 THEN ''::bytea"
        f" ELSE ST_AsMVT(r, '{name}', {EXTENT}, 'geom') END"
        f" FROM (SELECT * FROM ({rows}) q WHERE geom IS NOT NULL) r)"
    )


# Wide roads show from afar, lanes only near; by width, so that any city's own kinds will do.
ROADS = f"""
    SELECT {in_tile("ST_Simplify(ST_Transform(r.line, 3857), %(px)s / 2)")} AS geom,
           r.name, r.width_m AS width,
           CASE WHEN r.width_m >= 30 THEN 1 WHEN r.width_m >= 18 THEN 2
                WHEN r.width_m >= 9 THEN 3 ELSE 4 END AS rank
      FROM grids_road r
     WHERE r.city_id = ANY(%(cities)s) AND r.line && {AROUND}
       AND r.width_m >= CASE WHEN %(z)s >= 14 THEN 0 WHEN %(z)s >= 12 THEN 9
                             WHEN %(z)s >= 10 THEN 18 ELSE 30 END
     ORDER BY r.width_m, r.id
"""
LAND = f"""
    SELECT {in_tile("ST_Simplify(ST_Transform(f.geometry, 3857), %(px)s / 2, true)")} AS geom,
           f.kind, f.name
      FROM grids_landfeature f
     WHERE f.city_id = ANY(%(cities)s) AND f.geometry && {AROUND}
     ORDER BY f.id
"""
LEVELS = """CASE WHEN %(z)s >= 11 THEN ARRAY['district','street','community']
                 ELSE ARRAY['district','street'] END"""
# A border that two areas share is drawn once, and so a dash stays a dash.
BORDERS = f"""
    SELECT {in_tile("ST_Simplify(ST_Transform(b.line, 3857), %(px)s / 2)")} AS geom, b.level
      FROM (SELECT a.level, ST_LineMerge(ST_Union(
                       ST_ClipByBox2D(ST_Boundary(v.geometry), {AROUND}))) AS line
              FROM grids_areaversion v JOIN grids_area a ON a.id = v.area_id
             WHERE a.city_id = ANY(%(cities)s) AND a.level = ANY({LEVELS}) AND {CURRENT}
               AND v.geometry && {AROUND}
             GROUP BY a.level) b
     WHERE NOT ST_IsEmpty(b.line)
     ORDER BY b.level
"""
# A name stands in the one tile that holds its point, so there is no buffer.
NAMES = f"""
    SELECT {in_tile("ST_Transform(n.point, 3857)", 0)} AS geom, n.level, n.name
      FROM (SELECT a.level, a.name, v.id, ST_PointOnSurface(v.geometry) AS point
              FROM grids_areaversion v JOIN grids_area a ON a.id = v.area_id
             WHERE a.city_id = ANY(%(cities)s) AND a.level = ANY({LEVELS}) AND {CURRENT}
               AND a.level <> 'district' AND v.geometry && {INSIDE}
             UNION ALL
            SELECT f.kind, f.name, f.id, ST_PointOnSurface(f.geometry)
              FROM grids_landfeature f
             WHERE f.city_id = ANY(%(cities)s) AND f.name <> '' AND f.geometry && {INSIDE}) n
     WHERE n.point && {INSIDE}
     ORDER BY n.level, n.id
"""
# A version that is asked for by its number is shown whether it still holds or not: a case keeps
# the border that was valid when it was reported.
GRIDS = f"""
    SELECT {in_tile("ST_Transform(v.geometry, 3857)")} AS geom,
           v.id AS version, CASE WHEN %(z)s >= 15 THEN a.code END AS code
      FROM grids_areaversion v JOIN grids_area a ON a.id = v.area_id
     WHERE a.city_id = ANY(%(cities)s) AND a.level = 'grid' AND v.geometry && {AROUND}
       AND CASE WHEN %(version)s::bigint IS NULL THEN %(z)s >= 14 AND {CURRENT}
                ELSE v.id = %(version)s END
     ORDER BY v.id
"""
# Whole communities, to be shaded by a count: neighbours simplified alike leave no gap to be seen.
COMMUNITIES = f"""
    SELECT {in_tile("ST_SimplifyPreserveTopology(ST_Transform(v.geometry, 3857), %(px)s / 2)")}
           AS geom, a.code
      FROM grids_areaversion v JOIN grids_area a ON a.id = v.area_id
     WHERE a.city_id = ANY(%(cities)s) AND a.level = 'community' AND {CURRENT}
       AND v.geometry && {AROUND}
     ORDER BY a.code
"""
DUTY_GRIDS = f"""
    SELECT {in_tile("ST_Transform(u.geometry, 3857)")} AS geom, u.id AS duty_grid, u.code, u.name
      FROM (SELECT d.id, d.code, d.name, ST_Union(v.geometry) AS geometry
              FROM grids_areaversion v JOIN grids_area a ON a.id = v.area_id
              JOIN grids_dutygridmember m ON m.grid_id = a.id AND m.valid_from <= {DAY}
                   AND (m.valid_until IS NULL OR m.valid_until > {DAY})
              JOIN grids_dutygrid d ON d.id = m.duty_grid_id
             WHERE a.city_id = ANY(%(cities)s) AND a.level = 'grid' AND {CURRENT}
               AND v.geometry && {AROUND} AND %(z)s >= 14
             GROUP BY d.id) u
     ORDER BY u.id
"""
COMPONENTS = f"""
    SELECT {in_tile("ST_Transform(c.point, 3857)")} AS geom,
           c.code, c.category_code AS category, c.state
      FROM grids_component c
     WHERE c.city_id = ANY(%(cities)s) AND c.point && {AROUND} AND %(z)s >= 15
     ORDER BY c.id
"""
_AREAS = encoded("areas", BORDERS) + " || " + encoded("names", NAMES)
# What one address draws. `base` is the three of every map in one request.
LAYERS = {
    "areas": _AREAS,
    "communities": encoded("communities", COMMUNITIES),
    "grids": encoded("grids", GRIDS),
    "duty_grids": encoded("duty_grids", DUTY_GRIDS),
    "components": encoded("components", COMPONENTS),
    "roads": encoded("roads", ROADS),
    "land": encoded("land", LAND),
    "base": " || ".join((encoded("land", LAND), encoded("roads", ROADS), _AREAS)),
}


def drawn(layer, tile, *, cities, version=None):
    """The bytes of a layer (a key of LAYERS) as it holds in some cities, {id: its day}; `version`
    picks one border of a unit grid. Empty where there is nothing."""
    days = list(cities.values())
    asked = arguments(tile, cities=list(cities), days=days, version=version)
    return fetched(f"SELECT {LAYERS[layer]}", asked)


def fetched(sql, asked):
    """The one value, bytes, of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return bytes(cursor.fetchone()[0])
