"""A small city with something in every figure's reach: closed, late, sent back, appealed, handled
on the spot, told from outside, left open; counted up to an hour after."""

from datetime import timedelta

from assessment import rollups
from incidents import workflow
from lib import now
from tests import cast
from tests.incidents import play

MONTH, DAY = "2026-03", "2026-03-03"


def wait(**span):
    now.set_to(now.now() + timedelta(**span))


def told(town, **given):
    """A case that the hotline told of, confirmed by a worker, dispatched."""
    case = play.reported(town, by=town.intake, source="hotline", **given)
    case = workflow.move(case, "ask_confirm", town.intake)
    photo = cast.photo_of(case.worker, town)
    case = workflow.move(case, "confirm", case.worker, found=True, evidence=[photo.pk])
    case = workflow.move(case, "accept", town.intake, category=town.rubbish.code)
    case = workflow.move(case, "file", town.chief, condition=town.quick.code)
    return workflow.move(case, "dispatch", town.dispatcher, unit=town.water.code)


def fill(town):
    """Play the day; returns {name: case}."""
    cases = {"closed": play.closed(town), "told": told(town)}
    cases["spot"] = workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        move="self_handle",
        condition=town.quick.code,
        evidence=[cast.photo_of(town.worker, town).pk],
        after=[cast.photo_of(town.worker, town).pk],
    )
    cases["late"] = play.dispatched(town, town.urgent)
    cases["reworked"] = play.rework(town, play.handled(town, town.slow))
    cases["dismissed"] = workflow.move(
        play.accepted(town), "dismiss", town.chief, reason="not a city problem"
    )
    wait(hours=3)
    late = play.verify(town, play.handle(town, cases["late"]))
    cases["late"] = workflow.move(late, "close", town.supervisor)
    workflow.move(cases["late"], "appeal", town.handler, reason="flood")
    wait(hours=9)
    rollups.roll_up(town.city)
    return cases
