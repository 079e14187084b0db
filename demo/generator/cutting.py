"""Cuts through one face: where they may run, what they would leave, and making the best of them."""

import math
from dataclasses import dataclass

import numpy as np
import shapely

from .field import Field, trace, turn_to
from .mesh import Mesh

Point = tuple[float, float]
SAME_POINT = 4.0  # metres; closer to a vertex than this is that vertex
SHARP = math.radians(55)  # corners between streets below this look wrong and leave wedges


@dataclass(frozen=True)
class End:
    """Where a cut meets the ring: on the edge after index, at a vertex if it has one."""

    index: int
    point: Point
    at_vertex: bool = False


@dataclass(frozen=True)
class Cut:
    """A chain through a face, what it costs, and its left part's share of the area."""

    start: End
    inner: tuple[Point, ...]
    end: End
    cost: float = 0.0
    share: float = 0.5


def area_of(points: list[Point]) -> float:
    """Signed area of a ring, positive counter-clockwise."""
    total = 0.0
    last_x, last_y = points[-1]
    for x, y in points:
        total += last_x * y - x * last_y
        last_x, last_y = x, y
    return total / 2


def roundness(points: list[Point]) -> float:
    """1 for a circle, 0.79 for a square, 0.5 for a block four times as long as wide."""
    around = 0.0
    last_x, last_y = points[-1]
    for x, y in points:
        around += math.sqrt((x - last_x) ** 2 + (y - last_y) ** 2)
        last_x, last_y = x, y
    return 4 * math.pi * abs(area_of(points)) / (around * around)


def is_open(mesh: Mesh, ring: list[int], points: list[Point], index: int) -> bool:
    """Whether a street ends here from the other side, so that a cut would carry it on."""
    if mesh.degree[ring[index]] != 3:
        return False
    return abs(bend_at(points, index)) < math.radians(20)


def bend_at(points: list[Point], index: int) -> float:
    """The turn of the ring at a vertex, 0 where it runs straight on."""
    (ax, ay), (bx, by) = points[index - 1], points[index]
    cx, cy = points[(index + 1) % len(points)]
    turn = math.atan2(cy - by, cx - bx) - math.atan2(by - ay, bx - ax)
    return (turn + math.pi) % (2 * math.pi) - math.pi


def settle(mesh: Mesh, ring: list[int], points: list[Point], end: End, tolerance: float) -> End:
    """Move an end onto a street that ends opposite, or onto a vertex that it nearly hits."""
    if end.at_vertex:
        return end
    count, best, near = len(ring), None, tolerance
    for step in range(-3, 5):
        index = (end.index + step) % count
        gap = math.dist(points[index], end.point)
        if gap < SAME_POINT and best is None:
            best = index
        if gap < near and is_open(mesh, ring, points, index):
            best, near = index, gap
    return end if best is None else End(best, points[best], True)


def settled(mesh: Mesh, ring: list[int], points: list[Point], cut: Cut, tolerance: float) -> Cut:
    """The cut with both ends settled; its course bends gently towards where they moved."""
    start = settle(mesh, ring, points, cut.start, tolerance)
    end = settle(mesh, ring, points, cut.end, tolerance)
    inner = _drawn(cut.inner, cut.start.point, start.point)
    inner = _drawn(inner, cut.end.point, end.point)
    return Cut(start, inner, end)


def _drawn(inner: tuple[Point, ...], old: Point, new: Point) -> tuple[Point, ...]:
    """Points moved along with an end, the less the farther they are from it."""
    moved = math.dist(old, new)
    if not inner or moved < SAME_POINT:
        return inner
    drawn = []
    for x, y in inner:
        pull = max(0.0, 1 - math.dist((x, y), old) / (5 * moved)) ** 2
        drawn.append((x + pull * (new[0] - old[0]), y + pull * (new[1] - old[1])))
    return tuple(drawn)


def parts(points: list[Point], cut: Cut) -> tuple[list[Point], list[Point]]:
    """The rings left and right of a cut."""
    left = _walk(points, cut.end, cut.start) + list(cut.inner)
    right = _walk(points, cut.start, cut.end) + list(cut.inner[::-1])
    return left, right


