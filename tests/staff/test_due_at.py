"""`manage.py due_at`: a limit from a moment; the hard cases of domain rules, section 5."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import chinese_calendar
import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from staff.models import Calendar, CalendarVersion, City
from staff.trial import national_calendars

pytestmark = pytest.mark.django_db

THREE_DAYS = ["3", "work_day", "2026-03-05T09:00"]


def said(*asked):
    out = StringIO()
    with override("en"):
        call_command("due_at", *asked, stdout=out)
    return out.getvalue().splitlines()


def due(*asked):
    return said(*asked)[-1]


def refusal(*asked):
    with pytest.raises(CommandError) as refused:
        said(*asked)
    return str(refused.value)


def city_with(hours, *, workweek=(1, 2, 3, 4, 5), zone="Asia/Shanghai", name="hall", **content):
    city = City.objects.create(slug="sample", name_zh="样", time_zone=zone, number_prefix="SA")
    calendar = Calendar.objects.create(city=city, name=name)
    CalendarVersion.objects.create(
        calendar=calendar,
        number=1,
        hours=hours,
        workweek=list(workweek),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        **content,
    )
    City.objects.filter(pk=city.pk).update(calendar=calendar)
    return city


# --- the cases that broke other systems ----------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # 3 work days from Thu 5 Mar 2026 09:00 are due Tue 10 Mar 09:00
        (THREE_DAYS, "2026-03-10T09:00:00+08:00"),
        # and paused Fri 17:00 to Mon 09:00 due Tue 11:00
        (
            [*THREE_DAYS, "--pause", "2026-03-06T17:00", "2026-03-09T09:00"],
            "2026-03-10T11:00:00+08:00",
        ),
        # a pause over a weekend adds nothing
        (
            [*THREE_DAYS, "--pause", "2026-03-06T18:00", "2026-03-09T08:00"],
            "2026-03-10T09:00:00+08:00",
        ),
        # 1 work day from Wed 30 Sep 2026 09:00 is Thu 8 Oct 09:00
        (["1", "work_day", "2026-09-30T09:00"], "2026-10-08T09:00:00+08:00"),
        # Sat 28 Feb 2026 is a workday
        (["1", "work_day", "2026-02-27T09:00"], "2026-02-28T09:00:00+08:00"),
        (["2", "work_hour", "2026-02-28T08:00"], "2026-02-28T10:00:00+08:00"),
        # Mon 07:30 local is Monday, not Sunday in UTC
        (["1", "work_hour", "2026-03-09T07:30"], "2026-03-09T09:00:00+08:00"),
        # across the break, the night and the weekend
        (["2", "work_hour", "2026-03-06T11:00"], "2026-03-06T15:00:00+08:00"),
        (["2", "work_hour", "2026-03-06T17:00"], "2026-03-09T09:00:00+08:00"),
        # a whole day from the opening is due at the closing, not at the next opening
        (["1", "work_day", "2026-03-05T08:00"], "2026-03-05T18:00:00+08:00"),
        # day and night, and local days
        (["15", "hour", "2026-10-01T23:00"], "2026-10-02T14:00:00+08:00"),
        (["2", "day", "2026-10-01T23:00"], "2026-10-03T23:00:00+08:00"),
        (["1/3", "hour", "2026-03-05T09:00"], "2026-03-05T09:20:00+08:00"),
        # 24:00 exists
        (["1", "hour", "2026-03-05T24:00"], "2026-03-06T01:00:00+08:00"),
    ],
)
def test_hard_cases_on_the_national_calendar_without_any_city(asked, expected):
    assert due(*asked) == expected


def test_extend_pause_and_resume_commute():
    pause = ["--pause", "2026-03-06T17:00", "2026-03-09T09:00"]
    start = ["1", "work_day", "2026-03-06T09:00"]
    times = ("2026-03-06T10:00", "2026-03-07T12:00", "2026-03-09T09:00", "2026-03-09T15:00")
    assert {due(*start, *pause, "--extend", at) for at in times} == {"2026-03-10T11:00:00+08:00"}


def test_each_extension_adds_the_original_limit():
    start = ["1", "work_day", "2026-03-05T09:00"]
    granted = ["--extend", "2026-03-05T10:00"]
    assert due(*start, *granted) == "2026-03-09T09:00:00+08:00"
    assert due(*start, *granted, *granted) == "2026-03-10T09:00:00+08:00"


def test_a_pause_begins_where_another_ends():
    start = ["4", "hour", "2026-03-05T09:00"]
    first = ["--pause", "2026-03-05T11:00", "2026-03-05T12:00"]
    second = ["--pause", "2026-03-05T10:00", "2026-03-05T11:00"]
    nothing = ["--pause", "2026-03-05T10:30", "2026-03-05T10:30"]
    assert due(*start, *first, *second) == "2026-03-05T15:00:00+08:00"
    assert due(*start, *nothing) == "2026-03-05T13:00:00+08:00"


def test_a_pause_after_the_due_time_changes_nothing():
    asked = ["1", "hour", "2026-03-05T09:00", "--pause", "2026-03-06T09:00", "2026-03-07T09:00"]
    assert due(*asked) == "2026-03-05T10:00:00+08:00"


def test_local_days_keep_the_time_on_the_wall_across_daylight_saving():
    city_with([[0, 1440]], zone="America/New_York", day_minutes=1440)
    assert due("1", "day", "2026-03-07T12:00") == "2026-03-08T12:00:00-04:00"
    assert due("24", "hour", "2026-03-07T12:00") == "2026-03-08T13:00:00-04:00"
    assert "2026-03-08T02:30" in refusal("1", "hour", "2026-03-08T02:30")


# --- calendars -----------------------------------------------------------------------------------


def test_a_city_counts_on_its_own_calendar(town):
    assert due("1", "work_day", "2026-03-05T09:00") == "2026-03-06T09:00:00+08:00"
    other = Calendar.objects.create(city=town.city, name="late shift")
    CalendarVersion.objects.create(
        calendar=other, number=1, hours=[[840, 1320]], workweek=[4, 5], created_at=datetime.now(UTC)
    )
    asked = ["1", "work_hour", "2026-03-05T09:00", "--calendar", "late shift"]
    assert due(*asked) == "2026-03-05T15:00:00+08:00"
    assert due(*asked, "--city", town.city.slug) == "2026-03-05T15:00:00+08:00"
    assert refusal(*asked, "--city", "nowhere").startswith("--city: ")


def test_patrol_hours_need_no_city():
    asked = ["2", "work_hour", "2026-10-01T20:00", "--calendar", "patrol"]
    assert due(*asked) == "2026-10-02T08:00:00+08:00"


def test_where_the_table_ends_it_says_so():
    known = [line for line in said("1", "work_day", "2026-12-31T17:00") if "2026-12-31." in line]
    beyond = [line for line in said("1", "work_day", "2027-09-30T09:00") if "known until" in line]
    assert beyond and not any("known until" in line for line in known[:-1])
    assert due("1", "work_day", "2027-09-30T09:00") == "2027-10-01T09:00:00+08:00"


def test_the_explanation_names_what_each_day_gave():
    lines = said(*THREE_DAYS, "--pause", "2026-03-06T17:00", "2026-03-09T09:00")
    assert "  2026-03-06  7:00 h" in lines and "  2026-03-10  3:00 h" in lines
    assert any("2:00 h kept off" in line for line in lines)


def test_the_national_table_is_that_of_an_independent_package():
    """Every day that both know, to the end of 2026."""
    office = national_calendars()["national"]
    day, last = min(office.exceptions), date(2026, 12, 31)
    assert office.known_until == last
    wrong = []
    while day <= last:
        if office.is_work_day(day) is not chinese_calendar.is_workday(day):
            wrong.append(day)
        day += timedelta(days=1)
    assert not wrong


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("3 workday 2026-03-05T09:00", ["KIND", "workday"]),
        ("3 patrol 2026-03-05T09:00", ["KIND", "patrol"]),
        ("many hour 2026-03-05T09:00", ["LIMIT", "many"]),
        ("-1 hour 2026-03-05T09:00", ["LIMIT", "-1"]),
        ("nan hour 2026-03-05T09:00", ["LIMIT", "nan"]),
        ("99999999 day 2026-03-05T09:00", ["LIMIT", "99999999"]),
        ("3 hour yesterday", ["START", "yesterday"]),
        ("3 hour 2026-03-05", ["START", "2026-03-05"]),
        ("3 hour 2026-02-30T09:00", ["START", "2026-02-30"]),
        ("3 hour 9999-12-31T09:00", ["START", "9999"]),
        ("3 hour 0001-01-01T00:00", ["START", "0001"]),
        ("3 hour 2026-03-05T09:00 --pause soon 2026-03-05T11:00", ["--pause", "soon"]),
        (
            "3 hour 2026-03-05T09:00 --pause 2026-03-05T11:00 2026-03-05T10:00",
            ["--pause", "before it begins"],
        ),
        (
            "3 hour 2026-03-05T09:00 --pause 2026-03-05T08:00 2026-03-05T10:00",
            ["--pause", "before the clock starts"],
        ),
        (
            "3 hour 2026-03-05T09:00 --pause 2026-03-05T10:00 2026-03-05T12:00"
            " --pause 2026-03-05T11:00 2026-03-05T13:00",
            ["--pause", "overlap"],
        ),
        ("3 hour 2026-03-05T09:00 --extend 2026-03-05T08:00", ["--extend", "2026-03-05T08:00"]),
        ("3 hour 2026-03-05T09:00 --calendar moon", ["--calendar", "moon", "national"]),
        ("3 hour 2026-03-05T09:00 --city moon", ["--city", "moon"]),
    ],
)
def test_a_refusal_names_the_argument_and_the_reason(asked, names):
    words = refusal(*asked.split())
    assert words.startswith(names[0]) and all(name in words for name in names)


def test_all_that_is_wrong_is_said_in_one_round():
    words = refusal("x", "work_day", "soon", "--pause", "2026-03-06T09:00", "never").splitlines()
    assert [line.partition(":")[0] for line in words] == ["LIMIT", "START", "--pause"]
    before = ["--pause", "2026-03-04T09:00", "2026-03-06T09:00", "--extend", "2026-03-01T09:00"]
    words = refusal(*THREE_DAYS, *before).splitlines()
    assert [line.partition(":")[0] for line in words] == ["--pause", "--extend"]


def test_a_limit_beyond_reach_is_refused():
    city_with([[0, 1]], workweek=[1])
    assert refusal("100", "work_day", "2026-03-05T09:00").startswith("LIMIT")
