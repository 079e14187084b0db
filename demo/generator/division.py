"""From quarters to streets, communities, duty grids and unit grids: ever smaller cuts.

Large faces are cut by curves that follow the direction field, or that carry on a street from the
other side; small ones by straight streets that leave equal areas. Every cut is the cheapest of
many, so crossings line up, blocks are rarely thin and corners rarely sharp.
"""

import math
import random
from dataclasses import dataclass, field, replace

import shapely

from . import cutting
from .cutting import Cut, Ring
from .field import Field
from .mesh import Mesh
from .profile import Community, Profile
from .shares import share_out

LEAST_AREA = 2600.0  # m² of a unit grid; the rule says 1,500, and banks and lakes nibble
LEAST_WIDTH = 27.0  # metres; the rule says 25
WALLS = 0.3  # of the last cuts, the share that are walls of compounds, not lanes


@dataclass
class Cell:
    """A unit grid in the making."""

    face: int
    community: Community
    duty: int
    ground: str = ""  # the kind of feature that covers it


@dataclass
class Division:
    """What is being divided, and the outcome so far."""

    mesh: Mesh
    field: Field
    profile: Profile
    centre: tuple[float, float]
    rng: random.Random
    cells: list[Cell] = field(default_factory=list)
    duties: list[Community] = field(default_factory=list)

    def centroid(self, face: int) -> tuple[float, float]:
        """The middle of a face."""
        return shapely.Polygon(self.mesh.points(face)).centroid.coords[0]

    def area(self, face: int) -> float:
        """In square metres."""
        return cutting.area_of(self.mesh.points(face))


@dataclass(frozen=True)
class Manner:
    """How a level of the hierarchy is cut."""

    seeds: int  # places tried
    weight: float  # price of missing the wanted share
    gap: float  # metres between corners
    snap: float  # metres within which a street is carried on
    carry: float  # what carrying one on is worth
    diagonals: bool = False


STREETS = Manner(seeds=30, weight=2.5, gap=150, snap=220, carry=0.8, diagonals=True)
COMMUNITIES = Manner(seeds=18, weight=1.3, gap=90, snap=110, carry=0.55)
DUTIES = Manner(seeds=10, weight=1.0, gap=60, snap=45, carry=0.25)
BLOCKS = Manner(seeds=0, weight=1.0, gap=30, snap=30, carry=0.12)


