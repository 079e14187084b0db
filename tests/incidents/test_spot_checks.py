"""Each day a sealed, repeatable sample of yesterday's closed cases is looked at again by somebody
who had no hand in them."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from incidents import drawing, orphans, tasks, workflow
from incidents.draws import Draw, Drawn, DrawRule, Seal
from incidents.facts import Forbidden, Refused
from incidents.models import Case
from lib import now
from staff.models import Member
from tests.cast import MORNING, photo_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parents[2] / "docs" / "recompute_draw.py"
DAY = date(2026, 3, 3)


@pytest.fixture
def all_of_them(town):
    """A rule by which every closed case is drawn."""
    return DrawRule.objects.create(city=town.city, share=100)


def next_morning():
    now.set_to(MORNING + timedelta(days=1))


def drawn(town):
    """The draw of the cast's Tuesday, made on Wednesday morning."""
    drawing.seal_ahead(town.city)
    next_morning()
    return drawing.draw_due(town.city)[0]


def fresh(member):
    return Member.objects.get(pk=member.pk)


def check(case, by, found, town):
    photo = photo_of(by, town, at=now.now())
    return workflow.move(case, "spot_check", fresh(by), found=found, evidence=[photo.pk])


# --- the seal ------------------------------------------------------------------------------------


def test_the_seeds_of_today_and_tomorrow_are_sealed_once(town):
    assert drawing.seal_ahead(town.city) == 2
    assert drawing.seal_ahead(town.city) == 0
    assert [seal.day for seal in Seal.objects.order_by("day")] == [DAY, DAY + timedelta(days=1)]
    next_morning()
    assert drawing.seal_ahead(town.city) == 1
    for seal in Seal.objects.all():
        assert drawing.sha256(seal.seed) == seal.seed_hash


def test_a_day_whose_seed_was_not_sealed_before_its_end_is_not_drawn(town):
    play.closed(town)
    next_morning()
    drawing.seal_ahead(town.city)
    assert drawing.draw_due(town.city) == []


def test_the_web_changes_neither_seal_nor_draw(town, all_of_them, as_web):
    play.closed(town)
    drawn(town)
    for table in ("seal", "draw", "drawn"):
        for verb in (f"UPDATE incidents_{table} SET id = id", f"DELETE FROM incidents_{table}"):
            with pytest.raises(DatabaseError), transaction.atomic():
                as_web.execute(verb)


def test_nor_does_the_owner_of_the_tables(town, all_of_them):
    play.closed(town)
    made = drawn(town)
    for row in (made.seal, made, made.cases.get()):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(id=row.pk)
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).delete()


# --- the draw ------------------------------------------------------------------------------------


def test_the_drawn_are_the_same_for_the_same_seed_and_others_for_another(town):
    lines = [f"TC-20260303-{n:04}|1|{'a' if n % 3 else 'b'}" for n in range(300)]
    once = drawing.drawn_of("s" * 64, lines, 3, 0)
    assert once == drawing.drawn_of("s" * 64, lines, 3, 0)
    assert once != drawing.drawn_of("t" * 64, lines, 3, 0)
    assert [row[2] for row in once] == ["a"] * 6 + ["b"] * 3
    assert len(drawing.drawn_of("s" * 64, lines, 0, 0)) == 0
    assert len(drawing.drawn_of("s" * 64, lines, 0, 2)) == 4
    assert len(drawing.drawn_of("s" * 64, lines, 100, 0)) == 300


def test_nobody_is_drawn_more_often_than_others(town):
    lines = [f"n{n}|1|" for n in range(40)]
    times = dict.fromkeys(lines, 0)
    for seed in range(2000):
        for number, _turn, _stratum in drawing.drawn_of(str(seed), lines, 10, 0):
            times[f"{number}|1|"] += 1
    # 200 each are expected; five standard deviations of a binomial are 67.
    assert all(133 < count < 267 for count in times.values())


def test_strata_are_settings(town):
    play.closed(town)
    for by_street, by_kind, stratum in (
        (True, False, "420902001"),
        (True, True, "420902001/event"),
        (False, True, "event"),
        (False, False, ""),
    ):
        rule = DrawRule(city=town.city, by_street=by_street, by_kind=by_kind)
        line = drawing.population_of(town.city, DAY, rule)[0]
        assert line.split("|", 2)[2] == stratum


def test_only_what_was_closed_on_that_day_is_drawn_among(town, all_of_them):
    case = play.closed(town)
    play.verified(town)
    made = drawn(town)
    assert made.population == f"{case.number}|1|420902001\n" and made.size == 1
    assert drawing.population_of(town.city, DAY - timedelta(days=1), all_of_them) == []


def test_a_day_without_closed_cases_is_drawn_too(town):
    assert drawn(town).size == 0


def test_a_day_is_drawn_once_by_whichever_worker(town, all_of_them):
    play.closed(town)
    tasks.draw_checks()
    next_morning()
    tasks.draw_checks()
    tasks.draw_checks()
    seal = Seal.objects.get(day=DAY)
    assert drawing.draw(seal) is None
    assert Draw.objects.count() == Drawn.objects.count() == 1
    assert Case.objects.get().demands.count() == 1


