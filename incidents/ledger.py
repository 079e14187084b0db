"""What the clocks of a case say on its page: the five cells of the loop, what each step did to the
clock, and what either decision on a request would mean for the due time.

Everything is read from `ClockEntry` rows by `lib.worktime.replay`, one query for a whole case; the
words are made in `templatetags.ledger`.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from incidents.clocks import limit_of, replayed, replayed_each, standing_limit
from incidents.models import ClockEntry, Demand
from lib import now as clock
from lib import worktime
from staff.kept import KeptQuery

MINUTE = timedelta(minutes=1)
WORKED = (worktime.WORK_HOUR, worktime.WORK_DAY)
# The clocks of the loop bar's five cells, in their order.
CELLS = ("intake", "dispatch", "handle", "verify", "close")


@dataclass
class Line:
    """One clock with its whole ledger, and what it said after each entry."""

    clock: object
    entries: list
    states: list

    @property
    def state(self):
        """What it says now."""
        return self.states[-1]

    @property
    def kind(self):
        return self.clock.kind

    @property
    def worked(self):
        """True if the clock counts office hours."""
        return self.state.limit is not None and self.state.limit.kind in WORKED

    def before(self, keys):
        """What it said when only the steps of these keys had been made; None of a clock that had
        not begun."""
        earlier = sum(entry.step_id in keys for entry in self.entries)
        return self.states[earlier - 1] if earlier else None


@dataclass(frozen=True)
class Effect:
    """What one step did to one clock. Times are whole minutes in the clock's own measure, `late`
    and the `due_at` as time passes; `does` is an entry's kind, or "again" (a clock of the same kind
    begins anew), "goes_on", "stays_paused", "none". `lapsed`: what was asked ended undecided."""

    clock: str
    does: str
    worked: bool = False
    used: int = 0
    left: int | None = None
    rested: int = 0
    limit: tuple | None = None
    due_at: object = None
    verdict: str = ""
    late: int = 0
    demand: str = ""
    lapsed: bool = False

    @property
    def bad(self):
        """True for what a reader must not miss: overdue, done too late."""
        return self.does == "breach" or self.verdict == "late"


@dataclass
class Cell:
    """One cell of the loop bar: `number` 1 to 5; `state` "done", "running", "paused", "waiting", or
    "skipped" where the case went on without it; `pieces` are (what, from, width) in per cent of the
    bar, what = "used" or "paused"."""

    number: int
    kind: str
    state: str = "waiting"
    limit: tuple | None = None
    worked: bool = False
    used: int = 0
    rested: int = 0
    extensions: int = 0
    due_at: object = None
    verdict: str = ""
    late: int = 0
    light: str = "none"
    times: int = 0
    pieces: list = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What one decision would do: `does` "grant" or "refuse"; the due time after it, None for none
    (`paused` then says that the clock rests); `limit_before` and `limit` of the handle clock."""

    does: str
    due_at: object = None
    paused: bool = False
    limit_before: tuple | None = None
    limit: tuple | None = None
    worked: bool = False
    left: int | None = None


def _ledgers(case):
    rows = ClockEntry.objects.filter(clock__case=case).select_related("clock__demand")
    return rows.order_by("clock_id", "seq")


_ALL = KeptQuery(_ledgers, case=int)
_UP_TO = KeptQuery(
    lambda case, last: _ledgers(case).filter(step__seq__lte=last), case=int, last=int
)


def lines_of(case, last=None):
    """The Lines of a case up to the step `last` (None: all), in the order in which the clocks
    began. One query, the demands of the clocks included."""
    entries = _ALL(case=case.pk) if last is None else _UP_TO(case=case.pk, last=last)
    lines = []
    for _pk, group in groupby(entries, key=lambda entry: entry.clock_id):
        ledger = list(group)
        lines.append(Line(ledger[0].clock, ledger, replayed_each(ledger)))
    return lines


# --- what each step did --------------------------------------------------------------------------


def effects_of(lines, steps):
    """{step key: [Effect, …]}: what every one of the steps did to the clocks, at least one each;
    `steps` are all of the case that are read, newest first."""
    found, begun = {}, set()
    for line in lines:
        for place, entry in enumerate(line.entries):
            effect = _effect(line, place, entry, begun)
            found.setdefault(entry.step_id, []).append(effect)
        begun.add((line.kind, line.clock.round))
    made = set()
    for step in reversed(steps):
        if not _of_loop(found.get(step.pk, ())):
            found.setdefault(step.pk, []).insert(0, _untouched(lines, made))
        found[step.pk].sort(key=lambda effect: _ORDER.index(effect.does))
        made.add(step.pk)
    return found


