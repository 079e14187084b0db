"""The pages of scores: who may open which, what they cost, what stands on them."""

import csv
import json
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from openpyxl import load_workbook

from assessment import rollups, urls
from assessment.drawer import PAGE
from assessment.periods import Period
from assessment.publishing import publish
from grids.models import Post
from incidents.models import Case
from incidents.names import masked
from lib import now
from tests import cast
from tests.assessment import busy
from tests.assessment.busy import DAY, MONTH
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
RECOMPUTE = settings.BASE_DIR / "docs" / "recompute_scores.py"


def get(member, name, *args, **asked):
    return client_of(member).get(reverse(name, args=args), {"period": MONTH, **asked})


# --- the permission table ------------------------------------------------------------------------

READS = {
    "grid_head",
    "intake",
    "chief",
    "dispatcher",
    "adjudicator",
    "handler",
    "supervisor",
    "leader",
    "assessor",
}
OTHERS = {"worker", "sysadmin", "secadmin", "auditor"}
SCORED = {"worker", "grid_head", "intake", "chief", "dispatcher", "handler", "supervisor"}
# Whoever answers for the worker of the cast: themselves, the grid's head, the city's leader, the
# assessor.
OF_THE_WORKER = {"worker", "grid_head", "leader", "assessor"}
FORBIDDEN, HIDDEN = 403, 404

# name of the address -> (method, arguments, what is sent, roles that may, what others get)
TABLE = {
    "scores": ("get", (), {}, READS, FORBIDDEN),
    "publish_scores": ("post", (), {"kind": "street"}, {"assessor"}, FORBIDDEN),
    "my_scores": ("get", (), {}, SCORED, HIDDEN),
    "scores_file": ("get", ("csv",), {}, READS, FORBIDDEN),
    "inputs_file": ("get", (), {}, {"assessor"}, FORBIDDEN),
    "objections": ("get", (), {}, {"assessor"}, FORBIDDEN),
    "answer_objection": ("post", (0,), {}, set(), "mixed"),
    "subject": ("get", ("worker", "{worker}"), {}, OF_THE_WORKER, HIDDEN),
    "object_to": ("post", ("worker", "{worker}"), {"words": "x"}, {"worker"}, "mixed"),
    "figure": ("get", ("unit", "WATER", "D_CLOSE"), {}, READS, HIDDEN),
    "cases_file": ("get", ("unit", "WATER", "D_CLOSE", "csv"), {}, READS, HIDDEN),
    "everydays": ("get", (), {}, READS, FORBIDDEN),
}


def test_every_address_of_scores_has_its_line():
    assert {pattern.name for pattern in urls.urlpatterns} == set(TABLE)
    assert get_resolver().reverse_dict.getlist("scores")


@pytest.mark.parametrize("role", sorted(READS | OTHERS))
def test_every_address_for_a_role(filled, role):
    member, wrong = getattr(filled, role), {}
    client = client_of(member)
    for name, (method, args, sent, allowed, refusal) in TABLE.items():
        filled_in = [str(arg).format(worker=filled.worker.pk) for arg in args]
        address = reverse(name, args=filled_in)
        answer = getattr(client, method)(address, {"period": MONTH, **sent})
        expected = {200, 302} if role in allowed else {refusal}
        if refusal == "mixed" and role not in allowed:
            expected = {FORBIDDEN, HIDDEN}
        if answer.status_code not in expected:
            wrong[name] = answer.status_code
    assert not wrong


def test_a_stranger_signs_in_first(filled):
    for name, (method, args, _sent, _allowed, _refusal) in TABLE.items():
        filled_in = [str(arg).format(worker=filled.worker.pk) for arg in args]
        answer = getattr(Client(), method)(reverse(name, args=filled_in))
        assert answer.status_code == 302 and "next=" in answer["Location"], name


# --- persons -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who, kind, whom, may",
    [
        ("worker", "worker", "mate", False),
        ("worker", "worker", "worker", True),
        ("grid_head", "worker", "mate", True),
        ("grid_head", "worker", "far_worker", False),
        ("community_leader", "worker", "worker", True),
        ("community_leader", "worker", "far_worker", False),
        ("street_leader", "worker", "far_worker", True),
        ("water_leader", "handler", "handler", True),
        ("water_leader", "handler", "gardener", False),
        ("handler", "handler", "handler", True),
        ("supervisor", "worker", "worker", False),
        ("intake", "intake", "intake", True),
        ("dispatcher", "intake", "intake", False),
        ("assessor", "dispatcher", "dispatcher", True),
        ("assessor", "worker", "handler", False),
    ],
)
def test_a_persons_score_is_seen_by_them_and_who_answers_for_them(filled, who, kind, whom, may):
    answer = get(getattr(filled, who), "subject", kind, getattr(filled, whom).pk)
    assert answer.status_code == (200 if may else 404)


