"""Limits and clocks: when something is due, and whether it was done in time.

Four kinds of time (domain rule: clocks, "kinds of time"):

    hour       time as it passes, day and night
    work_hour  only the office hours of work days
    work_day   the same office time, counted in the calendar's standard days (8 h by default)
    day        local days: the same clock time n days later, also across daylight saving

Conventions that hold everywhere in this file:

- Every datetime that comes in is aware, every one that goes out is UTC, exact to the microsecond.
- Intervals are half-open. An amount is used up at the *earliest* moment at which all of it has
  passed: a full day from 08:00 to 18:00 is due at 18:00 today, not at 08:00 tomorrow.
- Done at the due moment itself is on time; one microsecond later is late.
- A `timedelta` "in the measure of a kind" counts office time for work_hour and work_day, local
  clock time for day, and elapsed time for hour.

A clock is a ledger of entries, and `replay` the pure function that reads it. What a ledger says
depends only on when the clock ran (its stretches), on what it may take (its limit, then each
extension, used up in that order) and on its calendar. That is why extending, pausing and resuming
commute, and why a new limit or calendar holds from the old start with pauses and extensions kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from lib.calendars import (
    DAY,
    HOUR,
    KINDS,
    WORK_DAY,
    WORK_HOUR,
    Calendar,
    Limit,
    add,
    before,
    due_at,
    measure,
    patrol,
)
from lib.rulers import ClockError, moment_of, ticks_of

__all__ = [
    "DAY",
    "ENTRY_KINDS",
    "HOUR",
    "KINDS",
    "WORK_DAY",
    "WORK_HOUR",
    "Calendar",
    "ClockError",
    "ClockState",
    "Entry",
    "Limit",
    "add",
    "before",
    "due_at",
    "measure",
    "patrol",
    "replay",
    "replays",
]

ENTRY_KINDS = frozenset(
    ["start", "pause", "resume", "extend", "rebase", "recalendar", "warn", "breach", "stop"]
)
ON_TIME, LATE, NO_VERDICT = "on_time", "late", "none"
GREEN, YELLOW, RED, PAUSED, NO_LIGHT = "green", "yellow", "red", "paused", "none"

# Warn, and light yellow, from four fifths of the budget on (domain rule: "warn at 80 %").
WARN_NUMERATOR, WARN_DENOMINATOR = 4, 5


# --- budgets against stretches -------------------------------------------------------------------
#
# A stretch is (from, to) in microseconds, a time in which the clock ran; the last one may be open,
# to = None. A budget is (kind, microseconds in the measure of that kind).


def _spend(budgets: list, stretches: tuple, calendar: Calendar) -> int:
    """The moment at which the budgets are used up, one after the other, if the last stretch went
    on for ever. Never earlier than the first stretch; in the gap between two stretches nothing is
    used up, so whoever had nothing left when pausing has nothing left when resuming.
    """
    place, last = 0, len(stretches) - 1
    now, end = stretches[0]
    for kind, left in budgets:
        ruler = calendar.rulers[kind]
        while True:
            reached = ruler.add(now, left)
            if place == last or reached <= end:
                now = reached
                break
            left -= ruler.measure(now, end)
            place += 1
            now, end = stretches[place]
    return now


def _spent(budgets: list, stretches: tuple, calendar: Calendar) -> int:
    """How many microseconds of the budgets some closed stretches used.

    Beyond the last budget time goes on counting in its kind; without any budget it counts as it
    passes.
    """
    queue = list(budgets) or [(HOUR, 0)]
    total = 0
    place, last = 0, len(queue) - 1
    kind, left = queue[0]
    for now, end in stretches:
        ruler = calendar.rulers[kind]
        while place < last and (reached := ruler.add(now, left)) <= end:
            total += left
            now = reached
            place += 1
            kind, left = queue[place]
            ruler = calendar.rulers[kind]
        used = ruler.measure(now, end)
        total += used
        left -= used
    return max(0, total)


def _clip(stretches: tuple, until: int) -> tuple:
    """What of the stretches lies before a moment, all closed."""
    return tuple(
        (start, until if end is None else min(end, until))
        for start, end in stretches
        if start < until
    )


def _first_part(budgets: list, amount: int) -> list:
    """The beginning of the budgets that adds up to `amount`."""
    part = []
    for kind, length in budgets:
        part.append((kind, min(length, amount)))
        amount -= length
        if amount <= 0:
            break
    return part


# --- the ledger ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of a clock's ledger.

    kind      one of ENTRY_KINDS
    at        when, aware
    limit     start, rebase: the limit or None; extend: what was granted
    calendar  start, recalendar: the calendar
    judged    stop: False if stopping before the due time says nothing about the work (domain rule:
              a clock that recall, hand back filing, void or a change of unit stops before its
              limit gets no verdict); a clock that is already late is late all the same
    """

    kind: str
    at: datetime
    limit: Limit | None = None
    calendar: Calendar | None = None
    judged: bool = True


