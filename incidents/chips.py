"""What a clock shows on a page: shape, words, share used, and when the office is open, so that the
page can count down by itself between two answers of the server."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.utils.html import format_html_join

from incidents.clocks import replayed
from incidents.models import Clock, ClockEntry
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
        numbers = {"at": self.at, "left": self.left, "over": self.over, "share": self.percent}
        if self.worked:
            numbers["open"] = " ".join(f"{start}-{end}" for start, end in self.open_hours)
        return format_html_join(" ", 'data-{}="{}"', numbers.items())


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


def show_clocks(cases, moment=None):
    """Put `case.chip` on every case of a list: the Chip of its open clock of the loop, the paused
    one where it is suspended, or None. Two queries, whatever the length. Returns the list."""
    cases = list(cases)
    open_clocks = Clock.objects.open().filter(demand=None, case__in=[case.pk for case in cases])
    states = states_of(open_clocks)
    shown = {}
    for each, state in states:
        if each.state == "running" or each.case_id not in shown:
            shown[each.case_id] = chip_of(state, moment)
    for case in cases:
        case.chip = shown.get(case.pk)
    return cases


def show_demand_clocks(demands, moment=None):
    """The same for demands: `demand.chip`."""
    demands = list(demands)
    states = states_of(Clock.objects.open().filter(demand__in=[d.pk for d in demands]))
    shown = {each.demand_id: chip_of(state, moment) for each, state in states}
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
