"""Roads from the lines of the mesh: pieces that run straight on are one road with one name."""

import math
from dataclasses import dataclass

from .landscape import Cover
from .mesh import Mesh

RANK = {"arterial": 3, "secondary": 2, "local": 1, "bank": 1, "lane": 0}
KINDS = ("lane", "local", "secondary", "arterial")  # by rank
WIDTHS_M = {"arterial": 36, "secondary": 22, "local": 12, "lane": 6}
STRAIGHT_ON = math.radians(32)  # a road that bends more at a crossing is another road
LEAST_M = 60.0  # a shorter lane is a yard's entry

End = tuple[int, int]  # the number of a run and which of its ends


@dataclass
class Run:
    """A stretch of road along mesh vertices."""

    kind: str
    vertices: list[int]
    length: float = 0.0


@dataclass
class Street:
    """Runs joined end to end."""

    kind: str
    vertices: list[int]
    length: float
    is_bank: bool = False
    name: str = ""


def build(mesh: Mesh, covers: list[Cover]) -> list[Street]:
    """All roads, great and long ones first, without names."""
    runs = _runs(mesh, covers)
    _raise_bridges(mesh, runs)
    streets = [_street(chain) for chain in _chains(runs, _joints(mesh, runs))]
    streets = [s for s in streets if s.length >= LEAST_M or RANK[s.kind] > 1]
    streets.sort(key=lambda s: (-RANK[s.kind], -s.length, s.vertices))
    return _connected(streets)


def meetings(streets: list[Street]) -> dict[int, list[Street]]:
    """The vertices where roads meet, and which."""
    found: dict[int, list[Street]] = {}
    for street in streets:
        for vertex in dict.fromkeys(street.vertices):
            found.setdefault(vertex, []).append(street)
    return {vertex: met for vertex, met in found.items() if len(met) > 1}


def _connected(streets: list[Street]) -> list[Street]:
    """Without those that no other road meets: nobody could say where they are."""
    while True:
        met = {id(street) for found in meetings(streets).values() for street in found}
        kept = [street for street in streets if id(street) in met]
        if len(kept) == len(streets):
            return kept
        streets = kept


def _runs(mesh: Mesh, covers: list[Cover]) -> list[Run]:
    """Every line that is a road, without the stretches inside a lake or a park."""
    cover_of = {face: k for k, cover in enumerate(covers) for face in cover.faces}
    runs = []
    for line in mesh.lines:
        if line.kind not in RANK and line.kind != "bridge":
            continue
        open_run = Run(line.kind, [])
        for a, b in zip(line.vertices, line.vertices[1:], strict=False):
            left, right = (cover_of.get(mesh.face_left_of.get(p)) for p in ((a, b), (b, a)))
            if left is not None and left == right and not covers[left].bridged:
                runs.append(open_run)
                open_run = Run(line.kind, [])
                continue
            open_run.vertices = open_run.vertices or [a]
            open_run.vertices.append(b)
            open_run.length += math.dist(mesh.at(a), mesh.at(b))
        runs.append(open_run)
    return [run for run in runs if run.vertices]


def _raise_bridges(mesh: Mesh, runs: list[Run]) -> None:
    """A bridge is as great as the greatest road that runs straight onto it."""
    bridges = [run for run in runs if run.kind == "bridge"]
    at_end: dict[int, list[tuple[Run, int]]] = {}
    for run in runs:
        for end in (0, 1):
            at_end.setdefault(run.vertices[-end], []).append((run, end))
    ranks = {id(run): 1 for run in bridges}
    for _ in range(2):  # the second time over the middle of a wide river
        for run in bridges:
            for end in (0, 1):
                for other, its_end in at_end[run.vertices[-end]]:
                    turn = _heading(mesh, run, end) - _heading(mesh, other, its_end)
                    rank = ranks.get(id(other), RANK.get(other.kind, 0))
                    if other.kind != "bank" and abs(turn % math.tau - math.pi) < STRAIGHT_ON:
                        ranks[id(run)] = max(ranks[id(run)], rank)
    for run in bridges:
        run.kind = KINDS[ranks[id(run)]]


def _heading(mesh: Mesh, run: Run, end: int) -> float:
    """The direction in which a run leaves at one of its ends."""
    last, before = (run.vertices[k] for k in ((-1, -2) if end else (0, 1)))
    (ax, ay), (bx, by) = mesh.at(before), mesh.at(last)
    return math.atan2(by - ay, bx - ax)


def _joints(mesh: Mesh, runs: list[Run]) -> dict[End, End]:
    """Which end of which run goes on as which other, the straightest pairs first."""
    ends: dict[int, list[End]] = {}
    for number, run in enumerate(runs):
        ends.setdefault(run.vertices[0], []).append((number, 0))
        ends.setdefault(run.vertices[-1], []).append((number, 1))
    pairs = []
    for meeting in ends.values():
        for k, one in enumerate(meeting):
            for other in meeting[k + 1 :]:
                bend = _bend(mesh, runs, one, other)
                if bend is not None:
                    pairs.append((round(bend, 6), one, other))
    joints: dict[End, End] = {}
    for _, one, other in sorted(pairs):
        if one not in joints and other not in joints:
            joints[one], joints[other] = other, one
    return joints


def _bend(mesh: Mesh, runs: list[Run], one: End, other: End) -> float | None:
    """How much two runs bend where they meet, None if they cannot be one road."""
    first, second = runs[one[0]], runs[other[0]]
    steps = abs(RANK[first.kind] - RANK[second.kind])
    if one[0] == other[0] or steps > 1 or (first.kind == "bank") != (second.kind == "bank"):
        return None
    turn = _heading(mesh, first, one[1]) - _heading(mesh, second, other[1])
    bend = abs(turn % math.tau - math.pi)
    return bend + 0.2 * steps if bend < STRAIGHT_ON else None


def _chains(runs: list[Run], joints: dict[End, End]) -> list[list[tuple[Run, bool]]]:
    """Runs in the order of their road, each with whether it is walked backwards."""
    chains: list[list[tuple[Run, bool]]] = []
    used: set[int] = set()
    # begin at loose ends; what is left after them are loops
    loose = [(n, end) for n in range(len(runs)) for end in (0, 1) if (n, end) not in joints]
    for number, end in [*loose, *((n, 0) for n in range(len(runs)))]:
        if number in used:
            continue
        chain = []
        while number not in used:
            used.add(number)
            chain.append((runs[number], end == 1))
            number, end = joints.get((number, 1 - end), (number, end))
        chains.append(chain)
    return chains


def _street(chain: list[tuple[Run, bool]]) -> Street:
    """One street of the kind that most of its length has."""
    vertices: list[int] = []
    lengths: dict[str, float] = {}
    for run, backwards in chain:
        part = run.vertices[::-1] if backwards else run.vertices
        vertices += part[1:] if vertices else part
        lengths[run.kind] = lengths.get(run.kind, 0.0) + run.length
    kind = max(sorted(lengths), key=lambda k: lengths[k])
    return Street(KINDS[RANK[kind]], vertices, sum(lengths.values()), kind == "bank")
