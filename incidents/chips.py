"""What a clock shows on a page: shape, words, share used, and when the office is open, so that the
page can count down by itself between two answers of the server."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from django.utils.safestring import mark_safe

from incidents.clocks import replayed
from incidents.models import ClockEntry
from incidents.querysets import open_ledgers
from lib import calendars
from lib import now as clock

# A page counts down by itself for so long before it must ask again.
AHEAD = timedelta(hours=36)
MINUTE = timedelta(minutes=1)
STATES = {"green": "running", "yellow": "warning", "red": "overdue", "paused": "suspended"}


@dataclass(frozen=True)
class Chip:
    """One clock at one moment. `left` and `over` are whole seconds; `left` in the clock's own kind
    of time, `over` as time passes. `open_hours` are (from, until) in whole epoch seconds, empty for
    a clock that runs day and night; `worked` says that it counts office hours."""

    state: str
    left: int
    over: int
    share: float
    due_at: object
    warn_at: object
    worked: bool
    open_hours: tuple
    at: int

    @property
    def percent(self):
        """The share used, in whole per cent."""
        return int(self.share * 100)

    @property
    def numbers(self):
        """What static/js/clock.js counts from, as attributes; a template would write each number
        in the reader's language first."""
        numbers = f'data-at="{self.at}" data-left="{self.left}" data-over="{self.over}"'
        numbers += f' data-share="{self.percent}"'
        if self.worked:
            hours = " ".join(f"{start}-{end}" for start, end in self.open_hours)
            numbers += f' data-open="{hours}"'
        return mark_safe(numbers)  # noqa: S308 - whole numbers alone


def chip_of(state, moment=None):
    """The Chip of a replayed ledger (`lib.worktime.ClockState`); None without a limit."""
    moment = moment or clock.now()
    if state.limit is None or state.stopped_at is not None:
        return None
    budget = state.used + state.remaining
    used = state.used_at(moment)
    over = state.late_by_at(moment)
    worked = state.limit.kind in (calendars.WORK_HOUR, calendars.WORK_DAY)
    return Chip(
        state=STATES[state.light(moment)],
        left=max(0, int((budget - used).total_seconds())),
        over=int(over.total_seconds()),
        share=state.share(moment),
        due_at=state.due_at or state.standing_due_at,
        warn_at=state.warn_at,
        worked=worked,
        open_hours=_open_hours(state, moment) if worked and state.running else (),
        at=int(moment.timestamp()),
    )


def _open_hours(state, moment):
    until = min(moment + AHEAD, max(state.due_at, moment + MINUTE))
    spans = calendars.open_between(moment, until, state.calendar)
    return tuple((int(a.timestamp()), int(b.timestamp())) for a, b in spans)


def chips_of(cases, demands=(), moment=None):
    """({case: the Chip of its open clock of the loop, the paused one where it is suspended},
    {demand: the Chip of its clock}) of the keys of some; one query."""
    of_cases, of_demands = {}, {}
    for _clock, ledger in groupby(open_ledgers(cases, demands), key=attrgetter("clock")):
        lines = list(ledger)
        first = lines[0]
        if first.demand:
            of_demands[first.demand] = chip_of(replayed(lines), moment)
        elif first.is_running or first.case not in of_cases:
            of_cases[first.case] = chip_of(replayed(lines), moment)
    return of_cases, of_demands


def show_clocks(cases, moment=None):
    """Put `case.chip` on every case of a list: the Chip of its open clock of the loop, the paused
    one where it is suspended, or None. One query, whatever the length. Returns the list."""
    cases = list(cases)
    shown, _demands = chips_of([case.pk for case in cases], moment=moment)
    for case in cases:
        case.chip = shown.get(case.pk)
    return cases


def show_demand_clocks(demands, moment=None):
    """The same for demands: `demand.chip`."""
    demands = list(demands)
    _cases, shown = chips_of([], [demand.pk for demand in demands], moment)
    for demand in demands:
        demand.chip = shown.get(demand.pk)
    return demands


def states_of(clocks):
    """[(Clock, its ClockState)] of a queryset of clocks, replayed from their ledgers."""
    clocks = {each.pk: each for each in clocks}
    entries = ClockEntry.objects.filter(clock__in=clocks).order_by("clock_id", "seq")
    return [
        (clocks[pk], replayed(list(ledger)))
        for pk, ledger in groupby(entries, key=lambda entry: entry.clock_id)
    ]
