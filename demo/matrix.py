"""The demo city's responsibility matrix, made from demo/office/matrix.csv.

A line of that table says what (a kind, a class or a subclass), on which level, which unit leads
and which assist; `@street` and `@community` stand for the office of the area itself. A line for a
level becomes one row for each area of the level that takes part.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from incidents.models import MatrixRow

OFFICE = Path(__file__).parent / "office"
KINDS = {"C": "component", "E": "event"}
# Every third community leads in small matters of its own; in every second there are market
# squares, three unit grids, where the bureau leads itself. Enough of each that cases meet them.
LEADING_EVERY, LEADING_AT = 3, 2
SQUARE_EVERY, SQUARE_AT, SQUARES = 2, 1, 3


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    what: str
    area: str
    lead: str
    assisting: tuple[str, ...]

    @property
    def kind(self):
        return KINDS.get(self.what[0], self.what)

    @property
    def class_code(self):
        """Two digits, or empty for a whole kind."""
        return self.what.split("-")[1] if "-" in self.what else ""

    @property
    def is_subclass(self):
        return self.what.count("-") == 2


def lines():
    """The table."""
    return [
        Line(row["what"], row["area"], row["lead"], tuple(row["assisting"].split()))
        for row in _table("matrix")
    ]


def _table(name):
    with (OFFICE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leading(communities):
    """Communities, in order of their codes, that lead some events themselves."""
    return communities[LEADING_AT::LEADING_EVERY]


def squares(communities, grids):
    """Unit grids with a market square: the most peopled ones of some communities. `grids` is
    {community code: [(people, grid area)]}."""
    found = []
    for community in communities[SQUARE_AT::SQUARE_EVERY]:
        pairs = sorted(grids[community.code], key=lambda pair: (-pair[0], pair[1].code))
        found += [grid for _people, grid in pairs[:SQUARES]]
    return found


def rows(city, areas, units, categories, since):
    """[(MatrixRow, assisting units)] not saved yet. `areas` is {level: [Area]}, of grids and
    communities those alone that take part; `units` and `categories` are by code."""
    found = []
    for line in lines():
        for area in areas[line.area]:
            row = MatrixRow(
                city=city,
                kind=line.kind,
                class_code=line.class_code,
                area=area,
                category=categories[line.what] if line.is_subclass else None,
                lead=_unit(line.lead, area, units),
                valid_from=since,
            )
            found.append((row, [_unit(word, area, units) for word in line.assisting]))
    return found


def _unit(word, area, units):
    if not word.startswith("@"):
        return units[word]
    while area.level != word[1:]:
        area = area.parent
    return area.unit


def save(pairs):
    """Insert the rows and their assisting units."""
    MatrixRow.objects.bulk_create([row for row, _assisting in pairs], batch_size=1000)
    through = MatrixRow.assisting.through
    through.objects.bulk_create(
        [
            through(matrixrow_id=row.pk, unit_id=unit.pk)
            for row, assisting in pairs
            for unit in assisting
        ],
        batch_size=2000,
    )


class Answers:
    """Who leads, for any category at any grid: the winners, found in memory for the whole city."""

    def __init__(self, pairs):
        self._rows = {}
        self._owners = {row["what"]: row for row in _table("owners")}
        for row, _assisting in pairs:
            what = row.category.code if row.category else row.class_code or row.kind
            self._rows[row.kind, what, row.area.code] = row

    def row(self, category, grid):
        """The row that wins, or None."""
        places = []
        area = grid
        while area is not None:
            places.append(area.code)
            area = area.parent
        for what in (category.code, category.class_code, category.kind):
            for code in places:
                if found := self._rows.get((category.kind, what, code)):
                    return found
        return None

    def leads(self, categories, grids):
        """Every unit that can be the lead in some grids, each once, in order of codes."""
        found = {self.row(c, g).lead for c in categories for g in grids}
        return sorted(found, key=lambda unit: unit.code)

    def parties(self, category, grid, units):
        """(in charge, owner, maintainer) of a component of that category in that grid: the lead
        unit of the matrix is in charge, and the other two where demo/office/owners.csv is silent.
        """
        lead = self.row(category, grid).lead
        other = self._owners.get(category.code)
        if other is None:
            return lead, lead, lead
        return lead, *(_unit(other[part], grid, units) for part in ("owner", "maintainer"))
