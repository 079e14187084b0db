"""Adding and measuring time: against a clerk who counts every minute, and across clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.worktime import (
    DAY,
    HOUR,
    KINDS,
    WORK_DAY,
    WORK_HOUR,
    Calendar,
    ClockError,
    Limit,
    add,
    before,
    due_at,
    measure,
)
from tests.lib.cast import CITY, NEW_YORK, SHANGHAI, local

MINUTE = timedelta(minutes=1)
ROUND_THE_CLOCK = Calendar("America/New_York", ((0, 1440),), frozenset(range(1, 8)), {}, 1440)


@st.composite
def calendars(draw):
    """Any office; in zones with daylight saving it does not open or close within the change."""
    zone = draw(st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]))
    earliest = 36 if zone == "America/New_York" else 0  # steps of five minutes
    edges = draw(st.lists(st.integers(earliest, 288), min_size=2, max_size=6, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    hours = tuple((a * 5, b * 5) for a, b in zip(edges[::2], edges[1::2], strict=True))
    if sum(b - a for a, b in hours) < 60 or draw(st.integers(0, 9)) == 0:
        hours = ((0, 1440),)
    workweek = draw(st.frozensets(st.integers(1, 7), min_size=3))
    days = st.dates(date(2026, 2, 20), date(2026, 4, 10))
    return Calendar(zone, hours, workweek, draw(st.dictionaries(days, st.booleans(), max_size=12)))


# Around the change to daylight saving in New York (8 March 2026) or back (1 November 2026).
starts = st.one_of(
    st.integers(0, 60 * 24 * 25).map(lambda m: datetime(2026, 2, 25, tzinfo=UTC) + m * MINUTE),
    st.integers(0, 60 * 24 * 10).map(lambda m: datetime(2026, 10, 25, tzinfo=UTC) + m * MINUTE),
)


def counts(moment, calendar):
    """Whether the minute that begins at `moment` is office time."""
    wall = moment.astimezone(ZoneInfo(calendar.timezone))
    works = calendar.exceptions.get(wall.date(), wall.isoweekday() in calendar.workweek)
    minute = wall.hour * 60 + wall.minute
    return works and any(a <= minute < b for a, b in calendar.hours)


def count_forward(start, minutes, calendar):
    moment = start
    while minutes:
        minutes -= counts(moment, calendar)
        moment += MINUTE
    return moment


def count_back(due, minutes, calendar):
    moment = due
    while minutes:
        moment -= MINUTE
        minutes -= counts(moment, calendar)
    return moment


@settings(max_examples=60, deadline=None)
@given(calendars(), starts, st.integers(0, 900))
def test_office_time_is_due_when_a_clerk_counting_minutes_says_so(calendar, start, minutes):
    due = due_at(start, Limit.minutes(minutes, WORK_HOUR), calendar)
    assert due == count_forward(start, minutes, calendar)
    assert due.utcoffset() == timedelta(0)


@settings(max_examples=60, deadline=None)
@given(calendars(), starts, st.integers(0, 900))
def test_a_reminder_comes_when_a_clerk_counting_back_says_so(calendar, due, minutes):
    reminder = before(due, Limit.minutes(minutes, WORK_HOUR), calendar)
    assert reminder == count_back(due, minutes, calendar)


@settings(max_examples=60, deadline=None)
@given(calendars(), starts, st.integers(0, 60 * 24 * 12))
def test_the_office_time_between_two_moments_is_what_a_clerk_counts(calendar, start, length):
    end = start + length * MINUTE
    counted = sum(counts(start + n * MINUTE, calendar) for n in range(length))
    assert measure(WORK_HOUR, start, end, calendar) == counted * MINUTE
    assert measure(WORK_HOUR, end, start, calendar) == -counted * MINUTE


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(0, 60 * 24 * 8))
def test_local_days_are_due_when_the_wall_clock_first_shows_the_time(start, minutes):
    def wall(moment):
        return moment.astimezone(NEW_YORK).replace(tzinfo=None)

    moment = start
    while wall(moment) < wall(start) + minutes * MINUTE:
        moment += MINUTE
    assert due_at(start, Limit.minutes(minutes, DAY), ROUND_THE_CLOCK) == moment


@settings(deadline=None)
@given(
    calendars(),
    st.sampled_from(KINDS),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(days=100)),
)
def test_adding_and_measuring_are_opposites_to_the_microsecond(calendar, kind, start, amount):
    due = add(kind, start, amount, calendar)
    measured = measure(kind, start, due, calendar)
    if kind == DAY and calendar.timezone == "America/New_York":
        # A due time that the wall skips is reached at the jump, up to an hour late.
        assert amount <= measured < amount + timedelta(hours=1)
    else:
        assert measured == amount


@settings(deadline=None)
@given(calendars(), st.sampled_from(KINDS), starts, st.lists(st.integers(0, 5000), max_size=4))
def test_measured_in_pieces_time_adds_up(calendar, kind, start, pieces):
    moments = [start]
    for piece in pieces:
        moments.append(moments[-1] + piece * MINUTE)
    parts = (measure(kind, a, b, calendar) for a, b in zip(moments, moments[1:], strict=False))
    assert sum(parts, timedelta(0)) == measure(kind, start, moments[-1], calendar)


def test_a_full_day_from_opening_is_due_at_closing_the_same_day():
    assert due_at(local(3, 5, 8), Limit(1, WORK_DAY), CITY) == local(3, 5, 18)
    assert due_at(local(3, 5, 8), Limit(4, WORK_HOUR), CITY) == local(3, 5, 12)


def test_a_start_in_the_break_counts_from_the_end_of_the_break():
    assert due_at(local(3, 5, 13, 7), Limit(1, WORK_HOUR), CITY) == local(3, 5, 15)


def test_no_time_at_all_is_due_at_once_even_at_night():
    for kind in KINDS:
        assert due_at(local(3, 7, 3), Limit(0, kind), CITY) == local(3, 7, 3)
        assert before(local(3, 7, 3), Limit(0, kind), CITY) == local(3, 7, 3)


def test_hours_run_through_nights_and_holidays():
    assert due_at(local(9, 30, 23), Limit(24, HOUR), CITY) == local(10, 1, 23)


def test_days_are_the_same_clock_time_later():
    assert due_at(local(9, 30, 23, 15), Limit(7, DAY), CITY) == local(10, 7, 23, 15)


def test_a_day_across_daylight_saving_is_23_or_25_hours():
    spring = due_at(local(3, 7, 9, zone=NEW_YORK), Limit(1, DAY), ROUND_THE_CLOCK)
    assert spring == local(3, 8, 9, zone=NEW_YORK)
    assert spring - local(3, 7, 9, zone=NEW_YORK).astimezone(UTC) == timedelta(hours=23)
    autumn = due_at(local(10, 31, 9, zone=NEW_YORK), Limit(1, DAY), ROUND_THE_CLOCK)
    assert autumn == local(11, 1, 9, zone=NEW_YORK)
    assert autumn - local(10, 31, 9, zone=NEW_YORK).astimezone(UTC) == timedelta(hours=25)


def test_a_due_time_that_the_clocks_skip_is_reached_when_they_jump():
    # 02:30 on 8 March 2026 does not exist in New York; at 02:00 it is 03:00.
    due = due_at(local(3, 7, 2, 30, zone=NEW_YORK), Limit(1, DAY), ROUND_THE_CLOCK)
    assert due == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    back = before(local(3, 9, 2, 30, zone=NEW_YORK), Limit(1, DAY), ROUND_THE_CLOCK)
    assert back == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_due_time_that_comes_twice_is_reached_the_first_time():
    # 01:30 on 1 November 2026 comes twice in New York.
    due = due_at(local(10, 31, 1, 30, zone=NEW_YORK), Limit(1, DAY), ROUND_THE_CLOCK)
    assert due == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    back = before(local(11, 2, 1, 30, zone=NEW_YORK), Limit(1, DAY), ROUND_THE_CLOCK)
    assert back == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_what_starts_in_the_repeated_hour_keeps_its_clock_time():
    for fold in (0, 1):
        start = local(11, 1, 1, 30, zone=NEW_YORK, fold=fold)
        assert due_at(start, Limit(1, DAY), ROUND_THE_CLOCK) == local(11, 2, 1, 30, zone=NEW_YORK)
    second = local(11, 1, 1, 10, zone=NEW_YORK, fold=1)
    due = due_at(second, Limit.minutes(10, DAY), ROUND_THE_CLOCK)
    assert due == datetime(2026, 11, 1, 6, 20, tzinfo=UTC)


def test_a_reminder_in_the_first_pass_of_the_repeated_hour_stays_in_it():
    due = local(11, 1, 1, 30, zone=NEW_YORK)
    back = before(due, Limit.minutes(10, DAY), ROUND_THE_CLOCK)
    assert back == datetime(2026, 11, 1, 5, 20, tzinfo=UTC)


def test_years_are_laid_out_as_they_are_asked_for_in_any_order():
    fresh = Calendar("Asia/Shanghai", ((481, 721),), frozenset(range(1, 8)))
    for year, month in [(2030, 6), (2031, 1), (2029, 12), (2033, 2), (2027, 11)]:
        start = local(month, 5, year=year)
        week = measure(WORK_HOUR, start, start + timedelta(days=7), fresh)
        assert week == timedelta(hours=28)
        assert fresh.is_open(local(month, 5, 9, year=year))
        assert due_at(start, Limit(5, WORK_HOUR), fresh) == local(month, 6, 9, 1, year=year)


def test_a_few_minutes_over_new_year_are_found_on_the_first_question():
    # Two calendars that no other test uses, so that nothing is laid out yet.
    one = Calendar("Asia/Shanghai", ((482, 722),), frozenset(range(1, 8)))
    other = Calendar("Asia/Shanghai", ((483, 723),), frozenset(range(1, 8)))
    back = before(local(1, 1, 9, 2), Limit.minutes(65, WORK_HOUR), one)
    assert back == local(12, 31, 11, 57, year=2025)
    due = due_at(local(12, 31, 11, 3), Limit.minutes(65, WORK_HOUR), other)
    assert due == local(1, 1, 8, 8, year=2027)


def test_an_office_open_round_the_clock_has_23_and_25_hour_days():
    for month, day, hours in [(3, 8, 23), (11, 1, 25), (7, 1, 24)]:
        start = local(month, day, zone=NEW_YORK)
        end = local(month, day + 1, zone=NEW_YORK)
        assert measure(WORK_HOUR, start, end, ROUND_THE_CLOCK) == timedelta(hours=hours)


def test_office_hours_that_lie_in_the_skipped_hour_do_not_take_place():
    night = Calendar("America/New_York", ((120, 180),), frozenset(range(1, 8)))
    due = due_at(local(3, 7, 2, 30, zone=NEW_YORK), Limit(1, WORK_HOUR), night)
    assert due == local(3, 9, 2, 30, zone=NEW_YORK)


def test_a_date_that_a_zone_skipped_has_no_office_hours():
    # Samoa had no 30 December 2011.
    apia = Calendar("Pacific/Apia", ((480, 960),), frozenset(range(1, 8)))
    zone = ZoneInfo("Pacific/Apia")
    start = local(12, 29, 8, year=2011, zone=zone)
    assert due_at(start, Limit(9, WORK_HOUR), apia) == local(12, 31, 9, year=2011, zone=zone)


def test_24_00_exists():
    late = Calendar("Asia/Shanghai", ((1080, 1440),), frozenset(range(1, 8)))
    assert due_at(local(3, 5, 18), Limit(6, WORK_HOUR), late) == local(3, 6)
    whole = Calendar("Asia/Shanghai", ((0, 1440),), frozenset(range(1, 6)), {}, 1440)
    assert due_at(local(3, 6, 12), Limit(1, WORK_DAY), whole) == local(3, 9, 12)


def test_a_work_day_is_the_calendars_standard_day():
    short = Calendar("Asia/Shanghai", CITY.hours, CITY.workweek, {}, day_minutes=420)
    assert due_at(local(3, 5, 8), Limit(2, WORK_DAY), short) == local(3, 6, 16)


def test_a_year_and_a_decade_of_work_are_no_trouble():
    assert due_at(local(1, 5, 8), Limit(247, WORK_DAY), CITY) > local(12, 1)
    decade = due_at(local(1, 5, 8), Limit(2500, WORK_DAY), CITY)
    assert measure(WORK_DAY, local(1, 5, 8), decade, CITY) == timedelta(hours=2500 * 8)
    assert before(decade, Limit(2500, WORK_DAY), CITY) == local(1, 5, 8)


def test_going_back_over_new_year_follows_the_earlier_year():
    # Friday 2 and Saturday 3 January 2026 are holidays, Sunday 4 makes up for them.
    reminder = before(local(1, 4, 9), Limit(2, WORK_HOUR), CITY)
    assert reminder == local(12, 31, 17, year=2025)


def test_limits_are_exact():
    assert Limit.minutes(15, HOUR) == Limit("1/4", HOUR) == Limit(0.25, HOUR)
    assert Limit(0.1, HOUR).amount * 10 == 1
    thirds = Limit("1/3", HOUR)
    assert due_at(local(3, 5), thirds, CITY) == local(3, 5, 0, 20)
    assert Limit.minutes(720, DAY) == Limit("0.5", DAY)
    assert Limit("1/3", WORK_DAY).length(CITY) == timedelta(minutes=160)
    sevenths = Limit("1/7", HOUR).length(CITY)
    assert sevenths == timedelta(microseconds=514285714)
    # Half a second past a millionth is rounded, never dropped: 2/3 of a second.
    assert Limit("2/10800", HOUR).length(CITY) == timedelta(microseconds=666667)


def test_a_limit_survives_json():
    for limit in (Limit("1/3", HOUR), Limit(5, WORK_DAY), Limit(1.5, DAY)):
        assert Limit.from_json(limit.to_json()) == limit


@pytest.mark.parametrize(
    ("amount", "kind"),
    [(-1, HOUR), ("a", HOUR), (float("nan"), HOUR), (float("inf"), DAY), (True, HOUR)]
    + [(None, HOUR), ("1/0", DAY), (1, "week"), (36601, DAY), (36601, WORK_DAY)],
)
def test_an_impossible_limit_is_refused(amount, kind):
    with pytest.raises(ValueError):
        Limit(amount, kind)


def test_the_minutes_of_a_work_day_are_not_guessed():
    for kind in (WORK_DAY, "week"):
        with pytest.raises(ValueError):
            Limit.minutes(480, kind)


def test_a_time_without_a_zone_a_negative_amount_and_an_unknown_kind_are_refused():
    naive = datetime(2026, 3, 5, 9)
    with pytest.raises(ValueError):
        due_at(naive, Limit(1, HOUR), CITY)
    with pytest.raises(ValueError):
        measure(HOUR, naive, local(3, 5), CITY)
    with pytest.raises(ValueError):
        add(HOUR, local(3, 5), timedelta(hours=-1), CITY)
    with pytest.raises(ValueError):
        measure("week", local(3, 5), local(3, 6), CITY)


def test_an_office_that_hardly_ever_opens_ends_in_an_error_not_in_a_hang():
    minute = Calendar("Asia/Shanghai", ((0, 1),), frozenset({1}), {}, day_minutes=1440)
    with pytest.raises(ClockError):
        due_at(local(3, 5), Limit(3000, WORK_DAY), minute)
    with pytest.raises(ClockError):
        before(local(3, 5), Limit(3000, WORK_DAY), minute)


def test_the_input_may_be_in_any_zone():
    for zone in (UTC, NEW_YORK, SHANGHAI):
        due = due_at(local(3, 5, 9).astimezone(zone), Limit(3, WORK_DAY), CITY)
        assert due == local(3, 10, 9) and due.tzinfo is UTC