def _walk(points: list[Point], start: End, end: End) -> list[Point]:
    """Along the ring counter-clockwise from one end to the other, both included."""
    count = len(points)
    steps = (end.index - start.index) % count
    if steps == 0 and not start.at_vertex and _before(points, end, start):
        steps = count
    passed = [points[(start.index + k) % count] for k in range(1, steps + 1)]
    if end.at_vertex and steps:
        passed.pop()
    return [start.point, *passed, end.point]


def _before(points: list[Point], one: End, other: End) -> bool:
    if one.at_vertex:
        return True
    origin = points[one.index]
    return math.dist(origin, one.point) < math.dist(origin, other.point)


def corner_cost(points: list[Point], cut: Cut, gap: float) -> float:
    """The price of sharp corners, and of ends close to a corner of the face."""
    cost = 0.0
    inward = (cut.inner or (cut.end.point,))[0], (cut.inner or (cut.start.point,))[-1]
    for end, towards in zip((cut.start, cut.end), inward, strict=True):
        back = end.index - 1 if end.at_vertex else end.index
        (ax, ay), (px, py) = points[back], end.point
        bx, by = points[(end.index + 1) % len(points)]
        out = math.atan2(towards[1] - py, towards[0] - px)
        for x, y in ((ax, ay), (bx, by)):
            angle = abs((math.atan2(y - py, x - px) - out + math.pi) % (2 * math.pi) - math.pi)
            if angle < SHARP:
                cost += 2.5 * (1 - angle / SHARP)
            distance = math.hypot(x - px, y - py)
            index = back if (x, y) == (ax, ay) else (end.index + 1) % len(points)
            if distance < gap and abs(bend_at(points, index)) > 0.5:
                cost += 1.5 * (1 - distance / gap)
        if end.at_vertex and abs(bend_at(points, end.index)) > 0.6:
            cost += 0.8
    return cost


def price(points: list[Point], cut: Cut, share: float, manner) -> Cut:
    """The cut with its cost: shares missed, thin parts, bad corners; less for carrying on."""
    left, right = parts(points, cut)
    area = area_of(points)
    got = area_of(left) / area
    same_edge = cut.start.index == cut.end.index and not (cut.start.at_vertex or cut.end.at_vertex)
    if same_edge or not 0.02 < got < 0.98:
        return Cut(cut.start, cut.inner, cut.end, 1e6, got)
    wanted = share if abs(got - share) < abs(got - 1 + share) else 1 - share
    cost = manner.weight * ((got - wanted) / min(wanted, 1 - wanted)) ** 2
    cost += sum(6 * max(0.0, 0.68 - roundness(part)) ** 2 for part in (left, right))
    cost += corner_cost(points, cut, manner.gap)
    cost -= sum(manner.carry for end in (cut.start, cut.end) if end.at_vertex)
    return Cut(cut.start, cut.inner, cut.end, round(cost, 6), got)


def chord(points: list[Point], angle: float, share: float) -> Cut | None:
    """The straight cut in a direction that leaves a share of the area on one side."""
    cosine, sine = math.cos(angle), math.sin(angle)
    along = [x * cosine + y * sine for x, y in points]
    across = [y * cosine - x * sine for x, y in points]
    low, high, wanted = min(across), max(across), share * area_of(points)
    for _ in range(9):
        level = (low + high) / 2
        if _area_below(along, across, level) < wanted:
            low = level
        else:
            high = level
    ends = []
    count = len(points)
    for k in range(count):
        here, there = across[k], across[(k + 1) % count]
        if (here < level) != (there < level):
            t = (level - here) / (there - here)
            (ax, ay), (bx, by) = points[k], points[(k + 1) % count]
            ends.append(End(k, (ax + t * (bx - ax), ay + t * (by - ay))))
    return Cut(ends[0], (), ends[1]) if len(ends) == 2 else None


def _area_below(along: list[float], across: list[float], level: float) -> float:
    """Area of the part of a ring that lies on one side of a straight line."""
    total = 0.0
    t0, d0 = along[-1], across[-1] - level
    for t1, d in zip(along, across, strict=True):
        d1 = d - level
        if d0 < 0 and d1 < 0:
            total -= (t1 - t0) * (d0 + d1) / 2
        elif d0 < 0 or d1 < 0:
            meet = t0 + (t1 - t0) * d0 / (d0 - d1)
            total -= (meet - t0) * d0 / 2 if d0 < 0 else (t1 - meet) * d1 / 2
        t0, d0 = t1, d1
    return total


