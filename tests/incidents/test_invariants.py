"""The five invariants of the loop, by its own door and by raw SQL as the web's own role."""

import pytest
from django.db import Error, connection, transaction

from grids.models import Absence
from incidents import workflow
from incidents.facts import BadFacts, Conflict, Forbidden, Hidden
from incidents.models import Case, Clock, Outbox, Transition
from lib import now
from tests.cast import make_city, photo_of
from tests.incidents import play


def refused(cursor, sql, params=()):
    """True if the database refuses a statement, at once or at the end of the transaction."""
    try:
        with transaction.atomic():
            cursor.execute(sql, params)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except Error:
        return True
    return False


def test_the_database_knows_the_table_of_moves(town):
    rows = set(Transition.objects.values_list("move", "from_stage", "to_stage"))
    assert rows == workflow.transitions()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE incidents_case SET stage = 'closed' WHERE id = %(case)s",
        "UPDATE incidents_case SET stage = 'closed', version = version + 1 WHERE id = %(case)s",
        "UPDATE incidents_case SET handled_by_id = NULL WHERE id = %(case)s",
        "UPDATE incidents_case SET verified_by_id = handled_by_id WHERE id = %(case)s",
        "UPDATE incidents_case SET round = round + 1 WHERE id = %(case)s",
        "DELETE FROM incidents_case WHERE id = %(case)s",
        "UPDATE incidents_step SET at = now() WHERE case_id = %(case)s",
        "DELETE FROM incidents_step WHERE case_id = %(case)s",
        "TRUNCATE incidents_step CASCADE",
        "UPDATE incidents_clockentry SET at = now()",
        "DELETE FROM incidents_clockentry",
        "DELETE FROM incidents_clock WHERE case_id = %(case)s",
        "UPDATE incidents_clock SET verdict = 'on_time' WHERE case_id = %(case)s"
        " AND state = 'stopped'",
        "DELETE FROM incidents_demand",
        "INSERT INTO incidents_transition (move, from_stage, to_stage)"
        " VALUES ('close', 'reported', 'closed')",
        "ALTER TABLE incidents_step DISABLE TRIGGER ALL",
        "DROP TRIGGER IF EXISTS pgtrigger_append_only ON incidents_step",
    ],
)
def test_raw_sql_as_the_web_is_refused(town, as_web, sql):
    case = play.handled(town)
    workflow.move(case, "supervise", town.leader, words="x", due="2026-03-04T09:00")
    empty_is_fine = sql.startswith("DROP TRIGGER")
    assert refused(as_web, sql, {"case": case.pk}) or empty_is_fine


STEP = """
    INSERT INTO incidents_step (case_id, seq, round, move, from_stage, to_stage, by_id, role, at,
        facts, idempotency_key, body_hash)
    VALUES (%(case)s, %(seq)s, 1, %(move)s, %(from)s, %(to)s, %(by)s, '', now(), '{}', '', '')
"""


@pytest.mark.parametrize(
    ("move", "from_stage", "to_stage", "ahead"),
    [
        ("close", "handled", "closed", 1),  # no row of the table
        ("verify", "dispatched", "verified", 1),  # no row of the table
        ("verify", "filed", "verified", 1),  # not where the case stands
        ("verify", "handled", "verified", 2),  # out of order
        ("verify", "handled", "verified", 0),  # a place that is taken
        ("verify", "handled", "verified", 1),  # a row, but nothing carried it out
    ],
)
def test_the_database_refuses_a_step_that_is_no_row(
    town, as_web, move, from_stage, to_stage, ahead
):
    case = play.handled(town)
    facts = {
        "case": case.pk,
        "seq": case.version + ahead,
        "move": move,
        "from": from_stage,
        "to": to_stage,
        "by": town.worker.pk,
    }
    assert refused(as_web, STEP, facts)


def test_the_database_lets_a_true_step_through(town, as_web):
    case = play.handled(town)
    facts = {
        "case": case.pk,
        "seq": case.version + 1,
        "move": "verify",
        "from": "handled",
        "to": "verified",
        "by": town.worker.pk,
    }
    with transaction.atomic():
        as_web.execute(STEP, facts)
        as_web.execute(
            "UPDATE incidents_case SET stage = 'verified', version = version + 1,"
            " verified_by_id = %s WHERE id = %s",
            [town.worker.pk, case.pk],
        )
        as_web.execute("SET CONSTRAINTS ALL IMMEDIATE")
        as_web.execute("SET CONSTRAINTS ALL DEFERRED")
    case.refresh_from_db()
    assert case.stage == "verified"


@pytest.mark.parametrize(
    ("move", "column", "hand"),
    [
        ("verify", "verified_by_id", "handler"),
        ("close", "closed_by_id", "worker"),
        ("close", "closed_by_id", "handler"),
    ],
)
def test_the_database_keeps_three_pairs_of_hands(town, as_web, move, column, hand):
    case = play.handled(town) if move == "verify" else play.verified(town)
    by, to = getattr(town, hand), {"verify": "verified", "close": "closed"}[move]
    facts = {
        "case": case.pk,
        "seq": case.version + 1,
        "move": move,
        "from": case.stage,
        "to": to,
        "by": by.pk,
    }
    with pytest.raises(Error), transaction.atomic():
        as_web.execute(STEP, facts)
        as_web.execute(
            f"UPDATE incidents_case SET stage = %s, version = version + 1, {column} = %s"
            " WHERE id = %s",
            [to, by.pk, case.pk],
        )


