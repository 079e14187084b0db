"""A calendar is edited: the preview says which open clocks move, the new version moves them, and
nothing that has stopped changes. And the page of it, for the system administrator alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from incidents import orphans, recalendar, workflow
from incidents.clocks import replayed
from incidents.models import Case, Clock, ClockEntry
from lib import now
from staff.models import Calendar, CalendarVersion
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db

LATER = [[600, 720], [840, 1200]]  # two hours later in the morning, two longer in the evening


def content_of(calendar, **changed):
    version = calendar.current()
    names = ("hours", "workweek", "day_minutes", "exceptions", "known_until")
    return {name: getattr(version, name) for name in names} | changed


def sound():
    return [*orphans.look(), orphans.replay_clocks(stopped=True)]


def nothing_found():
    return {each.rule.key: each.shown for each in sound() if each.count} == {}


def handle_clock(case):
    return Clock.objects.get(case=case, kind="handle")


def test_the_preview_tells_what_moves_and_leaves_nothing_behind(town):
    case = play.dispatched(town)
    before = handle_clock(case).due_at
    found = recalendar.preview(town.city.calendar, content_of(town.city.calendar, hours=LATER))
    assert found.open >= 1 and found.moved >= 1
    assert case.number in {move.clock.case.number for move in found.moves}
    assert CalendarVersion.objects.filter(calendar=town.city.calendar).count() == 1
    assert not ClockEntry.objects.filter(kind="recalendar").exists()
    assert handle_clock(case).due_at == before


def test_a_new_version_moves_each_open_clock_by_one_entry(town):
    case, done = play.dispatched(town), play.closed(town)
    frozen = list(Clock.objects.filter(case=done).values())
    steps = Case.objects.get(pk=case.pk).version
    expected = recalendar.preview(town.city.calendar, content_of(town.city.calendar, hours=LATER))
    version, found = recalendar.apply(
        town.city.calendar, content_of(town.city.calendar, hours=LATER)
    )
    assert version.number == 2
    assert (found.open, found.moved) == (expected.open, expected.moved)
    clock = handle_clock(case)
    entries = list(clock.entries.order_by("seq"))
    assert [entry.kind for entry in entries] == ["start", "recalendar"]
    assert entries[-1].calendar == version and entries[-1].step is None
    assert clock.due_at == replayed(entries).due_at == expected.moves[0].after
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.due_at == clock.due_at and fresh.version == steps
    assert list(Clock.objects.filter(case=done).values()) == frozen
    assert nothing_found()


def test_a_resting_clock_keeps_its_pause_and_resumes_on_the_new_calendar(town):
    case = play.handled(town)
    assert handle_clock(case).state == "paused"
    recalendar.apply(town.city.calendar, content_of(town.city.calendar, hours=LATER))
    clock = handle_clock(case)
    assert clock.state == "paused" and clock.due_at is None
    with now.at(now.now() + timedelta(hours=3)):
        case = play.rework(town, case)
        assert handle_clock(case).entries.count() == 4
        assert nothing_found()


def test_a_case_goes_on_and_ends_after_an_edit(town):
    case = play.dispatched(town)
    recalendar.apply(town.city.calendar, content_of(town.city.calendar, hours=LATER))
    case = play.verify(town, play.handle(town, case))
    assert workflow.move(case, "close", town.supervisor).stage == "closed"
    assert nothing_found()


def test_only_clocks_on_that_calendar_move(town):
    other = Calendar.objects.create(city=town.city, name="gardens")
    CalendarVersion.objects.create(
        calendar=other, number=1, created_at=now.now(), **content_of(town.city.calendar)
    )
    town.water.calendar = other
    town.water.save()
    case = play.dispatched(town)
    assert recalendar.preview(other, content_of(other, hours=LATER)).open == 1
    recalendar.apply(town.city.calendar, content_of(town.city.calendar, hours=LATER))
    assert handle_clock(case).entries.count() == 1


def test_a_day_off_that_was_forgotten_moves_what_counts_over_it(town):
    """The next year's table is entered after the year has begun."""
    calendar = town.city.calendar
    with now.at(datetime(2027, 9, 30, 1, tzinfo=UTC)):  # a Thursday, 09:00
        case = play.dispatched(town, town.slow)
        assert handle_clock(case).due_at == datetime(2027, 10, 5, 1, tzinfo=UTC)
        days = {f"2027-10-0{day}": False for day in range(1, 8)}
        recalendar.apply(calendar, content_of(calendar, exceptions=days))
        assert handle_clock(case).due_at == datetime(2027, 10, 12, 1, tzinfo=UTC)
        assert nothing_found()


