"""Excel sheets: taken whole or not at all, a bad row named by number and reason, no formula out."""

from datetime import date
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.translation import override
from openpyxl import load_workbook

from grids.models import Post
from incidents import orphans, recalendar
from incidents.models import Category, Clock, Condition, MatrixRow
from staff.admin.history import changes_of
from staff.models import Calendar, CalendarVersion, Member, Unit
from staff.tables import Sheet
from tests import cast
from tests.admin.conftest import client_of, page
from tests.incidents import play

pytestmark = pytest.mark.django_db

UNITS = ["code", "name_zh", "name_en", "kind"]


def exported(member, model):
    """The cells of a model's sheet as a member exports it."""
    answer = client_of(member).post(page(model, "export"), {"format": "0", "resource": "0"})
    assert answer.status_code == 200
    return load_workbook(BytesIO(answer.content)).active


def values(sheet):
    return [[cell.value for cell in row] for row in sheet.rows]


def test_a_sheet_is_shown_before_anything_is_saved(town, send):
    shown = send(town.sysadmin, Unit, UNITS, ["ROADS", "公路局", "Roads bureau", "department"])
    assert "Confirm import" in shown.text and "ROADS" in shown.text
    assert not Unit.objects.filter(code="ROADS").exists()


def test_a_confirmed_sheet_adds_and_changes_rows_and_notes_each(town, take):
    take(
        town.sysadmin,
        Unit,
        UNITS,
        ["ROADS", "公路局", "Roads bureau", "department"],
        ["WATER", "水务局", "Water board", "department"],
        ["GARDENS", "园林局", "Gardens bureau", "department"],
    )
    assert Unit.objects.get(city=town.city, code="ROADS").name_zh == "公路局"
    assert Unit.objects.get(city=town.city, code="WATER").name_en == "Water board"
    noted = {entry.object_repr: entry for entry in LogEntry.objects.filter(user=town.sysadmin)}
    assert len(noted) == 2
    changed = LogEntry.objects.get(object_id=str(town.water.pk))
    assert changes_of(changed) == [("English name", "Water bureau", "Water board")]


def test_a_bad_row_is_named_by_its_number_and_nothing_is_taken(town, send):
    shown = send(
        town.sysadmin,
        Unit,
        [*UNITS, "parent"],
        ["ROADS", "公路局", "Roads bureau", "department", ""],
        ["", "", "", "", ""],
        ["LIGHTS", "路灯处", "Lights", "no such kind", "NONE"],
    )
    assert [number for number, _why in shown.context["result"].refused] == [4]
    reasons = " ".join(shown.context["result"].refused[0][1])
    assert "no such kind" in reasons and "There is no unit “NONE” here." in reasons
    assert "Nothing was imported" in shown.text and "confirm_form" not in shown.context
    assert not Unit.objects.filter(code="ROADS").exists()


def test_rows_that_went_bad_before_they_were_confirmed_are_not_half_imported(town, send):
    rows = [["ROADS", "公路局", "Roads", "department"], ["X", "某", "X", "department"]]
    shown = send(town.sysadmin, Unit, [*UNITS, "parent"], [*rows[0], ""], [*rows[1], "GARDENS"])
    given = shown.context["confirm_form"].initial
    Unit.objects.filter(code="GARDENS").update(code="PARKS")
    answer = client_of(town.sysadmin).post(page(Unit, "process_import"), given)
    assert answer.status_code == 200 and answer.context["result"].refused[0][0] == 3
    assert not Unit.objects.filter(code__in=["ROADS", "X"]).exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("head", "word"),
    [(["code", "name_zh", "kin"], "kin"), (["name_zh", "kind"], "code"), (["code", "id"], "id")],
)
def test_columns_that_are_strange_or_missing_are_named(town, send, head, word):
    shown = send(town.sysadmin, Unit, head, ["a"] * len(head))
    assert word in str(shown.context["result"].base_errors[0].error)
    assert "confirm_form" not in shown.context


@pytest.mark.parametrize("content", [b"", b"not a sheet", b"PK\x03\x04broken"])
def test_what_is_no_sheet_is_refused_beside_the_file(town, content):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    file = SimpleUploadedFile("sheet.xlsx", content)
    given = {"import_file": file, "format": "0", "resource": "0"}
    shown = client_of(town.sysadmin).post(page(Unit, "import"), given)
    assert shown.status_code == 200 and shown.context["form"].errors["import_file"]


def test_a_sheet_is_taken_once(town, send):
    row = ["ROADS", "公路局", "Roads bureau", "department"]
    given = send(town.sysadmin, Unit, UNITS, row).context["confirm_form"].initial
    client = client_of(town.sysadmin)
    assert client.post(page(Unit, "process_import"), given).status_code == 302
    again = client.post(page(Unit, "process_import"), given)
    assert again.status_code == 200 and "taken already" in again.text


def test_another_city_is_not_written(town, send):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    row = ["oc", "WATER", "水", "Water", "department"]
    shown = send(town.sysadmin, Unit, ["city", *UNITS], row)
    assert "not yours" in shown.text
    assert elsewhere.water.code not in [r[1] for r in values(exported(town.sysadmin, Unit))][:0]
    assert {row[0] for row in values(exported(town.sysadmin, Unit))[1:]} == {"tc"}


