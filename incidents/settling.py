"""The engine of the deadlines: everything that falls due, many cases in one transaction.

It makes the same moves as `workflow.settle_case` does one by one, by the same table and the same
ladder: warnings and breaches set-based, here; the rare rest (a request that lapses, a suspension
that ends) through the door. Any number of workers may run it at once: a case is claimed by locking
its row, and what another holds is left to the other. Each warning and breach is entered once for
its due time, by the database's constraint. Nothing is kept anywhere else: what is due is what
`Clock.next_at` says, and a batch that a power cut ends has not happened.
"""

import logging
import time
from datetime import timedelta

from django.db import connection, transaction

from incidents import locking, workflow
from incidents.clocks import PATROL, current_version, limit_of, replayed
from incidents.facts import Refused
from incidents.ladder import DAILY, heads_of
from incidents.models import OPEN, Case, ClockEntry, SetAside
from incidents.querysets import PARTY
from lib import now as clock
from lib import worktime
from staff.models import City

log = logging.getLogger(__name__)

BATCH = 500  # cases in a transaction: some tenths of a second, for which nobody else moves them
# A tick makes room for other tasks after this; the next one goes on.
PATIENCE_SECONDS = 20
AGAIN_AFTER, AGAIN_AT_MOST = timedelta(minutes=1), timedelta(days=1)


def settle_due(seconds=PATIENCE_SECONDS):
    """Settle all that is due, in the order in which it fell due; what takes longer than `seconds`
    is left for the next call. Returns how many moves were made."""
    end, total = time.monotonic() + seconds, resume_due()
    while time.monotonic() < end and (made := settle()):
        total += made
    return total


def settle(most=BATCH):
    """Settle the clocks that have been due for longest, one for each of at most `most` cases.
    Returns how many were settled."""
    claimed = []
    try:
        with transaction.atomic():
            claimed += _claim(most)
            return _carry_out(claimed)
    except Exception as error:
        if not claimed or not locking.is_poison(error):
            raise
        return _apart(claimed, error)


def _apart(cases, error):
    """Settle in halves what failed together, until the one case is found that cannot be."""
    if len(cases) == 1:
        _set_aside(cases[0], error)
        return 1
    made, middle = 0, len(cases) // 2
    for half in (cases[:middle], cases[middle:]):
        try:
            with transaction.atomic():
                made += _carry_out(_lock(half))
        except Exception as other:
            if not locking.is_poison(other):
                raise
            made += _apart(half, other)
    return made


def resume_due():
    """End the suspensions whose time is over, each by itself, for there are few. Returns how many
    moves that took."""
    keys = _rows(_SUSPENDED, at=clock.now(), most=BATCH)
    return sum(_resume(key) for (key,) in keys)


def _resume(key):
    system = workflow.system_member()
    # What fell due on the case before comes first; if that cannot be settled, then without it.
    for deed in (workflow.settle_case, lambda case: workflow.move(case, "resume", system)):
        try:
            deed(Case(pk=key))
        except Refused:
            return 0  # somebody else was there first
        except Exception as error:
            if not locking.is_poison(error):
                raise
            why = error
        else:
            SetAside.objects.filter(case=key, clock=None).delete()
            return 1
    _keep_aside(key, None, why)
    return 0


# --- claiming ------------------------------------------------------------------------------------

# What could not be settled lately is tried again later.
_NOT_ASIDE = """NOT EXISTS (SELECT 1 FROM incidents_setaside a
    WHERE a.case_id = {case} AND a.clock_id IS NOT DISTINCT FROM {clock} AND a.again_at > %(at)s)"""