# On one step what ends is said before what begins.
_ORDER = [
    "stop",
    "pause",
    "extend",
    "rebase",
    "recalendar",
    "warn",
    "breach",
    "goes_on",
    "stays_paused",
    "resume",
    "again",
    "start",
    "none",
]


def _of_loop(effects):
    return [effect for effect in effects if not effect.demand]


def _effect(line, place, entry, begun):
    state = line.states[place]
    does = entry.kind
    if does == "start" and line.kind == "handle" and (line.kind, line.clock.round) in begun:
        does = "again"
    demand = line.clock.demand if line.clock.demand_id else None
    return Effect(
        clock=line.kind,
        does=does,
        worked=line.worked,
        used=_minutes(state.used),
        left=None if state.remaining is None else _minutes(state.remaining),
        rested=_rest(line, place) if does == "resume" else 0,
        limit=_limit(entry) if does in ("start", "again", "extend", "rebase") else None,
        due_at=state.due_at or state.standing_due_at,
        verdict=state.verdict or "",
        late=_minutes(state.late_by),
        demand=demand.kind if demand else "",
        lapsed=does == "stop" and demand is not None and demand.outcome == Demand.Outcome.LAPSED,
    )


def _untouched(lines, made):
    """The effect of a step that turned no clock of the loop: the running one goes on. `made` are
    the keys of the steps before it."""
    of_loop = [(line, line.before(made)) for line in lines if not line.clock.demand_id]
    begun = [(line, state) for line, state in of_loop if state is not None]
    for line, state in begun:
        if state.stopped_at is None and state.running:
            return Effect(line.kind, "goes_on", line.worked, due_at=state.due_at)
    for line, state in begun:
        if state.paused_at is not None:
            return Effect(line.kind, "stays_paused", line.worked)
    return Effect("", "none")


def _rest(line, place):
    """How long the pause lasted that the entry at `place` ends, in the clock's own measure."""
    paused = next(
        (e for e in reversed(line.entries[:place]) if e.kind == "pause"), line.entries[place]
    )
    return _minutes(_measured(line.state, paused.at, line.entries[place].at))


def _measured(state, start, end):
    kind = worktime.WORK_HOUR if state.limit and state.limit.kind in WORKED else worktime.HOUR
    return worktime.measure(kind, start, end, state.calendar)


def _limit(entry):
    return None if entry.limit_value is None else (entry.limit_value, entry.limit_unit)


def _minutes(length):
    return int(length / MINUTE)


# --- the loop bar --------------------------------------------------------------------------------


def cells_of(case, lines, moment=None):
    """The five Cells of the loop bar: the newest clock of each kind in the case's round (intake
    of any round), the limit that will hold where none has begun."""
    moment = moment or clock.now()
    cells = []
    for number, kind in enumerate(CELLS, 1):
        own = [x for x in lines if x.kind == kind and not x.clock.demand_id]
        here = [x for x in own if x.clock.round == case.round] or (own if number == 1 else [])
        if here:
            cells.append(_cell(number, here, moment))
        else:
            cells.append(Cell(number, kind, limit=_coming(case, kind)))
    begun = max((cell.number for cell in cells if cell.state != "waiting"), default=0)
    for cell in cells[:begun]:
        if cell.state == "waiting":
            cell.state = "skipped"
    return cells


def _coming(case, kind):
    if kind != "handle":
        amount, unit = limit_of(case.city, kind, urgent=case.urgent)
        return amount, "work_hour" if unit == "patrol" else unit
    condition = case.condition
    if condition is None or condition.limit_value is None:
        return None
    return condition.limit_value, condition.limit_unit


def _cell(number, here, moment):
    line = here[-1]
    state = line.state
    stopped = state.stopped_at is not None
    return Cell(
        number=number,
        kind=line.kind,
        state="done" if stopped else "running" if state.running else "paused",
        limit=standing_limit(line.entries),
        worked=line.worked,
        used=_minutes(state.used_at(moment)),
        rested=sum(_minutes(length) for what, length in _stretches(line, moment) if what != "used"),
        extensions=state.extensions,
        due_at=state.due_at or state.standing_due_at,
        verdict=state.verdict or "",
        late=_minutes(state.late_by_at(moment)),
        light=state.light(moment),
        times=len(here),
        pieces=_pieces(line, moment),
    )