def test_no_text_leaves_as_a_formula(town):
    Unit.objects.filter(pk=town.water.pk).update(name_zh='=HYPERLINK("http://x")', name_en="+1+1")
    sheet = exported(town.sysadmin, Unit)
    cells = {cell.value: cell for row in sheet.rows for cell in row}
    for text in ('=HYPERLINK("http://x")', "+1+1"):
        assert cells[text].data_type == "s" and cells[text].quotePrefix


def test_an_export_taken_back_changes_nothing(town, send):
    for member, model in [
        (town.sysadmin, Unit),
        (town.sysadmin, Category),
        (town.sysadmin, Condition),
        (town.sysadmin, MatrixRow),
        (town.sysadmin, Calendar),
        (town.secadmin, Member),
        (town.secadmin, Post),
    ]:
        rows = values(exported(member, model))
        assert len(rows) > 1, model
        shown = send(member, model, *rows)
        assert "confirm_form" in shown.context, (model, shown.context["result"].refused)
        totals = shown.context["result"].totals
        assert totals["new"] == totals["update"] == 0, (model, totals)


def test_only_who_keeps_a_table_sends_or_fetches_its_sheet(town):
    for member in (town.dispatcher, town.handler, town.secadmin, town.auditor):
        client = client_of(member)
        for action in ("import", "export"):
            assert client.get(page(MatrixRow, action)).status_code == 403
        assert client.post(page(MatrixRow, "process_import"), {}).status_code == 403
    assert client_of(town.sysadmin).get(page(Member, "import")).status_code == 403


def test_days_of_a_calendar_make_its_next_version(town, take):
    office = Calendar.objects.get(city=town.city, name="office")
    take(
        town.sysadmin,
        Calendar,
        ["calendar", "day", "works"],
        ["office", date(2026, 10, 1), "是"],
        ["office", "2026-12-31", "no"],
    )
    newest = office.current()
    assert newest.number == 2
    assert newest.exceptions["2026-10-01"] is True and newest.exceptions["2026-12-31"] is False
    assert newest.exceptions["2026-10-02"] is False
    assert CalendarVersion.objects.get(calendar=office, number=1).exceptions == cast.HOLIDAYS
    noted = LogEntry.objects.filter(object_id=str(office.pk))
    assert noted.count() == 2 and any("→" in str(entry) or changes_of(entry) for entry in noted)


def test_a_sheet_of_days_shows_which_open_clocks_it_moves_and_then_moves_them(town, send, take):
    office = Calendar.objects.get(city=town.city, name="office")
    case = play.dispatched(town)
    was = Clock.objects.get(case=case, kind="handle").due_at
    days = [["calendar", "day", "works"], ["office", case.due_at.date(), "no"]]
    shown = send(town.sysadmin, Calendar, *days)
    ((calendar, moves),) = shown.context["result"].moved
    assert calendar == office and moves.moved >= 1 and case.number in shown.text
    assert Clock.objects.get(case=case, kind="handle").due_at == was
    assert office.versions.count() == 1
    take(town.sysadmin, Calendar, *days)
    assert Clock.objects.get(case=case, kind="handle").due_at > was
    assert recalendar.behind(office) == 0
    assert orphans.replay_clocks().count == 0


def test_a_changed_limit_in_a_sheet_makes_a_new_version(town, take):
    head = ["category", "code", "limit_value", "limit_unit"]
    take(town.sysadmin, Condition, head, ["E-01-13", "E-01-13-1", 6, "work_hour"])
    versions = Condition.objects.filter(code="E-01-13-1").order_by("version")
    assert [(c.version, c.limit_value, c.is_active) for c in versions] == [
        (1, 4, False),
        (2, 6, True),
    ]


def test_matrix_rows_take_their_units_by_code(town, take, send):
    head = ["kind", "class_code", "category", "area", "lead", "assisting", "valid_from"]
    row = ["event", 1, "E-01-13", 420902001, "WATER", "GARDENS, ST1", date(2026, 2, 1)]
    take(town.sysadmin, MatrixRow, head, row)
    made = MatrixRow.objects.get(category=town.rubbish)
    assert made.lead == town.water and made.area == town.street and made.class_code == "01"
    assert set(made.assisting.all()) == {town.gardens, town.street_office}
    wrong = ["component", "", "E-01-13", 420902001, "WATER", "", date(2026, 2, 1)]
    assert "other kind" in send(town.sysadmin, MatrixRow, head, wrong).text


def test_posts_that_exclude_one_another_are_refused_in_words(town, send):
    head = ["member", "role", "valid_from"]
    shown = send(town.secadmin, Post, head, ["tc_dispatcher", "intake", date(2026, 2, 1)])
    assert "exclude one another" in shown.text
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    shown = send(town.secadmin, Post, head, [elsewhere.worker.username, "leader", "2026-02-01"])
    assert "There is no member" in shown.text


def test_an_account_of_a_sheet_has_no_password_and_no_flags(town, take, send):
    head = ["username", "name"]
    take(town.secadmin, Member, head, ["new_one", "新人"])
    made = Member.objects.get(username="new_one")
    assert not made.has_usable_password() and not made.is_superuser and made.is_active
    Member.objects.create(username="boss", name="boss", is_superuser=True)
    assert "not yours" in send(town.secadmin, Member, head, ["boss", "me"]).text


def test_a_packed_heap_of_nothing_is_refused():
    import zipfile  # noqa: PLC0415

    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 120_000_000)
    with override("en"), pytest.raises(ValueError, match="large"):
        Sheet().create_dataset(file.getvalue())
