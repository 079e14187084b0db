"""`manage.py check_loop` finds every way in which a case, a clock or a demand can be forgotten.

The database refuses to break these rows; here its owner takes the triggers and constraints away
first, as a restored backup or a hand in the tables might.
"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from incidents import orphans, tasks, workflow
from incidents.models import Case
from lib import now
from tests import cast
from tests.incidents import play

pytestmark = pytest.mark.django_db

TABLES = ("case", "step", "clock", "clockentry", "demand", "caseunit")


@pytest.fixture
def break_rows(town):
    """A function: one statement by the owner, with nothing in its way."""

    def run(sql, **values):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in TABLES:
                cursor.execute(f"ALTER TABLE incidents_{table} DISABLE TRIGGER USER")
            cursor.execute(sql, values)
            assert cursor.rowcount > 0

    return run


def unbind(*constraints):
    """Take constraints or unique indexes away."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in constraints:
            cursor.execute(f"ALTER TABLE incidents_{table} DROP CONSTRAINT IF EXISTS {name}")
            cursor.execute(f"DROP INDEX IF EXISTS {name}")


def found():
    """{rule: [name of each offender]} of the rules that found something."""
    finds = [*orphans.look(), orphans.replay_clocks(stopped=True)]
    return {each.rule.key: [name for name, _wrong in each.shown] for each in finds if each.count}


def everything(town):
    """A case at every stage, with demands of every kind that is owed beside it."""
    suspended = play.dispatched(town)
    until = "2026-03-10T09:00"
    workflow.move(suspended, "ask_suspend", town.handler, reason="rain", until=until)
    workflow.move(suspended, "grant", town.dispatcher)
    asked = play.dispatched(town)
    workflow.move(asked, "ask_extend", town.handler, reason="parts")
    play.reported(town)
    play.accepted(town)
    play.filed(town)
    play.handled(town)
    workflow.move(play.verified(town), "supervise", town.leader, words="x", due="2026-03-04T09:00")
    play.closed(town)
    return suspended, asked


def test_a_sound_city_has_no_offender(town):
    everything(town)
    confirming = play.reported(town)
    workflow.move(confirming, "ask_confirm", town.intake, worker=town.worker.username)
    void = play.filed(town)
    workflow.move(void, "void", town.chief, reason="double")
    assert found() == {}


CASES = "UPDATE incidents_case SET"
CLOCKS = "UPDATE incidents_clock SET"
DEMANDS = "UPDATE incidents_demand SET"