def _stretches(line, moment):
    """[("used" or "paused", timedelta)] of a clock from its start to `moment` or its stop, in its
    own measure."""
    found, since, running = [], line.entries[0].at, True
    for entry in line.entries[1:]:
        if entry.kind in ("pause", "resume", "stop"):
            found.append(("used" if running else "paused", since, entry.at))
            since, running = entry.at, entry.kind == "resume"
    if line.state.stopped_at is None:
        found.append(("used" if running else "paused", since, max(moment, since)))
    return [(what, _measured(line.state, start, end)) for what, start, end in found]


def _pieces(line, moment):
    """The stretches as shares of limit and pauses together, so that a full bar is a due clock."""
    stretches = _stretches(line, moment)
    used = sum((length for what, length in stretches if what == "used"), timedelta())
    rested = sum((length for what, length in stretches if what != "used"), timedelta())
    budget = line.state.remaining
    budget = used if budget is None else max(used, budget + line.state.used)
    whole = budget + rested or MINUTE
    pieces, at = [], 0.0
    for what, length in stretches:
        width = 100 * (length / whole)
        if length:
            pieces.append((what, f"{at:.2f}", f"{width:.2f}"))
        at += width
    return pieces


# --- demands -------------------------------------------------------------------------------------


_DEMANDS = KeptQuery(
    lambda case: (
        Demand.objects.filter(case=case)
        .select_related("unit", "owner", "owner_area", "owner_unit", "owner_duty_grid")
        .order_by("-pk")
    ),
    case=int,
)


def demands_of(lines):
    """The open demands of a case, newest first, each with its owner and `line`, its clock; one
    query where there are any."""
    owed = {
        line.clock.demand_id: line
        for line in lines
        if line.clock.demand_id and line.state.stopped_at is None
    }
    if not owed:
        return []
    case = lines[0].clock.case_id
    found = [demand for demand in _DEMANDS(case=case) if demand.pk in owed]
    for demand in found:
        demand.line = owed[demand.pk]
    return found


def outcomes_of(demand, lines, moment=None):
    """What granting and refusing an open request would mean for the handle clock; empty for every
    other demand and for a case without one."""
    moment = moment or clock.now()
    handle = next((x for x in lines if x.kind == "handle" and x.state.stopped_at is None), None)
    if demand.kind != "request" or handle is None:
        return []
    as_it_is = handle.state.due_at or handle.state.standing_due_at
    left, before = _left(handle.state, moment), standing_limit(handle.entries)
    granted = {"extend": _extended, "suspend": _suspended, "return": _returned}[demand.ask]
    common = {"worked": handle.worked, "left": left, "limit_before": before}
    return [
        granted(handle, demand, moment, common),
        Outcome("refuse", due_at=as_it_is, limit=before, **common),
    ]


def _left(state, moment):
    """Minutes left of a clock at a moment; None without a limit."""
    if state.remaining is None:
        return None
    return max(0, _minutes(state.remaining + state.used - state.used_at(moment)))


def _with(line, *more):
    """What the ledger would say with further entries (kind, at, columns)."""
    return replayed([*line.entries, *(ClockEntry(kind=k, at=at, **c) for k, at, c in more)])


def _extended(handle, demand, moment, common):
    if common["limit_before"] is None:  # nothing to extend: the loop refuses to grant it
        return Outcome("grant", **common)
    value, unit = common["limit_before"]
    state = _with(handle, ("extend", moment, {"limit_value": value, "limit_unit": unit}))
    granted = [_limit(entry) for entry in handle.entries if entry.kind == "extend"]
    # Extensions of before a correction may count in another measure; a sum of both says nothing.
    alike = all(measure == unit for _amount, measure in granted)
    whole = value * 2 + sum(amount for amount, _measure in granted), unit
    return Outcome("grant", due_at=state.due_at, limit=whole if alike else None, **common)


def _suspended(handle, demand, moment, common):
    until = max(demand.until or moment, moment)
    state = _with(handle, ("pause", moment, {}), ("resume", until, {}))
    return Outcome("grant", due_at=state.due_at, paused=True, **common)


def _returned(handle, demand, moment, common):
    return Outcome("grant", paused=True, **common)
