"""The drawer of a figure: its equation, and the cases that made it with why each counts.

The cases are those of the roll-ups' own moment, so that their number is the figure's. A reader is
shown those that they may see, and told how many are out of their reach.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.core import signing
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from assessment.measures import (
    COUNT_SCORES,
    MINUTES,
    RATES,
    SUMS,
    behind,
    counted_in,
    named,
    parts_of,
)
from assessment.measures.meanings import MEANINGS
from assessment.models import PublishedScore
from assessment.querysets import behind_rows, reasons_of, totals_of
from assessment.scorecards import counts_of_kinds, formula_of, rolled_up
from assessment.scoring import figure, rounded, score
from incidents.filters import as_read_by
from incidents.marks import show_marks
from incidents.models import Case
from incidents.scope import units_cut
from lib import now as clock
from staff.models import in_language

PAGE = 25
SCORE = "SCORE"
# What is left when those on time are taken off: shown so, as cities write it.
LEFT_OVER = {
    "R_OVERTIME_CLOSE": ("R_CLOSE", "R_INTIME_CLOSE"),
    "D_OVERTIME_DISPOSE": ("D_DISPOSE", "D_INTIME_DISPOSE"),
}
_SALT = "assessment.drawer"


@dataclass
class Term:
    """One part of an equation: a figure with its value; `sign` stands before it, `weight` is its
    share of a score in per cent, `turned` says that it counts as 100 less its value."""

    code: str
    name: str
    value: object
    unit: str = ""
    sign: str = ""
    weight: object = None
    turned: bool = False


@dataclass
class Drawer:
    """What is shown of a figure. `figure` is how often something counts in it, `times` how often
    the cases below do: the same number but for what was counted since."""

    subject: object
    code: str
    name: str
    period: object
    value: object = None
    unit: str = ""
    band: str = ""
    terms: list = field(default_factory=list)
    times_hundred: bool = False
    meaning: list = field(default_factory=list)
    figure: int = 0
    times: int = 0
    cases: int = 0
    seen: int = 0
    rows: list = field(default_factory=list)
    next: str = ""
    publication: object = None
    published: object = None
    progress: object = None
    formula: object = None

    @property
    def agrees(self):
        return self.figure == self.times

    @property
    def hidden(self):
        """Cases out of the reader's reach."""
        return self.cases - self.seen

    @property
    def has_changed(self):
        """True if the published value is no longer the one that is counted."""
        return self.publication is not None and self.published != self.value


def name_of(code, formula=None):
    """The name of a figure, or of a score by its formula, in the reader's language."""
    if code == SCORE:
        return in_language(formula.name_zh, formula.name_en) if formula else ""
    return in_language(*named(code))


def unit_of(code):
    """The unit in which a figure is given: "%", "min" or none."""
    if code in MINUTES:
        return "min"
    return "%" if code in RATES else ""


def open_drawer(user, city, subject, code, period, after=""):
    """The drawer of a subject's figure in a period; `after` is the last row of the page before."""
    progress = rolled_up(city)
    frozen = _frozen(city, subject, period)
    formula = frozen.publication.formula if frozen else formula_of(subject.kind)
    counts = counts_of_kinds(city, (subject.kind,), period, progress, subject.pk)
    counts = counts[subject.kind].get(subject.pk, {})
    drawer = Drawer(subject, code, name_of(code, formula), period, progress=progress)
    drawer.formula = formula
    _equate(drawer, counts, formula, period)
    if frozen:
        drawer.publication = frozen.publication
        drawer.published = _value(code, frozen.counts, formula, period)[0]
    if code != SCORE:
        _fill(drawer, user, progress.rolled_at or clock.now(), after)
    return drawer


def _frozen(city, subject, period):
    """The subject's published score of a period, newest entry; no query while it runs."""
    if period.end > clock.now():
        return None
    return PublishedScore.objects.of_subject(city, subject, period).last()


# --- the equation --------------------------------------------------------------------------------


def _value(code, counts, formula, period):
    """(value, band) of a figure or a score."""
    if code == SCORE:
        return score(counts, formula, period.months)
    return rounded(figure(code, counts, formula, period.months)[0]), ""


def _equate(drawer, counts, formula, period):
    """The equation of a figure, its value, and how often something counts in it."""
    code = drawer.code
    drawer.value, drawer.band = _value(code, counts, formula, period)
    drawer.unit = unit_of(code)
    drawer.figure = figure(counted_in(code), counts, formula, period.months)[1]
    drawer.meaning = [in_language(*MEANINGS[part]) for part in parts_of(counted_in(code))]
    drawer.times_hundred = code in RATES and code not in MINUTES

    def term(part, **more):
        value = rounded(figure(part, counts, formula, period.months)[0])
        return Term(part, name_of(part), value, unit_of(part), **more)

    if code == SCORE:
        drawer.terms = list(_weighted(formula, counts, period, term))
    elif code in RATES:
        over, under = RATES[code]
        drawer.terms = [term(over), term(under, sign="÷")]
    elif code in LEFT_OVER:
        whole, taken = LEFT_OVER[code]
        drawer.terms = [term(whole), term(taken, sign="−")]
    elif code in COUNT_SCORES:
        drawer.terms = _banded(code, counts, period, term)
    elif len(SUMS.get(code, ())) > 1:
        drawer.terms = [term(part, sign="+" if n else "") for n, part in enumerate(SUMS[code])]


