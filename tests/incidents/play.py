"""Short ways to a stage: what the cast does to get a case there, through the one door."""

from incidents import workflow
from tests.cast import photo_of


def reported(town, by=None, **given):
    by = by or town.worker
    given = {"category": town.rubbish.code, **given}
    return workflow.report(
        by, city=town.city, point=town.inside, evidence=[photo_of(by, town).pk], **given
    )


def accepted(town, **given):
    case = reported(town, **given)
    return workflow.move(case, "accept", town.intake, category=case.category.code)


def filed(town, condition=None, **given):
    condition = condition or town.quick
    case = accepted(town, category=condition.category.code, **given)
    return workflow.move(case, "file", town.chief, condition=condition.code)


def dispatched(town, condition=None, unit=None, **given):
    unit = unit or town.water
    return workflow.move(
        filed(town, condition, **given), "dispatch", town.dispatcher, unit=unit.code
    )


def handle(town, case, by=None):
    by = by or town.handler
    return workflow.move(case, "handle", by, result="done", evidence=[photo_of(by, town).pk])


def verify(town, case, by=None):
    by = by or town.worker
    return workflow.move(case, "verify", by, evidence=[photo_of(by, town).pk])


def rework(town, case, by=None):
    by = by or town.worker
    return workflow.move(case, "rework", by, reason="not yet", evidence=[photo_of(by, town).pk])


def handled(town, condition=None, **given):
    return handle(town, dispatched(town, condition, **given))


def verified(town, condition=None, **given):
    return verify(town, handled(town, condition, **given))


def closed(town, condition=None, **given):
    return workflow.move(verified(town, condition, **given), "close", town.supervisor)