def test_clocks_that_a_version_left_behind_are_counted_and_caught_up(town):
    """Versions are also made in the administration and by an import of days."""
    calendar = town.city.calendar
    case = play.dispatched(town)
    assert recalendar.behind(calendar) == 0
    CalendarVersion.objects.create(
        calendar=calendar, number=2, created_at=now.now(), **content_of(calendar, hours=LATER)
    )
    assert recalendar.behind(calendar) >= 1
    recalendar.catch_up(calendar)
    assert recalendar.behind(calendar) == 0
    assert handle_clock(case).entries.count() == 2
    recalendar.catch_up(calendar)
    assert handle_clock(case).entries.count() == 2 and nothing_found()


# --- the page ------------------------------------------------------------------------------------


def page(member, calendar, **asked):
    return client_of(member).get(reverse("calendar", args=[calendar.pk]), asked)


def sent(member, calendar, do, **changed):
    typed = {
        "hours": "10:00–12:00, 14:00–20:00",
        "workweek": ["1", "2", "3", "4", "5"],
        "day_minutes": "480",
        "exceptions": "2026-10-01 off",
        "known_until": "2026-12-31",
        "base": "1",
        "do": do,
    }
    return client_of(member).post(reverse("calendar_edit", args=[calendar.pk]), typed | changed)


def test_only_the_system_administrator_gets_in(town):
    calendar = town.city.calendar
    assert page(town.sysadmin, calendar).status_code == 200
    for member in (town.dispatcher, town.worker, town.handler, town.secadmin, town.auditor):
        assert page(member, calendar).status_code == 403
        assert sent(member, calendar, "apply").status_code == 403
    assert Client().get(reverse("calendars")).status_code == 302
    assert calendar.versions.count() == 1


def test_another_citys_calendar_is_not_there(town):
    other = cast.make_city(prefix="OC", lon=115.0)
    assert page(other.sysadmin, town.city.calendar).status_code == 404
    assert sent(other.sysadmin, town.city.calendar, "apply").status_code == 404
    answer = client_of(other.sysadmin).get(reverse("calendars"))
    assert answer["Location"] == reverse("calendar", args=[other.city.calendar.pk])


def days_of(answer):
    return {day.date.isoformat(): day for week in answer.context["weeks"] for day in week}


def test_a_month_shows_days_off_make_up_days_and_where_the_table_ends(town):
    calendar = town.city.calendar
    days = {"2026-10-01": False, "2026-10-10": True}
    recalendar.apply(calendar, content_of(calendar, exceptions=days, known_until="2026-12-31"))
    shown = days_of(page(town.sysadmin, calendar, month="2026-10"))
    assert shown["2026-10-01"].special == "holiday" and not shown["2026-10-01"].works
    assert shown["2026-10-10"].special == "make_up" and shown["2026-10-10"].works
    assert not shown["2026-10-11"].works and shown["2026-10-11"].special == ""
    beyond = page(town.sysadmin, calendar, month="2027-01")
    assert days_of(beyond)["2027-01-01"].unknown
    assert "known to 2026-12-31" in beyond.content.decode()
    assert page(town.sysadmin, calendar, version="1").context["version"].number == 1
    assert page(town.sysadmin, calendar, version="9").status_code == 404
    for nonsense in ("2026-13", "x", "9999-01", "0001-01"):
        assert page(town.sysadmin, calendar, month=nonsense).status_code == 200


