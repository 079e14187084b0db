"""Rulers: they add and measure time, each in one measure (as it passes, office, local days).

Import from `lib/worktime.py`, which explains the kinds of time. Inside, a moment is an integer:
microseconds since 1970 UTC, so that nothing drifts and a lookup is a bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
# How far an answer may lie from its question: a century of work days takes 140 years.
MOST_YEARS_AWAY = 200


class ClockError(ValueError):
    """A ledger that cannot have happened, or a time that no calendar reaches."""


def ticks_of(moment: datetime) -> int:
    """Microseconds since 1970 UTC; ValueError for a datetime without a zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return (moment - EPOCH) // MICROSECOND


def moment_of(ticks: int) -> datetime:
    return EPOCH + timedelta(microseconds=ticks)


class Elapsed:
    """Time as it passes."""

    def add(self, start: int, amount: int) -> int:
        return start + amount

    def subtract(self, end: int, amount: int) -> int:
        return end - amount

    def measure(self, start: int, end: int) -> int:
        return end - start


class LocalTime:
    """The clock on the wall of one zone, where an hour may be missing or come twice.

    An amount has passed at the first moment at or after the start at which the wall shows the
    wanted time *or later*. So a time that is skipped in spring is reached when the clocks jump,
    and one that comes twice in autumn is reached the first time (the second time, for a clock
    that started after the first).
    """

    def __init__(self, zone: ZoneInfo):
        self._zone = zone

    def wall(self, ticks: int) -> int:
        """What the wall shows at a moment, as microseconds since 1970 on that wall."""
        return ticks + moment_of(ticks).astimezone(self._zone).utcoffset() // MICROSECOND

    def _readings(self, wall: int) -> tuple[int, int]:
        """The moments at which the wall shows a time: first and second pass, or the same twice.

        For a time that is skipped both are the moment of the jump.
        """
        shown = moment_of(wall).replace(tzinfo=self._zone)
        before = wall - shown.utcoffset() // MICROSECOND
        after = wall - shown.replace(fold=1).utcoffset() // MICROSECOND
        if before <= after:
            return before, after
        low, high = after, before  # skipped: the jump lies between them
        while high - low > 1:
            middle = (low + high) // 2
            if self.wall(middle) < wall:
                low = middle
            else:
                high = middle
        return high, high

    def first_showing(self, wall: int) -> int:
        return self._readings(wall)[0]

    def add(self, start: int, amount: int) -> int:
        first, second = self._readings(self.wall(start) + amount)
        return first if first >= start else second

    def subtract(self, end: int, amount: int) -> int:
        first, second = self._readings(self.wall(end) - amount)
        return second if second <= end else first

    def measure(self, start: int, end: int) -> int:
        return self.wall(end) - self.wall(start)


@dataclass(frozen=True)
class _Span:
    """The office intervals of some whole local years, side by side, and the time before each."""

    first_year: int
    last_year: int
    low: int
    high: int
    opens: list[int]
    closes: list[int]
    before: list[int]  # office time before interval i; one more than intervals: the total

    def passed(self, ticks: int) -> int:
        """Office time from the beginning of the span to a moment within it."""
        index = bisect_right(self.opens, ticks) - 1
        if index < 0:
            return 0
        closes = self.closes[index]
        return self.before[index] + (ticks if ticks < closes else closes) - self.opens[index]