_CLAIM = f"""
SELECT c.id FROM incidents_clock k JOIN incidents_case c ON c.id = k.case_id
 WHERE k.next_at < %(at)s AND {_NOT_ASIDE.format(case="k.case_id", clock="k.id")}
 ORDER BY k.next_at LIMIT %(most)s FOR UPDATE OF c SKIP LOCKED
"""
_LOCK = "SELECT id FROM incidents_case WHERE id = ANY(%(cases)s) FOR UPDATE SKIP LOCKED"
_SUSPENDED = f"""
SELECT c.id FROM incidents_case c
 WHERE c.stage IN ('suspended') AND c.suspended_until <= %(at)s
   AND {_NOT_ASIDE.format(case="c.id", clock="NULL")}
 ORDER BY c.suspended_until LIMIT %(most)s
"""
# Asked once the cases are locked, so that it sees whatever whoever held them before has done. The
# earliest of each case; the rest of it is for the next batch.
_DUE = f"""
SELECT DISTINCT ON (k.case_id) k.case_id, k.id, c.city_id,
       CASE WHEN EXISTS (SELECT 1 FROM incidents_clockentry e WHERE e.clock_id = k.id
                          AND e.kind = 'warn' AND e.due_at >= k.due_at)
            THEN 'breach' ELSE 'warn' END,
       k.kind, coalesce(d.kind, ''), c.stage, EXISTS (
            SELECT 1 FROM incidents_demand r
             WHERE r.case_id = k.case_id AND r.kind = 'request' AND r.outcome = '')
  FROM incidents_clock k
  JOIN incidents_case c ON c.id = k.case_id
  LEFT JOIN incidents_demand d ON d.id = k.demand_id
 WHERE k.case_id = ANY(%(cases)s) AND k.next_at < %(at)s
   AND {_NOT_ASIDE.format(case="k.case_id", clock="k.id")}
 ORDER BY k.case_id, k.next_at, k.id
"""


class Due:
    """A clock that is due: what of, and the step and moment of its entry once that is made."""

    __slots__ = ("at", "case", "city", "clock", "kind", "lapses", "move", "owed", "stage", "step")

    def __init__(self, case, clock_id, city, move, kind, owed, stage, asked):
        self.case, self.clock, self.city, self.move = case, clock_id, city, move
        self.kind, self.stage, self.owed = kind, stage, owed
        # Domain rule: undecided when its own clock or the handle clock falls due.
        self.lapses = asked and move == "breach" and (kind == "handle" or owed == "request")
        self.step = self.at = None

    @property
    def escalates(self):
        """As in `effects.breach`: somebody must answer for it."""
        return self.stage in OPEN and self.owed != "request"


def _claim(most):
    found = _rows(_CLAIM, at=clock.now(), most=most)
    return sorted({case for (case,) in found})


def _lock(cases):
    return [case for (case,) in _rows(_LOCK, cases=cases)]


def _due(cases):
    return [Due(*row) for row in _rows(_DUE, cases=cases, at=clock.now())]


# --- carrying out --------------------------------------------------------------------------------


def _carry_out(cases):
    """Warn of and breach what is due of locked cases; returns how many."""
    due = _due(cases) if cases else []
    if not due:
        return 0
    _note(due)
    breached = [each for each in due if each.move == "breach"]
    _end_unanswered([each for each in breached if each.owed == "answer"])
    heads = _heads(breached)
    _ask([(each, head) for each, head in heads if each.escalates])
    _turn_cases(due, {each.case: head.level for each, head in heads if each.escalates})
    _tell(due, [(each, head) for each, head in heads])
    clocks = [each.clock for each in due]
    _run("DELETE FROM incidents_setaside WHERE clock_id = ANY(%(clocks)s)", clocks=clocks)
    system = workflow.system_member()
    for each in due:
        if each.lapses:
            workflow.move(Case(pk=each.case), "refuse", system)
    return len(due)