@pytest.mark.parametrize(
    ("rule", "stage", "sql"),
    [
        ("party", "dispatched", f"{CASES} unit_id = NULL WHERE id = %(case)s"),
        (
            "party",
            "dispatched",
            "UPDATE incidents_caseunit SET until_step = 4 WHERE case_id = %(case)s",
        ),
        ("party", "handled", f"{CASES} worker_id = NULL WHERE id = %(case)s"),
        (
            "party",
            "verified",
            f"{CASES} community_id = NULL, street_id = NULL WHERE id = %(case)s",
        ),
        (
            "loop_clock",
            "dispatched",
            f"{CLOCKS} state = 'paused' WHERE case_id = %(case)s AND kind = 'handle'",
        ),
        (
            "stage_clock",
            "filed",
            f"{CLOCKS} kind = 'verify' WHERE case_id = %(case)s AND kind = 'dispatch'",
        ),
        (
            "stage_clock",
            "filed",
            f"{CLOCKS} round = 2 WHERE case_id = %(case)s AND kind='dispatch'",
        ),
        (
            "exit",
            "filed",
            "WITH gone AS (DELETE FROM incidents_transition WHERE from_stage = 'filed'"
            " RETURNING 1) SELECT * FROM gone",
        ),
        (
            "ended",
            "closed",
            f"{CLOCKS} state = 'running', stopped_at = NULL, verdict = ''"
            " WHERE case_id = %(case)s AND kind = 'handle'",
        ),
        (
            "sequence",
            "handled",
            "UPDATE incidents_step SET seq = seq + 10 WHERE case_id = %(case)s AND seq = 3",
        ),
        (
            "sequence",
            "handled",
            "UPDATE incidents_step SET from_stage = 'closed', to_stage = "
            "to_stage WHERE case_id = %(case)s AND seq = 3",
        ),
        (
            "sequence",
            "handled",
            "UPDATE incidents_step SET at = at + interval '1 day'"
            " WHERE case_id = %(case)s AND seq = 3",
        ),
        ("last_step", "filed", f"{CASES} stage = 'accepted' WHERE id = %(case)s"),
        ("last_step", "filed", f"{CASES} version = version + 1 WHERE id = %(case)s"),
        ("last_step", "filed", f"{CASES} round = 2 WHERE id = %(case)s"),
        (
            "cached_due",
            "filed",
            f"{CASES} due_at = due_at + interval '1 hour' WHERE id = %(case)s",
        ),
        ("cached_due", "filed", f"{CASES} warn_at = NULL WHERE id = %(case)s"),
        ("cached_due", "closed", f"{CASES} due_at = reported_at WHERE id = %(case)s"),
        ("hands", "closed", f"{CASES} closed_by_id = verified_by_id WHERE id = %(case)s"),
        ("hands", "handled", f"{CASES} verified_by_id = handled_by_id WHERE id = %(case)s"),
        (
            "ledger",
            "filed",
            "DELETE FROM incidents_clockentry e USING incidents_clock k"
            " WHERE k.id = e.clock_id AND k.case_id = %(case)s AND k.kind = 'dispatch'",
        ),
        (
            "ledger",
            "closed",
            "UPDATE incidents_clockentry e SET seq = seq + 5 FROM incidents_clock k"
            " WHERE k.id = e.clock_id AND k.case_id = %(case)s AND k.kind = 'handle'"
            " AND e.kind = 'stop'",
        ),
        (
            "ledger",
            "filed",
            f"{CLOCKS} state = 'paused' WHERE case_id = %(case)s AND kind = 'dispatch'",
        ),
        (
            "replay",
            "filed",
            f"{CLOCKS} due_at = due_at + interval '1 second'"
            " WHERE case_id = %(case)s AND kind = 'dispatch'",
        ),
        (
            "replay",
            "closed",
            f"{CLOCKS} verdict = 'late' WHERE case_id = %(case)s AND kind = 'handle'",
        ),
        (
            "replay",
            "dispatched",
            "UPDATE incidents_clockentry e SET kind = 'resume' FROM incidents_clock k"
            " WHERE k.id = e.clock_id AND k.case_id = %(case)s AND k.kind = 'intake'"
            " AND e.kind = 'stop'",
        ),
    ],
)
def test_each_rule_finds_its_broken_row(town, break_rows, rule, stage, sql):
    sound = play.dispatched(town)
    case = getattr(play, stage)(town)
    unbind(("case", "three_pairs_of_hands"))
    break_rows(sql, case=case.pk)
    offenders = found()
    assert case.number in offenders[rule]
    assert not any(sound.number in names for names in offenders.values())


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("loop_clock", f"{CASES} suspended_until = NULL WHERE id = %(suspended)s"),
        (
            "loop_clock",
            f"{CLOCKS} state = 'running' WHERE case_id = %(suspended)s AND kind = 'handle'",
        ),
        (
            "demand_owner",
            f"{DEMANDS} owner_role = '' WHERE case_id = %(asked)s AND outcome = ''",
        ),
        (
            "demand_owner",
            f"{DEMANDS} owner_area_id = c.community_id, owner_unit_id = c.unit_id"
            " FROM incidents_case c WHERE c.id = case_id AND case_id = %(asked)s AND outcome = ''",
        ),
        (
            "demand_clock",
            f"{CLOCKS} demand_id = NULL WHERE case_id = %(asked)s AND kind = 'demand'",
        ),
        (
            "demand_clock",
            f"{CLOCKS} state = 'paused' WHERE case_id = %(asked)s AND kind = 'demand'",
        ),
        (
            "demand_clock",
            f"{CLOCKS} state = 'running', stopped_at = NULL, verdict = ''"
            " WHERE case_id = %(suspended)s AND kind = 'demand'",
        ),
        (
            "demand_exit",
            f"{DEMANDS} kind = 'spot_check' WHERE case_id = %(asked)s AND outcome = ''",
        ),
        (
            "ended_demand",
            f"{CASES} stage = 'voided' WHERE id = %(asked)s",
        ),
    ],
)
def test_suspensions_and_demands_are_found_too(town, break_rows, rule, sql):
    suspended, asked = everything(town)
    unbind(("demand", "demand_has_an_owner"))
    break_rows(sql, suspended=suspended.pk, asked=asked.pk)
    wrong = suspended if "suspended)" in sql else asked
    assert wrong.number in found()[rule]


def test_two_running_clocks_are_one_too_many(town, break_rows):
    case = play.dispatched(town)
    unbind(("clock", "one_running_loop_clock"))
    break_rows(
        f"{CLOCKS} state = 'running', stopped_at = NULL, verdict = ''"
        " WHERE case_id = %(case)s AND kind = 'intake'",
        case=case.pk,
    )
    assert case.number in found()["loop_clock"]


# --- the command ---------------------------------------------------------------------------------


def told(*asked):
    out = StringIO()
    call_command("check_loop", *asked, stdout=out)
    return out.getvalue()


def test_the_command_counts_and_is_content_with_a_sound_city(town):
    everything(town)
    words = told()
    assert "party" in words and "replay" in words
    assert told("--stopped", "--city", town.city.slug)
    with pytest.raises(CommandError, match="nowhere"):
        told("--city", "nowhere")


def test_the_command_shows_twenty_offenders_and_counts_them_all(town, break_rows):
    numbers = [play.filed(town).number for _each in range(22)]
    break_rows(f"{CASES} warn_at = NULL WHERE stage = 'filed'")
    out = StringIO()
    with pytest.raises(CommandError, match="22") as refused:
        call_command("check_loop", stdout=out)
    assert refused.value.returncode == 1
    assert sum(number in out.getvalue() for number in numbers) == orphans.MOST_SHOWN


def test_a_city_is_checked_by_itself(town, break_rows):
    other = cast.make_city(prefix="OC", lon=115.0)
    play.filed(town)
    play.filed(other)
    break_rows(f"{CASES} warn_at = NULL WHERE city_id = %(city)s", city=town.city.pk)
    assert told("--city", other.city.slug)
    with pytest.raises(CommandError):
        told("--city", town.city.slug)


def test_the_daily_check_keeps_what_it_found(town, break_rows):
    case = play.filed(town)
    tasks.check_loop()
    assert orphans.last_check() == {"at": now.now(), "offenders": {}}
    break_rows(f"{CASES} due_at = NULL WHERE id = %(case)s", case=case.pk)
    tasks.check_loop()
    assert orphans.last_check()["offenders"] == {"cached_due": 1}


def test_the_number_of_questions_does_not_grow(town, django_assert_max_num_queries):
    for _each in range(5):
        play.filed(town)
    assert Case.objects.count() == 5
    with django_assert_max_num_queries(len(orphans.RULES) + 3):
        found()
