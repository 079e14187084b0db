"""The calendars and short hands that the tests of lib/worktime.py share."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lib.worktime import Calendar, Entry

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")

# China, 2026: (first day, last day) of each holiday and the make-up work days, as announced by the
# State Council's general office. Facts for tests; the calendar of record is in the database.
HOLIDAYS_2026 = [
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
]
MAKE_UP_DAYS_2026 = [
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
]
EXCEPTIONS_2026 = {
    first + timedelta(days=n): False
    for first, last in HOLIDAYS_2026
    for n in range((last - first).days + 1)
} | dict.fromkeys(MAKE_UP_DAYS_2026, True)

CITY = Calendar(
    timezone="Asia/Shanghai",
    hours=((480, 720), (840, 1080)),
    workweek=frozenset({1, 2, 3, 4, 5}),
    exceptions=EXCEPTIONS_2026,
    known_until=date(2026, 12, 31),
    version="2026-1",
)


def local(month, day, hour=0, minute=0, second=0, *, year=2026, zone=SHANGHAI, fold=0):
    """A moment on the wall clock of a zone."""
    return datetime(year, month, day, hour, minute, second, tzinfo=zone, fold=fold)


def started(at, limit, calendar=CITY):
    return Entry("start", at, limit, calendar)


def entry(kind, at, limit=None, **rest):
    return Entry(kind, at, limit, **rest)
