"""Scorecards: everybody's figures, score and band in a period, read from the roll-ups alone."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from assessment.measures import (
    AREAS,
    COUNT_SCORES,
    MEASURES,
    POSTS,
    RATES,
    SUMS,
    cases_behind,
    codes_of,
    named,
    parts_of,
)
from assessment.measures.counting import FIGURES
from assessment.models import DayCount, Formula, Progress
from assessment.scoring import figure, rounded, score
from grids.models import DutyGridMember
from staff.models import in_language

__all__ = ["Figure", "Row", "cases_behind", "counts_of", "formula_of", "scorecard", "why"]


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
    figures: dict
    counts: dict


def formula_of(kind, code=""):
    """The newest version of the usual formula of a kind of subject, or of the one named."""
    of = Formula.objects.filter(subject_kind="area" if kind in AREAS else kind)
    of = of.filter(code=code) if code else of.filter(is_default=True)
    return of.order_by("-version", "pk").first()


def scorecard(city, kind, period, formula=None):
    """Rows of all subjects of a kind that have a figure in a period, best score first; those
    without a score last. `formula` is by default the usual one."""
    formula = formula or formula_of(kind)
    rows = [
        Row(
            subject,
            *score(counts, formula, period.months),
            figures(kind, counts, formula, period),
            counts,
        )
        for subject, counts in counts_of(city, kind, period).items()
    ]
    return sorted(rows, key=lambda row: (row.score is None, -(row.score or 0), row.subject))


def figures(kind, counts, formula, period):
    """{code: Figure} of every measure of a kind that is counted, summed, divided or scored."""
    mine = set(codes_of(kind))
    found = {}
    for code in (*FIGURES, *SUMS, *RATES, *COUNT_SCORES):
        if set(parts_of(code)) <= mine:
            value, over, under = figure(code, counts, formula, period.months)
            found[code] = Figure(rounded(value), over, under)
    return found


def counts_of(city, kind, period):
    """{subject: {code: amount}}: flows of all days, stocks of the last day rolled up; for areas
    also the number of unit grids as `grids`."""
    rows = DayCount.objects.filter(
        city=city, kind=kind, day__gte=period.first, day__lt=period.until
    )
    stocks = [code for code, counted in FIGURES.items() if counted.stock]
    counts = defaultdict(dict)
    for subject, code, amount in (
        rows.exclude(code__in=stocks).values_list("subject", "code").annotate(total=Sum("amount"))
    ):
        counts[subject][code] = int(amount)
    last = Progress.objects.filter(city=city).aggregate(day=Max("day"))["day"]
    if last is not None:
        on = min(last, period.until - timedelta(days=1))
        for subject, code, amount in rows.filter(code__in=stocks, day=on).values_list(
            "subject", "code", "amount"
        ):
            counts[subject][code] = amount
    if kind in AREAS:
        for subject, number in _grids(city, kind, period).items():
            if subject in counts:
                counts[subject]["grids"] = number
    return dict(counts)


_ABOVE = {
    "duty_grid": "duty_grid",
    "community": "duty_grid__community",
    "street": "duty_grid__community__parent",
    "district": "duty_grid__community__parent__parent",
    "city": "duty_grid__community__city",
}


def _grids(city, kind, period):
    """{area: unit grids} on the first day of the period's end: those of its duty grids."""
    rows = DutyGridMember.objects.filter(grid__city=city, valid_from__lt=period.until)
    rows = rows.exclude(valid_until__lt=period.until)
    totals = defaultdict(int)
    for key in rows.values_list(_ABOVE[kind], flat=True):
        totals[key] += 1
    return totals


def why(case, code):
    """Why a case counts in a figure, in words."""
    name = in_language(*named(code))
    measure = MEASURES.get(code)
    if measure is None:
        return _("It counts among “%(name)s”.") % {"name": name}
    return _("It counts among “%(name)s”: %(formula)s.") % {
        "name": name,
        "formula": in_language(measure.formula_zh, measure.formula),
    }


def is_person(kind):
    """Persons' scores are seen by themselves and those who answer for them, never ranked."""
    return kind in POSTS or kind == "grid_head"