@dataclass(frozen=True)
class ClockState:
    """What a ledger says after its last entry. Every time is UTC.

    due_at           when the limit and its extensions are used up; None without a limit and, while
                     paused, None unless it had passed by then. After a stop: when it was due.
    warn_at          the same for four fifths of the budget
    standing_due_at  due_at, but while paused the due time as it stood at the pause
    used             time used, in the measure of its kinds, up to the last pause or stop; of a
                     running clock up to its last entry. Without a limit: time as it passed.
    remaining        what is left of the budget, never negative; None without a limit
    warned_for       the due time the last warning was for; breached_for likewise
    verdict          None until stopped; then "on_time", "late" or "none"
    late_by          how long the stopped clock ran on beyond its due time, pauses excluded, as
                     time passes (not in office time)
    """

    started_at: datetime
    running: bool
    paused_at: datetime | None
    stopped_at: datetime | None
    limit: Limit | None
    calendar: Calendar
    extensions: int
    due_at: datetime | None
    warn_at: datetime | None
    standing_due_at: datetime | None
    used: timedelta
    remaining: timedelta | None
    warned_for: datetime | None
    breached_for: datetime | None
    verdict: str | None
    late_by: timedelta
    _run: _Run = field(repr=False, compare=False)

    @property
    def warn_pending(self) -> bool:
        """Whether `warn_at` still wants its entry: none yet for this due time or a later one."""
        return self.warn_at is not None and _is_later(self.standing_due_at, self.warned_for)

    @property
    def breach_pending(self) -> bool:
        """Whether `due_at` still wants its breach entry, once it has passed."""
        return self.due_at is not None and _is_later(self.due_at, self.breached_for)

    @property
    def next_at(self) -> datetime | None:
        """When the next warning or breach is to be entered, perhaps long ago; None if there is
        none to come as the ledger now stands. A clock that was paused in time is left alone."""
        if self.stopped_at is not None or self.due_at is None:
            return None
        if self.warn_pending:
            return self.warn_at
        return self.due_at if self.breach_pending else None

    def used_at(self, moment: datetime) -> timedelta:
        """Time used by `moment` as the ledger now stands, in the measure of its kinds."""
        return timedelta(microseconds=self._run.used(ticks_of(moment)))

    def share(self, moment: datetime) -> float:
        """The part of the budget used by `moment`: 1.0 at the due time, more beyond; 0.0 without
        a limit."""
        return self._run.share(ticks_of(moment))

    def light(self, moment: datetime) -> str:
        """Domain rule: green to 80 % of the limit, yellow to 100 %, red beyond.

        "paused" while paused in time (a clock that was late when paused stays red), "none" without
        a limit. A stopped clock keeps the light of its stop.
        """
        return self._run.light(ticks_of(moment))

    def late_by_at(self, moment: datetime) -> timedelta:
        """How long the clock has run on beyond its due time by `moment`; see `late_by`."""
        return timedelta(microseconds=self._run.late_by(ticks_of(moment)))


