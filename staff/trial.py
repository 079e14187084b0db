"""Try a limit: when would something that begins then be due, on this calendar, with these pauses
and extensions? The command `due_at` and the page of the calendars both ask here.

What is asked comes as text and is read here; the answer is a replayed ledger and nothing else.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from lib import calendars, worktime

# The national days off and make-up days, as rows of date and is_workday.
NATIONAL_DAYS = settings.BASE_DIR / "demo" / "standards" / "workdays.csv"
NATIONAL, PATROL = "national", "patrol"
# Domain rule: 08:00-12:00 and 14:00-18:00 by default.
OFFICE_HOURS = ((480, 720), (840, 1080))
DEFAULT_ZONE = "Asia/Shanghai"
# An explanation names so many days; more are counted.
MOST_DAYS = 10


class BadTrial(ValueError):
    """What was asked cannot be tried: `faults` are (argument as on the command line, reason), all
    that are found in one round."""

    def __init__(self, *faults):
        super().__init__("\n".join(f"{argument}: {reason}" for argument, reason in faults))
        self.faults = faults


def _each(*readings):
    """What every one of the readings gives; raises all their faults together."""
    read, faults = [], []
    for reading, *given in readings:
        try:
            read.append(reading(*given))
        except BadTrial as bad:
            faults += bad.faults
    if faults:
        raise BadTrial(*faults)
    return read


@dataclass(frozen=True)
class Trial:
    """The answer. `due_at` and `warn_at` are in the calendar's zone; `days` are (date, timedelta)
    of the office time that each day gave, empty for a limit in hours or days; `pauses` are
    (from, to, timedelta of the limit's own time that they kept off the clock)."""

    calendar: worktime.Calendar
    limit: worktime.Limit
    begins: datetime
    due_at: datetime
    warn_at: datetime
    pauses: tuple
    extensions: tuple
    days: tuple

    @property
    def beyond_table(self):
        """True if the due time lies after the last day whose holidays are known."""
        return self.calendar.beyond_table(self.due_at)


def try_limit(calendar, *, amount, kind, start, pauses=(), extensions=()):
    """The Trial of a limit from a start; `pauses` are pairs of texts, `extensions` texts, each
    adding the original limit once more. Raises BadTrial, which names every argument that is wrong
    and why.
    """
    limit, begins, rests, *granted = _each(
        (_limit, amount, kind),
        (_moment, "START", start, calendar),
        (_pauses, pauses, calendar),
        *((_moment, "--extend", text, calendar) for text in extensions),
    )
    _after(begins, rests, granted)
    granted = tuple(granted)
    try:
        state = worktime.replay(_ledger(calendar, limit, begins, rests, granted))
        days = _days(calendar, limit, begins, state.due_at, rests)
        kept = tuple((*rest, _kept(limit.kind, rest, state.due_at, calendar)) for rest in rests)
        due, warn = (at.astimezone(calendar.zone) for at in (state.due_at, state.warn_at))
    except (worktime.ClockError, OverflowError) as error:
        raise BadTrial(("LIMIT", _("No calendar reaches as far as its due time."))) from error
    return Trial(calendar, limit, begins, due, warn, kept, granted, days)


def _ledger(calendar, limit, begins, rests, granted):
    """The entries in their order; at the same moment a clock resumes before it is paused again."""
    later = [(at, 1, worktime.Entry("extend", at, limit)) for at in granted]
    for opens, closes in rests:
        later.append((opens, 2, worktime.Entry("pause", opens)))
        later.append((closes, 0, worktime.Entry("resume", closes)))
    ordered = sorted(later, key=lambda each: each[:2])
    return [worktime.Entry("start", begins, limit, calendar), *(entry for *_at, entry in ordered)]


# --- reading what was asked ----------------------------------------------------------------------


def _limit(amount, kind):
    if kind not in worktime.KINDS:
        known = ", ".join(worktime.KINDS)
        words = _("“%(kind)s” is none of %(known)s.")
        raise BadTrial(("KIND", words % {"kind": kind, "known": known}))
    try:
        return worktime.Limit(amount, kind)
    except ValueError as error:
        words = _("“%(amount)s” is no amount of time between nothing and a century.")
        raise BadTrial(("LIMIT", words % {"amount": amount})) from error


def _moment(argument, text, calendar):
    """A local time of the calendar's zone; one that is written with an offset holds as it is."""
    read = _read(str(text).strip())
    if read is None:
        words = _("“%(text)s” is no time; write it as 2026-03-05T09:00.")
        raise BadTrial((argument, words % {"text": text}))
    if read.tzinfo is not None:
        return read.astimezone(calendar.zone)
    moment = read.replace(tzinfo=calendar.zone)
    if moment.astimezone(UTC).astimezone(calendar.zone).replace(tzinfo=None) != read:
        words = _("There was no %(text)s in %(zone)s: the clocks were put forward.")
        raise BadTrial((argument, words % {"text": text, "zone": calendar.timezone}))
    return moment


def _read(text):
    day, after = text[:10], text[11:]
    try:
        if after in ("24:00", "24:00:00"):  # domain rule: 24:00 exists
            return datetime.fromisoformat(day) + timedelta(days=1)
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    # A century to either side must still be a year that the calendar can count in.
    return read if after and 1600 <= read.year <= 9600 else None


def _pauses(pairs, calendar):
    """The pauses by time, those of no length left out."""
    rests = []
    for pair in pairs:
        opens, closes = (_moment("--pause", text, calendar) for text in pair)
        if closes < opens:
            words = _("It ends (%(to)s) before it begins (%(from)s).")
            raise BadTrial(("--pause", words % {"from": pair[0], "to": pair[1]}))
        if opens < closes:
            rests.append((opens, closes))
    rests.sort()
    for (_opens, ended), (begun, _closes) in zip(rests, rests[1:], strict=False):
        if begun < ended:
            words = _("Two pauses overlap: one ends at %(end)s, the next begins at %(begin)s.")
            at = {"end": _minute(ended), "begin": _minute(begun)}
            raise BadTrial(("--pause", words % at))
    return rests


def _after(begins, rests, granted):
    """Raises what lies before the clock starts."""
    faults = [
        ("--pause", _("It begins (%(from)s) before the clock starts.") % {"from": _minute(opens)})
        for opens, _closes in rests
        if opens < begins
    ]
    faults += [
        ("--extend", _("%(at)s lies before the clock starts.") % {"at": _minute(at)})
        for at in granted
        if at < begins
    ]
    if faults:
        raise BadTrial(*faults)


def _minute(moment):
    return moment.strftime("%Y-%m-%dT%H:%M")


# --- explaining the answer -----------------------------------------------------------------------


def _days(calendar, limit, begins, due, rests):
    """(date, office time) of each day that the clock ran in office hours."""
    if limit.kind not in (worktime.WORK_HOUR, worktime.WORK_DAY):
        return ()
    given = {}
    for opens, closes in calendars.open_between(begins, due, calendar):
        length = closes - opens
        for rests_from, rests_to in rests:
            length -= max(timedelta(), min(closes, rests_to) - max(opens, rests_from))
        if length > timedelta():
            day = calendar.local_date(opens)
            given[day] = given.get(day, timedelta()) + length
    return tuple(given.items())


def _kept(kind, rest, due, calendar):
    """The time of the limit's own kind in a pause before the due time."""
    opens, closes = rest
    if opens >= due:
        return timedelta()
    return worktime.measure(kind, opens, closes, calendar)


# --- calendars that need no city -----------------------------------------------------------------


def national_calendars():
    """{name: calendar} where there is no city yet: the default office hours with the national
    days, and patrol hours, both as every new city gets them."""
    return {NATIONAL: _national(), PATROL: worktime.patrol(DEFAULT_ZONE)}


@lru_cache(maxsize=1)
def _national():
    with NATIONAL_DAYS.open(encoding="utf-8", newline="") as file:
        days = {
            date.fromisoformat(row["date"]): row["is_workday"] == "1"
            for row in csv.DictReader(file)
        }
    return worktime.Calendar(
        timezone=DEFAULT_ZONE,
        hours=OFFICE_HOURS,
        workweek=frozenset(range(1, 6)),
        exceptions=days,
        # The table is published a calendar year at a time.
        known_until=date(max(days).year, 12, 31),
        version=NATIONAL,
    )
