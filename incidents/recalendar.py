"""A calendar is edited: which open clocks move, and by how much; and moving them.

Domain rule: editing a calendar changes open clocks by one ledger entry each and closed ones never.
The entry holds from the old start, with pauses and extensions kept (`lib.worktime`), and belongs to
no step: no case is moved, only its due time.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef

from incidents.clocks import replayed
from incidents.models import LOOP_CLOCKS, Case, Clock, ClockEntry
from lib import now as clock
from staff.models import CalendarVersion

MOST_SHOWN = 20
# What a version of a calendar says.
CONTENT = ("hours", "workweek", "day_minutes", "exceptions", "known_until")
BATCH = 2_000


@dataclass(frozen=True)
class Move:
    """An open clock whose due time the edit moves, from `before` to `after`; of one that rests, the
    due time as it stood at the pause."""

    clock: Clock
    before: object
    after: object

    @property
    def by(self):
        """How far the due time moves; later is positive."""
        return self.after - self.before

    @property
    def later(self):
        return self.by > timedelta()


@dataclass
class Preview:
    """What an edit does: `open` clocks run on the calendar, `moved` of them become due at another
    time, `overdue` of those at once; `moves` are the farthest."""

    open: int = 0
    moved: int = 0
    overdue: int = 0
    moves: list = field(default_factory=list)


def preview(calendar, content):
    """The Preview of a next version with this content; nothing stays of it."""
    with transaction.atomic():
        found = _turned(_next(calendar, content), write=False)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def apply(calendar, content):
    """Make the next version and move the open clocks on the calendar, all in one transaction.
    Returns (the version, its Preview)."""
    version = _next(calendar, content)
    return version, _turned(version, write=True)


def catch_up(calendar):
    """Move the open clocks that still run on an older version of a calendar to its newest."""
    with transaction.atomic():
        return _turned(calendar.current(), write=True)


def behind(calendar):
    """How many open clocks run on an older version of a calendar than its newest."""
    version = calendar.current()
    return _clocks(version).count() if version else 0


def _next(calendar, content):
    # Two edits at once: the second waits, and then finds the number taken by one more.
    locked = type(calendar).objects.select_for_update().get(pk=calendar.pk)
    newest = locked.current()
    return CalendarVersion.objects.create(
        calendar=locked,
        number=newest.number + 1 if newest else 1,
        created_at=clock.now(),
        **content,
    )


def _clocks(version):
    """The open clocks on the calendar of a version that do not run on this version yet."""
    entries = ClockEntry.objects.filter(clock=OuterRef("pk"))
    return Clock.objects.open().filter(
        Exists(entries.filter(calendar__calendar=version.calendar_id)),
        ~Exists(entries.filter(calendar=version)),
    )


def _turned(version, *, write):
    found, last = Preview(), 0
    keys = _clocks(version).order_by("case_id").values_list("case_id", flat=True).distinct()
    while batch := list(keys.filter(case_id__gt=last)[:BATCH]):
        # A move locks its case first and reads the clocks after: so does this.
        if write:
            list(Case.objects.filter(pk__in=batch).order_by("pk").select_for_update().only("pk"))
        _turn(version, batch, found, write)
        last = batch[-1]
    found.moves.sort(key=lambda move: -abs(move.by))
    found.moves = found.moves[:MOST_SHOWN]
    return found


def _turn(version, cases, found, write):
    """Turn the clocks of some cases and count them."""
    fresh, turned, moment = [], [], clock.now()
    for each, ledger in _ledgers(version, cases):
        before = replayed(ledger)
        entry = ClockEntry(
            clock=each,
            seq=len(ledger) + 1,
            kind="recalendar",
            at=max(moment, ledger[-1].at),
            calendar_id=version.pk,
        )
        after = replayed([*ledger, entry])
        each.due_at, each.warn_at, each.next_at = after.due_at, after.warn_at, after.next_at
        fresh.append(entry)
        turned.append(each)
        _count(found, each, before.standing_due_at, after.standing_due_at, moment)
    found.moves = sorted(found.moves, key=lambda move: -abs(move.by))[:MOST_SHOWN]
    if write:
        _write(fresh, turned)


def _ledgers(version, cases):
    rows = ClockEntry.objects.filter(clock__in=_clocks(version).filter(case__in=cases))
    rows = rows.select_related("clock__case").order_by("clock_id", "seq")
    for _key, entries in groupby(rows, lambda entry: entry.clock_id):
        ledger = list(entries)
        yield ledger[0].clock, ledger


def _count(found, each, before, after, moment):
    found.open += 1
    if before == after:
        return
    found.moved += 1
    found.overdue += before > moment >= after
    found.moves.append(Move(each, before, after))


def _write(fresh, turned):
    ClockEntry.objects.bulk_create(fresh)
    Clock.objects.bulk_update(turned, ["due_at", "warn_at", "next_at"], batch_size=500)
    cases = []
    for each in turned:
        rests = each.state == "paused" and each.case.stage == "suspended"
        if (each.state == "running" or rests) and each.kind in LOOP_CLOCKS:
            each.case.due_at, each.case.warn_at = each.due_at, each.warn_at
            cases.append(each.case)
    Case.objects.bulk_update(cases, ["due_at", "warn_at"], batch_size=500)
