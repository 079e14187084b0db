"""The pages of the spot checks: seals, draws, results, the rule, what anybody needs to draw a day
again; and the drawn worker's task on the board."""

import json
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from assessment.measures import count
from assessment.periods import Period
from incidents import drawing, workflow
from incidents.draws import DrawRule, Seal
from incidents.models import Case
from lib import now
from staff.models import Member
from tests import cast
from tests.cast import MORNING, client_of, photo_of
from tests.incidents import play
from tests.incidents.conftest import phone_photo, scene, upload

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)
MOST_QUERIES = 12


def get(member, name="spot_checks", *args, **asked):
    return client_of(member).get(reverse(name, args=args), asked)


def fresh(member):
    return Member.objects.get(pk=member.pk)


@pytest.fixture
def all_of_them(town):
    return DrawRule.objects.create(city=town.city, share=100)


def next_morning():
    now.set_to(MORNING + timedelta(days=1))


@pytest.fixture
def drawn(town, all_of_them):
    """Two closed cases of the cast's Tuesday, drawn on Wednesday morning."""
    play.closed(town)
    play.closed(town, town.slow)
    drawing.seal_ahead(town.city)
    next_morning()
    made = drawing.draw_due(town.city)[0]
    drawing.seal_ahead(town.city)
    return made


def check(case, town, found):
    by = fresh(town.far_worker)
    photo = photo_of(by, town)
    return workflow.move(case, "spot_check", by, found=found, evidence=[photo.pk])


# --- who opens them ------------------------------------------------------------------------------

OPENS = {
    "assessor": {"spot_checks", "spot_check_day", "spot_check_export", "spot_check_script", "rule"},
    "auditor": {"spot_checks", "spot_check_day", "spot_check_export", "spot_check_script"},
    **dict.fromkeys(
        ("worker", "intake", "chief", "dispatcher", "handler", "supervisor", "leader"), set()
    ),
}


@pytest.mark.parametrize("who", OPENS)
def test_who_opens_which(town, drawn, who):
    member = getattr(town, who)
    opened = {
        name
        for name in ("spot_checks", "spot_check_script")
        if get(member, name).status_code == 200
    }
    opened |= {
        name
        for name in ("spot_check_day", "spot_check_export")
        if get(member, name, DAY).status_code == 200
    }
    if get(member, "spot_check_rule").status_code == 200:
        opened.add("rule")
    assert opened == OPENS[who]


def test_a_stranger_signs_in_first():
    for name in ("spot_checks", "spot_check_rule", "spot_check_script"):
        assert Client().get(reverse(name)).status_code == 302


def test_another_citys_assessor_sees_none_of_it(town, drawn):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    assert get(elsewhere.assessor).context["rows"] == []
    assert get(elsewhere.assessor, "spot_check_day", DAY).status_code == 404


# --- seals ---------------------------------------------------------------------------------------


def test_a_sealed_seed_shows_its_hash_and_never_itself(town, drawn):
    page = get(town.assessor)
    ahead = Seal.objects.filter(draw__isnull=True)
    assert ahead.count() == 2
    for seal in ahead:
        assert seal.seed_hash in page.text
        assert seal.seed not in page.text and seal.seed[:16] not in page.text
        assert get(town.assessor, "spot_check_day", seal.day).status_code == 404
        assert get(town.assessor, "spot_check_export", seal.day).status_code == 404


def test_a_drawn_day_shows_seed_and_hash(town, drawn):
    page = get(town.assessor, "spot_check_day", DAY).text
    assert drawn.seal.seed in page and drawn.seal.seed_hash in page and "has this hash" in page
    assert drawn.population_hash in page
    assert f"recompute_draw.py draw-tc-2026-03-03.json {drawn.seal.seed_hash}" in page


