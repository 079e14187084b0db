"""Who lives where, and how many grid workers answer for them."""

import random
from collections import defaultdict

from .division import Division
from .shares import share_out

WORKPLACES = 0.12  # of the unit grids are schools, markets or works where few people live


def settle(division: Division, rng: random.Random) -> list[int]:
    """People of each cell: duty grids within the profile's bounds, none on water or in parks."""
    totals = _by_duty(division, rng)
    members = defaultdict(list)
    for index, cell in enumerate(division.cells):
        members[cell.duty].append(index)
    people = [0] * len(division.cells)
    for duty, indexes in sorted(members.items()):
        weights = [_weight(division, index, rng) for index in indexes]
        for index, count in zip(indexes, share_out(totals[duty], weights), strict=True):
            people[index] = count
    return people


def _by_duty(division: Division, rng: random.Random) -> list[int]:
    """The wanted mean exactly, spread like a bell within the bounds."""
    least, mean, most = division.profile.figures.people
    count = len(division.duties)
    spread = (most - least) / 6
    wanted = [min(max(rng.gauss(mean, spread), least), most) for _ in range(count)]
    return share_out(mean * count, wanted, least, most)


def _weight(division: Division, index: int, rng: random.Random) -> float:
    cell = division.cells[index]
    if cell.ground:
        return 0.0
    dense = 0.08 if rng.random() < WORKPLACES else rng.uniform(0.5, 1.5)
    return division.area(cell.face) * dense


def households(people: list[int], size: float, rng: random.Random) -> list[int]:
    """Households of each cell, of about the profile's size."""
    return [
        min(count, max(1, round(count / (size * rng.uniform(0.92, 1.08))))) if count else 0
        for count in people
    ]


def staff(totals: dict[int, int], workers: int) -> dict[int, int]:
    """One worker for each duty grid, the others where most people live."""
    weights = sorted(totals, key=lambda duty: (-totals[duty], duty))
    each, more = divmod(workers, len(totals))
    return {duty: each + (rank < more) for rank, duty in enumerate(weights)}