def test_the_web_role_owns_no_table(town):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'gridcity_web'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'gridcity_web'")
        assert cursor.fetchone() == (False,)


def test_posts_of_both_axes_are_refused_by_the_database(town, as_web):
    sql = """INSERT INTO grids_post (member_id, role, city_id, valid_from)
             VALUES (%s, %s, %s, '2026-01-01')"""
    assert refused(as_web, sql, [town.chief.pk, "dispatcher", town.city.pk])
    assert refused(as_web, sql, [town.sysadmin.pk, "secadmin", town.city.pk])
    assert not refused(as_web, sql, [town.chief.pk, "intake", town.city.pk])


def test_who_handled_does_not_verify_or_close(town):
    photos = [photo_of(town.worker, town).pk for _side in range(2)]
    case = workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        move="self_handle",
        condition=town.quick.code,
        evidence=photos[:1],
        after=photos[1:],
    )
    assert (case.handled_by, case.verified_by) == (town.worker, None)
    with pytest.raises(Forbidden):
        workflow.move(case, "close", town.worker)
    assert workflow.move(case, "close", town.supervisor).stage == "closed"


def test_only_the_supervisor_of_the_community_closes(town):
    case = play.verified(town)
    with pytest.raises(Hidden):
        workflow.move(case, "close", town.far_supervisor)
    with pytest.raises(Forbidden):
        workflow.move(case, "close", town.street_supervisor)
    assert workflow.move(case, "close", town.supervisor).closed_by == town.supervisor


def test_the_street_closes_when_the_community_led(town):
    case = play.dispatched(town, unit=town.community_office)
    case = play.verify(town, play.handle(town, case, by=town.neighbour))
    with pytest.raises(Forbidden):
        workflow.move(case, "close", town.supervisor)
    assert workflow.move(case, "close", town.street_supervisor).stage == "closed"


def test_the_street_closes_when_the_supervisors_are_absent(town):
    case = play.verified(town)
    Absence.objects.create(
        member=town.supervisor, starts_at="2026-03-01T00:00Z", ends_at="2026-03-09T00:00Z"
    )
    assert workflow.move(case, "close", town.street_supervisor).stage == "closed"


def test_being_superuser_grants_no_move(town):
    case = play.filed(town)
    town.sysadmin.is_superuser = True
    town.sysadmin.save()
    with pytest.raises(Forbidden):
        workflow.move(case, "dispatch", town.sysadmin, unit="WATER")


def test_an_open_case_has_one_running_clock_or_an_end_of_its_suspension(town):
    for play_to in (
        play.reported,
        play.accepted,
        play.filed,
        play.dispatched,
        play.handled,
        play.verified,
    ):
        case = play_to(town)
        running = Clock.objects.filter(case=case, state="running").exclude(kind="demand")
        assert running.count() == 1
        assert running.get().due_at == case.due_at
        assert any(case.stage in row.stages for row in workflow.TABLE)


def test_a_stale_version_is_refused_and_told_who_won(town):
    case = play.filed(town)
    seen = case.version
    workflow.move(case, "dispatch", town.dispatcher, unit="WATER", version=seen)
    with pytest.raises(Conflict) as lost:
        workflow.move(case, "dispatch", town.second_dispatcher, unit="GARDENS", version=seen)
    assert (lost.value.who, lost.value.move) == (town.dispatcher.name, "dispatch")


def test_what_must_be_told_is_in_the_outbox(town):
    case = play.dispatched(town)
    told = Outbox.objects.filter(step__case=case).order_by("step__seq")
    assert [(o.to_role, o.to_unit) for o in told][-1] == ("handler", town.water)


def test_a_stranger_from_another_city_sees_nothing(town):
    case = play.reported(town)
    elsewhere = make_city("EL", lon=114.5)
    for name in ("worker", "intake", "dispatcher", "handler", "supervisor", "leader"):
        stranger = getattr(elsewhere, name)
        assert not Case.objects.visible_to(stranger).exists()
        with pytest.raises(Hidden):
            workflow.move(case, "accept", stranger, category="E-01-13")


def test_a_unit_that_a_case_has_left_sees_it_for_400_days_and_moves_nothing(town):
    case = play.dispatched(town)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit="GARDENS")
    assert Case.objects.visible_to(town.handler).filter(pk=case.pk).exists()
    with pytest.raises(Forbidden):
        play.handle(town, case, by=town.handler)
    with now.at(now.now().replace(year=2028)):
        assert not Case.objects.visible_to(town.handler).filter(pk=case.pk).exists()


def test_missing_and_wrong_facts_are_named_and_nothing_is_done(town):
    case = play.filed(town)
    with pytest.raises(BadFacts) as wrong:
        workflow.move(case, "dispatch", town.dispatcher, unit="NOBODY", colour="red")
    assert set(wrong.value.errors) == {"unit", "colour"}
    case.refresh_from_db()
    assert case.stage == "filed"


def test_a_key_is_honoured_for_good(town):
    case = play.filed(town)
    once = {"unit": "WATER", "idempotency_key": "k1", "body_hash": "b1"}
    one = workflow.move(case, "dispatch", town.dispatcher, **once)
    again = workflow.move(case, "dispatch", town.dispatcher, **once)
    assert one.pk == again.pk
    assert case.steps.filter(move="dispatch").count() == 1
    with pytest.raises(Conflict):
        workflow.move(
            case, "dispatch", town.dispatcher, unit="GARDENS", idempotency_key="k1", body_hash="b2"
        )
