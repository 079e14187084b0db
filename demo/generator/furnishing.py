"""Public things in plausible places: lamps at the kerb, covers in the carriageway, signals at great
crossings, benches in parks."""

import math
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from .landscape import Cover
from .mesh import Mesh
from .plan import ComponentSeed, Projection
from .profile import Kind, Profile
from .roads import RANK, WIDTHS_M, Street, meetings

Point = tuple[float, float]


@dataclass(frozen=True)
class Strip:
    """Where along a road something stands: how dense by kind of road, how far from the middle.

    The distance is a share of half the width, drawn between two bounds, and metres.
    """

    density: dict[str, float]
    least: float
    most: float
    metres: float


WAYS = {
    "kerb": Strip({"arterial": 1.0, "secondary": 0.9, "local": 0.5}, 1, 1, 0.8),
    "gutter": Strip({"arterial": 1.0, "secondary": 0.9, "local": 0.6, "lane": 0.15}, 1, 1, -0.5),
    "carriageway": Strip(
        {"arterial": 1.0, "secondary": 1.0, "local": 0.8, "lane": 0.4}, 0.15, 0.7, 0.3
    ),
    "pavement": Strip({"arterial": 1.0, "secondary": 0.9, "local": 0.6}, 1, 1, 2.4),
    "lane": Strip({"local": 0.2, "lane": 1.0}, 1, 1, 0.6),
    "stop": Strip({"arterial": 1.0, "secondary": 0.6}, 1, 1, 1.5),
    "main": Strip({"arterial": 1.0, "secondary": 0.2}, 1, 1, 0.2),
    "bank": Strip({"bank": 1.0}, 1, 1, 1.5),
}
# How likely a crossing is chosen, by the rank of its second greatest road; lanes have no signals.
CORNERS = {"crossing": (0.1, 0.5, 1.0, 1.5), "signal": (0.0, 0.02, 0.5, 1.0)}


