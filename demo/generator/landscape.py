"""Water and green on the grids: the river's own unit grids, lakes and parks."""

import math
from dataclasses import dataclass

import shapely

from .division import Cell, Division
from .groundwork import Groundwork, vertex_near
from .profile import Ground

# metres of river in one unit grid: at the first street corner beyond the one, anywhere beyond the
# other, and never so that less than the third is left
AT_CORNER_M, ANYWHERE_M, REST_M = 130.0, 200.0, 90.0
SHORE_M = 14.0  # between a lake and the streets around it
MOST_OF_DUTY = 0.5  # of a duty grid's unit grids may be lake or park: people live in the rest


@dataclass(frozen=True)
class Cover:
    """The river, a lake or a park, and the faces that it takes up."""

    kind: str
    name: str
    faces: frozenset[int]
    polygon: shapely.Polygon
    bridged: bool = False  # roads cross a river, and end at lakes and parks


def lay_river(division: Division, work: Groundwork) -> Cover:
    """Cut the river into unit grids, each of the duty grid along whose bank it lies."""
    mesh = division.mesh
    home = {cell.face: cell for cell in division.cells}
    pieces = [piece for strip in sorted(work.strips) for piece in _slice(division, strip)]
    for piece in pieces:
        beside = _land_along(division, piece, home)
        owner = home[max(sorted(beside), key=lambda f: beside[f])]
        division.cells.append(Cell(piece, owner.community, owner.duty, "water"))
    polygon = shapely.union_all([shapely.Polygon(mesh.points(face)) for face in pieces])
    return Cover("water", division.profile.river.name, frozenset(pieces), polygon, True)


def _land_along(division: Division, piece: int, home: dict[int, Cell]) -> dict[int, float]:
    """The land on a piece of water's own side, and for how many metres."""
    mesh, shared = division.mesh, {}
    bank = _bank_of(division, piece)
    for a, b in zip(bank, bank[1:], strict=False):
        face = mesh.face_left_of[b, a]
        if not home[face].ground:
            shared[face] = shared.get(face, 0.0) + math.dist(mesh.at(a), mesh.at(b))
    return shared


def _slice(division: Division, strip: int) -> list[int]:
    """Cut one strip of water across, at street corners on its bank where it can be."""
    mesh, pieces = division.mesh, []
    while True:
        bank = _bank_of(division, strip)
        far = _distances(division, bank)
        places = [
            k
            for k, metres in enumerate(far)
            if AT_CORNER_M <= metres <= far[-1] - REST_M
            and (mesh.degree[bank[k]] > 2 or metres > ANYWHERE_M)
        ]
        if not places or far[-1] < ANYWHERE_M + REST_M:
            return [*pieces, strip]
        vertex = bank[places[0]]
        other = vertex_near(mesh, strip, _opposite(division, strip, bank, vertex), 12.0)
        done, strip = mesh.split(strip, [vertex, other], "stream")
        if bank[0] not in mesh.rings[done]:
            done, strip = strip, done
        pieces.append(done)


def _bank_of(division: Division, strip: int) -> list[int]:
    """The chain of a strip's ring that borders on land, counter-clockwise.

    The western of two: a narrow river belongs to one side, or its border would jump to and fro.
    """
    mesh, ring = division.mesh, division.mesh.rings[strip]
    land = {cell.face for cell in division.cells if not cell.ground}
    count = len(ring)
    dry = [mesh.face_left_of.get((ring[(k + 1) % count], ring[k])) in land for k in range(count)]
    chains = []
    for k in range(count):
        if dry[k] and not dry[k - 1]:
            steps = next(n for n in range(1, count + 1) if not dry[(k + n) % count])
            chains.append([ring[(k + n) % count] for n in range(steps + 1)])
    return min(chains, key=lambda chain: sum(mesh.x[v] for v in chain) / len(chain))


def _distances(division: Division, chain: list[int]) -> list[float]:
    """How far each vertex of a chain is from its beginning."""
    far = [0.0]
    for a, b in zip(chain, chain[1:], strict=False):
        far.append(far[-1] + math.dist(division.mesh.at(a), division.mesh.at(b)))
    return far


