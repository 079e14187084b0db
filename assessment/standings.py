"""What the ranking and the page of a subject show: scores of a period, as published or as they
stand, ranks and what became of them, the past periods, and appeals."""

from collections import defaultdict
from dataclasses import dataclass, field

from assessment.measures import AREAS, is_person
from assessment.models import DayCount, Publication, PublishedScore
from assessment.periods import Period
from assessment.publishing import has_changed
from assessment.querysets import APPEALS
from assessment.scorecards import (
    STOCKS,
    counts_with_appeals,
    formula_of,
    grids_of,
    in_order,
    rolled_up,
    row_of,
    stock_day,
)
from lib import now as clock

PAST = 12  # periods of a trend (interface guide: the last 12 months)
# Who has fewer cases in a month or longer has a score and no rank: of few cases one decides. In a
# day or a week it is one a day (interface guide, screen of the assessment).
LEAST = 30
_LEAST_OF = {**dict.fromkeys(AREAS, "R_INST"), "unit": "D_INST"}


@dataclass
class Line:
    """A subject's line in a ranking; `moved` is by how many ranks it rose since the last period."""

    row: object
    subject: object
    rank: int | None = None
    moved: int | None = None
    trend: list = field(default_factory=list)
    appeals: dict = field(default_factory=dict)

    @property
    def fell(self):
        """By how many ranks it fell; negative where it rose."""
        return -self.moved


@dataclass
class Standings:
    """The lines of a kind of subject in a period. `publication` is what they were frozen by, None
    while they run; `past` are the periods of the trends, this one last."""

    kind: str
    period: Period
    lines: list
    formula: object
    total: object = None
    publication: object = None
    progress: object = None
    past: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    has_changed: bool = False
    # [(key, name)] of the areas above the lines, by which they may be narrowed; the chosen one.
    places: list = field(default_factory=list)
    within: int | None = None

    @property
    def least(self):
        """How many cases a rank takes at least."""
        return least_of(self.period)

    @property
    def few(self):
        """How many have a score and, for want of cases, no rank."""
        lines = [] if is_person(self.kind) else self.lines
        return sum(line.rank is None and line.row.score is not None for line in lines)


def standings(city, kind, period, *, check=False, entry=None, progress=None):
    """Scores of everybody of a kind: as published (the newest entry, or the one of the key
    `entry`), else as counted so far. `check` tells whether the counts have changed since. Who has
    read how far the roll-ups have come gives it as `progress`."""
    kinds = (kind, "city") if kind in AREAS and kind != "city" else (kind,)
    entries = published(city, kinds, period)
    frozen, appeals = {row.subject_kind: row for row in entries}, None
    if kind in frozen:
        mine = [row for row in entries if row.subject_kind == kind]
        frozen[kind] = next((row for row in mine if row.pk == entry), mine[-1])
        found = _frozen(kinds, period, frozen)
        found.entries = mine
        found.has_changed = check and has_changed(mine[-1], city, period, progress)
    else:
        found, appeals = _running(city, kinds, period, progress or rolled_up(city))
    if not is_person(kind):
        found.past = past_of(period)
        trends, few_before = _trends(city, kind, found.past[:-1])
        _place(found, trends, few_before)
        if period.kind != "day" and not any(trends.values()):
            _show_days(found, city)
        _show_appeals(found, _appeals_of(city, kind, period) if appeals is None else appeals)
    return found


def published(city, kinds, period):
    """Publications of a period that is over, the newest entry of each kind last. One query."""
    if period.end > clock.now():
        return []
    rows = Publication.objects.of(city, kinds, period)
    return list(rows.select_related("formula", "calendar").order_by("pk"))


def _frozen(kinds, period, frozen):
    rows, made = defaultdict(list), {row.pk: row for row in frozen.values()}
    for kept in PublishedScore.objects.filter(publication__in=list(made)):
        entry = made[kept.publication_id]
        line = row_of(entry.subject_kind, kept.subject, kept.counts, entry.formula, period)
        rows[entry.subject_kind].append(line)
    newest = frozen[kinds[0]]
    lines = [Line(row, None) for row in in_order(rows[kinds[0]])]
    return Standings(
        kinds[0],
        period,
        lines,
        newest.formula,
        total=next(iter(rows["city"]), None) if len(kinds) > 1 else None,
        publication=newest,
    )


def _running(city, kinds, period, progress):
    formula = formula_of(kinds[0])
    counts, appeals = counts_with_appeals(city, kinds, period, progress)

    def rows(kind):
        return [row_of(kind, key, of, formula, period) for key, of in counts[kind].items()]

    found = Standings(
        kinds[0],
        period,
        [Line(row, None) for row in in_order(rows(kinds[0]))],
        formula,
        total=next(iter(rows("city")), None) if len(kinds) > 1 else None,
        progress=progress,
    )
    return found, appeals[kinds[0]]


def past_of(period, many=PAST):
    """So many periods, the oldest first, the period itself last."""
    found = [period]
    while len(found) < many:
        found.append(found[-1].before())
    return found[::-1]


def shown_of(period):
    """The periods of which the publications stand in a ranking: its own, those of the trend, and
    the days that stand for them in a city's first month."""
    return [*past_of(period), *past_of(_last_day(period))]


