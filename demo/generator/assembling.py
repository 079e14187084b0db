"""From the divided mesh to the Plan: codes, people, roads, water and parks, in longitude and
latitude."""

import math
import random
from collections import defaultdict

import shapely

from . import naming
from .division import Cell, Division
from .furnishing import WIDTHS, furnish
from .groundwork import Groundwork
from .plan import DutyGrid, Feature, Grid, Notice, Place, Plan, Projection, Road

NOTICE = Notice(
    zh="名称、代码和数量取自公开资料；街道、地块和网格的形状由程序生成，不是真实边界。",
    en="Names, codes and figures are real; streets, blocks and grids are generated and are not "
    "the real borders.",
)
ROW_M = 120.0  # grids whose middles lie within so many metres north to south are one row


def assemble(division: Division, work: Groundwork, rng: random.Random) -> Plan:
    """The whole city as plain values."""
    profile = division.profile
    projection = Projection(profile.shape.lon, profile.shape.lat)
    _give_water(division, work)
    polygons = [shapely.Polygon(division.mesh.points(cell.face)) for cell in division.cells]
    codes = _codes(division.cells, polygons)
    people = _people(division, polygons, rng)
    grids = _grids(division, codes, people, projection)
    roads = _roads(division.mesh, profile, projection, rng)
    communities = _communities(profile, grids)
    streets = _streets(profile, communities)
    district = Place(
        profile.code,
        profile.name,
        "district",
        profile.parent_code,
        _union(streets),
        sum(street.population for street in streets),
    )
    return Plan(
        district,
        streets,
        communities,
        grids,
        _duty_grids(division, grids, codes, people),
        roads,
        furnish(profile, roads, polygons, codes, projection, rng),
        _land(division, work, polygons, projection),
        NOTICE,
        projection,
    )


def _give_water(division: Division, work: Groundwork) -> None:
    """Every strip of river is a unit grid of the duty grid with the longest shore on it."""
    owner = {cell.face: cell for cell in division.cells}
    waiting = list(work.strips)
    while waiting:
        strip = waiting.pop(0)
        shores = {f: m for f, m in division.mesh.neighbours(strip).items() if f in owner}
        if not shores:
            waiting.append(strip)
            continue
        beside = owner[max(shores, key=shores.get)]
        owner[strip] = Cell(strip, beside.community, beside.duty, "water")
        division.cells.append(owner[strip])


def _codes(cells: list[Cell], polygons: list) -> list[str]:
    """Fifteen digits: serials west to east in rows from north to south within the community."""
    order = defaultdict(list)
    for index, cell in enumerate(cells):
        middle = polygons[index].centroid
        order[cell.community.code].append((-round(middle.y / ROW_M), middle.x, index))
    codes = [""] * len(cells)
    for community, places in order.items():
        for serial, (_row, _x, index) in enumerate(sorted(places), start=1):
            codes[index] = f"{community}{serial:03d}"
    return codes


def _people(division: Division, polygons: list, rng: random.Random) -> list[int]:
    """People of each cell: by duty grid within the bounds, then by area; none live on water."""
    least, mean, most = division.profile.figures.people
    by_duty = defaultdict(list)
    for index, cell in enumerate(division.cells):
        by_duty[cell.duty].append(index)
    people = [0] * len(division.cells)
    for members in by_duty.values():
        total = round(rng.triangular(least, most, mean))
        dry = [i for i in members if division.cells[i].ground != "water"] or members
        area = sum(polygons[i].area for i in dry)
        left = total
        for position, index in enumerate(dry):
            share = round(total * polygons[index].area / area)
            people[index] = left if position == len(dry) - 1 else min(share, left)
            left -= people[index]
    return people


def _grids(division, codes, people, projection) -> tuple[Grid, ...]:
    mesh, household = division.mesh, division.profile.figures.people_per_household
    made = []
    for index, cell in enumerate(division.cells):
        ring = [projection.to_degrees(*mesh.at(v)) for v in mesh.rings[cell.face]]
        made.append(
            Grid(
                codes[index],
                cell.community.code,
                shapely.Polygon(ring),
                people[index],
                round(people[index] / household),
            )
        )
    return tuple(made)


