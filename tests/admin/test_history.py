"""What was changed, from what to what and by whom; and who may read that."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from grids.models import Absence, Area, Post
from incidents.models import MatrixRow
from staff.admin.history import changes_of
from staff.models import Calendar, CalendarVersion, Member, Unit
from tests import cast
from tests.admin.conftest import client_of, page

pytestmark = pytest.mark.django_db


def unit_form(town, unit, **changed):
    return {
        "city": town.city.pk,
        "code": unit.code,
        "name_zh": unit.name_zh,
        "name_en": unit.name_en,
        "kind": unit.kind,
        "is_active": "on",
    } | changed


def test_a_change_is_noted_with_what_was_and_what_is(town):
    given = unit_form(
        town, town.water, name_en="Water board", kind="company", parent=town.command.pk
    )
    answer = client_of(town.sysadmin).post(page(Unit, "change", town.water.pk), given)
    assert answer.status_code == 302
    entry = LogEntry.objects.get()
    assert entry.user == town.sysadmin
    assert changes_of(entry) == [
        ("English name", "Water bureau", "Water board"),
        ("Kind", "department", "company"),
        ("Belongs to", "", "CC Command centre"),
    ]
    text = client_of(town.sysadmin).get(page(Unit, "history", town.water.pk)).text
    assert "Water bureau" in text and "Water board" in text


def test_the_audit_administrator_reads_it_without_seeing_the_row(town):
    given = unit_form(town, town.water, name_en="Water board")
    client_of(town.sysadmin).post(page(Unit, "change", town.water.pk), given)
    entry = LogEntry.objects.get()
    auditor = client_of(town.auditor)
    assert "Water bureau → Water board" in auditor.get(page(LogEntry)).text
    text = auditor.get(page(LogEntry, "change", entry.pk)).text
    assert "Water bureau" in text and "Water board" in text
    assert auditor.get(page(Unit, "change", town.water.pk)).status_code == 403
    assert auditor.get(page(Unit, "history", town.water.pk)).status_code == 403


def test_the_log_of_another_city_is_not_there(town):
    given = unit_form(town, town.water, name_en="Water board")
    client_of(town.sysadmin).post(page(Unit, "change", town.water.pk), given)
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    assert "Water board" not in client_of(elsewhere.auditor).get(page(LogEntry)).text


def test_nobody_writes_the_log(town):
    LogEntry.objects.log_actions(town.sysadmin.pk, [town.water], 2, "x", single_object=True)
    entry = LogEntry.objects.get()
    for member in (town.auditor, town.sysadmin):
        client = client_of(member)
        assert client.post(page(LogEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403
        assert client.post(page(LogEntry, "change", entry.pk), {}).status_code == 403


def test_a_password_is_never_noted(town):
    given = {
        "username": "newcomer",
        "name": "Newcomer",
        "language": "en",
        "usable_password": "true",
        "password1": "kettle-orbit-42",
        "password2": "kettle-orbit-42",
    }
    assert client_of(town.secadmin).post(page(Member, "add"), given).status_code == 302
    entry = LogEntry.objects.get()
    assert "kettle" not in entry.change_message and "Newcomer" in entry.change_message


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("sysadmin", Member),
        ("sysadmin", Post),
        ("sysadmin", LogEntry),
        ("secadmin", Unit),
        ("secadmin", MatrixRow),
        ("secadmin", LogEntry),
        ("auditor", Member),
        ("auditor", Post),
        ("auditor", MatrixRow),
    ],
)
def test_no_administrator_opens_a_page_of_another(name, model, town):
    client = client_of(getattr(town, name))
    assert client.get(page(model)).status_code == 403
    assert page(model) not in client.get("/admin/").text


def test_a_form_still_chooses_among_rows_of_anothers_page(town):
    address = "/admin/autocomplete/?app_label=grids&model_name=post&field_name=unit&term=WATER"
    found = client_of(town.secadmin).get(address).json()["results"]
    assert [row["id"] for row in found] == [str(town.water.pk)]


def test_members_and_absences_are_those_of_the_own_city(town):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    away = Absence.objects.create(
        member=elsewhere.worker, starts_at=cast.MORNING, ends_at=cast.MORNING.replace(hour=9)
    )
    fresh = Member.objects.create(username="fresh", name="fresh")
    client = client_of(town.secadmin)
    listed = client.get(page(Member), {"q": "worker"}).text
    assert "tc_worker" in listed and "oc_worker" not in listed
    assert client.get(page(Member, "change", fresh.pk)).status_code == 200
    assert client.get(page(Member, "change", elsewhere.worker.pk)).status_code == 302
    assert client.get(page(Absence, "change", away.pk)).status_code == 302


def test_a_row_of_another_city_is_no_choice(town):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    given = unit_form(town, town.water, parent=elsewhere.command.pk)
    answer = client_of(town.sysadmin).post(page(Unit, "change", town.water.pk), given)
    assert answer.status_code == 200
    assert "parent" in answer.context["adminform"].form.errors
    given = {"city": elsewhere.city.pk, "code": "1", "level": "street", "name": "x"}
    answer = client_of(town.sysadmin).post(page(Area, "add"), given)
    assert "city" in answer.context["adminform"].form.errors


# --- calendars and settings ----------------------------------------------------------------------


def test_a_version_of_a_calendar_is_written_on_the_page_that_shows_what_it_moves(town):
    """Not in the administration, where open clocks would stay behind."""
    client = client_of(town.sysadmin)
    office = Calendar.objects.get(city=town.city, name="office")
    assert client.get(page(CalendarVersion, "add")).status_code == 403
    assert client.get(page(CalendarVersion, "change", office.current().pk)).status_code == 200
    listed = client.get(page(Calendar)).text
    assert reverse("calendar_edit", args=[office.pk]) in listed
    assert reverse("admin:staff_calendarversion_add") not in listed
