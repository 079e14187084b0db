"""What was there first: the city's outline, the river with its bridges, the ring road.

The outcome is a mesh with one face for each quarter and a strip of water between them.
"""

import math
import random
from dataclasses import dataclass, field

import shapely

from .cutting import End, Ring
from .mesh import Mesh
from .profile import Profile

Point = tuple[float, float]
WAVES = 5  # of an outline; more would fray it
NARROWEST = 0.86  # of the mean radius, so that the ring road keeps away from the outline
ONE_STRIP = 80.0  # metres of river; a wider one is two rows of unit grids


@dataclass
class Groundwork:
    """The mesh with its first faces."""

    mesh: Mesh
    river: list[Point]
    centre: Point
    quarters: dict[tuple[str, str], int] = field(default_factory=dict)
    strips: list[int] = field(default_factory=list)
    bridges: list[tuple[int, int]] = field(default_factory=list)
    shores: list[list[int]] = field(default_factory=list)


def lay(profile: Profile, rng: random.Random) -> Groundwork:
    """Outline, river, bridges and ring road, in this order."""
    outline = _outline(profile, rng)
    river = _river(profile, outline, rng)
    mesh = Mesh()
    city = mesh.add_face(outline)
    work = Groundwork(mesh, river, (0.0, 0.0))
    west, east = _cut_river(work, city, profile.river.width_m)
    if not profile.shape.ring_road:
        for part in profile.river.bridges:
            _bridge(work, _shore_vertex(work, part))
        work.quarters = {("west", "inner"): west, ("east", "inner"): east}
        work.centre = _centroid(mesh, [west, east])
        return work
    ring = _ring_road(profile, outline, river, rng)
    work.centre = tuple(shapely.Polygon(ring).centroid.coords[0])
    _cut_ring(work, ring, west, east)
    for part in profile.river.bridges:
        if _far_from_bridges(work, part):
            _bridge(work, _shore_vertex(work, part))
    return work


def _wave(rng: random.Random, first: int, height: float):
    """A periodic function of the angle, the higher waves the lower."""
    terms = [
        (k, rng.uniform(0.5, 1) * height / k, rng.uniform(0, 2 * math.pi))
        for k in range(first, first + WAVES)
    ]
    return lambda angle: sum(size * math.cos(k * angle + shift) for k, size, shift in terms)


def _outline(profile: Profile, rng: random.Random) -> list[Point]:
    """An organic border with straight runs, as a limit along fields and ditches has."""
    wave = _wave(rng, 2, 0.26)
    count = 76
    stretch = math.sqrt(profile.shape.stretch)
    points = []
    for k in range(count):
        angle = 2 * math.pi * (k + rng.uniform(-0.3, 0.3)) / count
        radius = max(NARROWEST, 1 + wave(angle)) + rng.uniform(-0.02, 0.02)
        points.append((radius * math.cos(angle) / stretch, radius * math.sin(angle) * stretch))
    polygon = shapely.Polygon(points)
    scale = math.sqrt(profile.shape.area_km2 * 1e6 / polygon.area)
    x, y = polygon.centroid.coords[0]
    return [((u - x) * scale, (v - y) * scale) for u, v in points]


def _river(profile: Profile, outline: list[Point], rng: random.Random) -> list[Point]:
    """A meandering course from south to north that leaves the west its share of the city."""
    _, south, _, north = shapely.Polygon(outline).bounds
    height = north - south
    tilt, shift, other = rng.uniform(-0.12, 0.12), rng.uniform(0, 6.28), rng.uniform(0, 6.28)
    count = 90

    def course(x: float) -> list[Point]:
        points = []
        for k in range(count + 1):
            t = k / count
            y = south - 0.1 * height + 1.2 * height * t
            bend = 0.035 * math.sin(9 * t + shift) + 0.012 * math.sin(21 * t + other)
            points.append((x + height * (tilt * (t - 0.5) + bend), y))
        return points

    total = sum(quarter.area for quarter in profile.quarters)
    wanted = sum(quarter.area for quarter in profile.quarters if quarter.side == "west") / total
    city = shapely.Polygon(outline)
    low, high = -height / 2, height / 2
    for _ in range(24):
        middle = (low + high) / 2
        west = _west_of(course(middle), height)
        if city.intersection(west).area / city.area < wanted:
            low = middle
        else:
            high = middle
    return course(middle)