def _opposite(division: Division, strip: int, bank: list[int], vertex: int):
    """The point across the water from a vertex of the bank."""
    mesh, ring = division.mesh, division.mesh.rings[strip]
    first = ring.index(bank[-1])
    turned = ring[first:] + ring[:first]
    across = turned[: turned.index(bank[0]) + 1]
    # its first and last edges are the strip's short ends, not the other bank
    line = shapely.LineString([mesh.at(v) for v in across[1:-1]])
    place = shapely.Point(mesh.at(vertex))
    foot = line.interpolate(line.project(place))
    return foot.x, foot.y


def lay_grounds(division: Division, grounds: tuple[Ground, ...]) -> list[Cover]:
    """Lakes and parks, each on neighbouring unit grids of the community that it is wanted in."""
    covers = []
    for ground in grounds:
        cells = _grow(division, ground)
        for cell in cells:
            cell.ground = ground.kind
        shapes = [shapely.Polygon(division.mesh.points(cell.face)) for cell in cells]
        whole = shapely.union_all(shapes)
        polygon = _lake(whole) if ground.kind == "water" else whole.buffer(-4, join_style="mitre")
        faces = frozenset(cell.face for cell in cells)
        covers.append(Cover(ground.kind, ground.name, faces, polygon))
    return covers


def _lake(ground: shapely.Polygon) -> shapely.Polygon:
    """A rounded shore inside the streets around it, without the corners of the blocks."""
    inside = ground.buffer(-SHORE_M)
    rounding = 0.24 * math.sqrt(ground.area)
    core = inside
    while (core := inside.buffer(-rounding)).is_empty:
        rounding *= 0.8
    core = max(shapely.get_parts(core), key=lambda part: part.area)
    water = _curved(core.buffer(rounding).simplify(rounding / 4)).intersection(inside)
    return shapely.Polygon(max(shapely.get_parts(water), key=lambda part: part.area).exterior)


def _curved(polygon: shapely.Polygon) -> shapely.Polygon:
    """Corners cut off three times over, after Chaikin."""
    ring = list(polygon.exterior.coords)[:-1]
    for _ in range(3):
        pairs = zip(ring, ring[1:] + ring[:1], strict=True)
        ring = [
            (ax + t * (bx - ax), ay + t * (by - ay))
            for (ax, ay), (bx, by) in pairs
            for t in (0.25, 0.75)
        ]
    return shapely.Polygon(ring)


def _grow(division: Division, ground: Ground) -> list[Cell]:
    """Unit grids around the one nearest the community's middle, until the area is reached."""
    mine = [c for c in division.cells if c.community.code == ground.community and not c.ground]
    places = {cell.face: division.centroid(cell.face) for cell in mine}
    free = {cell.face: cell for cell in mine}
    room = _room(division)
    middle = tuple(sum(place[axis] for place in places.values()) / len(mine) for axis in (0, 1))
    seed = min(free, key=lambda face: (math.dist(places[face], middle), face))
    taken, area, edge = [], 0.0, {seed}
    while edge and area < ground.hectares * 1e4:
        face = min(edge, key=lambda f: (math.dist(places[f], places[seed]), f))
        edge.remove(face)
        cell = free.pop(face)
        if room[cell.duty] < 1:
            continue
        room[cell.duty] -= 1
        taken.append(cell)
        area += division.area(face)
        edge |= {f for f in _next_to(division, face) if f in free}
    return taken


def _next_to(division: Division, face: int) -> set[int]:
    """The faces beside this one that no great road keeps apart from it."""
    mesh, ring = division.mesh, division.mesh.rings[face]
    return {
        mesh.face_left_of.get((b, a), -1)
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
        if mesh.lines[mesh.line_of[min(a, b), max(a, b)]].kind in ("local", "lane", "wall")
    }


def _room(division: Division) -> list[int]:
    """How many more unit grids of each duty grid a lake or park may cover."""
    count = [0] * len(division.duties)
    covered = [0] * len(division.duties)
    for cell in division.cells:
        count[cell.duty] += 1
        covered[cell.duty] += bool(cell.ground)
    return [int(MOST_OF_DUTY * n) - c for n, c in zip(count, covered, strict=True)]
