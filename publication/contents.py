"""What a digest of a month or quarter says: the city's figures beside those of the period before,
the tables of areas and units, and the days. Persons are not in it."""

from dataclasses import dataclass
from datetime import timedelta

from assessment.periods import Period
from assessment.standings import standings
from assessment.subjects import named
from lib import now as clock
from publication import counts
from staff.models import Unit

KINDS = ("month", "quarter")
TABLES = ("street", "unit", "community")
# Figures of each table beside rank, score and band.
COLUMNS = {
    "area": (
        "R_INST",
        "R_NEED_CLOSE",
        "R_CLOSE",
        "R_CLOSE_RATE",
        "R_INTIME_CLOSE_RATE",
        "R_OVERTIME_CLOSE",
        "R_OVERDUE_OPEN",
    ),
    "unit": (
        "D_INST",
        "D_NEED_CLOSE",
        "D_CLOSE",
        "D_CLOSE_RATE",
        "D_INTIME_CLOSE_RATE",
        "D_REWORK",
        "D_OVERDUE_OPEN",
    ),
}
MAIN = (
    "R_ACCEPT",
    "R_INST",
    "R_NEED_CLOSE",
    "R_CLOSE",
    "R_CLOSE_RATE",
    "R_INTIME_CLOSE",
    "R_INTIME_CLOSE_RATE",
    "R_OVERDUE_OPEN",
)


@dataclass(frozen=True)
class Table:
    """Lines of a kind of subject, best first; `publication` is what froze them, None while they
    run."""

    kind: str
    columns: tuple
    lines: list
    publication: object
    formula: object


@dataclass(frozen=True)
class Contents:
    """All that is in a digest. `total` and `before` are rows of the city, None where nothing was
    counted; `days` is [(day, counts of the city)]. `office` signs it: the centre that supervises,
    or the city itself."""

    city: object
    office: str
    period: Period
    at: object
    total: object
    before: object
    tables: dict
    days: list

    @property
    def is_over(self):
        return self.period.end <= self.at

    def main(self):
        """[(code, figure of the city, the same of the period before or None)]."""
        for code in MAIN:
            before = self.before.figures.get(code) if self.before else None
            yield code, self.total.figures[code], before

    @property
    def best(self):
        """The first three street offices that have a score."""
        return [line for line in self.tables["street"].lines if line.rank][:3]

    @property
    def most_overdue(self):
        """Units with the most cases open past the limit, at most three."""

        def overdue(line):
            return line.row.figures["D_OVERDUE_OPEN"].numerator

        lines = sorted(self.tables["unit"].lines, key=lambda line: -overdue(line))
        return [(line.subject, overdue(line)) for line in lines[:3] if overdue(line)]


def contents_of(city, period):
    """The contents of a digest in the language that is active."""
    tables, total = {}, None
    for kind in TABLES:
        found = standings(city, kind, period)
        total = total or found.total
        names = named(city, kind)
        lines = [line for line in found.lines if line.row.subject in names]
        for line in lines:
            line.subject = names[line.row.subject]
        columns = COLUMNS["unit" if kind == "unit" else "area"]
        tables[kind] = Table(kind, columns, lines, found.publication, found.formula)
    before = standings(city, "street", period.before()).total
    days = _days(city, period)
    return Contents(city, office_of(city), period, clock.now(), total, before, tables, days)


def office_of(city):
    """The name of the city's centre of supervision; of the city where it has none."""
    centres = Unit.objects.filter(city=city, kind=Unit.Kind.SUPERVISION).in_work()
    return str(centres.order_by("code").first() or city)


def _days(city, period):
    """Each local day up to now with the counts of the whole city."""
    counted = counts.counted(city, period.first, period.until)
    last = min(period.until, city.today())
    days = [period.first + timedelta(days=n) for n in range((last - period.first).days)]
    return [(day, counts.of_area(counted[day]["city"][city.pk])) for day in days]
