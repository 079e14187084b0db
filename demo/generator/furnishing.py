"""Public things in plausible places: lamps at the kerb, covers in the carriageway, bins, stops."""

import random

import numpy as np
import shapely

from .plan import ComponentSeed, Projection, Road

WIDTHS = {"arterial": 30, "secondary": 20, "local": 12, "lane": 5, "bank": 8}
# Where a place lies: the kinds of road it is found on, and the least and most distance from the
# middle of the road as a share of half its width, plus metres.
PLACES = {
    "kerb": (("arterial", "secondary", "local"), 1.0, 1.0, 0.6),
    "gutter": (("arterial", "secondary", "local", "lane"), 0.92, 0.98, 0.0),
    "carriageway": (("arterial", "secondary", "local", "lane"), 0.15, 0.7, 0.3),
    "pavement": (("arterial", "secondary", "local"), 1.0, 1.0, 2.2),
    "lane": (("lane", "local"), 1.0, 1.0, 0.8),
    "crossing": (("arterial", "secondary", "local"), 1.0, 1.0, 2.5),
    "signal": (("arterial", "secondary"), 1.0, 1.0, 1.5),
    "stop": (("arterial", "secondary"), 1.0, 1.0, 2.8),
    "main": (("arterial", "secondary"), 1.0, 1.0, 0.4),
    "bank": (("bank",), 1.0, 1.0, 1.0),
    "bridge": (("arterial",), 0.3, 0.6, 0.0),
}


def furnish(
    profile, roads: list[Road], cells: list, codes: list, projection: Projection, rng: random.Random
) -> tuple[ComponentSeed, ...]:
    """Components in the profile's number and shares. `cells` are the grids' polygons in metres and
    `codes` their codes, in the same order."""
    tree = shapely.STRtree(cells)
    total = sum(kind.share for kind in profile.kinds)
    lines = [(road.kind, projection.to_metres(road.line)) for road in roads]
    found = []
    for kind in profile.kinds:
        count = max(1, round(kind.share * profile.figures.components / total))
        found += _of_kind(kind, count, lines, tree, cells, codes, projection, rng)
    return _numbered(profile, found)


def _of_kind(kind, count, lines, tree, cells, codes, projection, rng):
    """`count` things of a kind; those that fall outside every grid are tried again."""
    made = []
    while len(made) < count:
        wanted = count - len(made)
        points = (
            _inside(cells, wanted, rng)
            if kind.place in ("block", "green")
            else _beside(kind.place, lines, wanted, rng)
        )
        hits, grids = tree.query(points, predicate="within")
        seen = set()
        for hit, grid in zip(hits, grids, strict=True):
            if hit not in seen:
                seen.add(hit)
                lon, lat = projection.to_degrees(points[hit].x, points[hit].y)
                made.append((kind.category, shapely.Point(lon, lat), codes[grid]))
    return made[:count]


def _inside(cells, count, rng):
    """Places in the middle of blocks."""
    chosen = [cells[rng.randrange(len(cells))] for _ in range(count)]
    points = []
    for cell in chosen:
        middle = cell.representative_point()
        points.append(shapely.Point(middle.x + rng.uniform(-9, 9), middle.y + rng.uniform(-9, 9)))
    return points


def _beside(place, lines, count, rng):
    """Places along roads, in proportion to the roads' lengths."""
    kinds, least, most, metres = PLACES[place]
    fitting = [(k, line) for k, line in lines if k in kinds] or lines
    lengths = np.array([line.length for _, line in fitting])
    ends = np.cumsum(lengths)
    points = []
    for _ in range(count):
        at = rng.uniform(0, float(ends[-1]))
        index = min(int(np.searchsorted(ends, at)), len(fitting) - 1)
        kind, line = fitting[index]
        along = rng.uniform(0, line.length)
        if place in ("crossing", "signal"):
            along = rng.choice((rng.uniform(4, 12), line.length - rng.uniform(4, 12)))
        offset = WIDTHS[kind] / 2 * rng.uniform(least, most) + metres
        points.append(_offset(line, along, offset * rng.choice((-1, 1))))
    return points


def _offset(line, along, offset):
    """The point beside a line."""
    here = line.interpolate(along)
    ahead = line.interpolate(min(along + 1, line.length))
    behind = line.interpolate(max(along - 1, 0))
    dx, dy = ahead.x - behind.x, ahead.y - behind.y
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return shapely.Point(here.x - dy / length * offset, here.y + dx / length * offset)


def _numbered(profile, found):
    """Sixteen digits: district, class and subclass, serial from north to south."""
    serial: dict[str, int] = {}
    seeds = []
    for category, point, grid in sorted(found, key=lambda f: (f[0], -f[1].y, f[1].x)):
        serial[category] = serial.get(category, 0) + 1
        _kind, class_code, subclass = category.split("-")
        code = f"{profile.code}{class_code}{subclass}{serial[category]:06d}"
        seeds.append(ComponentSeed(code, category, point, grid))
    return tuple(seeds)
