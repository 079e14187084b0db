"""A calendar: equal by value, fit for a JSON column, strict about its hours, open on the dot."""

import copy
import json
import pickle
from datetime import date, timedelta

import pytest

from lib.worktime import DAY, WORK_HOUR, Calendar, Limit, due_at, measure, patrol
from tests.lib.cast import CITY, local


def variant(**changes):
    data = CITY.to_json() | changes
    return Calendar.from_json(data)


def test_a_calendar_survives_a_json_column():
    frozen = json.loads(json.dumps(CITY.to_json()))
    thawed = Calendar.from_json(frozen)
    assert thawed == CITY and hash(thawed) == hash(CITY)
    assert thawed.to_json() == CITY.to_json()
    assert thawed.exceptions == CITY.exceptions and thawed.known_until == date(2026, 12, 31)


def test_the_same_json_gives_the_same_object():
    assert Calendar.from_json(CITY.to_json()) is Calendar.from_json(CITY.to_json())


def test_a_calendar_can_be_copied_and_sent_to_a_worker():
    due_at(local(3, 5, 9), Limit(1, WORK_HOUR), CITY)
    assert copy.deepcopy(CITY) == CITY
    assert pickle.loads(pickle.dumps(CITY)) == CITY


@pytest.mark.parametrize(
    "changes",
    [
        {"timezone": "Asia/Urumqi"},
        {"hours": [[480, 1080]]},
        {"workweek": [1, 2, 3, 4]},
        {"exceptions": {}},
        {"day_minutes": 420},
        {"known_until": None},
        {"version": "2026-2"},
    ],
)
def test_calendars_that_differ_in_anything_are_different(changes):
    assert variant(**changes) != CITY
    assert CITY != "calendar"


def test_a_calendar_cannot_be_changed():
    with pytest.raises(TypeError):
        CITY.exceptions[date(2026, 3, 5)] = False
    with pytest.raises(AttributeError):
        CITY.hours = ()


@pytest.mark.parametrize(
    "changes",
    [
        {"timezone": "Asia/Xiaogan"},
        {"timezone": ""},
        {"hours": []},
        {"hours": [[480, 480]]},
        {"hours": [[720, 480]]},
        {"hours": [[480, 720], [700, 900]]},
        {"hours": [[840, 1080], [480, 720]]},
        {"hours": [[-1, 60]]},
        {"hours": [[480, 1441]]},
        {"workweek": []},
        {"workweek": [0, 1]},
        {"workweek": [8]},
        {"day_minutes": 0},
    ],
)
def test_an_impossible_calendar_is_refused(changes):
    with pytest.raises(ValueError):
        variant(**changes)


def test_office_hours_may_touch():
    assert variant(hours=[[480, 720], [720, 960]]).is_open(local(3, 5, 12))


def test_the_office_is_open_from_the_opening_minute_to_before_the_closing_one():
    moment = timedelta(microseconds=1)
    assert CITY.is_open(local(3, 5, 8)) and not CITY.is_open(local(3, 5, 8) - moment)
    assert CITY.is_open(local(3, 5, 12) - moment) and not CITY.is_open(local(3, 5, 12))
    assert CITY.is_open(local(3, 5, 14)) and not CITY.is_open(local(3, 5, 18))


def test_the_office_is_closed_on_holidays_and_open_on_make_up_days():
    assert not CITY.is_open(local(10, 1, 9))
    assert CITY.is_open(local(10, 10, 9))
    assert not CITY.is_open(local(10, 11, 9))


def test_beyond_the_table_only_weekends_count_and_the_calendar_says_so():
    assert not CITY.beyond_table(local(12, 31, 23, 59))
    assert CITY.beyond_table(local(1, 1, year=2027))
    assert CITY.is_work_day(date(2027, 1, 1)) and not CITY.is_work_day(date(2027, 1, 2))
    assert not variant(known_until=None).beyond_table(local(1, 1, year=2099))


def test_the_table_ends_with_the_local_day_not_the_utc_day():
    # 31 December 16:30 UTC is already 1 January in Shanghai.
    assert CITY.beyond_table(local(1, 1, 0, 30, year=2027))


def test_a_single_exception_beyond_the_table_still_holds():
    later = variant(exceptions={"2027-01-01": False})
    assert not later.is_work_day(date(2027, 1, 1))


def test_patrol_time_runs_every_day_from_seven_to_nine_at_night():
    calendar = patrol("Asia/Shanghai")
    assert calendar.day_minutes == 840
    assert calendar.is_open(local(10, 1, 7)) and not calendar.is_open(local(10, 1, 21))
    half_hour = Limit.minutes(30, WORK_HOUR)
    assert due_at(local(10, 3, 20, 45), half_hour, calendar) == local(10, 4, 7, 15)


def test_patrol_hours_are_a_setting():
    calendar = patrol("Asia/Shanghai", ((360, 720), (780, 1320)))
    assert calendar.day_minutes == 900
    assert measure(WORK_HOUR, local(3, 7), local(3, 8), calendar) == timedelta(hours=15)


def test_days_do_not_look_at_office_hours():
    assert due_at(local(10, 1, 3), Limit(1, DAY), CITY) == local(10, 2, 3)