def divide(division: Division, quarters: dict[tuple[str, str], int]) -> None:
    """All levels; fills cells and duties."""
    mesh, profile = division.mesh, division.profile
    homes: list[tuple[int, Community, float]] = []
    great = min(5, max(3, len(profile.communities) // 8))  # communities between great roads
    for quarter in profile.quarters:
        face = quarters[quarter.side, quarter.zone]
        for street, group in _streets(division, face, list(quarter.groups)):
            shares = [division.rng.uniform(0.8, 1.25) for _ in group.communities]
            faces = spread(division, street, shares, COMMUNITIES, ("secondary", "arterial", great))
            for home, community in zip(faces, group.communities, strict=True):
                homes.append((home, community, quarter.block))
    duties = []
    counts = share_out(
        profile.figures.duty_grids,
        [math.sqrt(division.area(face)) * division.rng.uniform(0.75, 1.3) for face, _, _ in homes],
        least=min(3, profile.figures.duty_grids // len(homes)),
    )
    for (face, community, block), count in zip(homes, counts, strict=True):
        shares = [division.rng.uniform(0.85, 1.2) for _ in range(count)]
        for part in spread(division, face, shares, DUTIES, ("local", "secondary", 4)):
            duties.append((part, community, block))
    sizes = [division.area(face) / _block_area(division, face, block) for face, _, block in duties]
    counts = share_out(profile.figures.unit_grids, sizes, least=2)
    for (face, community, _), count in zip(duties, counts, strict=True):
        division.duties.append(community)
        for part in _blocks(division, face, count):
            division.cells.append(Cell(part, community, len(division.duties) - 1))
    assert all(cell.face in mesh.rings for cell in division.cells)


def _block_area(division: Division, face: int, block: float) -> float:
    """Relative size of the unit grids here: small in the old town, larger outside."""
    x, y = division.centroid(face)
    distance = math.dist((x, y), division.centre) / division.profile.shape.core_m
    return block * (0.72 + 0.28 * min(1.0, distance / 1.5)) * division.rng.uniform(0.85, 1.2)


def _streets(division: Division, face: int, groups: list) -> list:
    """Cut a quarter into its groups of communities, each towards its bearing."""
    if len(groups) == 1:
        return [(face, groups[0])]
    groups = sorted(groups, key=lambda group: group.bearing)
    weights = [len(group.communities) for group in groups]
    middle = _halve(weights)
    first, second = groups[:middle], groups[middle:]
    share = sum(weights[:middle]) / sum(weights)
    one, other = _best_cut(division, face, share, STREETS, "arterial")
    if (division.area(one) > division.area(other)) != (share > 0.5):
        one, other = other, one
    if 0.4 < share < 0.6 and _mismatch(division, one, first) > _mismatch(division, other, first):
        one, other = other, one
    return _streets(division, one, first) + _streets(division, other, second)


def _mismatch(division: Division, face: int, groups: list) -> float:
    """How far a face's direction is from the mean bearing of groups, in degrees."""
    x, y = division.centroid(face)
    bearing = math.degrees(math.atan2(x - division.centre[0], y - division.centre[1]))
    mean = sum(group.bearing for group in groups) / len(groups)
    return abs((bearing - mean + 180) % 360 - 180)


def _halve(weights: list[float]) -> int:
    """Where to cut a list so that its two parts weigh most nearly the same."""
    total = sum(weights)
    return min(range(1, len(weights)), key=lambda k: abs(2 * sum(weights[:k]) - total))


def spread(division: Division, face: int, weights: list, manner: Manner, kinds) -> list[int]:
    """Cut a face into parts with areas like the weights.

    kinds: of road, for cuts between few parts and between many, and how many are many.
    """
    if len(weights) == 1:
        return [face]
    middle = _halve(weights)
    share = sum(weights[:middle]) / sum(weights)
    road = kinds[len(weights) >= kinds[2]]
    one, other = _best_cut(division, face, share, manner, road)
    if abs(division.area(one) / (division.area(one) + division.area(other)) - share) > abs(
        division.area(other) / (division.area(one) + division.area(other)) - share
    ):
        one, other = other, one
    first = spread(division, one, weights[:middle], manner, kinds)
    return first + spread(division, other, weights[middle:], manner, kinds)


def _best_cut(division: Division, face: int, share: float, manner: Manner, kind: str):
    """The cheapest of many curves through a large face, carried out."""
    mesh, ring = division.mesh, division.mesh.rings[face]
    points = mesh.points(face)
    shape = Ring(points)
    best = None
    for cut in _curves(division, shape, face, manner):
        if cut is None:
            continue
        cut = cutting.settled(mesh, ring, points, cut, manner.snap)
        cut = cutting.price(points, cut, share, manner)
        if (best is None or cut.cost < best.cost) and cutting.is_sound(
            points, cut, LEAST_WIDTH * 2
        ):
            best = cut
    if best is None:
        raise RuntimeError("no cut through a face; try another seed")
    return cutting.make(mesh, face, best, kind)


def _curves(division: Division, shape: Ring, face: int, manner: Manner):
    """Candidates: streets carried on from the border, then curves through places inside."""
    mesh, rng = division.mesh, division.rng
    ring, points = mesh.rings[face], shape.points
    for index in range(len(ring)):
        if cutting.is_open(mesh, ring, points, index):
            yield cutting.onwards(shape, division.field, index)
    for x, y in _places(points, manner.seeds, rng):
        skew = rng.choice((-0.6, 0.6)) if manner.diagonals and rng.random() < 0.3 else 0.0
        heading = division.field.angle(x, y) + skew
        for turn in (0.0, math.pi / 2):
            yield cutting.through(shape, division.field, (x, y), heading + turn, skew)


def _places(points: list, count: int, rng: random.Random) -> list:
    """Random places well inside a ring."""
    polygon = shapely.Polygon(points)
    west, south, east, north = polygon.bounds
    shapely.prepare(polygon)
    found = []
    while len(found) < count:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if polygon.contains(shapely.Point(x, y)):
            found.append((x, y))
    return found


def _blocks(division: Division, face: int, count: int) -> list[int]:
    """Cut a duty grid into about so many unit grids by straight streets and bent lanes."""
    if count < 2:
        return [face]
    half = count // 2
    made = _straight_cut(division, face, half / count, count)
    if made is None:
        return [face]
    small, large = sorted(made, key=division.area)
    return _blocks(division, small, half) + _blocks(division, large, count - half)


def _straight_cut(division: Division, face: int, share: float, count: int):
    """The cheapest sound straight cut, or None if every one would leave a sliver."""
    mesh, rng = division.mesh, division.rng
    ring, points = mesh.rings[face], mesh.points(face)
    core = _in_core(division, points[0])
    snap = 40.0 if count > 3 else 30.0
    options = []
    for angle in _directions(division, points, core):
        for part in {share, 1 - share}:
            cut = cutting.chord(points, angle, part)
            if cut is None:
                continue
            cut = cutting.settled(mesh, ring, points, cut, snap)
            options.append(cutting.price(points, cut, share, BLOCKS))
    for cut in sorted(options, key=lambda option: option.cost)[:4]:
        bent = _bend(cut, rng, core)
        for option in (bent, cut) if bent is not cut else (cut,):
            if _leaves_room(points, option):
                return cutting.make(mesh, face, option, _block_kind(count, rng))
    return None


def _leaves_room(points: list, cut: Cut) -> bool:
    """Whether both parts are large and wide enough to be unit grids."""
    if min(map(cutting.area_of, cutting.parts(points, cut))) < LEAST_AREA:
        return False
    return cutting.is_sound(points, cut, LEAST_WIDTH)


def _in_core(division: Division, point) -> bool:
    return math.dist(point, division.centre) < division.profile.shape.core_m


def _directions(division: Division, points: list, core: bool) -> list[float]:
    """The field's two directions and those of the face's longest side; less strict in the core."""
    x = sum(p[0] for p in points) / len(points)
    y = sum(p[1] for p in points) / len(points)
    field_angle = division.field.angle(x, y)
    sides = zip(points, points[1:] + points[:1], strict=True)
    (ax, ay), (bx, by) = max(sides, key=lambda side: math.dist(*side))
    side_angle = math.atan2(by - ay, bx - ax)
    if core:
        field_angle += division.rng.uniform(-0.16, 0.16)
        side_angle += division.rng.uniform(-0.12, 0.12)
    return [angle + turn for angle in (field_angle, side_angle) for turn in (0.0, math.pi / 2)]


def _bend(cut: Cut, rng: random.Random, core: bool) -> Cut:
    """Lanes of the old town have a kink."""
    if not core or rng.random() < 0.3:
        return cut
    (ax, ay), (bx, by) = cut.start.point, cut.end.point
    t, off = rng.uniform(0.35, 0.65), rng.uniform(-0.09, 0.09)
    kink = (ax + t * (bx - ax) - off * (by - ay), ay + t * (by - ay) + off * (bx - ax))
    return replace(cut, inner=(kink,))


def _block_kind(count: int, rng: random.Random) -> str:
    if count >= 6:
        return "local"
    return "wall" if count <= 3 and rng.random() < WALLS else "lane"
