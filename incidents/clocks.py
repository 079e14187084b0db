"""Which clock a move starts, pauses, resumes or stops, carried out on the ledger.

The rows of the table name the turns ("pause intake", "start confirm"); this module owes nothing to
any move by name. The ledger is the truth (`lib.worktime.replay`), the columns of `Clock` and the
due time on `Case` are its cache, written in the same transaction.
"""

from decimal import Decimal
from functools import cached_property

from django.db.models import DateTimeField, JSONField, Min
from django.db.models.expressions import RawSQL

from incidents.models import LOOP_CLOCKS, Clock, ClockEntry
from lib import now, worktime
from staff.models import CalendarVersion, calendar_of

# Patrol time is the office time of the city's patrol calendar (domain rule: confirm and verify run
# in patrol time, 07:00-21:00 every day; urgent cases run day and night).
PATROL = "patrol"


def limit_of(city, kind, *, urgent=False):
    """(amount, unit) of a city's own limit for a clock kind, from its settings."""
    amount, unit = city.limits[kind]
    if unit == PATROL and urgent:
        unit = worktime.HOUR
    return Decimal(amount), unit


_CACHE = ["state", "due_at", "warn_at", "next_at", "stopped_at", "verdict", "late_by"]


class Turns:
    """The clocks of one locked case during one move: read when the first is asked for, turned,
    written at the end."""

    def __init__(self, case, *, at):
        self.case, self.at = case, at
        # By identity: a clock that is not saved yet has no key to be hashed by.
        self._entries, self._new, self._changed = {}, [], {}

    @cached_property
    def _clocks(self):
        """The open clocks with their ledgers; one query, for no clock is without an entry."""
        if not self.case.version:
            return []
        clocks = {}
        rows = ClockEntry.objects.filter(
            clock__case=self.case, clock__state__in=("running", "paused")
        )
        for entry in rows.select_related("clock").order_by("clock", "seq"):
            clock = entry.clock = clocks.setdefault(entry.clock_id, entry.clock)
            self._entries.setdefault(id(clock), []).append(entry)
        return list(clocks.values())

    def open(self, kind):
        """The open clock of a loop kind, or None."""
        return next((c for c in self._clocks if c.kind == kind and c.state != "stopped"), None)

    def running(self):
        """The one running clock of the loop, or None."""
        of_loop = (c for c in self._clocks if c.kind in LOOP_CLOCKS and c.state == "running")
        return next(of_loop, None)

    def pass_to(self, clock, owner):
        """Another member owes it from now on; the clock goes on."""
        clock.owner = owner
        clock.save(update_fields=["owner"])

    def of_demand(self, demand):
        """The open clock of a demand, or None."""
        found = (c for c in self._clocks if c.demand_id == demand.pk and c.state != "stopped")
        return next(found, None)

    def demands(self):
        """The open demands of the case that have not ended in this move: each has its clock."""
        return [c.demand for c in self._clocks if c.demand_id and c.state != "stopped"]

    def start(self, kind, *, limit, calendar, unit=None, owner=None, demand=None):
        """Start a clock. `limit` is (amount, unit) or None for none, `calendar` the key of a
        version."""
        value, measure = limit or (None, "")
        if measure == PATROL:
            measure = worktime.WORK_HOUR
        clock = Clock(
            case=self.case,
            round=self.case.round,
            kind=kind,
            unit=unit,
            owner=owner,
            demand=demand,
            state="running",
            started_at=self.at,
        )
        if kind in LOOP_CLOCKS:
            self._clocks.append(clock)
        self._new.append(clock)
        self._entries[id(clock)] = []
        self._add(clock, "start", limit_value=value, limit_unit=measure, calendar_id=calendar)
        return clock

    def pause(self, clock):
        self._add(clock, "pause")

    def resume(self, clock):
        self._add(clock, "resume")

    def extend(self, clock):
        """Add the limit once more: the one that holds now, if the condition was corrected."""
        value, measure = standing_limit(self.entries(clock))
        self._add(clock, "extend", limit_value=value, limit_unit=measure)

    def rebase(self, clock, limit):
        """A new limit from the old start, pauses and extensions kept."""
        value, measure = limit or (None, "")
        self._add(clock, "rebase", limit_value=value, limit_unit=measure)

    def stop(self, clock, *, judged=True):
        """Stop for good and freeze the verdict once; `judged` as in `lib.worktime.Entry`."""
        self._add(clock, "stop", judged=judged)

    def stop_all(self, *, judged=True):
        """Every end of a case stops every clock of the loop."""
        for clock in [c for c in self._clocks if c.state != "stopped" and c.kind in LOOP_CLOCKS]:
            self.stop(clock, judged=judged)

    def falling_due(self):
        """The open clock whose warning or breach has been due for longest, or None."""
        due = [c for c in self._clocks if c.next_at is not None and c.next_at < self.at]
        return min(due, key=lambda clock: (clock.next_at, clock.pk), default=None)

    def note(self, clock, kind):
        """A ledger entry of the system, warn or breach, for the due time as it stands: the
        database lets each be entered once."""
        self._add(clock, kind, due_at=self.state(clock).standing_due_at)

    def entries(self, clock):
        """The ledger of a clock, old and new entries."""
        return self._entries[id(clock)]

    def state(self, clock):
        """The replayed ledger as `lib.worktime.ClockState`."""
        return replayed(self.entries(clock))

    def _add(self, clock, kind, **columns):
        entries = self.entries(clock)
        # A machine's clock may be set back; a ledger never is.
        at = max(self.at, entries[-1].at) if entries else self.at
        entries.append(ClockEntry(clock=clock, seq=len(entries) + 1, kind=kind, at=at, **columns))
        state = replayed(entries)
        clock.state = "stopped" if state.stopped_at else "running" if state.running else "paused"
        clock.due_at, clock.warn_at = state.due_at, state.warn_at
        clock.next_at = state.next_at
        if state.stopped_at:
            clock.stopped_at, clock.verdict = state.stopped_at, state.verdict
            clock.late_by = state.late_by
        self._changed[id(clock)] = clock

    def write(self, step):
        """Write new clocks, new entries and the caches; set the case's cached due time (the
        caller saves the case)."""
        if not self._changed:
            return
        old = [clock for clock in self._changed.values() if clock.pk is not None]
        # Those that come to rest first: the database allows one running loop clock a case.
        for running in (False, True):
            _save([clock for clock in old if (clock.state == "running") is running])
        Clock.objects.bulk_create(self._new)
        self._insert_entries(step)
        turned = {clock.kind for clock in self._changed.values()}
        self._new, self._changed = [], {}
        if turned.isdisjoint(LOOP_CLOCKS):
            return
        case, running = self.case, self.running()
        case.clock_kind = running.kind if running else ""
        # Of a suspended case's resting clock: its due time if it had passed by then.
        shown = running or next((c for c in self._clocks if c.state == "paused"), None)
        case.due_at = shown.due_at if shown else None
        case.warn_at = shown.warn_at if shown else None

    def _insert_entries(self, step):
        fresh = []
        for clock in self._changed.values():
            for entry in self.entries(clock):
                if entry.pk is None:
                    entry.clock, entry.step = clock, step
                    fresh.append(entry)
        ClockEntry.objects.bulk_create(fresh)