class OfficeTime:
    """The office time of one pattern of hours, looked up by bisection.

    Years are laid out when first needed and then kept: an answer costs microseconds, whether the
    limit is an hour or ten years. An office opens when the wall first shows the opening time and
    closes when it first shows the closing time, so a missing hour shortens the day and a double
    one lengthens it.
    """

    def __init__(self, pattern: tuple):
        timezone, self._hours, self._workweek, exceptions = pattern
        self._exceptions = {day.toordinal(): works for day, works in exceptions}
        self._zone = ZoneInfo(timezone)
        self._local = LocalTime(self._zone)
        self._years: dict[int, tuple[list[int], list[int]]] = {}
        self._span: _Span | None = None

    def add(self, start: int, amount: int) -> int:
        if amount == 0:
            return start
        span = self._covering(start, start)
        target = span.passed(start) + amount
        limit, ahead = span.last_year + MOST_YEARS_AWAY, 1
        while span.before[-1] < target:
            if span.last_year + ahead > limit:
                raise ClockError("the due time lies further ahead than any calendar reaches")
            span = self._lay_out(span.first_year, span.last_year + ahead)
            target = span.passed(start) + amount  # another thread may have laid out earlier years
            ahead *= 2
        index = bisect_left(span.before, target) - 1
        return span.opens[index] + target - span.before[index]

    def subtract(self, end: int, amount: int) -> int:
        if amount == 0:
            return end
        span = self._covering(end, end)
        limit, back = span.first_year - MOST_YEARS_AWAY, 1
        while span.passed(end) < amount:
            if span.first_year - back < limit:
                raise ClockError("that moment lies further back than any calendar reaches")
            span = self._lay_out(span.first_year - back, span.last_year)
            back *= 2
        target = span.passed(end) - amount
        index = bisect_right(span.before, target) - 1
        return span.opens[index] + target - span.before[index]

    def measure(self, start: int, end: int) -> int:
        span = self._covering(min(start, end), max(start, end))
        return span.passed(end) - span.passed(start)

    def is_open(self, ticks: int) -> bool:
        span = self._covering(ticks, ticks)
        index = bisect_right(span.opens, ticks) - 1
        return index >= 0 and ticks < span.closes[index]

    def open_between(self, low: int, high: int) -> list[tuple[int, int]]:
        """The office intervals between two moments, cut to them."""
        span = self._covering(low, high)
        first = bisect_right(span.closes, low)
        last = bisect_left(span.opens, high)
        return [(max(low, span.opens[i]), min(high, span.closes[i])) for i in range(first, last)]

    def _covering(self, low: int, high: int) -> _Span:
        span = self._span
        if span is None or low < span.low or high >= span.high:
            first, last = (moment_of(t).astimezone(self._zone).year for t in (low, high))
            span = self._lay_out(first, last)
        return span

    def _lay_out(self, first: int, last: int) -> _Span:
        """Make the known span reach over the given years; safe to run twice at once."""
        known = self._span
        if known is not None:
            first, last = min(first, known.first_year), max(last, known.last_year)
        opens, closes, before = [], [], [0]
        for year in range(first, last + 1):
            if year not in self._years:
                self._years[year] = self._year(year)
            opens += self._years[year][0]
            closes += self._years[year][1]
        for opening, closing in zip(opens, closes, strict=True):
            before.append(before[-1] + closing - opening)
        low, high = (self._local.first_showing(_new_year(y)) for y in (first, last + 1))
        span = _Span(first, last, low, high, opens, closes, before)
        self._span = span  # whole or not at all; each caller goes on with the span it laid out
        return span

    def _year(self, year: int) -> tuple[list[int], list[int]]:
        opens, closes = [], []
        shown = self._local.first_showing
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            works = self._exceptions.get(ordinal)
            if works is None:
                works = (ordinal - 1) % 7 + 1 in self._workweek  # ordinal 1 was a Monday
            if not works:
                continue
            midnight = (ordinal - EPOCH.toordinal()) * DAY_US
            starts = shown(midnight)
            plain = shown(midnight + DAY_US) - starts == DAY_US
            for opening, closing in self._hours:
                if plain:
                    pair = starts + opening * MINUTE_US, starts + closing * MINUTE_US
                else:
                    pair = tuple(shown(midnight + m * MINUTE_US) for m in (opening, closing))
                opens.append(pair[0])
                closes.append(pair[1])
        return opens, closes


def _new_year(year: int) -> int:
    return (date(year, 1, 1).toordinal() - EPOCH.toordinal()) * DAY_US


@lru_cache(maxsize=1024)
def office_time(pattern: tuple) -> OfficeTime:
    return OfficeTime(pattern)