def _trends(city, kind, past):
    """({period: {subject: score}}, who had too few cases for a rank in the last of them), of what
    was published of the past; one query."""
    rows = PublishedScore.objects.of_kind(city, kind, past)
    code, least = _LEAST_OF.get(kind), least_of(past[-1])
    found, few = {str(period): {} for period in past}, {}
    columns = ("publication__period", "subject", "score", f"counts__{code}")
    for period, subject, value, cases in rows.values_list(*columns):
        found[period][subject] = value
        if period == str(past[-1]):
            few[subject] = code is not None and (cases or 0) < least
    return found, {subject for subject, is_few in few.items() if is_few}


def least_of(period):
    """How many cases a rank in a period takes at least."""
    days = {"day": 1, "week": 7}
    return days.get(period.kind, LEAST)


def _place(found, trends, few_before):
    """Ranks (equal scores share one), how they moved, the trends; who has no rank comes last."""
    least, code = found.least, _LEAST_OF.get(found.kind)
    held = [n.row for n in found.lines if code is None or n.row.counts.get(code, 0) >= least]
    last = trends[str(found.period.before())].items()
    before = _ranks({key: score for key, score in last if key not in few_before})
    now = _ranks({row.subject: row.score for row in held})
    for line in found.lines:
        key = line.row.subject
        line.rank = now.get(key)
        if line.rank is not None and key in before:
            line.moved = before[key] - line.rank
        line.trend = [scores.get(key) for scores in trends.values()] + [line.row.score]
    found.lines.sort(key=lambda line: line.rank is None)


def _ranks(scores):
    """{subject: rank} of those that have a score."""
    held = [value for value in scores.values() if value is not None]
    first = {}
    for place, value in enumerate(sorted(held, reverse=True), 1):
        first.setdefault(value, place)
    return {key: first[value] for key, value in scores.items() if value is not None}


def _show_days(found, city):
    """Where no period before was published, the trend is that of the last days instead: a city's
    first month has a course too."""
    found.past = past_of(_last_day(found.period))
    trends, _few = _trends(city, found.kind, found.past)
    for line in found.lines:
        line.trend = [scores.get(line.row.subject) for scores in trends.values()]


_OUTCOMES = {APPEALS[word]: word or "pending" for word in APPEALS}


def _show_appeals(found, appeals):
    """How many appeals against cases closed in the period are pending, granted or refused."""
    for line in found.lines:
        counted = appeals.get(line.row.subject, {})
        line.appeals = {_OUTCOMES[code]: counted[code] for code in sorted(counted)}


def _appeals_of(city, kind, period):
    """{subject: {code: amount}} of the appeals alone, where the figures are frozen ones."""
    counted = defaultdict(dict)
    for subject, code, many in DayCount.objects.appeals(city, kind, period):
        counted[subject][code] = int(many)
    return counted


# --- one subject ---------------------------------------------------------------------------------


@dataclass
class SubjectFile:
    """One subject in a period: its line, by what it was frozen if it was, and the past periods as
    [(period, row, whether published)], the oldest first, this one last."""

    row: object
    formula: object
    publication: object
    progress: object
    past: list
    counted: object


def file_of(city, subject, period):
    """The figures of one subject: as published, else as counted, with the periods before; where
    those are empty, with the last days instead."""
    progress, past = rolled_up(city), past_of(period)
    kept = _kept(city, subject, past)
    frozen = kept.get(str(period))
    publication = frozen.publication if frozen else None
    formula = publication.formula if publication else formula_of(subject.kind)
    grids = grids_of(city, subject.kind, period, subject.pk)

    def rows_of(past, kept):
        counts = _counts_of(city, subject, past, progress, grids)
        for each in past:
            there = kept.get(str(each))
            by = there.publication.formula if there else formula
            own = there.counts if there else counts[str(each)]
            yield each, row_of(subject.kind, subject.pk, own, by, each), bool(there)

    rows = list(rows_of(past, kept))
    # What was frozen beside what is counted now, else the two are one.
    counted = next(rows_of([period], {}))[1] if frozen else rows[-1][1]
    found = SubjectFile(rows[-1][1], formula, publication, progress, rows, counted)
    if period.kind != "day" and all(row.score is None for _period, row, _kept in rows[:-1]):
        past = past_of(_last_day(period))
        found.past = list(rows_of(past, _kept(city, subject, past)))
    return found


def _last_day(period):
    """The last whole day of a period, as a period."""
    today = clock.local_date(clock.now(), period.zone)
    return Period.of("day", min(period.until, today), period.zone).before()


def _kept(city, subject, past):
    """{period: PublishedScore} of what was published of a subject, the newest entry of each."""
    rows = PublishedScore.objects.of_subject(city, subject, *past)
    return {row.publication.period: row for row in rows}


def _counts_of(city, subject, past, progress, grids):
    """{period: {code: amount}}: flows summed over the days, stocks of the last day rolled up."""
    asked = [(str(each), each.first, each.until, stock_day(each, progress)) for each in past]
    rows = DayCount.objects.sums_of(city, subject.kind, subject.pk, asked, stocks=STOCKS)
    counts = {name: {} for name, *_days in asked}
    for name, code, total in rows:
        counts[name][code] = total
    for own in counts.values():
        own |= {"grids": grids} if own and grids else {}
    return counts