def _save(clocks):
    """The caches of clocks that have their keys, in one statement."""
    if len(clocks) == 1:
        clocks[0].save(update_fields=_CACHE)
    else:
        Clock.objects.bulk_update(clocks, _CACHE)


def standing_limit(entries):
    """(amount, unit) of the limit that a ledger ends with, without extensions; None for none."""
    last = next(e for e in reversed(entries) if e.kind in ("start", "rebase"))
    return None if last.limit_value is None else (last.limit_value, last.limit_unit)


def replayed(entries):
    """`lib.worktime.ClockState` of ledger rows in their order."""
    return worktime.replay(_line(entry) for entry in entries)


def replayed_each(entries):
    """What ledger rows said after each of them."""
    return worktime.replays(_line(entry) for entry in entries)


def _line(entry):
    limit = None
    if entry.limit_value is not None:
        limit = worktime.Limit(entry.limit_value, entry.limit_unit)
    calendar = calendar_of(entry.calendar_id) if entry.calendar_id else None
    return worktime.Entry(
        kind=entry.kind, at=entry.at, limit=limit, calendar=calendar, judged=entry.judged
    )


def calendar_for(case, kind, *, unit=None):
    """The key of the calendar version on which a clock of `kind` runs (domain rule: handle on the
    lead unit's calendar, close on the community's, confirm and verify on patrol hours, the rest on
    the city's)."""
    if kind in ("confirm", "verify"):
        return _newest(case, case.city.patrol_calendar_id)
    office = unit if kind == "handle" else None
    if kind == "close" and case.community is not None:
        office = case.community.unit
    own = office.calendar_id if office is not None else None
    return _newest(case, own or case.city.calendar_id)


