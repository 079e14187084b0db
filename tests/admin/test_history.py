"""What was changed, from what to what and by whom; and who may read that."""

import pytest
from django.contrib.admin.models import LogEntry

from grids.models import Absence, Area, Post
from incidents.models import MatrixRow
from staff.admin.history import changes_of
from staff.models import Calendar, CalendarVersion, City, Member, Unit, default_limits
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


def version_form(town, **changed):
    return {
        "calendar": Calendar.objects.get(city=town.city, name="office").pk,
        "hours": "08:30–12:00, 14:30–18:00",
        "workweek": ["1", "2", "3", "4", "5"],
        "day_minutes": "480",
        "exceptions": "2026-10-01 off\n2026-02-28 work",
        "known_until": "2026-12-31",
    } | changed


def test_a_calendar_is_written_as_people_write_it(town):
    client = client_of(town.sysadmin)
    office = Calendar.objects.get(city=town.city, name="office")
    form = client.get(page(CalendarVersion, "add"), {"calendar": office.pk}).text
    assert "08:00–12:00, 14:00–18:00" in form and "2026-10-07 off" in form
    assert client.post(page(CalendarVersion, "add"), version_form(town)).status_code == 302
    made = office.current()
    assert made.number == 2 and made.hours == [[510, 720], [870, 1080]]
    assert made.exceptions == {"2026-10-01": False, "2026-02-28": True}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", "8 to 12"),
        ("hours", "14:00–18:00, 08:00–12:00"),
        ("hours", "08:00–25:00"),
        ("exceptions", "2026-10-32 off"),
        ("exceptions", "2026-10-01 perhaps"),
        ("workweek", []),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_beside_its_field(town, field, value):
    answer = client_of(town.sysadmin).post(
        page(CalendarVersion, "add"), version_form(town, **{field: value})
    )
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


def city_form(town, limits):
    return {
        "slug": "tc",
        "name_zh": "试城",
        "name_en": "Test City",
        "time_zone": "Asia/Shanghai",
        "number_prefix": "TC",
        "calendar": town.city.calendar_id,
        "patrol_calendar": town.city.patrol_calendar_id,
        "border_tolerance_m": "15",
        "code_lengths": "[]",
        "limits": limits,
    }


def test_limits_are_lines_and_a_changed_one_is_noted(town):
    lines = "\n".join(f"{k} {a} {u}" for k, (a, u) in default_limits().items())
    client = client_of(town.sysadmin)
    answer = client.post(
        page(City, "change", town.city.pk), city_form(town, lines.replace("close 4", "close 6"))
    )
    assert answer.status_code == 302
    assert City.objects.get(pk=town.city.pk).limits["close"] == ["6", "work_hour"]
    values = {name: (was, now) for name, was, now in changes_of(LogEntry.objects.get())}
    assert values["Limits"] == ('{"close": ["4", "work_hour"]}', '{"close": ["6", "work_hour"]}')


@pytest.mark.parametrize(
    "wrong", ["close soon", "close -1 hour", "close 1 fortnight", "lunch 1 hour"]
)
def test_a_limit_that_cannot_be_is_refused_by_its_line(town, wrong):
    answer = client_of(town.sysadmin).post(
        page(City, "change", town.city.pk), city_form(town, f"intake 0.25 hour\n{wrong}")
    )
    assert "Line 2" in str(answer.context["adminform"].form.errors["limits"])