def test_the_centres_leader_answers_for_the_centres_posts(filled):
    centre_leader = filled.secadmin
    Post.objects.filter(member=centre_leader).delete()
    Post.objects.create(
        member=centre_leader,
        role="leader",
        city=filled.city,
        unit=filled.centre,
        valid_from=cast.BEGAN,
    )
    assert get(centre_leader, "subject", "intake", filled.intake.pk).status_code == 200
    assert get(centre_leader, "subject", "dispatcher", filled.dispatcher.pk).status_code == 404


def test_persons_are_listed_by_name_and_never_ranked(filled):
    answer = get(filled.assessor, "scores", kind="worker")
    assert answer.status_code == 200 and "Rank</th>" not in answer.text
    assert all(line.rank is None for line in answer.context["lines"])
    mine = get(filled.grid_head, "scores", kind="worker").context["lines"]
    assert {line.row.subject for line in mine} <= {filled.worker.pk, filled.mate.pk}
    assert get(filled.intake, "scores", kind="worker").status_code == 403


def test_names_of_others_are_masked_and_ones_own_is_not(filled):
    assert "w**" in get(filled.assessor, "subject", "worker", filled.worker.pk).text
    own = get(filled.worker, "subject", "worker", filled.worker.pk)
    assert "w**" not in own.text and "No mileage" not in own.text
    assert "no check-in" in own.text


# --- the ranking ---------------------------------------------------------------------------------


def test_the_ranking_shows_bands_formula_and_the_citys_line(filled):
    answer = get(filled.assessor, "scores", kind="street")
    (line,) = answer.context["lines"]
    assert line.subject.key == filled.street.code
    assert line.appeals == {"pending": 1}
    assert answer.context["found"].total.figures["R_CLOSE"].numerator == 2
    for words in ("Area composite score", "inferred", "pending 1", "Not frozen"):
        assert words in answer.text, words


def test_every_figure_of_a_page_is_a_link_to_its_drawer(filled):
    for kind in ("street", "community", "unit"):
        answer = get(filled.assessor, "scores", kind=kind)
        many = len(answer.context["lines"]) + bool(answer.context["found"].total)
        links = answer.text.count('class="figure')
        assert links == many * (len(answer.context["columns"]) + 1), kind


def test_a_period_that_is_none_is_the_one_that_runs_and_a_kind_that_is_none_is_no_page(filled):
    client = client_of(filled.assessor)
    for text in ("", "2026-13", "x", "0001-01", "2026-W99"):
        answer = client.get(reverse("scores"), {"period": text})
        assert str(answer.context["asked"].period) == MONTH, text
    assert client.get(reverse("scores"), {"kind": "mayor"}).status_code == 404


def test_duty_grids_can_be_narrowed_to_a_community(filled):
    play.reported(filled, category=filled.rubbish.code)
    answer = get(filled.assessor, "scores", kind="duty_grid", within=filled.community.pk)
    assert {line.subject.above for line in answer.context["lines"]} == {filled.community.pk}


def test_published_scores_are_shown_with_what_froze_them(filled):
    period = Period.read(MONTH, filled.city.time_zone)
    with now.at(period.end + timedelta(days=4)):
        rollups.roll_up(filled.city)
        publish(filled.city, "street", period)
        answer = get(filled.assessor, "scores", kind="street")
        publication = answer.context["found"].publication
        assert publication.input_hash[:12] in answer.text and "calendar v1" in answer.text
        assert "still those that were published" in answer.text


def test_the_assessor_publishes_and_corrects_by_a_button(filled):
    period = Period.read(MONTH, filled.city.time_zone)
    client = client_of(filled.assessor)
    sent = {"kind": "unit", "period": MONTH}
    assert "not over yet" in client.post(reverse("publish_scores"), sent, follow=True).text
    with now.at(period.end + timedelta(hours=1)):
        assert (
            "not counted to its end"
            in client.post(reverse("publish_scores"), sent, follow=True).text
        )
        rollups.roll_up(filled.city)
        assert "Publish and freeze" in client.get(reverse("scores"), sent).text
        assert (
            "Published and frozen" in client.post(reverse("publish_scores"), sent, follow=True).text
        )
        play.handle(filled, filled.cases["told"])
        with now.at(period.end - timedelta(days=1)):
            play.reported(filled)
        publication = client.get(reverse("scores"), sent).context["found"]
        assert not publication.has_changed


# --- what a reader may see -----------------------------------------------------------------------