# In SQL of its own: as expressions it costs more to compile than to run.
_CALENDARS = RawSQL(
    "(SELECT jsonb_object_agg(newest.calendar_id, newest.id) FROM ("
    "SELECT DISTINCT ON (v.calendar_id) v.calendar_id, v.id FROM staff_calendarversion v"
    " JOIN staff_calendar c ON c.id = v.calendar_id WHERE c.city_id = incidents_case.city_id"
    " ORDER BY v.calendar_id, v.number DESC) newest)",
    (),
    output_field=JSONField(),
)


def with_calendars(cases):
    """Cases that are read together with the newest version of each calendar of their city, for
    `calendar_for`."""
    return cases.annotate(calendars=_CALENDARS)


def with_next(cases):
    """Cases that are read together with `next_at`, when a clock of theirs is next to be warned of
    or breached, perhaps long ago; None if there is none."""
    return cases.annotate(next_at=_NEXT)


_NEXT = RawSQL(
    "(SELECT min(k.next_at) FROM incidents_clock k WHERE k.case_id = incidents_case.id)",
    (),
    output_field=DateTimeField(),
)


def next_of(case):
    """What `with_next` reads, for one case alone."""
    return Clock.objects.filter(case=case).aggregate(next_at=Min("next_at"))["next_at"]


def is_due(case):
    """True if the clock asks the system for a move on a case that `with_next` gave."""
    moment = now.now()
    ended = case.suspended_until is not None and case.suspended_until <= moment
    return ended or (case.next_at is not None and case.next_at < moment)


def due_move(case):
    """The move of the system that has been due for longest on such a case."""
    until, first = case.suspended_until, case.next_at
    if until is not None and until <= min(now.now(), first or until):
        return "resume"
    turns = Turns(case, at=now.now())
    return "warn" if turns.state(turns.falling_due()).warn_pending else "breach"


def newest_versions(city_id):
    """{calendar: its newest version} of a city, by key; what `with_calendars` reads, for one case
    alone."""
    rows = CalendarVersion.objects.filter(calendar__city=city_id).order_by("calendar", "-number")
    newest = rows.distinct("calendar").values_list("calendar", "pk")
    return {str(calendar): version for calendar, version in newest}


def _newest(case, calendar_id):
    """The key of the newest version of a calendar, or None."""
    read = case.__dict__.get("calendars") or {}
    if str(calendar_id) in read:
        return read[str(calendar_id)]
    version = current_version(calendar_id)
    return version.pk if version else None


def current_version(calendar_id):
    """The newest version of a calendar."""
    return CalendarVersion.objects.filter(calendar=calendar_id).order_by("-number").first()
