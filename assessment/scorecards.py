"""Scorecards: everybody's figures, score and band in a period, read from the roll-ups alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from assessment.measures import AREAS, KINDS, MEASURES, POSTS, cases_behind, figures_of
from assessment.measures.counting import FIGURES
from assessment.models import DayCount, Formula, Progress
from assessment.querysets import APPEALS, unit_grids
from assessment.scoring import figure, rounded, score

__all__ = [
    "STOCKS",
    "Figure",
    "Row",
    "cases_behind",
    "counts_of",
    "counts_of_kinds",
    "counts_with_appeals",
    "formula_of",
    "in_order",
    "indicators",
    "rolled_up",
    "row_of",
    "scorecard",
]


A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    """One figure: its value to two decimals or None, and what was divided by what."""

    value: object
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Row:
    """A subject's line of a scorecard; `subject` is its key."""

    subject: int
    score: object
    band: str
    figures: Mapping
    counts: dict


def formula_of(kind, code=""):
    """The newest version of the usual formula of a kind of subject, or of the one named."""
    return Formula.objects.versions_of("area" if kind in AREAS else kind, code).first()


def scorecard(city, kind, period, formula=None):
    """Rows of all subjects of a kind that have a figure in a period, best score first; those
    without a score last. `formula` is by default the usual one."""
    formula = formula or formula_of(kind)
    found = counts_of(city, kind, period)
    return in_order(row_of(kind, key, counts, formula, period) for key, counts in found.items())


def row_of(kind, subject, counts, formula, period):
    """The line of one subject as a formula makes it of counts; without any there is no score."""
    scored = score(counts, formula, period.months) if counts else (None, "")
    return Row(subject, *scored, Figures(kind, counts, formula, period), counts)


def in_order(rows):
    """Best score first, those without a score last."""
    return sorted(rows, key=lambda row: (row.score is None, -(row.score or 0), row.subject))


class Figures(Mapping):
    """{code: Figure} of every measure of a kind of subject; each is reckoned when it is asked for,
    for a ranking shows few of them. Without counts there are no values."""

    def __init__(self, kind, counts, formula, period):
        self._codes, self._given = figures_of(kind), (counts, formula, period)
        self._known = {}

    def __getitem__(self, code):
        if code not in self._known:
            if code not in self._codes:
                raise KeyError(code)
            counts, formula, period = self._given
            value, over, under = figure(code, counts, formula, period.months)
            self._known[code] = Figure(rounded(value) if counts else None, over, under)
        return self._known[code]

    def __iter__(self):
        return iter(self._codes)

    def __len__(self):
        return len(self._codes)


def counts_of(city, kind, period, subject=None):
    """{subject: {code: amount}} of a kind, or of one subject of it alone."""
    return counts_of_kinds(city, (kind,), period, rolled_up(city), subject)[kind]


def rolled_up(city):
    """How far the roll-ups of a city have come; an unsaved row where there are none yet."""
    return Progress.objects.of(city)


def counts_of_kinds(city, kinds, period, progress, subject=None):
    """{kind: {subject: {code: amount}}}: flows of all days, stocks of the last day rolled up; for
    areas also the number of unit grids as `grids`."""
    return counts_with_appeals(city, kinds, period, progress, subject)[0]


def counts_with_appeals(city, kinds, period, progress, subject=None):
    """The same, and {kind: {subject: {code: amount}}} of the appeals, which are no figures."""
    rows = DayCount.objects.between(city, period.first, period.until).filter(kind__in=kinds)
    if subject is not None:
        rows = rows.filter(subject=subject)
    found, appeals = ({kind: defaultdict(dict) for kind in kinds} for _both in range(2))
    for kind, key, code, total in rows.totals(stocks=STOCKS, on=stock_day(period, progress)):
        (appeals if code in _APPEALS else found)[kind][key][code] = int(total)
    areas = [kind for kind in kinds if kind in AREAS]
    grids = unit_grids(city, areas, period.until - A_DAY, subject) if areas else {}
    for kind, numbers in grids.items():
        for key in found[kind].keys() & numbers.keys():
            found[kind][key]["grids"] = numbers[key]
    return {kind: dict(rows) for kind, rows in found.items()}, appeals


_APPEALS = frozenset(APPEALS.values())
STOCKS = [code for code, counted in FIGURES.items() if counted.stock]


def stock_day(period, progress):
    """The day whose end stands for the period's: its last one, or the last one rolled up."""
    last = period.until - A_DAY
    return last if progress.day is None else min(progress.day, last)


def grids_of(city, kind, period, subject):
    """The unit grids of one area on a period's last day; nothing for other subjects."""
    if kind not in AREAS:
        return None
    return unit_grids(city, (kind,), period.until - A_DAY, subject)[kind].get(subject)


def indicators(city, period):
    """{code: subjects that have a figure other than nought} of all indicators of the table."""
    found = dict.fromkeys(MEASURES, 0)
    for formula in Formula.objects.order_by("version"):
        for kind in (k for k in KINDS if formula.subject_kind in (k, "area" if k in AREAS else k)):
            for row in scorecard(city, kind, period, formula):
                _note(found, row, formula, kind)
    return found


def _note(found, row, formula, kind):
    if formula.is_default:
        for code, figure in row.figures.items():
            if code in found and figure.value:
                found[code] += 1
    if row.score is not None:
        level = "R_LEVEL" if kind in AREAS else "P_LEVEL"
        for code in {formula.code, level if kind in (*AREAS, *POSTS) else ""} & found.keys():
            found[code] += 1