def test_a_limit_is_tried_as_the_command_tries_it(town):
    asked = {"limit": "3", "kind": "work_day", "start": "2026-03-05T09:00"}
    pause = {"pause_from": "2026-03-06T17:00", "pause_to": "2026-03-09T09:00"}
    answer = page(town.sysadmin, town.city.calendar, **asked, **pause)
    assert answer.context["trial"].due_at == datetime(2026, 3, 10, 3, tzinfo=UTC)
    assert "2026-03-10 11:00:00" in answer.content.decode()
    wrong = page(town.sysadmin, town.city.calendar, **asked, pause_from="2026-03-06T17:00")
    assert wrong.status_code == 200 and wrong.context["trial"] is None
    assert wrong.context["form"].errors["pause_from"]
    wrong = page(town.sysadmin, town.city.calendar, **asked | {"limit": "many"})
    assert "many" in wrong.content.decode() and wrong.context["form"].errors["limit"]
    early = {
        "limit": "many",
        "start": "soon",
        "pause_from": "never",
        "pause_to": "2026-03-09T09:00",
    }
    wrong = page(town.sysadmin, town.city.calendar, **asked | early)
    assert wrong.context["form"].errors.keys() == {"limit", "start", "pause_from"}


def test_an_edit_is_previewed_then_holds_and_is_logged(town):
    calendar = town.city.calendar
    case = play.dispatched(town)
    looked = sent(town.sysadmin, calendar, "preview")
    assert case.number in looked.content.decode() and calendar.versions.count() == 1
    assert looked.context["preview"].moved >= 1
    done = sent(town.sysadmin, calendar, "apply")
    assert done.status_code == 302 and calendar.versions.count() == 2
    assert handle_clock(case).entries.count() == 2
    assert LogEntry.objects.filter(user=town.sysadmin, object_id=str(calendar.pk)).exists()


def test_who_is_overtaken_is_shown_the_preview_again(town):
    calendar = town.city.calendar
    recalendar.apply(calendar, content_of(calendar, hours=LATER))
    answer = sent(town.sysadmin, calendar, "apply", base="1")
    assert answer.status_code == 200 and answer.context["overtaken"]
    assert calendar.versions.count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"hours": "morning"},
        {"hours": "14:00–18:00, 08:00–12:00"},
        {"workweek": []},
        {"day_minutes": "0"},
        {"exceptions": "2026-10-01 perhaps"},
        {"known_until": "never"},
    ],
)
def test_a_wrong_edit_says_so_and_changes_nothing(town, changed):
    answer = sent(town.sysadmin, town.city.calendar, "apply", **changed)
    assert answer.status_code == 200 and answer.context["form"].errors
    assert town.city.calendar.versions.count() == 1


def test_the_days_off_stand_in_the_readers_words_and_are_read_in_either(town):
    calendar = town.city.calendar
    chinese = page_in(town.sysadmin, "zh-hans", calendar)
    assert "2026-10-01 休" in chinese and "2026-02-28 班" in chinese and " off" not in chinese
    assert "2026-10-01 off" in page_in(town.sysadmin, "en", calendar)
    answer = sent(town.sysadmin, calendar, "preview", exceptions="2026-10-01 休\n2026-02-28 work")
    assert "field-error" not in answer.text and answer.context["preview"]


def page_in(member, language, calendar):
    found = client_of(member, language).get(reverse("calendar_edit", args=[calendar.pk]))
    return re.search(r"<textarea[^>]*>(.*?)</textarea>", found.text, re.S)[1]


def test_left_behind_clocks_are_caught_up_from_the_page(town):
    calendar = town.city.calendar
    play.dispatched(town)
    CalendarVersion.objects.create(
        calendar=calendar, number=2, created_at=now.now(), **content_of(calendar, hours=LATER)
    )
    assert page(town.sysadmin, calendar).context["behind"] >= 1
    address = reverse("calendar_edit", args=[calendar.pk])
    assert client_of(town.sysadmin).post(address, {"do": "catch_up"}).status_code == 302
    assert page(town.sysadmin, calendar).context["behind"] == 0


def test_the_role_of_the_pages_may_move_open_clocks(town, as_web):
    case = play.dispatched(town)
    recalendar.apply(town.city.calendar, content_of(town.city.calendar, hours=LATER))
    assert handle_clock(case).entries.count() == 2