def _union(parts) -> shapely.Polygon:
    return shapely.coverage_union_all([part.polygon for part in parts])


def _communities(profile, grids) -> tuple[Place, ...]:
    by_code = defaultdict(list)
    for grid in grids:
        by_code[grid.community_code].append(grid)
    return tuple(
        Place(
            c.code,
            c.name,
            "community",
            c.street_code,
            _union(by_code[c.code]),
            sum(grid.population for grid in by_code[c.code]),
        )
        for c in profile.communities
    )


def _streets(profile, communities) -> tuple[Place, ...]:
    names = {c.street_code: c.street_name for c in profile.communities}
    made = []
    for code, name in sorted(names.items()):
        parts = [place for place in communities if place.parent_code == code]
        made.append(
            Place(
                code,
                name,
                "street",
                profile.code,
                _union(parts),
                sum(place.population for place in parts),
            )
        )
    return tuple(made)


def _duty_grids(division, grids, codes, people) -> tuple[DutyGrid, ...]:
    """Numbered within the community; workers one each and the rest where most people live."""
    members, homes = defaultdict(list), {}
    for index, cell in enumerate(division.cells):
        members[cell.duty].append(index)
        homes[cell.duty] = cell.community
    size = {duty: sum(people[i] for i in indexes) for duty, indexes in members.items()}
    extra = division.profile.figures.workers - len(members)
    crowded = set(sorted(size, key=lambda d: (-size[d], d))[:extra])
    made, number = [], defaultdict(int)
    for duty in sorted(members, key=lambda d: (homes[d].code, d)):
        home = homes[duty]
        number[home.code] += 1
        made.append(
            DutyGrid(
                f"{home.code}-{number[home.code]:02d}",
                f"{home.name}第{number[home.code]}网格",
                home.code,
                tuple(sorted(codes[i] for i in members[duty])),
                size[duty],
                1 + (duty in crowded),
            )
        )
    return tuple(made)


def _roads(mesh, profile, projection, rng) -> tuple[Road, ...]:
    names = naming.name_roads(mesh, profile.river.name, profile.shape.ring_road, rng)
    roads = []
    for number, name in names.items():
        line = mesh.lines[number]
        metres = shapely.LineString([mesh.at(v) for v in line.vertices])
        if not naming.is_named(line.kind, metres.length):
            name = ""
        degrees = shapely.LineString([projection.to_degrees(*mesh.at(v)) for v in line.vertices])
        roads.append(Road(name, line.kind, degrees, WIDTHS[line.kind]))
    return tuple(roads)


def _land(division, work, polygons, projection) -> tuple[Feature, ...]:
    """The river, and the lakes and parks that the profile asks for."""
    river = [
        polygon
        for cell, polygon in zip(division.cells, polygons, strict=True)
        if cell.ground == "water"
    ]
    features = [
        _feature("water", division.profile.river.name, shapely.union_all(river), projection)
    ]
    for ground in division.profile.grounds:
        cells = [
            polygon
            for cell, polygon in zip(division.cells, polygons, strict=True)
            if cell.community.code == ground.community and cell.ground != "water"
        ]
        shape = _cluster(cells, ground.hectares * 10_000)
        inner = shape.buffer(-9).buffer(-14).buffer(14)
        if not inner.is_empty:
            features.append(_feature(ground.kind, ground.name, inner, projection))
    return tuple(features)


def _cluster(cells, area):
    """Cells around the middle of a community, as many as make up an area in square metres."""
    middle = shapely.union_all(cells).centroid
    total, chosen = 0.0, []
    for cell in sorted(cells, key=lambda c: math.dist(c.centroid.coords[0], middle.coords[0])):
        chosen.append(cell)
        total += cell.area
        if total >= area:
            break
    return shapely.union_all(chosen)


def _feature(kind, name, shape, projection) -> Feature:
    if shape.geom_type == "MultiPolygon":
        shape = max(shape.geoms, key=lambda part: part.area)
    east, north = projection.metres_per_degree
    turned = shapely.transform(
        shape, lambda points: points / (east, north) + (projection.lon, projection.lat)
    )
    return Feature(kind, name, shapely.set_precision(turned, 1e-7))