def test_what_is_downloaded_draws_the_same(town, drawn, tmp_path):
    export = get(town.auditor, "spot_check_export", DAY)
    assert export["Content-Disposition"] == 'attachment; filename="draw-tc-2026-03-03.json"'
    script = get(town.auditor, "spot_check_script")
    (tmp_path / "draw.json").write_bytes(export.content)
    (tmp_path / "recompute_draw.py").write_bytes(b"".join(script.streaming_content))
    done = subprocess.run(
        [sys.executable, "-I", "recompute_draw.py", "draw.json", drawn.seal.seed_hash],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "everything agrees" in done.stdout
    assert len(json.loads(export.content)["drawn"]) == 2


def test_a_day_that_is_none_is_not_found(town, drawn):
    for day in ("2026-02-31", "2026-13-01", "2020-01-01"):
        assert client_of(town.assessor).get(f"/spot-checks/{day}/").status_code == 404
    assert get(town.assessor, before="nonsense").status_code == 200
    assert get(town.assessor, before="2026-02-31").status_code == 200
    assert get(town.assessor, before="2026-03-03").context["rows"] == []


# --- results -------------------------------------------------------------------------------------


def test_results_are_told_and_counted(town, drawn):
    one, other = (row.case for row in drawn.cases.order_by("place"))
    check(one, town, True)
    check(other, town, False)
    day = get(town.assessor, "spot_check_day", DAY)
    assert [row.state for row in day.context["rows"]] == ["failed", "passed"]
    failed = day.context["rows"][0]
    assert (failed.unit, failed.handler, failed.verifier) == (
        town.water,
        town.handler,
        town.worker,
    )
    assert failed.metres == 0
    whole = get(town.assessor).context["whole"]
    assert (whole.among, whole.drawn, whole.passed, whole.failed) == (2, 2, 1, 1)
    assert (whole.share, whole.drawn_share) == (50, 100)
    assert "failed: reopened" in day.text and "Water bureau" in day.text


def test_an_overdue_check_is_told(town, drawn):
    now.set_to(now.now() + timedelta(days=3))
    whole = get(town.assessor).context["whole"]
    assert (whole.open, whole.overdue) == (2, 2)
    rows = get(town.assessor, "spot_check_day", DAY).context["rows"]
    assert [row.demand.chip.state for row in rows] == ["overdue", "overdue"]


def test_pages_take_few_queries(town, drawn, django_assert_max_num_queries):
    check(drawn.cases.first().case, town, True)
    for name, args in (("spot_checks", []), ("spot_check_day", [DAY]), ("spot_check_rule", [])):
        client = client_of(town.assessor)
        address = reverse(name, args=args)
        client.get(address)
        with django_assert_max_num_queries(MOST_QUERIES):
            client.get(address)


def test_it_reads_in_chinese(town, drawn):
    for name, args in (("spot_checks", []), ("spot_check_day", [DAY]), ("spot_check_rule", [])):
        client = client_of(town.assessor, "zh-hans")
        assert client.get(reverse(name, args=args)).status_code == 200


# --- the rule ------------------------------------------------------------------------------------


def test_the_assessor_changes_the_rule_and_the_log_says_so(town):
    address = reverse("spot_check_rule")
    client = client_of(town.assessor)
    sent = {"share": "7.5", "least": "1", "by_street": "on"}
    assert client.post(address, sent).url == reverse("spot_checks")
    rule = drawing.rule_of(town.city)
    assert (rule.share, rule.least, rule.by_street, rule.by_kind) == (7.5, 1, True, False)
    entry = LogEntry.objects.get()
    assert entry.user_id == town.assessor.pk and "share" in entry.change_message.lower()


def test_a_preview_says_what_it_would_draw_and_keeps_nothing(town):
    for _each in range(3):
        play.closed(town)
    next_morning()
    sent = {"share": "50", "least": "0", "by_street": "on", "do": "preview"}
    page = client_of(town.assessor).post(reverse("spot_check_rule"), sent)
    assert "Of the 3 cases closed on 2026-03-03 this rule would draw 2." in page.text
    assert not DrawRule.objects.exists()


def test_a_rule_that_is_none_is_refused(town):
    client = client_of(town.assessor)
    for share in ("101", "-1", "", "x"):
        answer = client.post(reverse("spot_check_rule"), {"share": share, "least": "0"})
        assert answer.status_code == 422
    assert client_of(town.auditor).post(reverse("spot_check_rule"), {}).status_code == 403
    assert not DrawRule.objects.exists()


# --- the task ------------------------------------------------------------------------------------


def test_the_task_is_on_the_workers_board_and_made_with_a_photo(town, drawn):
    client = client_of(town.far_worker)
    numbers = {row.case.number for row in drawn.cases.select_related("case")}
    board = client.get(reverse("board"))
    assert all(number in board.text for number in numbers)
    case = drawn.cases.first().case
    page = client.get(reverse("case", args=[case.number]))
    assert page.context["panel"].form.offer.move == "spot_check"
    photo = upload(phone_photo(scene(), taken_at=now.now() - timedelta(minutes=1)))
    sent = {"move": "spot_check", "version": page.context["case"].version, "found": "false"}
    answer = client.post(reverse("case_move", args=[case.number]), {**sent, "photo": photo})
    assert answer.status_code == 302
    assert case.steps.get(move="spot_check").facts["found"] is False
    # What was owed is done: the case of another grid is out of sight again.
    assert client.get(reverse("case", args=[case.number])).status_code == 404


def test_it_is_on_nobody_elses_board(town, drawn):
    for member in (town.worker, town.mate, town.supervisor):
        rows = Case.objects.waiting_on(fresh(member))
        assert not rows.filter(pk__in=drawn.cases.values("case")).exists()


def test_the_worker_is_of_another_grid_than_the_case_and_than_who_verified(town, all_of_them):
    """Verified by a worker of the second community: the check goes to neither duty grid."""
    case = play.handled(town)
    far = fresh(town.far_worker)
    workflow.move(case, "reassign", town.intake, worker=far.username)
    case = play.verify(town, case, far)
    workflow.move(case, "close", town.supervisor)
    third = Member.objects.create(username="tc_third", name="third")
    post = drawing._workers(town.city).get(member=town.far_worker)
    post.pk, post.member, post.duty_grid = None, third, town.duty_grids[3]
    post.save()
    fourth = Member.objects.create(username="tc_fourth", name="fourth")
    post.pk, post.member, post.duty_grid = None, fourth, town.far_duty_grid
    post.save()
    drawing.seal_ahead(town.city)
    next_morning()
    row = drawing.draw_due(town.city)[0].cases.get()
    assert row.worker == third


# --- what it counts ------------------------------------------------------------------------------


def counted(town, kind, subject):
    period = Period.of("month", DAY, town.city.time_zone)
    counts = count(town.city, kind, period.start, period.end)
    return {code: amount for (key, code), amount in counts.items() if key == subject.pk}


def test_a_failed_check_counts_against_who_handled_and_who_verified(town, drawn):
    one, other = (row.case for row in drawn.cases.order_by("place"))
    before = {
        "unit": counted(town, "unit", town.water),
        "handler": counted(town, "handler", town.handler),
        "worker": counted(town, "worker", town.worker),
    }
    check(one, town, True)
    check(other, town, False)
    unit = counted(town, "unit", town.water)
    handler = counted(town, "handler", town.handler)
    worker = counted(town, "worker", town.worker)
    assert unit.get("D_REWORK", 0) == before["unit"].get("D_REWORK", 0) + 1
    assert unit["D_DISPOSE"] == before["unit"]["D_DISPOSE"] - 1
    assert handler["P_HDL_DISPOSE"] == before["handler"]["P_HDL_DISPOSE"]
    assert handler["P_HDL_INTIME"] == before["handler"]["P_HDL_INTIME"] - 1
    assert worker["P_SUP_INVALID_CHECK"] == before["worker"].get("P_SUP_INVALID_CHECK", 0) + 1
    assert worker["P_SUP_INTIME_CHECK"] == before["worker"]["P_SUP_INTIME_CHECK"] - 1
    assert worker["P_SUP_NEED_CHECK"] == before["worker"]["P_SUP_NEED_CHECK"]
