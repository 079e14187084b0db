"""Which way streets run at each place: a cross field, the same in four directions.

Quarters with a lattice of their own, rings and spokes around the centre, and the river's bank each
pull the direction; what lies between turns gently, and neighbouring cuts agree without being told.
"""

import math
import random
from dataclasses import dataclass

Point = tuple[float, float]
QUARTER = math.pi / 2
CELL = 60.0  # metres; finer than any block


@dataclass(frozen=True)
class Quarter:
    """A lattice around a point, felt within about its reach."""

    x: float
    y: float
    angle: float
    reach: float


class Field:
    """Directions on a raster, looked up by place."""

    def __init__(self, bounds, quarters: list[Quarter], river: list[Point], centre: Point):
        self.west, self.south = bounds[0] - CELL, bounds[1] - CELL
        self.columns = int((bounds[2] - self.west) / CELL) + 2
        self.rows = int((bounds[3] - self.south) / CELL) + 2
        self.quarters, self.centre = quarters, centre
        self.river = [(*a, math.atan2(b[1] - a[1], b[0] - a[0])) for a, b in _pairs(river)]
        self.angles = [
            [self._pull(self.west + c * CELL, self.south + r * CELL) for c in range(self.columns)]
            for r in range(self.rows)
        ]

    def angle(self, x: float, y: float) -> float:
        """The street direction here, in radians, true for every quarter turn."""
        column = min(max(int((x - self.west) / CELL + 0.5), 0), self.columns - 1)
        row = min(max(int((y - self.south) / CELL + 0.5), 0), self.rows - 1)
        return self.angles[row][column]

    def _pull(self, x: float, y: float) -> float:
        """The weighted mean of all influences, with angles counted four times round."""
        cosine = sine = 1e-9
        for quarter in self.quarters:
            near = ((x - quarter.x) ** 2 + (y - quarter.y) ** 2) / quarter.reach**2
            weight = math.exp(-near)
            cosine += weight * math.cos(4 * quarter.angle)
            sine += weight * math.sin(4 * quarter.angle)
        around = math.atan2(y - self.centre[1], x - self.centre[0])
        distance = math.hypot(x - self.centre[0], y - self.centre[1])
        weight = 0.55 * min(1.0, distance / 1500)  # rings and spokes only away from the core
        cosine += weight * math.cos(4 * around)
        sine += weight * math.sin(4 * around)
        if self.river:
            near, along = min(((x - u) ** 2 + (y - v) ** 2, a) for u, v, a in self.river)
            weight = 2.5 * math.exp(-near / 450**2)
            cosine += weight * math.cos(4 * along)
            sine += weight * math.sin(4 * along)
        return math.atan2(sine, cosine) / 4


def plan_quarters(bounds, axis: float, spread: float, rng: random.Random) -> list[Quarter]:
    """About one lattice per two square kilometres, each turned a little from the city's axis."""
    west, south, east, north = bounds
    count = max(3, int((east - west) * (north - south) / 3.5e6))
    reach = math.sqrt((east - west) * (north - south) / count) * 0.75
    return [
        Quarter(
            rng.uniform(west, east),
            rng.uniform(south, north),
            axis + rng.gauss(0, spread),
            reach * rng.uniform(0.7, 1.3),
        )
        for _ in range(count)
    ]


def turn_to(angle: float, heading: float) -> float:
    """How far to turn from a heading to the nearest of a cross's four arms."""
    return (angle - heading + QUARTER / 2) % QUARTER - QUARTER / 2


def trace(field: Field, start: Point, heading: float, box, step: float, skew: float = 0.0):
    """Walk along the field from a point until out of a box: the points passed, start included."""
    x, y = start
    west, south, east, north = box
    points = [start]
    while west <= x <= east and south <= y <= north and len(points) < 400:
        turn = turn_to(field.angle(x, y) + skew, heading)
        heading += max(-0.07, min(0.07, 0.5 * turn))  # no road bends more sharply than this
        x += step * math.cos(heading)
        y += step * math.sin(heading)
        points.append((x, y))
    return points


def _pairs(points: list[Point]):
    return zip(points, points[1:], strict=False)
