"""Calendars and limits: when an office works, and when what it owes is due.

Import from `lib/worktime.py`, which explains the kinds of time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lib.rulers import (
    DAY_US,
    MICROSECOND,
    MINUTE_US,
    Elapsed,
    LocalTime,
    OfficeTime,
    moment_of,
    office_time,
    ticks_of,
)

HOUR, WORK_HOUR, WORK_DAY, DAY = "hour", "work_hour", "work_day", "day"
KINDS = (HOUR, WORK_HOUR, WORK_DAY, DAY)
# Microseconds in one unit of each kind; those of a work day come from the calendar.
UNIT_US = {HOUR: 60 * MINUTE_US, WORK_HOUR: 60 * MINUTE_US, DAY: DAY_US}
# A limit beyond a century is a typing mistake; refusing it keeps the arithmetic bounded.
LONGEST_LIMIT_US = 100 * 366 * DAY_US


@dataclass(frozen=True, eq=False)
class Calendar:
    """When an office works. Immutable, hashable, equal by value, fast after its first use.

    timezone     IANA name; all hours and dates below are local to it
    hours        office hours of every work day as (from, to) minutes of the local day, half-open,
                 ascending; 24:00 is 1440
    workweek     ISO weekdays (1 = Monday) that are work days unless an exception says otherwise
    exceptions   date -> True for a make-up work day, False for a holiday
    day_minutes  the standard work day, in minutes of office time
    known_until  last day of the holiday table; later days follow the week (and whatever single
                 exceptions are given), and `beyond_table` says so
    version      which edition this is; frozen with a verdict

    Raises ValueError for hours, weekdays or zones that do not exist.
    """

    timezone: str
    hours: tuple[tuple[int, int], ...]
    workweek: frozenset[int]
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    day_minutes: int = 480
    known_until: date | None = None
    version: str = ""

    def __post_init__(self):
        hours = tuple((int(opens), int(closes)) for opens, closes in self.hours)
        edges = [edge for pair in hours for edge in pair]
        if not hours or any(a >= b for a, b in hours) or edges != sorted(edges):
            raise ValueError(f"office hours must ascend and not overlap: {self.hours!r}")
        if edges[0] < 0 or edges[-1] > 1440:
            raise ValueError(f"office hours lie between 0 and 1440 minutes: {self.hours!r}")
        workweek = frozenset(self.workweek)
        if not workweek or not workweek <= frozenset(range(1, 8)):
            raise ValueError(f"the work week is some of the ISO weekdays 1-7: {self.workweek!r}")
        if self.day_minutes <= 0:
            raise ValueError(f"a work day needs minutes: {self.day_minutes!r}")
        exceptions = {day: bool(works) for day, works in sorted(self.exceptions.items())}
        object.__setattr__(self, "hours", hours)
        object.__setattr__(self, "workweek", workweek)
        object.__setattr__(self, "exceptions", MappingProxyType(exceptions))
        try:
            self.zone  # noqa: B018 - looked up now, so that a bad name fails here
        except (KeyError, OSError) as error:
            raise ValueError(f"unknown time zone: {self.timezone!r}") from error

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _pattern(self) -> tuple:
        """What decides the office intervals; calendars that agree on it share one table."""
        return (self.timezone, self.hours, self.workweek, tuple(self.exceptions.items()))

    @cached_property
    def _key(self) -> tuple:
        return (*self._pattern, self.day_minutes, self.known_until, self.version)

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    @cached_property
    def _office(self) -> OfficeTime:
        return office_time(self._pattern)

    @cached_property
    def rulers(self) -> dict:
        """Kind of time -> what adds and measures it, in microseconds."""
        office = self._office
        return {HOUR: Elapsed(), WORK_HOUR: office, WORK_DAY: office, DAY: LocalTime(self.zone)}

    def __eq__(self, other):
        if not isinstance(other, Calendar):
            return NotImplemented
        return self is other or self._key == other._key

    def __hash__(self):
        return self._hash

    def __reduce__(self):
        return (Calendar.from_json, (self.to_json(),))

    def to_json(self) -> dict:
        """The calendar as plain JSON types, to be frozen into a database column."""
        return {
            "timezone": self.timezone,
            "hours": [list(pair) for pair in self.hours],
            "workweek": sorted(self.workweek),
            "exceptions": {day.isoformat(): works for day, works in self.exceptions.items()},
            "day_minutes": self.day_minutes,
            "known_until": self.known_until.isoformat() if self.known_until else None,
            "version": self.version,
        }

    @staticmethod
    def from_json(data: Mapping) -> Calendar:
        """The calendar that `to_json` wrote; the same JSON gives the same object again."""
        return _calendar_from_json(json.dumps(data, sort_keys=True))

    def local_date(self, moment: datetime) -> date:
        """The date on the wall at `moment`: 07:30 on Monday in Shanghai is Monday, not Sunday."""
        ticks_of(moment)
        return moment.astimezone(self.zone).date()

    def is_work_day(self, day: date) -> bool:
        works = self.exceptions.get(day)
        return day.isoweekday() in self.workweek if works is None else works

    def is_open(self, moment: datetime) -> bool:
        """Whether `moment` lies in office hours; the opening minute does, the closing one not."""
        return self._office.is_open(ticks_of(moment))

    def beyond_table(self, moment: datetime) -> bool:
        """Whether `moment` lies after the last day whose holidays are known.

        Domain rule: beyond the last known year the system goes on with weekends and says so.
        """
        return self.known_until is not None and self.local_date(moment) > self.known_until


@lru_cache(maxsize=1024)
def _calendar_from_json(text: str) -> Calendar:
    data = json.loads(text)
    until = data.get("known_until")
    return Calendar(
        timezone=data["timezone"],
        hours=tuple((opens, closes) for opens, closes in data["hours"]),
        workweek=frozenset(data["workweek"]),
        exceptions={date.fromisoformat(d): works for d, works in data["exceptions"].items()},
        day_minutes=data.get("day_minutes", 480),
        known_until=date.fromisoformat(until) if until else None,
        version=data.get("version", ""),
    )


def patrol(timezone: str, hours: tuple[tuple[int, int], ...] = ((420, 1260),)) -> Calendar:
    """Patrol time as a calendar: the same hours every day, holidays or not (07:00-21:00).

    Domain rule: confirm and verify have 30 minutes of patrol time, every day of the year.
    """
    minutes = sum(closes - opens for opens, closes in hours)
    return Calendar(timezone, hours, frozenset(range(1, 8)), day_minutes=minutes, version="patrol")


@dataclass(frozen=True)
class Limit:
    """How long something may take: an amount of one kind of time.

    The amount is exact. A float means the decimal number it prints as (0.1 is one tenth), a string
    may be "1.5" or "1/3". Raises ValueError for a negative, endless or absurd (over a century)
    amount and for an unknown kind.
    """

    amount: Fraction
    kind: str

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of time: {self.kind!r}")
        amount = _exact(self.amount)
        # A work day has at most 24 hours, whatever the calendar.
        if not 0 <= amount * UNIT_US.get(self.kind, DAY_US) <= LONGEST_LIMIT_US:
            raise ValueError(f"a limit lies between nothing and a century: {amount} {self.kind}")
        object.__setattr__(self, "amount", amount)

    @classmethod
    def minutes(cls, amount, kind: str) -> Limit:
        """A limit given in minutes, e.g. Limit.minutes(15, "hour") for a quarter of an hour.

        Raises ValueError for work days, whose minutes only a calendar knows.
        """
        if kind not in UNIT_US:
            raise ValueError(f"how many minutes make one {kind!r} is not fixed")
        return cls(_exact(amount) * MINUTE_US / UNIT_US[kind], kind)

    def length(self, calendar: Calendar) -> timedelta:
        """The limit as a timedelta in the measure of its kind."""
        return timedelta(microseconds=self.ticks(calendar))

    def ticks(self, calendar: Calendar) -> int:
        """The limit in microseconds of its measure, to the nearest one, halves up."""
        unit = UNIT_US.get(self.kind) or calendar.day_minutes * MINUTE_US
        whole, rest = divmod(self.amount.numerator * unit, self.amount.denominator)
        return whole + (2 * rest >= self.amount.denominator)

    def to_json(self) -> dict:
        return {"amount": str(self.amount), "kind": self.kind}

    @classmethod
    def from_json(cls, data: Mapping) -> Limit:
        return cls(data["amount"], data["kind"])


def _exact(number) -> Fraction:
    if isinstance(number, bool) or not isinstance(number, int | float | str | Decimal | Fraction):
        raise ValueError(f"not an amount of time: {number!r}")
    try:
        return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"not an amount of time: {number!r}") from error


def add(kind: str, start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The earliest moment by which `amount`, in the measure of `kind`, has passed since `start`.

    Nothing added to a moment outside office hours is that moment itself. Raises ValueError for a
    negative amount.
    """
    ticks = amount // MICROSECOND
    if ticks < 0:
        raise ValueError(f"cannot add a negative amount: {amount!r}")
    return moment_of(_ruler(kind, calendar).add(ticks_of(start), ticks))