# A step is never before the one that it follows, nor an entry, though a clock be set back.
_STEPS = """
INSERT INTO incidents_step (case_id, seq, round, move, from_stage, to_stage, by_id, role, at, facts,
                            idempotency_key, body_hash)
SELECT c.id, c.version + 1, c.round, due.move, c.stage, c.stage, %(by)s, '', greatest(%(at)s,
       (SELECT s.at FROM incidents_step s WHERE s.case_id = c.id AND s.seq = c.version),
       (SELECT max(e.at) FROM incidents_clockentry e WHERE e.clock_id = due.clock)), '{}', '', ''
  FROM unnest(%(cases)s::bigint[], %(clocks)s::bigint[], %(moves)s::text[]) due (id, clock, move)
  JOIN incidents_case c ON c.id = due.id
RETURNING case_id, id, at
"""
_ENTRIES = """
INSERT INTO incidents_clockentry (clock_id, seq, kind, at, step_id, limit_unit, judged, due_at)
SELECT k.id, (SELECT max(e.seq) + 1 FROM incidents_clockentry e WHERE e.clock_id = k.id), due.kind,
       due.at, due.step, '', true, CASE WHEN due.kind <> 'stop' THEN k.due_at END
  FROM unnest(%(clocks)s::bigint[], %(steps)s::bigint[], %(ats)s::timestamptz[], %(kinds)s::text[])
       due (clock, step, at, kind)
  JOIN incidents_clock k ON k.id = due.clock
"""
# After the warning comes the breach, after the breach nothing until the due time moves.
_NEXT = """
UPDATE incidents_clock k SET next_at = CASE due.move WHEN 'warn' THEN k.due_at END
  FROM unnest(%(clocks)s::bigint[], %(moves)s::text[]) due (clock, move) WHERE k.id = due.clock
"""


def _note(due):
    """The step and the ledger entry of each, and what comes next on its clock."""
    own = _columns(due, "case clock move")
    by = workflow.system_member().pk
    made = _rows(_STEPS, cases=own[0], clocks=own[1], moves=own[2], at=clock.now(), by=by)
    steps = {case: (step, at) for case, step, at in made}
    for each in due:
        each.step, each.at = steps[each.case]
    clocks, keys, ats, moves = _columns(due, "clock step at move")
    _run(_ENTRIES, clocks=clocks, steps=keys, ats=ats, kinds=moves)
    _run(_NEXT, clocks=clocks, moves=moves)


_UNANSWERED = """
UPDATE incidents_demand d SET outcome = 'unanswered', ended_by_id = due.step
  FROM unnest(%(clocks)s::bigint[], %(steps)s::bigint[]) due (clock, step)
  JOIN incidents_clock k ON k.id = due.clock WHERE d.id = k.demand_id
"""
# The clock of a demand never rests, so that it is late by what has passed since.
_STOPPED = """
UPDATE incidents_clock k SET state = 'stopped', stopped_at = due.at, verdict = 'late',
       late_by = due.at - k.due_at, next_at = NULL
  FROM unnest(%(clocks)s::bigint[], %(ats)s::timestamptz[]) due (clock, at) WHERE k.id = due.clock
"""


def _end_unanswered(due):
    """Escalations that nobody answered end; whoever comes next is asked."""
    if due:
        clocks, steps, ats = _columns(due, "clock step at")
        _run(_ENTRIES, clocks=clocks, steps=steps, ats=ats, kinds=["stop"] * len(due))
        _run(_UNANSWERED, clocks=clocks, steps=steps)
        _run(_STOPPED, clocks=clocks, ats=ats)


def _heads(breached):
    """[(what was breached, the Head who comes next)], where there is one."""
    if not breached:
        return []
    heads = heads_of([each.clock for each in breached], clock.now())
    return [(each, heads[each.clock]) for each in breached if each.clock in heads]