def test_the_drawer_says_how_many_cases_are_out_of_reach(filled):
    drawer = get(filled.gardener, "figure", "unit", "WATER", "D_INST").context["drawer"]
    assert drawer.times == drawer.figure > 0 and drawer.seen == 0 and drawer.rows == []
    answer = get(filled.gardener, "figure", "unit", "WATER", "D_INST")
    assert f"{drawer.cases} cases are out of your reach" in answer.text
    assert not any(case.number in answer.text for case in filled.cases.values())


def test_nobody_sees_another_districts_cases_in_a_drawer(filled):
    other = cast.make_city(prefix="OC", lon=115.0)
    address = reverse("figure", args=["street", filled.street.code, "R_INST"])
    answer = client_of(other.assessor).get(address, {"period": MONTH})
    # The codes are the same in both cities: it is their own street that opens.
    assert answer.context["drawer"].cases == 0
    leader = get(filled.community_leader, "figure", "city", filled.city.slug, "R_INST")
    visible = Case.objects.visible_to(filled.community_leader)
    numbers = {case.number for case in leader.context["drawer"].rows}
    assert numbers <= set(visible.values_list("number", flat=True))


def test_a_unit_reads_no_reason_of_a_case_that_it_lost(filled):
    case = filled.cases["told"]
    play.workflow.move(case, "ask_return", filled.handler, reason="not ours")
    play.workflow.move(case, "grant", filled.dispatcher)
    play.workflow.move(case, "dispatch", filled.dispatcher, unit=filled.gardens.code)
    drawer = get(filled.handler, "figure", "unit", "WATER", "D_INST").context["drawer"]
    (row,) = [row for row in drawer.rows if row.number == case.number]
    assert row.reasons == [] and row.unit is None


def test_pages_of_a_drawer_go_by_key(filled):
    for _case in range(PAGE):
        play.filed(filled)
    busy.wait(minutes=1)
    rollups.roll_up(filled.city)
    client = client_of(filled.assessor, htmx=True)
    address = reverse("figure", args=["city", filled.city.slug, "R_INST"])
    first = client.get(address, {"period": MONTH}).context["drawer"]
    rest = client.get(address, {"period": MONTH, "after": first.next}).context["drawer"]
    seen = [row.number for drawer in (first, rest) for row in drawer.rows]
    assert len(first.rows) == PAGE and not rest.next
    assert len(seen) == len(set(seen)) == rest.seen > PAGE
    assert client.get(address, {"period": MONTH, "after": "x"}).status_code == 302


def test_a_drawer_is_a_part_for_htmx_and_a_page_by_itself(filled):
    address = reverse("figure", args=["unit", "WATER", "D_CLOSE_RATE"])
    part = client_of(filled.assessor, htmx=True).get(address, {"period": MONTH}).text
    page = client_of(filled.assessor).get(address, {"period": MONTH}).text
    assert "<html" not in part and "<html" in page
    assert "agrees with" in part and "agrees with" in page


# --- files ---------------------------------------------------------------------------------------


def test_scores_leave_as_csv_and_excel(filled):
    text = b"".join(get(filled.assessor, "scores_file", "csv", kind="street").streaming_content)
    lines = text.decode("utf-8-sig").splitlines()
    assert lines[3].startswith(f"{filled.street.code},书院街道,")
    sheet = b"".join(get(filled.assessor, "scores_file", "xlsx", kind="street").streaming_content)
    assert sheet.startswith(b"PK")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_persons_leave_masked(filled, form):
    for reader in (filled.assessor, filled.grid_head):
        cells = cells_of(get(reader, "scores_file", form, kind="worker"), form)
        assert masked(filled.worker) in cells and filled.worker.name not in cells


def test_moments_leave_by_the_citys_clock(filled):
    case = Case.objects.get(pk=filled.cases["closed"].pk)
    at = case.reported_at.astimezone(ZoneInfo(filled.city.time_zone))
    for form in ("csv", "xlsx"):
        answer = get(filled.handler, "cases_file", "unit", "WATER", "D_INST", form)
        assert f"{at:%Y-%m-%d %H:%M}" in cells_of(answer, form)


def cells_of(answer, form):
    """All cells of a file of scores or cases."""
    data = b"".join(answer.streaming_content)
    if form == "csv":
        rows = csv.reader(data.decode("utf-8-sig").splitlines())
    else:
        rows = load_workbook(BytesIO(data)).active.iter_rows(values_only=True)
    return {cell for row in rows for cell in row}


