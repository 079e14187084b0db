"""From the divided mesh to the Plan: codes, names and figures, in longitude and latitude."""

import random
from collections import defaultdict
from dataclasses import dataclass

import shapely

from . import naming, people, roads
from .division import Cell, Division
from .furnishing import Furnisher, dry_blocks, furnish
from .groundwork import Groundwork
from .landscape import Cover, lay_grounds, lay_river
from .plan import DutyGrid, Feature, Grid, Notice, Place, Plan, Projection, Road

NOTICE = Notice(
    zh="名称、代码和数量取自公开资料；边界、道路及路名、网格和部件位置均由程序虚构。",
    en="Names, codes and figures are real; borders, roads, grids and components are invented.",
)
ROW_M = 120.0  # grids whose middles lie within so many metres north to south are one row


@dataclass(frozen=True)
class Survey:
    """The city as cells, in the order of their codes."""

    division: Division
    projection: Projection
    codes: dict[int, str]  # by face
    rings: dict[int, shapely.Polygon]  # by face, in metres


def assemble(division: Division, work: Groundwork, seed: int) -> Plan:
    """The whole city as plain values."""
    profile = division.profile
    covers = [lay_river(division, work), *lay_grounds(division, profile.grounds)]
    survey = _survey(division)
    grids = _grids(survey, random.Random(f"{seed} people"))
    communities = _communities(profile, grids)
    streets = _streets(profile, communities)
    ways = roads.build(division.mesh, covers)
    naming.give_names(ways, division.mesh, profile, random.Random(f"{seed} names"))
    furnisher = Furnisher(
        division.mesh,
        ways,
        covers,
        dry_blocks(covers, survey.rings),
        work.bridges,
        random.Random(f"{seed} components"),
    )
    polygons = {grid.code: grid.polygon for grid in grids}
    return Plan(
        _place(profile.code, profile.name, "district", profile.parent_code, streets),
        streets,
        communities,
        grids,
        _duty_grids(survey, grids),
        tuple(_road(survey, street) for street in ways),
        furnish(profile, furnisher, polygons, survey.projection),
        tuple(_feature(cover, survey.projection) for cover in covers),
        NOTICE,
        survey.projection,
    )


def _survey(division: Division) -> Survey:
    """Give out the codes and put the cells in their order."""
    shape = division.profile.shape
    rings = {c.face: shapely.Polygon(division.mesh.points(c.face)) for c in division.cells}
    codes = _codes(division.cells, rings)
    division.cells.sort(key=lambda cell: codes[cell.face])
    return Survey(division, Projection(shape.lon, shape.lat), codes, rings)


def _codes(cells: list[Cell], rings: dict[int, shapely.Polygon]) -> dict[int, str]:
    """Fifteen digits: serials west to east in rows from north to south within the community."""
    order = defaultdict(list)
    for cell in cells:
        middle = rings[cell.face].centroid
        order[cell.community.code].append((-round(middle.y / ROW_M), middle.x, cell.face))
    return {
        face: f"{community}{serial:03d}"
        for community, places in order.items()
        for serial, (_row, _x, face) in enumerate(sorted(places), start=1)
    }


def _grids(survey: Survey, rng: random.Random) -> tuple[Grid, ...]:
    division, mesh = survey.division, survey.division.mesh
    counts = people.settle(division, rng)
    homes = people.households(counts, division.profile.figures.people_per_household, rng)
    grids = []
    for cell, count, households in zip(division.cells, counts, homes, strict=True):
        ring = [survey.projection.to_degrees(*mesh.at(v)) for v in mesh.rings[cell.face]]
        code = survey.codes[cell.face]
        grids.append(Grid(code, cell.community.code, shapely.Polygon(ring), count, households))
    return tuple(grids)


def _place(code: str, name: str, level: str, parent_code: str, parts) -> Place:
    """A place made of its parts, with their border and people."""
    border = shapely.coverage_union_all([part.polygon for part in parts])
    return Place(code, name, level, parent_code, border, sum(part.population for part in parts))


def _communities(profile, grids) -> tuple[Place, ...]:
    parts = defaultdict(list)
    for grid in grids:
        parts[grid.community_code].append(grid)
    return tuple(
        _place(c.code, c.name, "community", c.street_code, parts[c.code])
        for c in profile.communities
    )


def _streets(profile, communities) -> tuple[Place, ...]:
    names = {c.street_code: c.street_name for c in profile.communities}
    parts = defaultdict(list)
    for community in communities:
        parts[community.parent_code].append(community)
    return tuple(
        _place(code, name, "street", profile.code, parts[code])
        for code, name in sorted(names.items())
    )


def _duty_grids(survey: Survey, grids: tuple[Grid, ...]) -> tuple[DutyGrid, ...]:
    """Numbered within the community in the order of their first unit grid."""
    members, homes = defaultdict(list), {}
    for cell, grid in zip(survey.division.cells, grids, strict=True):
        members[cell.duty].append(grid)
        homes[cell.duty] = cell.community
    totals = {duty: sum(grid.population for grid in own) for duty, own in members.items()}
    workers = people.staff(totals, survey.division.profile.figures.workers)
    made, numbers = [], defaultdict(int)
    for duty, own in sorted(members.items(), key=lambda item: item[1][0].code):
        home = homes[duty]
        numbers[home.code] += 1
        number = numbers[home.code]
        made.append(
            DutyGrid(
                f"{home.code}-{number:02d}",
                f"{home.name}第{number}网格",
                home.code,
                tuple(grid.code for grid in own),
                totals[duty],
                workers[duty],
            )
        )
    return tuple(made)


def _road(survey: Survey, street: roads.Street) -> Road:
    mesh, projection = survey.division.mesh, survey.projection
    line = shapely.LineString([projection.to_degrees(*mesh.at(v)) for v in street.vertices])
    return Road(street.name, street.kind, line, roads.WIDTHS_M[street.kind])


def _feature(cover: Cover, projection: Projection) -> Feature:
    rings = [[projection.to_degrees(x, y) for x, y in r.coords] for r in _rings(cover.polygon)]
    return Feature(cover.kind, cover.name, shapely.Polygon(rings[0], rings[1:]))


def _rings(polygon: shapely.Polygon) -> list:
    return [polygon.exterior, *polygon.interiors]