class Ring:
    """A ring as arrays, to find where a walk leaves it."""

    def __init__(self, points: list[Point]):
        self.points = points
        self.start = np.array(points)
        self.run = np.roll(self.start, -1, axis=0) - self.start
        (west, south), (east, north) = self.start.min(axis=0), self.start.max(axis=0)
        self.box = (float(west), float(south), float(east), float(north))
        size = max(self.box[2] - self.box[0], self.box[3] - self.box[1])
        self.step = max(15.0, min(45.0, size / 14))  # metres of a walk through this face

    def exit(self, walk: list[Point], from_border: bool) -> tuple[int, End] | None:
        """The first crossing of a walk with the ring: the walk's step and the place."""
        path = np.array(walk)
        steps = path[1:] - path[:-1]
        away = self.start[None, :, :] - path[:-1, None, :]
        base = steps[:, None, 0] * self.run[None, :, 1] - steps[:, None, 1] * self.run[None, :, 0]
        base = np.where(base == 0, 1e-12, base)
        t = (away[..., 0] * self.run[None, :, 1] - away[..., 1] * self.run[None, :, 0]) / base
        u = (away[..., 0] * steps[:, None, 1] - away[..., 1] * steps[:, None, 0]) / base
        hit = (t >= 0) & (t <= 1) & (u >= 0) & (u < 1)
        if from_border:
            hit[0] &= t[0] > 0.05
        if not hit.any():
            return None
        step = int(np.argmax(hit.any(axis=1)))
        index = int(np.argmin(np.where(hit[step], t[step], 9.0)))
        x, y = self.start[index] + u[step, index] * self.run[index]
        return step, End(index, (float(x), float(y)))


def through(ring: Ring, field: Field, seed: Point, heading: float, skew: float) -> Cut | None:
    """The cut that follows the field both ways from a point inside."""
    halves = []
    for direction in (heading, heading + math.pi):
        walk = trace(field, seed, direction, ring.box, ring.step, skew)
        found = ring.exit(walk, False)
        if found is None:
            return None
        halves.append((walk[1 : found[0] + 1], found[1]))
    (ahead, end), (behind, start) = halves
    return Cut(start, _simple([start.point, *behind[::-1], seed, *ahead, end.point]), end)


def onwards(ring: Ring, field: Field, index: int) -> Cut | None:
    """The cut that carries a street on from a vertex of the ring into the face."""
    points = ring.points
    (ax, ay), (bx, by) = points[index - 1], points[(index + 1) % len(points)]
    inward = math.atan2(by - ay, bx - ax) + math.pi / 2
    x, y = points[index]
    heading = inward + turn_to(field.angle(x, y), inward)
    walk = trace(field, (x, y), heading, ring.box, ring.step)
    found = ring.exit(walk, True)
    if found is None or found[0] == 0 and math.dist(found[1].point, (x, y)) < ring.step / 2:
        return None
    end = found[1]
    inner = _simple([(x, y), *walk[1 : found[0] + 1], end.point])
    return Cut(End(index, (x, y), True), inner, end)


def _simple(path: list[Point]) -> tuple[Point, ...]:
    """The inner points that a curve needs, none too close to its ends."""
    line = shapely.LineString(path).simplify(1.2)
    inner = list(line.coords)[1:-1]
    return tuple(p for p in inner if min(math.dist(p, path[0]), math.dist(p, path[-1])) > 12)


def is_sound(points: list[Point], cut: Cut, width: float) -> bool:
    """Whether both parts are valid and wide enough for a circle of that width."""
    for part in parts(points, cut):
        polygon = shapely.Polygon(part)
        if not polygon.is_valid or polygon.buffer(-width / 2, quad_segs=2).is_empty:
            return False
    return True


def make(mesh: Mesh, face: int, cut: Cut, kind: str) -> tuple[int, int]:
    """Carry a cut out: the faces left and right of it."""
    ring = mesh.rings[face]
    count = len(ring)
    edges = [(ring[e.index], ring[(e.index + 1) % count]) for e in (cut.start, cut.end)]
    path = [
        edge[0] if end.at_vertex else mesh.put_on_edge(*edge, *end.point)
        for end, edge in zip((cut.start, cut.end), edges, strict=True)
    ]
    inner = [mesh.add_vertex(x, y) for x, y in cut.inner]
    return mesh.split(face, [path[0], *inner, path[1]], kind)