def measure(kind: str, start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much time of `kind` lies between two moments; negative when `end` comes first."""
    return timedelta(microseconds=_ruler(kind, calendar).measure(ticks_of(start), ticks_of(end)))


def open_between(
    start: datetime, end: datetime, calendar: Calendar
) -> list[tuple[datetime, datetime]]:
    """The office hours of a calendar between two moments, half-open and cut to them."""
    spans = calendar.rulers["work_hour"].open_between(ticks_of(start), ticks_of(end))
    return [(moment_of(opens), moment_of(closes)) for opens, closes in spans]


def due_at(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """When something that starts at `start` is due, if its clock is never paused."""
    return add(limit.kind, start, limit.length(calendar), calendar)


def before(due: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The latest moment that still has the whole `limit` before `due`: when to remind.

    Two work hours before 09:00 on Monday is 17:00 on Friday; two before 16:00 is 14:00, when the
    office opens again, not 12:00, when it closed for the break.
    """
    ruler = _ruler(limit.kind, calendar)
    return moment_of(ruler.subtract(ticks_of(due), limit.ticks(calendar)))


def _ruler(kind: str, calendar: Calendar):
    try:
        return calendar.rulers[kind]
    except KeyError:
        raise ValueError(f"unknown kind of time: {kind!r}") from None
