"""A month of a calendar, laid out in weeks as on the wall."""

import calendar as weeks_of
from dataclasses import dataclass
from datetime import date

HOLIDAY, MAKE_UP = "holiday", "make_up"
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class Day:
    """One day: `works` if the office opens, `special` HOLIDAY or MAKE_UP where it differs from the
    week, `inside` the month, `unknown` beyond the table of holidays."""

    date: date
    works: bool
    special: str
    inside: bool
    unknown: bool
    today: bool


def weeks(calendar, year, month, today):
    """The weeks of a month, Monday first, each seven Days, by a `lib.worktime.Calendar`."""
    return [
        [_day(calendar, each, month, today) for each in week]
        for week in weeks_of.Calendar().monthdatescalendar(year, month)
    ]


def _day(calendar, day, month, today):
    works = calendar.is_work_day(day)
    special = ""
    if works is not (day.isoweekday() in calendar.workweek):
        special = MAKE_UP if works else HOLIDAY
    return Day(
        date=day,
        works=works,
        special=special,
        inside=day.month == month,
        unknown=calendar.known_until is not None and day > calendar.known_until,
        today=day == today,
    )


def work_days(laid_out):
    """How many days of the month the office opens."""
    return sum(day.works and day.inside for week in laid_out for day in week)


def read_month(text, today):
    """(year, month) of "2026-10"; this month for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.year, today.month
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        return today.year, today.month
    return first.year, first.month


def beside(year, month, by):
    """ "2026-09" for the month `by` months away; None beyond the years that are shown."""
    place = year * 12 + month - 1 + by
    year, month = divmod(place, 12)
    return f"{year}-{month + 1:02}" if FIRST_YEAR <= year <= LAST_YEAR else None
