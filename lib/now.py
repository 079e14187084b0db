"""The one source of time of the project.

Everything asks `now()`. The simulator, the importer and the tests, and nobody else, may say what
it answers, for their own thread or task only:

    with at(datetime(2026, 3, 5, 1, 0, tzinfo=UTC)):
        now()             # 01:00, and again 01:00: time stands still
        set_to(later)     # moves it, forwards or back
    now()                 # the real time
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _moment.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be `moment` inside the block; blocks nest, and the end of one restores the outer time.

    Other threads keep the real time. Raises ValueError for a moment without a zone.
    """
    token = _moment.set(_utc(moment))
    try:
        yield
    finally:
        _moment.reset(token)


def set_to(moment: datetime) -> None:
    """Move the time of the innermost `at` block.

    Raises RuntimeError outside one: real time is nobody's to set; ValueError without a zone.
    """
    if _moment.get() is None:
        raise RuntimeError("set_to() works only inside a block of at()")
    _moment.set(_utc(moment))


def local_date(moment: datetime, time_zone: str) -> date:
    """The day on which a moment falls where clocks show `time_zone`. The one way from a moment to
    a day: the date of a moment in UTC is yesterday's for a third of the day in China."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def day_begins(day: date, time_zone: str) -> datetime:
    """The moment at which a day begins where clocks show `time_zone`: midnight there."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone))


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment.astimezone(UTC)