def test_cases_leave_as_far_as_one_may_see_them(filled):
    def numbers(member):
        answer = get(member, "cases_file", "unit", "WATER", "D_INST", "csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return {line.split(",")[0] for line in text.splitlines()[1:]}

    drawer = get(filled.handler, "figure", "unit", "WATER", "D_INST").context["drawer"]
    assert numbers(filled.handler) == {row.number for row in drawer.rows} != set()
    assert numbers(filled.gardener) == set()


def test_a_cell_is_never_a_formula(filled):
    case = filled.cases["closed"]
    Case.objects.filter(pk=case.pk).update(place="=1+1")
    answer = get(filled.handler, "cases_file", "unit", "WATER", "D_INST", "csv")
    assert "'=1+1" in b"".join(answer.streaming_content).decode()


def test_what_was_published_is_exported_and_recomputed_as_it_was(filled, tmp_path):
    period = Period.read(MONTH, filled.city.time_zone)
    with now.at(period.end + timedelta(days=4)):
        rollups.roll_up(filled.city)
        made = publish(filled.city, "street", period)
        call_command("export_scores", MONTH, str(tmp_path / "out"))
    assert made.input_hash in (tmp_path / "out").read_text(encoding="utf-8")


def test_a_publication_that_was_corrected_is_exported_and_recomputed_too(filled, tmp_path):
    period, file = Period.read(MONTH, filled.city.time_zone), tmp_path / "out"
    with now.at(period.end + timedelta(days=4)):
        rollups.roll_up(filled.city)
        first = publish(filled.city, "street", period)
    with now.at(period.end - timedelta(days=1)):
        play.closed(filled)
    with now.at(period.end + timedelta(days=5)):
        rollups.roll_up(filled.city)
        second = publish(filled.city, "street", period)
    call_command("export_scores", MONTH, str(file))
    heads = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    hashes = [head["input_hash"] for head in heads if head.get("head") == "street"]
    assert hashes == [second.input_hash, first.input_hash] and first != second
    subprocess.run([sys.executable, RECOMPUTE, file], check=True)


# --- cost ----------------------------------------------------------------------------------------

PAGES = [
    ("scores", (), {"kind": "community"}),
    ("scores", (), {"kind": "duty_grid", "period": DAY}),
    ("scores", (), {"kind": "unit", "period": "2026"}),
    ("scores", (), {"kind": "worker"}),
    ("subject", ("street", "420902001"), {}),
    ("subject", ("unit", "WATER"), {}),
    ("subject", ("worker", "{worker}"), {}),
    ("figure", ("street", "420902001", "R_CLOSE_RATE"), {}),
    ("figure", ("city", "tc", "R_INST_SCORE"), {}),
    ("figure", ("unit", "WATER", "SCORE"), {}),
    ("everydays", (), {"period": DAY}),
    ("everydays", (), {"period": DAY, "kind": "overseer"}),
    ("objections", (), {}),
]


@pytest.mark.parametrize("who", ["handler", "leader", "intake"])
def test_who_has_a_board_pays_no_more(filled, django_assert_max_num_queries, who):
    client = client_of(getattr(filled, who))
    client.get(reverse("everydays"))
    for name, args in (
        ("scores", ()),
        ("subject", ("unit", "WATER")),
        ("figure", ("unit", "WATER", "D_CLOSE_RATE")),
    ):
        with django_assert_max_num_queries(12):
            address = reverse(name, args=args)
            assert client.get(address, {"period": MONTH}).status_code == 200, name


@pytest.fixture(scope="module", params=[False, True], ids=["open", "frozen"])
def is_frozen(request, busy_day, django_db_blocker):
    """Whether the month is over, counted and published. It then is to the end of this file: tests
    of a month that is not must stand above."""
    if not request.param:
        yield False
        return
    town, _moment = busy_day
    period = Period.read(MONTH, town.city.time_zone)
    with django_db_blocker.unblock(), transaction.atomic():
        with now.at(period.end + timedelta(days=4)):
            rollups.roll_up(town.city)
            for kind in ("community", "city", "street", "unit", "worker"):
                publish(town.city, kind, period)
        yield True
        transaction.set_rollback(True)


@pytest.mark.parametrize(("name", "args", "asked"), PAGES)
def test_a_page_takes_few_queries(
    filled, django_assert_max_num_queries, name, args, asked, is_frozen
):
    filled_in = [arg.format(worker=filled.worker.pk) for arg in args]
    period = Period.read(MONTH, filled.city.time_zone)
    client = client_of(filled.assessor)
    with now.at(period.end + timedelta(days=4) if is_frozen else now.now()):
        address = reverse(name, args=filled_in)
        client.get(reverse("objections"))  # the first page of a session keeps its token
        with django_assert_max_num_queries(12):
            assert client.get(address, {"period": MONTH, **asked}).status_code == 200