_DEMANDS = """
INSERT INTO incidents_demand (case_id, round, kind, ask, owner_role, owner_area_id, owner_unit_id,
                              owner_duty_grid_id, cause_id, outcome)
SELECT c.id, c.round, 'answer', '', head.role, head.area, head.unit, head.duty_grid, head.step, ''
  FROM unnest(%(cases)s::bigint[], %(steps)s::bigint[], %(roles)s::text[], %(areas)s::bigint[],
              %(units)s::bigint[], %(duty_grids)s::bigint[])
       head (id, step, role, area, unit, duty_grid)
  JOIN incidents_case c ON c.id = head.id
RETURNING cause_id, id
"""
_CLOCKS = """
INSERT INTO incidents_clock (case_id, round, kind, demand_id, state, started_at, warn_at, due_at,
                             next_at, verdict)
SELECT d.case_id, d.round, 'demand', d.id, 'running', own.at, own.warn_at, own.due_at, own.next_at,
       ''
  FROM unnest(%(demands)s::bigint[], %(ats)s::timestamptz[], %(warns)s::timestamptz[],
              %(dues)s::timestamptz[], %(nexts)s::timestamptz[])
       own (demand, at, warn_at, due_at, next_at)
  JOIN incidents_demand d ON d.id = own.demand
RETURNING demand_id, id
"""
_STARTS = """
INSERT INTO incidents_clockentry (clock_id, seq, kind, at, step_id, limit_value, limit_unit,
                                  calendar_id, judged)
SELECT own.clock, 1, 'start', own.at, own.step, own.value, own.unit, own.calendar, true
  FROM unnest(%(clocks)s::bigint[], %(ats)s::timestamptz[], %(steps)s::bigint[],
              %(values)s::numeric[], %(limits)s::text[], %(calendars)s::bigint[])
       own (clock, at, step, value, unit, calendar)
"""


def _ask(asked):
    """Put a demand to answer on each head and start its clock."""
    if not asked:
        return
    due, heads = [each for each, _head in asked], [head for _each, head in asked]
    cases, steps, ats = _columns(due, "case step at")
    whom = _columns(heads, "role area unit duty_grid")
    values = dict(zip(("roles", "areas", "units", "duty_grids"), whom, strict=True))
    made = dict(_rows(_DEMANDS, cases=cases, steps=steps, **values))
    demands = [made[step] for step in steps]
    limits = Limits({each.city for each in due})
    starts = [limits.start(each.city, head.daily, each.at) for each, head in asked]
    states = [limits.state(start) for start in starts]
    warns, dues, nexts = _columns(states, "warn_at due_at next_at")
    clocks = dict(_rows(_CLOCKS, demands=demands, ats=ats, warns=warns, dues=dues, nexts=nexts))
    values, measures, calendars = _columns(starts, "limit_value limit_unit calendar_id")
    clocks = [clocks[demand] for demand in demands]
    values = {"values": values, "limits": measures, "calendars": calendars}
    _run(_STARTS, clocks=clocks, ats=ats, steps=steps, **values)


class Limits:
    """When answers fall due, reckoned once for each city, limit and moment of a batch."""

    def __init__(self, cities):
        self.cities = {city.pk: city for city in City.objects.filter(pk__in=cities)}
        self.calendars = {key: current_version(c.calendar_id) for key, c in self.cities.items()}
        self._starts, self._states = {}, {}

    def start(self, city, daily, at):
        """The first entry of the ledger, not saved."""
        key = city, daily, at
        if key not in self._starts:
            value, unit = DAILY if daily else limit_of(self.cities[city], "answer")
            unit = worktime.WORK_HOUR if unit == PATROL else unit
            self._starts[key] = ClockEntry(
                kind="start",
                at=at,
                limit_value=value,
                limit_unit=unit,
                calendar_id=self.calendars[city].pk,
            )
        return self._starts[key]

    def state(self, start):
        """The `ClockState` of a ledger with that entry alone."""
        if id(start) not in self._states:
            self._states[id(start)] = replayed([start])
        return self._states[id(start)]


# The cached due time of the case is that of its loop clock, which no warning or breach moves.
_CASES = """
UPDATE incidents_case c SET version = c.version + 1, level = greatest(c.level, due.level)
  FROM unnest(%(cases)s::bigint[], %(levels)s::int[]) due (id, level) WHERE c.id = due.id
"""


def _turn_cases(due, levels):
    cases = [each.case for each in due]
    _run(_CASES, cases=cases, levels=[levels.get(case) for case in cases])


