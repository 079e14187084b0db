"""Every row of the table of moves, at every stage that it names, is made by somebody of the cast:
with the facts it asks for it happens, and the case stands where the row says."""

from datetime import timedelta

import pytest
from django.db import transaction

from incidents import workflow
from incidents.facts import Refused
from incidents.models import Case, Stage
from lib import now
from tests import cast
from tests.incidents import play
from tests.incidents.conftest import fresh

pytestmark = pytest.mark.django_db
ROWS = [row for row in workflow.TABLE if row.stages != ("",)]
PEOPLE = [name for name, _role, _place in cast.ACCOUNTS] + ["system"]
# From the stage in which a new round begins to each other, by the moves of the table.
ROADS = {
    "filed": "",
    "accepted": "hand_back_filing",
    "reported": "hand_back_filing hand_back",
    "confirming": "hand_back_filing hand_back ask_confirm",
    "dismissed": "hand_back_filing hand_back dismiss",
    "merged": "hand_back_filing hand_back merge",
    "dispatched": "dispatch",
    "suspended": "dispatch ask_suspend grant",
    "handled": "dispatch handle",
    "verified": "dispatch handle verify",
    "closed": "dispatch handle verify close",
    "voided": "void",
}
PHOTO = ("confirm", "handle", "verify", "rework", "spot_check")
PLAIN = {
    "confirm": {"found": True},
    "handle": {"result": "done"},
    "close": {"note": "looked at"},
    "dispatch": {"unit": "WATER"},
    "adjudicate": {"unit": "WATER", "reason": "x"},
    "reply": {"words": "on it"},
    "answer": {"words": "seen to"},
    "opine": {"opinion": "true"},
    "decide": {"decision": "granted", "reason": "x"},
    "spot_check": {"found": False},
}
REASONED = (
    *("dismiss", "hand_back", "hand_back_filing", "rework", "send_back", "void", "reopen"),
    *("ask_extend", "ask_return", "refuse", "hand_up", "appeal"),
)


def soon(**span):
    return (now.now() + timedelta(**span)).isoformat()


def facts_of(move, by, town):
    """What a move asks for."""
    given = dict(PLAIN.get(move, {}))
    if move in REASONED:
        given["reason"] = "x"
    if move in PHOTO:
        given["evidence"] = [cast.photo_of(by, town).pk]
    more = {
        "accept": lambda: {"category": town.rubbish.code},
        "file": lambda: {"condition": town.quick.code},
        "correct": lambda: {"condition": town.slow.code, "reason": "x"},
        "merge": lambda: {"into": play.reported(town).number},
        "ask_suspend": lambda: {"reason": "x", "until": soon(days=5)},
        "supervise": lambda: {"words": "hurry", "due": soon(hours=1)},
        "draw": lambda: {"worker": town.far_worker.username},
    }
    return given | more.get(move, dict)()


def attempt(case, move, by, town):
    """The case after a move, or the refusal."""
    try:
        with transaction.atomic():
            return workflow.move(case.number, move, fresh(by), **facts_of(move, by, town))
    except Refused as refused:
        return refused


def do(case, moves, town):
    """The case after moves, each made by the first of the cast who may."""
    for move in moves.split():
        rows = [row for row in ROWS if row.move == move]
        for by in people(rows, town):
            moved = attempt(case, move, by, town)
            if isinstance(moved, Case):
                break
        else:
            raise AssertionError(f"nobody can {move} at {case.stage}")
        case = moved
    return case


def people(rows, town):
    """Those of the cast whose posts include one of some rows."""
    for name in PEOPLE:
        by = getattr(town, name)
        if any(workflow.rules.may(by, row.permission) for row in rows):
            yield by


def appealed(town, stage):
    """A case at a stage, of which a late verdict of an earlier round was appealed."""
    case = do(late(town), "appeal reopen", town)
    return do(case, ROADS[stage], town)


def late(town):
    case = play.dispatched(town, town.urgent)
    now.set_to(now.now() + timedelta(hours=3))
    return do(case, "handle verify close", town)


def ordered(case, town):
    """With a supervise order that nobody replied to in its hour."""
    case = do(case, "supervise", town)
    now.set_to(now.now() + timedelta(hours=2))
    return case


def escalated(case, town):
    case = ordered(case, town)
    workflow.settle_case(case)
    return Case.objects.get(pk=case.pk)


def returned_thrice(case, town):
    return do(case, "ask_return refuse ask_return refuse ask_return", town)


def due(case, town):
    """With a clock that wants its warning."""
    if case.stage in workflow.OPEN:
        return ordered(case, town)
    case = appealed(town, case.stage)
    now.set_to(now.now() + timedelta(days=3))
    return case


def self_handled(town):
    photos = [cast.photo_of(town.worker, town).pk for _side in range(2)]
    return workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        move="self_handle",
        condition=town.quick.code,
        evidence=photos[:1],
        after=photos[1:],
    )


READY = {
    "adjudicate": lambda c, t: returned_thrice(c, t) if c.stage == "dispatched" else c,
    "refuse": lambda c, t: do(c, "ask_extend", t),
    "reply": lambda c, t: do(c, "supervise", t),
    "answer": escalated,
    "appeal": lambda c, t: late(t),
    "opine": lambda c, t: appealed(t, c.stage),
    "decide": lambda c, t: do(appealed(t, c.stage), "opine", t),
    "spot_check": lambda c, t: do(c, "draw", t),
    "warn": due,
    "breach": lambda c, t: workflow.move(due(c, t), "warn", t.system),
    ("grant", "asked extend"): lambda c, t: do(c, "ask_extend", t),
    ("grant", "asked suspend"): lambda c, t: do(c, "ask_suspend", t),
    ("grant", "asked return"): lambda c, t: do(c, "ask_return", t),
    ("send_back", "not handled in round"): lambda c, t: self_handled(t),
    ("hand_up", "dispatched"): lambda c, t: play.dispatched(t, unit=t.community_office),
}


def made_ready(row, case, town):
    """The case at the row's stage with what the row presupposes."""
    for key in ((row.move, row.when), (row.move, case.stage), row.move):
        if key in READY:
            return READY[key](case, town)
    return case


def happens(row, case, town):
    """Whether somebody of the cast makes the move as the row says."""
    for by in people([row], town):
        moved = attempt(case, row.move, by, town)
        if isinstance(moved, Case):
            made = moved.steps.filter(move=row.move, by=by).latest("seq")
            return (made.from_stage, made.to_stage) == (case.stage, row.target(case.stage))
    return False


def test_every_stage_has_its_road():
    assert set(ROADS) == set(Stage.values)
    assert {stage for row in ROWS for stage in row.stages} == set(ROADS)


@pytest.mark.parametrize("stage", ROADS)
def test_every_row_happens_at_its_stage(town, stage):
    base = do(play.filed(town), ROADS[stage], town)
    assert base.stage == stage
    nobody = []
    for row in ROWS:
        if stage not in row.stages:
            continue
        with transaction.atomic(), now.at(now.now()):
            case = made_ready(row, base, town)
            assert case.stage == stage, (row.move, row.when)
            if not happens(row, case, town):
                nobody.append((row.move, row.permission, row.when))
            transaction.set_rollback(True)
    assert nobody == []
