"""Cases of another system go round the loop at their real times, once, and bad rows are named."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Case, Category, Clock
from staff.models import City, Member, Unit
from tests.demo.shared import SHARED, import_boston, needs_shared
from tests.demo.test_import_areas import box, bring  # noqa: F401 - a fixture

MAPPING = """
[city]
slug = "t"
time_zone = "America/New_York"
prefix = "TW"
[columns]
id = "id"
opened = "opened"
promised = "target"
closed = "closed"
longitude = "lon"
latitude = "lat"
class = "reason"
category = "type"
unit = "dept"
source = "source"
grid = "grid"
on_time = "ontime"
[format]
on_time = ["ONTIME"]
late = ["OVERDUE"]
description = "{title} (told by: {source})"
[sources]
"Constituent Call" = "hotline"
[units]
PW = "Public Works"
"""
GOOD = {
    "id": "1",
    "opened": "2011-07-01 09:00:00",
    "target": "2011-07-05 09:00:00",
    "closed": "2011-07-04 12:00:00",
    "lon": "10.0005",
    "lat": "50.0005",
    "reason": "Roads",
    "type": "Pothole",
    "dept": "PW",
    "source": "Constituent Call",
    "grid": "G1",
    "ontime": "ONTIME",
    "title": "A hole",
}


@pytest.fixture
def send(bring, tmp_path, capsys):  # noqa: F811 - the fixture above
    """Import rows (changes to a good one) into a city of two grids; returns what was said."""
    bring(box("G1"), box("G2", 1), time_zone="America/New_York")

    def run(*changes, mapping=MAPPING, columns=None, **options):
        file, toml = Path(tmp_path) / "cases.csv", Path(tmp_path) / "mapping.toml"
        toml.write_text(mapping)
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, columns or GOOD, extrasaction="ignore")
            writer.writeheader()
            for number, change in enumerate(changes, 1):
                writer.writerow(GOOD | {"id": str(number)} | change)
        call_command("import_cases", str(file), mapping=str(toml), verbosity=0, **options)
        return capsys.readouterr().out

    return run


def the_case():
    return Case.objects.get(source_id="1")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_closed_row_goes_round_the_whole_loop_at_its_own_times(send):
    send({})
    case = the_case()
    opened, closed = utc(2011, 7, 1, 13), utc(2011, 7, 4, 16)
    assert list(case.steps.order_by("seq").values_list("move", "at")) == [
        ("report", opened),
        ("accept", opened),
        ("file", opened),
        ("dispatch", opened),
        ("handle", closed),
        ("verify", closed),
        ("close", closed),
    ]
    assert case.number == "TW-20110701-0001" and case.grid.code == "G1"


def test_an_open_row_stays_dispatched_with_the_promised_due_time(send):
    send({"closed": "", "ontime": ""})
    case = the_case()
    assert (case.stage, case.due_at) == ("dispatched", utc(2011, 7, 5, 13))


def test_a_row_without_a_promise_has_no_limit(send):
    send({"target": "", "closed": ""})
    clock = Clock.objects.get(case=the_case(), kind="handle")
    assert (clock.due_at, clock.state) == (None, "running")


@pytest.mark.parametrize(
    ("closed", "verdict"),
    [("2011-07-05 09:00:00", "on_time"), ("2011-07-05 09:00:01", "late")],
)
def test_the_verdict_turns_at_the_promised_second(send, closed, verdict):
    word = "ONTIME" if verdict == "on_time" else "OVERDUE"
    said = send({"closed": closed, "ontime": word})
    assert Clock.objects.get(case=the_case(), kind="handle").verdict == verdict
    assert "verdicts that are the file's own: 1 of 1" in said


def test_a_promise_of_an_odd_second_keeps_its_verdict(send):
    """7 s after the hour is no round number of 0.0001 hours."""
    send(
        {"target": "2011-07-05 09:00:07", "closed": "2011-07-05 09:00:07"},
        {"target": "2011-07-05 09:00:11", "closed": "2011-07-05 09:00:11"},
    )
    assert set(Clock.objects.filter(kind="handle").values_list("verdict", flat=True)) == {"on_time"}


def test_a_case_may_close_in_the_second_it_opens(send):
    send({"closed": GOOD["opened"]})
    assert the_case().stage == "closed"


def test_the_hour_that_occurs_twice_is_read_in_order(send):
    """01:50 in summer time, closed 20 minutes later at 01:10 in winter time."""
    send({"opened": "2011-11-06 01:50:00", "closed": "2011-11-06 01:10:00", "target": ""})
    case = the_case()
    assert (case.reported_at, case.ended_at) == (utc(2011, 11, 6, 5, 50), utc(2011, 11, 6, 6, 10))


def test_a_clock_change_between_opening_and_promise_moves_no_due_time(send):
    send({"opened": "2011-11-04 09:00:00", "closed": "", "target": "2011-11-07 09:00:00"})
    assert the_case().due_at == utc(2011, 11, 7, 14)


def test_a_second_run_makes_nothing_twice(send):
    send({}, {"closed": ""})
    said = send({}, {"closed": ""})
    assert "cases opened: 0, closed: 0; known before: 2" in said
    assert Case.objects.count() == 2
    assert Member.objects.filter(username__startswith="t.").count() == 6


def test_a_row_that_has_closed_since_is_closed_by_the_next_run(send):
    send({"closed": ""})
    assert "opened: 0, closed: 1" in send({})
    assert the_case().stage == "closed"


def test_replay_does_things_in_the_order_of_time(send):
    send({}, {"opened": "2011-07-02 09:00:00", "closed": "2011-07-03 09:00:00"}, replay=True)
    first, second = Case.objects.order_by("source_id")
    assert second.steps.get(move="close").pk < first.steps.get(move="handle").pk
    assert second.steps.get(move="report").pk > first.steps.get(move="dispatch").pk


def test_a_dry_run_writes_nothing_and_tells_what_is_wrong(send):
    said = send({}, {"opened": "yesterday"}, dry_run=True)
    assert "line 3, opened: yesterday" in said and "points in the grid" in said
    assert not Case.objects.exists() and not Unit.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"opened": "2011-02-30 09:00:00"}, "opened: 2011-02-30"),
        ({"opened": ""}, "opened: is empty"),
        ({"opened": "2999-01-01 09:00:00", "closed": ""}, "opened: 2999-01-01 09:00:00 lies in"),
        ({"closed": "soon"}, "closed: soon"),
        ({"closed": "2011-06-01 09:00:00"}, "closed: closed before it was opened"),
        ({"id": ""}, "id: is empty"),
        ({"id": "1"}, "id: 1 stands on line 2 already"),
        ({"lon": "far"}, "lon: far is no number"),
        ({"lat": "nan"}, "lat: nan"),
        ({"lat": "95"}, "lat: 95 is not between"),
        ({"lon": "11"}, "lon: 11.0, 50.0005 lies in no grid"),
        ({"type": ""}, "type: is empty"),
        ({"dept": "x" * 41}, "dept: is longer"),
    ],
)
def test_a_bad_row_is_named_by_line_field_and_reason_and_the_good_ones_stay(send, change, why):
    said = send({}, change, {})
    assert f"line 3, {why}" in said
    assert "rows refused: 1" in said
    assert sorted(Case.objects.values_list("source_id", flat=True)) == ["1", "3"]


def test_a_line_break_in_a_field_does_not_shift_the_lines(send):
    assert "line 4, opened" in send({"title": "two\nlines"}, {"opened": "?"})


def test_strict_leaves_with_an_error_and_keeps_the_good_rows(send):
    with pytest.raises(SystemExit):
        send({}, {"lon": "far"}, strict=True)
    assert Case.objects.count() == 1


def test_units_and_catalogue_are_made_from_the_mapping(send):
    send({}, {"type": "Sign"}, {"reason": "Trees", "type": "Stump", "dept": "PARK"})
    assert dict(Unit.objects.values_list("code", "name_en")) == {
        "PW": "Public Works",
        "PARK": "PARK",
    }
    assert set(Category.objects.values_list("code", "class_en", "name_en")) == {
        ("E-01-01", "Roads", "Pothole"),
        ("E-01-02", "Roads", "Sign"),
        ("E-02-01", "Trees", "Stump"),
    }
    assert the_case().description.text == "A hole (told by: hotline)"


def test_a_later_file_never_changes_what_a_code_means(send):
    send({"reason": "Trees", "type": "Stump"})
    send({"reason": "Trees", "type": "Stump"}, {"reason": "Air", "type": "Smell"})
    assert Category.objects.get(code="E-01-01").name_en == "Stump"
    assert Category.objects.get(code="E-02-01").name_en == "Smell"


def test_one_pair_of_hands_for_each_duty(send):
    send({})
    case = the_case()
    by = dict(case.steps.values_list("move", "by__username"))
    assert by["accept"] == "t.intake" and by["file"] == "t.chief"
    assert (by["dispatch"], by["handle"]) == ("t.dispatcher", "t.handler.pw")
    assert (by["verify"], by["close"]) == ("t.worker", "t.supervisor.w1")


def test_the_share_of_points_in_the_named_grid_is_told(send):
    assert "file names: 1 of 2 (50.0 %)" in send({}, {"grid": "G2"}, {"grid": "G9"})


def test_a_file_that_lacks_a_column_is_refused_naming_it(send):
    with pytest.raises(CommandError, match="no column opened"):
        send({}, columns=[name for name in GOOD if name != "opened"])


def test_a_mapping_that_leaves_out_what_is_needed_is_refused(send):
    with pytest.raises(CommandError, match="lacks columns.id"):
        send({}, mapping=MAPPING.replace('id = "id"', "", 1))


@needs_shared
def test_real_cases_go_round_with_the_file_s_own_verdicts(db, tmp_path, capsys):
    """The first 60 rows and those that close in their first second; the whole file is a run of
    minutes, made by hand (docs/examples/boston.toml)."""
    import_boston(verbosity=0)
    lines = (SHARED / "cases_boston311_sample5000.csv").read_text().splitlines(keepends=True)
    some = tmp_path / "some.csv"
    some.write_text("".join(lines[:61]))
    root = Path(__file__).resolve().parents[2]
    call_command(
        "import_cases", str(some), mapping=str(root / "docs/examples/boston.toml"), verbosity=0
    )
    said = capsys.readouterr().out
    judged = sum(1 for row in csv.DictReader(lines[:61]) if row["target_dt"] and row["closed_dt"])
    assert "rows refused: 0" in said and Case.objects.count() == 60
    assert f"verdicts that are the file's own: {judged} of {judged}" in said


@needs_shared
def test_the_points_of_all_real_cases_are_where_the_file_says(db, capsys):
    import_boston(verbosity=0)
    capsys.readouterr()
    root = Path(__file__).resolve().parents[2]
    call_command(
        "import_cases",
        str(SHARED / "cases_boston311_sample5000.csv"),
        dry_run=True,
        mapping=str(root / "docs/examples/boston.toml"),
        verbosity=0,
    )
    said = capsys.readouterr().out
    assert float(said.split("(")[1].split(" %")[0]) >= 95
    assert City.objects.filter(slug="boston").exists() and not Case.objects.exists()
