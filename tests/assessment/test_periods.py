"""Periods of the city: half-open, in its own time zone."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from assessment.periods import Period

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    "text, until",
    [
        ("2026-11-24", date(2026, 11, 25)),
        ("2026-W53", date(2027, 1, 4)),
        ("2026-12", date(2027, 1, 1)),
        ("2026-Q4", date(2027, 1, 1)),
        ("2026", date(2027, 1, 1)),
    ],
)
def test_a_period_reads_as_it_is_written_and_ends_before_the_next(text, until):
    period = Period.read(text, ZONE)
    assert (str(period), period.until) == (text, until)
    assert period.after().first == until and period.after().before() == period


def test_a_day_begins_at_the_citys_midnight():
    period = Period.read("2026-11-24", ZONE)
    assert period.start.astimezone(UTC) == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert period.end == period.after().start


def test_bands_of_a_month_are_stretched_to_the_period():
    assert Period.read("2026-Q1", ZONE).months == 3
    assert Period.read("2026-02-03", ZONE).months == Fraction(1, 30)


def test_no_other_kind():
    with pytest.raises(ValueError, match="no kind"):
        Period.of("hour", date(2026, 1, 1), ZONE)