# As `notices.tell` does it: the party of the clock, then the head.
_PARTIES = """
INSERT INTO incidents_outbox (id, step_id, notice, to_role, to_area_id, to_unit_id,
                              to_duty_grid_id, to_member_id, made_at)
SELECT gen_random_uuid(), due.step, due.move, coalesce(d.owner_role, turn.role, ''),
       CASE WHEN d.id IS NOT NULL THEN d.owner_area_id
            WHEN turn.role = 'supervisor' THEN c.community_id END,
       CASE WHEN d.id IS NOT NULL THEN d.owner_unit_id
            WHEN turn.role = 'handler' THEN c.unit_id END,
       d.owner_duty_grid_id,
       CASE WHEN d.id IS NOT NULL THEN d.owner_id
            WHEN turn.role = 'worker' THEN c.worker_id END, due.at
  FROM unnest(%(clocks)s::bigint[], %(steps)s::bigint[], %(ats)s::timestamptz[], %(moves)s::text[])
       due (clock, step, at, move)
  JOIN incidents_clock k ON k.id = due.clock
  JOIN incidents_case c ON c.id = k.case_id
  LEFT JOIN incidents_demand d ON d.id = k.demand_id
  LEFT JOIN unnest(%(stages)s::text[], %(roles)s::text[]) turn (place, role)
    ON turn.place = c.stage
"""
_TO_HEADS = """
INSERT INTO incidents_outbox (id, step_id, notice, to_role, to_area_id, to_unit_id,
                              to_duty_grid_id, made_at)
SELECT gen_random_uuid(), step, notice, role, area, unit, duty_grid, at
  FROM unnest(%(steps)s::bigint[], %(ats)s::timestamptz[], %(notices)s::text[], %(roles)s::text[],
              %(areas)s::bigint[], %(units)s::bigint[], %(duty_grids)s::bigint[])
       head (step, at, notice, role, area, unit, duty_grid)
"""
_TURN = [(stage, role) for role, stages in PARTY.items() for stage in stages]


def _tell(due, heads):
    clocks, steps, ats, moves = _columns(due, "clock step at move")
    stages, roles = ([pair[place] for pair in _TURN] for place in (0, 1))
    values = {"clocks": clocks, "steps": steps, "ats": ats, "moves": moves}
    _run(_PARTIES, **values, stages=stages, roles=roles)
    if heads:
        steps, ats = _columns([each for each, _head in heads], "step at")
        whom = _columns([head for _each, head in heads], "role area unit duty_grid")
        values = dict(zip(("roles", "areas", "units", "duty_grids"), whom, strict=True))
        notices = ["answer" if each.escalates else "breach" for each, _head in heads]
        _run(_TO_HEADS, steps=steps, ats=ats, notices=notices, **values)


def _columns(rows, names):
    """The attributes of rows as lists, one for each name."""
    return [[getattr(row, name) for row in rows] for name in names.split()]


# --- what could not be settled -------------------------------------------------------------------


def _set_aside(case, error):
    """Set aside the clock of a case that could not be settled."""
    due = _due([case])
    if due:
        _keep_aside(case, due[0].clock, error)


def _keep_aside(case, clock_id, error):
    """Keep what went wrong for those who look after the system, and when it is tried again: ever
    later, so that it never hinders the rest."""
    log.exception("case %s, clock %s: set aside", case, clock_id, exc_info=error)
    with transaction.atomic():
        row, _new = SetAside.objects.select_for_update().get_or_create(
            case_id=case,
            clock_id=clock_id,
            defaults={"error": "", "at": clock.now(), "again_at": clock.now(), "tries": 0},
        )
        row.tries += 1
        row.error = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:300]
        row.at = clock.now()
        row.again_at = row.at + min(AGAIN_AFTER * 2 ** min(row.tries - 1, 20), AGAIN_AT_MOST)
        row.save(update_fields=["tries", "error", "at", "again_at"])


# --- asking the database -------------------------------------------------------------------------


def _run(sql, **values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _rows(sql, **values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