def _is_later(due: datetime, than: datetime | None) -> bool:
    # Domain rule: warn and breach once per due time; a later due time re-arms both.
    return than is None or due > than


@dataclass(frozen=True)
class _Run:
    """When a clock ran and what it may take: all that its times and verdicts depend on."""

    stretches: tuple
    budgets: list
    calendar: Calendar
    stopped: int | None

    @cached_property
    def total(self) -> int:
        return sum(length for _, length in self.budgets)

    @cached_property
    def due(self) -> int | None:
        return _spend(self.budgets, self.stretches, self.calendar) if self.budgets else None

    @cached_property
    def warn(self) -> int | None:
        if not self.budgets:
            return None
        # A microsecond of every kind weighs the same: an hour 60 minutes, a day 1440, a work day
        # the calendar's day_minutes.
        part = _first_part(self.budgets, self.total * WARN_NUMERATOR // WARN_DENOMINATOR)
        return _spend(part, self.stretches, self.calendar)

    def judged_at(self, moment: int) -> tuple[int, bool]:
        """The moment that counts for the light at `moment`, and whether the clock ran then.

        A paused clock is judged at its pause, a stopped one, whose stretches have all ended, at
        its stop.
        """
        judged, running = self.stretches[0][0], True
        for start, end in self.stretches:
            if start > moment:
                break
            running = end is None or moment < end
            judged = moment if running else end
        return judged, running

    def used(self, moment: int) -> int:
        return _spent(self.budgets, _clip(self.stretches, moment), self.calendar)

    def share(self, moment: int) -> float:
        if not self.budgets:
            return 0.0
        return self.used(moment) / self.total if self.total else 1.0

    def light(self, moment: int) -> str:
        if self.due is None:
            return NO_LIGHT
        judged, running = self.judged_at(moment)
        if judged > self.due:
            return RED
        if not running and self.stopped is None:
            return PAUSED
        return YELLOW if judged >= self.warn else GREEN

    def verdict(self, moment: int) -> str:
        if self.due is None:
            return NO_VERDICT
        return ON_TIME if self.judged_at(moment)[0] <= self.due else LATE

    def late_by(self, moment: int) -> int:
        if self.due is None:
            return 0
        ran = _clip(self.stretches, moment)
        return sum(max(0, end - max(start, self.due)) for start, end in ran)


class _Replay:
    """Reads entries one by one; only `replay` and `replays` use it."""

    def __init__(self, entry: Entry):
        if entry.kind != "start":
            raise ClockError(f"a ledger begins with a start, not with {entry.kind!r}")
        self.calendar = _given(entry.calendar, "a clock needs a calendar")
        self.limit = entry.limit
        self.granted: list[Limit] = []
        self.started = self.last = ticks_of(entry.at)
        self.stretches: list = [(self.started, None)]
        self.running, self.judged = True, True
        self.paused: int | None = None
        self.stopped: int | None = None
        self.warned_for: datetime | None = None
        self.breached_for: datetime | None = None

    def take(self, entry: Entry) -> None:
        if entry.kind not in ENTRY_KINDS or entry.kind == "start":
            raise ClockError(f"no {entry.kind!r} within a ledger")
        at = ticks_of(entry.at)
        if at < self.last:
            raise ClockError(f"time goes backwards at {entry.kind!r}: {entry.at}")
        if self.stopped is not None:
            raise ClockError(f"{entry.kind!r} after the stop")
        self.last = at
        getattr(self, "_" + entry.kind)(entry, at)

    def _pause(self, entry: Entry, at: int) -> None:
        if not self.running:
            raise ClockError("a paused clock cannot be paused")
        self._close(at)
        self.paused = at

    def _resume(self, entry: Entry, at: int) -> None:
        if self.running:
            raise ClockError("a running clock cannot be resumed")
        self.stretches.append((at, None))
        self.running, self.paused = True, None

    def _extend(self, entry: Entry, at: int) -> None:
        if self.limit is None:
            raise ClockError("a clock without a limit cannot be extended")
        self.granted.append(_given(entry.limit, "an extension needs an amount"))

    def _rebase(self, entry: Entry, at: int) -> None:
        self.limit = entry.limit

    def _recalendar(self, entry: Entry, at: int) -> None:
        self.calendar = _given(entry.calendar, "a new calendar is missing")

    def _warn(self, entry: Entry, at: int) -> None:
        self.warned_for = self._standing_due()

    def _breach(self, entry: Entry, at: int) -> None:
        self.breached_for = self._standing_due()

    def _stop(self, entry: Entry, at: int) -> None:
        self.stopped, self.judged = at, entry.judged
        if self.running:
            self._close(at)

    def _close(self, at: int) -> None:
        self.stretches[-1] = (self.stretches[-1][0], at)
        self.running = False

    def _standing_due(self) -> datetime:
        if self.limit is None:
            raise ClockError("a clock without a limit neither warns nor breaches")
        return moment_of(self._run().due)

    def _run(self) -> _Run:
        budgets: list = []
        for limit in (self.limit, *self.granted) if self.limit is not None else ():
            kind = WORK_HOUR if limit.kind == WORK_DAY else limit.kind  # both measure office time
            length = limit.ticks(self.calendar)
            if budgets and budgets[-1][0] == kind:
                length += budgets.pop()[1]
            budgets.append((kind, length))
        return _Run(tuple(self.stretches), budgets, self.calendar, self.stopped)

    def state(self) -> ClockState:
        run = self._run()
        used, stopped = run.used(self.last), self.stopped
        verdict = None if stopped is None else run.verdict(stopped)
        if verdict == ON_TIME and not self.judged:
            verdict = NO_VERDICT
        due, warn = run.due, run.warn
        if self.paused is not None and stopped is None:  # times that move on until it resumes
            due = None if due is None or due >= self.paused else due
            warn = None if warn is None or warn > self.paused else warn
        return ClockState(
            started_at=moment_of(self.started),
            running=self.running,
            paused_at=_optional(self.paused),
            stopped_at=_optional(stopped),
            limit=self.limit,
            calendar=self.calendar,
            extensions=len(self.granted),
            due_at=_optional(due),
            warn_at=_optional(warn),
            standing_due_at=_optional(run.due),
            used=timedelta(microseconds=used),
            remaining=None if run.due is None else timedelta(microseconds=max(0, run.total - used)),
            warned_for=self.warned_for,
            breached_for=self.breached_for,
            verdict=verdict,
            late_by=timedelta(microseconds=0 if stopped is None else run.late_by(stopped)),
            _run=run,
        )


def _given(value, problem: str):
    if value is None:
        raise ClockError(problem)
    return value


def _optional(ticks: int | None) -> datetime | None:
    return None if ticks is None else moment_of(ticks)


def replay(entries: Iterable[Entry]) -> ClockState:
    """What a ledger says: pure, and the only reading of it.

    Raises ClockError for a ledger that cannot have happened: an empty one or one without a start,
    times going backwards, a pause of a paused or a resumption of a running clock, an extension
    without limit or amount, anything after the stop. Entries at the same moment are fine.
    """
    tape = next(reversed(list(_tapes(entries))), None)
    return _given(tape, "an empty ledger").state()


def replays(entries: Iterable[Entry]) -> list[ClockState]:
    """What a ledger said after each of its entries, read once; the last is its `replay`."""
    return [tape.state() for tape in _tapes(entries)]


def _tapes(entries: Iterable[Entry]) -> Iterator[_Replay]:
    """One and the same tape, after each entry."""
    tape = None
    for entry in entries:
        if tape is None:
            tape = _Replay(entry)
        else:
            tape.take(entry)
        yield tape