def _west_of(river: list[Point], reach: float) -> shapely.Polygon:
    far = min(x for x, _ in river) - 2 * reach
    return shapely.Polygon([*river, (far, river[-1][1]), (far, river[0][1])])


def _beside(river: list[Point], offset: float) -> list[Point]:
    """A line beside the river, to its left (west) where the offset is positive."""
    points = []
    for k, (x, y) in enumerate(river):
        (ax, ay), (bx, by) = river[max(k - 1, 0)], river[min(k + 1, len(river) - 1)]
        length = math.hypot(bx - ax, by - ay)
        points.append((x - (by - ay) / length * offset, y + (bx - ax) / length * offset))
    return points


def _cut_through(mesh: Mesh, face: int, path: list[Point], kind: str):
    """Split a face by a line that begins and ends outside it: left face, right face, chain."""
    ring = Ring(mesh.points(face))
    enter = ring.exit(path, False)
    leave = ring.exit(path[::-1], False)
    ends = [enter[1], leave[1]]
    inner = path[enter[0] + 1 : len(path) - 1 - leave[0]]
    inner = [p for p in inner if min(math.dist(p, end.point) for end in ends) > 10]
    chain = [_vertex(mesh, face, ends[0]), *(mesh.add_vertex(*p) for p in inner)]
    chain.append(vertex_near(mesh, face, ends[1].point))
    left, right = mesh.split(face, chain, kind)
    return left, right, chain


def _vertex(mesh: Mesh, face: int, end: End) -> int:
    ring = mesh.rings[face]
    return mesh.put_on_edge(ring[end.index], ring[(end.index + 1) % len(ring)], *end.point)


def vertex_near(mesh: Mesh, face: int, point: Point, snap: float = 2.0) -> int:
    """The vertex of a ring at a point, put there if there is none within the snap."""
    ring, points = mesh.rings[face], mesh.points(face)
    place, count = shapely.Point(point), len(ring)
    near = min(range(count), key=lambda k: math.dist(points[k], point))
    if math.dist(points[near], point) < snap:
        return ring[near]
    edges = [shapely.LineString([points[k], points[(k + 1) % count]]) for k in range(count)]
    edge = min(range(count), key=lambda k: edges[k].distance(place))
    foot = edges[edge].interpolate(edges[edge].project(place))
    return mesh.put_on_edge(ring[edge], ring[(edge + 1) % count], foot.x, foot.y)


def _cut_river(work: Groundwork, city: int, width: float) -> tuple[int, int]:
    """Banks, and the middle of a wide river: the faces west and east of the water."""
    mesh, river = work.mesh, work.river
    west, rest, shore = _cut_through(mesh, city, _beside(river, width / 2), "bank")
    work.shores.append(shore)
    if width > ONE_STRIP:
        strip, rest, shore = _cut_through(mesh, rest, river, "stream")
        work.strips.append(strip)
        work.shores.append(shore)
    strip, east, shore = _cut_through(mesh, rest, _beside(river, -width / 2), "bank")
    work.strips.append(strip)
    work.shores.append(shore)
    return west, east


def _shore_vertex(work: Groundwork, part: float) -> int:
    """A vertex on the west bank at a part of the river's course inside the city."""
    mesh = work.mesh
    line = _bank(work, 0)
    point = shapely.LineString([mesh.at(v) for v in line]).interpolate(part, normalized=True)
    face = _water_at(work, point)
    return vertex_near(mesh, face, (point.x, point.y))


def _bank(work: Groundwork, number: int) -> list[int]:
    """The vertices of a shore line as it is now, with those put on it since."""
    first, second = work.shores[number][:2]
    mesh = work.mesh
    for line in mesh.lines:
        if line.kind in ("bank", "stream") and line.vertices[0] == first:
            return line.vertices
    raise LookupError((first, second))


def _water_at(work: Groundwork, point) -> int:
    """The strip of water at a point of the west bank."""
    return min(work.strips, key=lambda f: shapely.Polygon(work.mesh.points(f)).distance(point))