def _weighted(formula, counts, period, term):
    """Items of a score with the shares that they have of those that have a figure."""
    items = formula.items if formula else []
    parts = [(item, term(item["code"], turned=bool(item.get("turned")))) for item in items]
    whole = sum(float(item["weight"]) for item, part in parts if part.value is not None)
    for item, part in parts:
        if part.value is not None:
            part.weight = round(100 * float(item["weight"]) / whole, 1)
        yield part


def _banded(code, counts, period, term):
    """A score of a count: how many a month, and of an area how many a unit grid."""
    terms = [term(COUNT_SCORES[code])]
    months = rounded(period.months)
    terms.append(Term("", _("months"), months, sign="÷"))
    if counts.get("grids"):
        terms.append(Term("", _("unit grids"), counts["grids"], sign="÷"))
    return terms


# --- the cases -----------------------------------------------------------------------------------


def _fill(drawer, user, until, after):
    """How many there are, how many the reader may see, and a page of those."""
    subject, period = drawer.subject, drawer.period
    parts = parts_of(counted_in(drawer.code))
    if not parts:
        return
    rows = behind(parts, subject.kind, subject.pk, period, until)
    visible = readable(user, subject)
    drawer.times, drawer.cases, drawer.seen = totals_of(rows, visible)
    if not drawer.seen:
        return
    page = _page(behind_rows(visible, rows), after)
    if len(page) > PAGE:
        page = page[:PAGE]
        drawer.next = _cursor(page[-1])
    drawer.rows = as_read_by(user, page)
    # What became of a case that a unit has lost is not theirs to read.
    show_marks([row for row in drawer.rows if not getattr(row, "is_set_back", False)])
    over = parts_of(RATES[drawer.code][0]) if drawer.code in RATES else ()
    named_parts = tuple(dict.fromkeys((*parts, *over)))
    all_rows = behind(named_parts, subject.kind, subject.pk, period, until)
    _say_why(drawer.rows, all_rows, parts, over, subject.pk if subject.kind == "unit" else None)


def readable(user, subject):
    """The cases behind a figure that a member may see. To stand behind a figure tells something of
    a case, so those that a unit has lost are shown to it behind its own figures alone."""
    own = subject.kind == "unit" and subject.pk in units_cut(user)
    return Case.objects.visible_to(user) if own else Case.objects.followed_by(user)


def _page(cases, after):
    """A page and one case more, newest first, by key."""
    if after:
        moment, key = _read(after)
        cases = cases.filter(reported_at__lte=moment).filter(
            Q(reported_at__lt=moment) | Q(pk__lt=key)
        )
    cases = cases.select_related("category", "condition", "community", "unit")
    return list(cases.newest()[: PAGE + 1])


def _cursor(case):
    return signing.dumps([case.reported_at.isoformat(), case.pk], salt=_SALT)


def _read(text):
    """The key of the last row of a page. Raises signing.BadSignature."""
    moment, key = signing.loads(text, salt=_SALT)
    return parse_datetime(moment), key


@dataclass
class Reason:
    """One time that a case counts: which figure, what that counts, when, and minutes if any."""

    code: str
    words: str
    at: object
    minutes: int | None = None


def _say_why(cases, rows, parts, over, unit):
    """Give each case its `reasons`, `counts` (of a rate: whether it is in the numerator), and by
    how much its handling (by `unit`, where the figure is a unit's) was late, in minutes of the wall
    clock, pauses left out."""
    known = {case.pk: case for case in cases if not getattr(case, "is_set_back", False)}
    for case in cases:
        case.reasons, case.counts, case.late_minutes = [], None if not over else False, None
    for code, key, at, amount, late_by in reasons_of(rows, list(known), unit):
        case = known[key]
        case.late_minutes = late_by and int(late_by / timedelta(minutes=1))
        case.counts = True if code in over else case.counts
        if code in parts:
            minutes = amount if code in MINUTES else None
            case.reasons.append(Reason(code, in_language(*MEANINGS[code]), at, minutes))


# What a line of the file is written from; a million cases are not read for more.
EXPORTED = ("number", "place", "reported_at", "category", "condition", "community", "unit")


def exported(user, city, subject, code, period):
    """The cases behind a figure that a member may see, as a queryset for a file."""
    parts = parts_of(counted_in(code))
    if not parts:
        return Case.objects.none()
    until = rolled_up(city).rolled_at or clock.now()
    rows = behind(parts, subject.kind, subject.pk, period, until)
    return behind_rows(readable(user, subject), rows).only(*EXPORTED).newest()