def test_missed_days_are_made_up_in_order_for_a_week(town):
    for back in (8, 3, 2):
        with now.at(MORNING - timedelta(days=back)):
            drawing.seal_ahead(town.city)
    days = [made.seal.day for made in drawing.draw_due(town.city)]
    assert days == sorted(days)
    # Each sealing takes a day and the day after.
    assert days == [DAY - timedelta(days=back) for back in (7, 3, 2, 1)]


# --- who looks -----------------------------------------------------------------------------------


def test_a_worker_of_another_duty_grid_owes_it_within_a_work_day(town, all_of_them):
    case = play.closed(town)
    row = drawn(town).cases.get()
    assert row.worker == town.far_worker and row.demand.owner == town.far_worker
    due = row.demand.clock.due_at
    assert due == now.now() + timedelta(days=1)  # Wednesday 09:00 to Thursday 09:00
    case.refresh_from_db()
    assert (case.stage, case.steps.last().move) == ("closed", "draw")


def test_nobody_who_had_a_hand_in_it_is_asked(town, all_of_them):
    case = play.handled(town)
    far = fresh(town.far_worker)
    workflow.move(case, "reassign", town.intake, worker=far.username)
    case = play.verify(town, case, far)
    workflow.move(case, "close", town.supervisor)
    row = drawn(town).cases.get()
    # The two workers of its own duty grid and the one who verified it: nobody is left.
    assert row.worker is None and row.demand is None


def test_checks_are_shared_out(town, all_of_them):
    for _each in range(4):
        play.closed(town)
    second = Member.objects.create(username="tc_second", name="second")
    post = drawing._workers(town.city).get(member=town.far_worker)
    post.pk, post.member = None, second
    post.save()
    workers = [row.worker for row in drawn(town).cases.all()]
    assert sorted(workers.count(each) for each in (town.far_worker, second)) == [2, 2]


def test_what_is_open_again_is_drawn_without_a_demand(town, all_of_them):
    case = play.closed(town)
    workflow.move(case, "reopen", town.worker, reason="there again")
    row = drawn(town).cases.get()
    assert row.demand is None and row.round == 1


def test_no_person_draws(town):
    case = play.closed(town)
    for member in (town.assessor, town.intake, town.leader):
        with pytest.raises((Forbidden, Refused)):
            workflow.move(case, "draw", member, worker=town.far_worker.username)


# --- what comes of it ----------------------------------------------------------------------------


def test_a_passed_check_ends_the_demand_and_counts_against_nobody(town, all_of_them):
    case = play.closed(town)
    made = drawn(town)
    case = check(case, town.far_worker, False, town)
    assert case.stage == "closed"
    assert Drawn.objects.failed().count() == 0
    counts = Draw.objects.with_counts().get(pk=made.pk)
    assert (counts.drawn, counts.open, counts.passed, counts.failed) == (1, 0, 1, 0)


def test_a_failed_check_reopens_and_counts_against_who_handled_and_verified(town, all_of_them):
    case = play.closed(town)
    made = drawn(town)
    case = check(case, town.far_worker, True, town)
    assert (case.stage, case.round) == ("filed", 2)
    for member in (town.handler, town.worker):
        assert [row.case for row in Drawn.objects.against(member)] == [case]
    assert not Drawn.objects.against(town.supervisor).exists()
    row = Drawn.objects.failed().with_hands().get()
    assert row.unit_then == town.water.pk
    counts = Draw.objects.with_counts().get(pk=made.pk)
    assert (counts.drawn, counts.open, counts.passed, counts.failed) == (1, 0, 0, 1)
    assert [found.rule.key for found in orphans.look() if found.count] == []


def test_nobody_else_makes_the_check(town, all_of_them):
    case = play.closed(town)
    drawn(town)
    for member in (town.worker, town.mate):
        with pytest.raises(Refused):
            check(case, member, False, town)


# --- the export ----------------------------------------------------------------------------------


def run_script(*arguments):
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


def test_an_independent_script_draws_the_same(town, all_of_them, tmp_path):
    for _each in range(3):
        play.closed(town)
    made = drawn(town)
    file = tmp_path / "draw.json"
    call_command("export_draw", "2026-03-03", file)
    done = run_script(file, made.seal.seed_hash)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 cases drawn; everything agrees" in done.stdout
    assert run_script(file, "0" * 64).returncode == 1


@pytest.mark.parametrize("spoilt", ["seed", "population", "drawn", "share"])
def test_it_finds_what_was_meddled_with(town, spoilt, tmp_path):
    DrawRule.objects.create(city=town.city, share=40)
    for _each in range(4):
        play.closed(town)
    export = drawing.export_of(drawn(town))
    if spoilt == "seed":
        export["seed"] = "0" * 64
    elif spoilt == "share":
        export["share"] = "90"
    else:
        export[spoilt] = export[spoilt][1:]
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(export))
    assert run_script(file).returncode == 1