class Furnisher:
    """All places for things, and a hand that fills them."""

    def __init__(
        self,
        mesh: Mesh,
        streets: list[Street],
        covers: list[Cover],
        blocks: list[shapely.Polygon],
        bridges: list[tuple[int, int]],
        rng: random.Random,
    ):
        self.mesh, self.streets, self.rng = mesh, streets, rng
        self.parks = [cover.polygon for cover in covers if cover.kind == "park"]
        self.blocks, self.bridges = blocks, bridges
        self.lines = [[mesh.at(v) for v in street.vertices] for street in streets]
        self.corners = self._corners()

    def places(self, kind: Kind, count: int) -> list[Point]:
        """About so many places for a kind, in metres."""
        if kind.place in WAYS:
            return self._along(WAYS[kind.place], count)
        if kind.place in CORNERS:
            return self._at_corners(CORNERS[kind.place], count)
        if kind.place == "bridge":
            return self._on_bridges(count)
        grounds = self.parks if kind.place == "green" else self.blocks
        return [self._inside(grounds) for _ in range(count)]

    def _along(self, strip: Strip, count: int) -> list[Point]:
        """Evenly along the roads, on alternate sides, with a little disorder."""
        density = [
            strip.density.get("bank" if s.is_bank and "bank" in strip.density else s.kind, 0.0)
            for s in self.streets
        ]
        total = sum(d * s.length for d, s in zip(density, self.streets, strict=True))
        spacing = total / count
        due, side, found = spacing * self.rng.uniform(0.2, 0.8), 1, []
        for street, line, dense in zip(self.streets, self.lines, density, strict=True):
            half = WIDTHS_M[street.kind] / 2
            for a, b in zip(line, line[1:], strict=False):
                length = math.dist(a, b)
                while due < length * dense:
                    along = due / dense + self.rng.uniform(-0.15, 0.15) * spacing
                    along = min(max(along, 0.1 * length), 0.9 * length)
                    away = half * self.rng.uniform(strip.least, strip.most) + strip.metres
                    found.append(_beside(a, b, along / length, away * side))
                    due, side = due + spacing, -side
                due -= length * dense
        return found

    def _corners(self) -> list[tuple[int, list[Point]]]:
        """Each crossing's rank and the points on the pavement between its arms."""
        found = []
        for vertex, streets in sorted(meetings(self.streets).items()):
            rank = sorted(RANK[street.kind] for street in streets)[-2]
            away = max(WIDTHS_M[street.kind] for street in streets) / 2 + 2
            found.append((rank, self._between_arms(vertex, streets, away)))
        return found

    def _between_arms(self, vertex: int, streets: list[Street], away: float) -> list[Point]:
        x, y = self.mesh.at(vertex)
        angles = set()
        for street in streets:
            place = street.vertices.index(vertex)
            for other in street.vertices[max(place - 1, 0) : place + 2]:
                if other != vertex:
                    u, v = self.mesh.at(other)
                    angles.add(math.atan2(v - y, u - x))
        arms = sorted(angles)
        corners = []
        for one, other in zip(arms, [*arms[1:], arms[0] + 2 * math.pi], strict=True):
            gap = other - one
            reach = away / max(0.5, math.sin(min(gap, math.pi) / 2))
            middle = one + gap / 2
            corners.append((x + reach * math.cos(middle), y + reach * math.sin(middle)))
        return corners

    def _at_corners(self, chances: tuple[float, ...], count: int) -> list[Point]:
        """Corners of crossings drawn without putting back, the greater ones sooner."""
        drawn = [
            (self.rng.random() ** (1 / chances[rank]), k)
            for k, (rank, _) in enumerate(self.corners)
            if chances[rank] > 0
        ]
        found: list[Point] = []
        turn = 0
        while len(found) < count and drawn:
            for _, k in sorted(drawn, reverse=True)[: count - len(found)]:
                corners = self.corners[k][1]
                x, y = corners[(k + turn) % len(corners)]
                found.append((x + self.rng.uniform(-0.8, 0.8), y + self.rng.uniform(-0.8, 0.8)))
            turn += 1
        return found

    def _on_bridges(self, count: int) -> list[Point]:
        ends = [(self.mesh.at(a), self.mesh.at(b)) for a, b in self.bridges[:count]]
        return [_beside(a, b, 0.5, 3.0) for a, b in ends]

    def _inside(self, grounds: list[shapely.Polygon]) -> Point:
        """Somewhere in one of the grounds, towards the middle."""
        ground = self.rng.choice(grounds)
        west, south, east, north = ground.bounds
        for _ in range(20):
            x = self.rng.uniform(0.8 * west + 0.2 * east, 0.2 * west + 0.8 * east)
            y = self.rng.uniform(0.8 * south + 0.2 * north, 0.2 * south + 0.8 * north)
            if shapely.contains_xy(ground, x, y):
                return x, y
        return ground.representative_point().coords[0]


def _beside(a: Point, b: Point, part: float, away: float) -> Point:
    """The point so far to the left of a stretch, at a part of its length."""
    (ax, ay), (bx, by) = a, b
    length = math.hypot(bx - ax, by - ay)
    x, y = ax + part * (bx - ax), ay + part * (by - ay)
    return x - (by - ay) / length * away, y + (bx - ax) / length * away


def furnish(
    profile: Profile,
    furnisher: Furnisher,
    grids: dict[str, shapely.Polygon],
    projection: Projection,
) -> tuple[ComponentSeed, ...]:
    """Components in the profile's number and shares, each in the grid that contains it."""
    total = sum(kind.share for kind in profile.kinds)
    categories, places = [], []
    for kind in profile.kinds:
        count = max(1, round(kind.share * profile.figures.components / total))
        found = furnisher.places(kind, count)
        categories += [kind.category] * len(found)
        places += [projection.to_degrees(x, y) for x, y in found]
    codes = list(grids)
    points = shapely.points(np.array(places))
    inside, homes = shapely.STRtree(list(grids.values())).query(points, predicate="within")
    order = sorted(
        (categories[k], codes[home], places[k], k) for k, home in zip(inside, homes, strict=True)
    )
    serials: Counter[str] = Counter()
    seeds = []
    for category, grid, _, k in order:
        serials[category] += 1
        digits = category.replace("-", "")[1:]
        code = f"{profile.code}{digits}{serials[category]:06d}"
        seeds.append(ComponentSeed(code, category, points[k], grid))
    return tuple(seeds)


def dry_blocks(covers: list[Cover], faces: dict[int, shapely.Polygon]) -> list[shapely.Polygon]:
    """The blocks where people live."""
    covered = {face for cover in covers for face in cover.faces}
    return [polygon for face, polygon in faces.items() if face not in covered]