def _bridge(work: Groundwork, vertex: int, course=None) -> int:
    """Cross the water from a vertex of the west bank: the vertex reached on the east bank.

    The shortest way, or along the course of the road that crosses.
    """
    mesh = work.mesh
    for number in range(1, len(work.shores)):
        line = shapely.LineString([mesh.at(v) for v in _bank(work, number)])
        start = shapely.Point(mesh.at(vertex))
        foot = line.interpolate(line.project(start))
        if course is not None:
            foot = min(shapely.get_parts(line.intersection(course)), key=start.distance)
        face = next(f for f in work.strips if vertex in mesh.rings[f] and _touches(mesh, f, foot))
        other = vertex_near(mesh, face, (foot.x, foot.y), 12.0)
        parts = mesh.split(face, [vertex, other], "bridge")
        if number == 1:
            work.bridges.append((vertex, other))
        work.strips.remove(face)
        work.strips.extend(parts)
        vertex = other
    return vertex


def _touches(mesh: Mesh, face: int, place) -> bool:
    return shapely.Polygon(mesh.points(face)).distance(place) < 0.5


def _far_from_bridges(work: Groundwork, part: float) -> bool:
    """Whether a new bridge would keep 300 m from those that are there."""
    mesh = work.mesh
    bank = _bank(work, 0)
    point = shapely.LineString([mesh.at(v) for v in bank]).interpolate(part, normalized=True)
    taken = [mesh.at(v) for v in bank[1:-1] if mesh.degree[v] > 2]
    return all(math.dist((point.x, point.y), other) > 300 for other in taken)


def _ring_road(profile: Profile, outline: list[Point], river: list[Point], rng) -> list[Point]:
    """A closed curve that leaves each side of the river its inner share."""
    areas = {(quarter.side, quarter.zone): quarter.area for quarter in profile.quarters}
    city = shapely.Polygon(outline)
    inner = sum(area for (_, zone), area in areas.items() if zone == "inner")
    radius = math.sqrt(city.area * inner / sum(areas.values()) / math.pi)
    wave = _wave(rng, 2, 0.06)
    shape = [(a, 1 + wave(a)) for a in (2 * math.pi * k / 110 for k in range(110))]
    stretch = math.sqrt(profile.shape.stretch)
    west = _west_of(river, 4 * radius)

    def ring(x: float) -> list[Point]:
        return [
            (x + radius * r * math.cos(a) / stretch, radius * r * math.sin(a) * stretch)
            for a, r in shape
        ]

    low, high = -2 * radius, 2 * radius
    for _ in range(24):
        middle = (low + high) / 2
        part = shapely.Polygon(ring(middle)).intersection(west).area
        if part / (math.pi * radius**2) > areas["west", "inner"] / inner:
            low = middle
        else:
            high = middle
    return ring(middle)


def _cut_ring(work: Groundwork, ring: list[Point], west: int, east: int) -> None:
    """The ring road as an arc on each side and two bridges between them."""
    mesh = work.mesh
    turned = _start_at(ring, lambda p: p[0])  # from its easternmost point, counter-clockwise
    arc, rest, chain = _cut_through(mesh, west, turned, "arterial")
    work.quarters["west", "inner"] = arc
    work.quarters["west", "outer"] = rest
    course = shapely.LineString(turned)
    north, south = (_bridge(work, vertex, course) for vertex in (chain[0], chain[-1]))
    # east of the river the arc goes from the southern bridge to the northern
    start, end = mesh.at(south), mesh.at(north)
    turned = _start_at(ring, lambda p: -p[0])
    inside = [p for p in turned if not _within(mesh, west, work, p)]
    path = [p for p in inside if min(math.dist(p, start), math.dist(p, end)) > 20]
    chain = [south, *(mesh.add_vertex(*p) for p in path), north]
    arc, rest = mesh.split(east, chain, "arterial")
    work.quarters["east", "inner"] = arc
    work.quarters["east", "outer"] = rest


def _start_at(ring: list[Point], key) -> list[Point]:
    """The closed ring, beginning and ending where the key is greatest."""
    first = max(range(len(ring)), key=lambda k: key(ring[k]))
    turned = ring[first:] + ring[:first]
    return [*turned, turned[0]]


def _within(mesh: Mesh, west: int, work: Groundwork, point: Point) -> bool:
    """Whether a point lies west of the east bank, with a margin."""
    bank = shapely.LineString([mesh.at(v) for v in _bank(work, len(work.shores) - 1)])
    place = shapely.Point(point)
    foot = bank.interpolate(bank.project(place))
    return point[0] < foot.x + 20


def _centroid(mesh: Mesh, faces: list[int]) -> Point:
    whole = shapely.union_all([shapely.Polygon(mesh.points(face)) for face in faces])
    return tuple(whole.centroid.coords[0])
