"""Every (move, stage, role): what the table allows and is offered happens, all else is refused in
the way that says why."""

from datetime import timedelta

import pytest
from django.db import transaction

from incidents import workflow
from incidents.facts import Conflict, Forbidden, Hidden
from incidents.models import Case, Stage
from lib import now
from staff.roles import ROLES
from tests.incidents import play
from tests.incidents.test_every_row import facts_of


def confirming(town):
    return workflow.move(play.reported(town), "ask_confirm", town.intake)


def suspended(town):
    until = (now.now() + timedelta(days=5)).isoformat()
    case = workflow.move(
        play.dispatched(town), "ask_suspend", town.handler, reason="x", until=until
    )
    return workflow.move(case, "grant", town.dispatcher)


def merged(town):
    case = play.reported(town)
    return workflow.move(case, "merge", town.intake, into=play.reported(town).number)


STAGES = {
    "reported": play.reported,
    "confirming": confirming,
    "accepted": play.accepted,
    "filed": play.filed,
    "dispatched": play.dispatched,
    "suspended": suspended,
    "handled": play.handled,
    "verified": play.verified,
    "closed": play.closed,
    "dismissed": lambda t: workflow.move(play.reported(t), "dismiss", t.intake, reason="x"),
    "voided": lambda t: workflow.move(play.filed(t), "void", t.chief, reason="x"),
    "merged": merged,
}
MOVES = sorted({row.move for row in workflow.TABLE if row.stages != ("",)})
# The cast member of each role; the building head has no account of their own in the cast.
WHO = {role: role for role in ROLES if role != "building_head"} | {
    "system": "system",
    "public": "public",
}


def test_the_stages_are_all_there():
    assert set(STAGES) == set(Stage.values)


def outcome(case, move, by, **facts):
    """What an attempt comes to; what it did is undone."""
    try:
        with transaction.atomic():
            workflow.move(case, move, by, **facts)
            transaction.set_rollback(True)
    except Exception as refused:
        return type(refused)
    return "done"


def sees(case, by):
    return by.username == "system" or Case.objects.visible_to(by).filter(pk=case.pk).exists()


def expected(case, move, role, seen, offered):
    """What the table says an attempt comes to."""
    if not seen:
        return {Hidden}
    held = (
        {"system"}
        if role == "system"
        else {p.partition(".")[2] for p in (ROLES[role].permissions if role in ROLES else ())}
    )
    rows = [
        r
        for r in workflow.TABLE
        if r.move == move and r.stages != ("",) and (not r.permission or r.permission in held)
    ]
    if not rows:
        return {Forbidden}
    if not any(case.stage in r.stages for r in rows):
        return {Conflict}
    if move in ("warn", "breach"):  # no clock of these cases is due
        return {Conflict}
    # Allowed by role and stage: it happens, or is refused for who this is or what stands open.
    return {"done"} if move in offered else {Forbidden, Conflict}


@pytest.mark.parametrize("stage", STAGES)
def test_every_move_by_every_role_at_a_stage(town, stage):
    """With the facts that it asks for every move that is offered happens; `test_every_row` proves
    that each row of the table is offered to somebody."""
    case = STAGES[stage](town)
    assert case.stage == stage
    wrong = []
    for role, name in WHO.items():
        by = getattr(town, name)
        seen = sees(case, by)
        offered = {offer.move for offer in workflow.moves(case, by)} if seen else ()
        for move in MOVES:
            facts = facts_of(move, by, town) if move in offered else {}
            got = outcome(case, move, by, **facts)
            if got not in (may := expected(case, move, role, seen, offered)):
                wrong.append((role, move, got, may))
    assert not wrong
