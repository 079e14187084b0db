"""Who is told of a step: outbox rows, written in the step's own transaction."""

from incidents.models import Outbox
from incidents.querysets import PARTY

# The role whose turn it is at a stage (read from the table of parties), to be told of new work.
_TURN = {stage: role for role, stages in PARTY.items() for stage in stages}


def tell(case, step, demands=()):
    """Write what must be told: whose turn it is, the owners of new demands, and the reporter of an
    end. One insert."""
    rows = []
    if step.to_stage != step.from_stage:
        rows += _turn(case, step)
    for demand in demands:
        rows.append(
            Outbox(
                step=step,
                notice=demand.kind,
                made_at=step.at,
                to_role=demand.owner_role,
                to_area_id=demand.owner_area_id,
                to_unit_id=demand.owner_unit_id,
                to_member_id=demand.owner_id,
            )
        )
    Outbox.objects.bulk_create(rows)
    return rows


def _turn(case, step):
    role = _TURN.get(case.stage)
    if role is None:
        return [
            Outbox(step=step, notice="ended", made_at=step.at, to_member_id=case.reported_by_id)
        ]
    row = Outbox(step=step, notice="your_turn", made_at=step.at, to_role=role)
    if role == "worker":
        row.to_member_id = case.worker_id
    elif role == "handler":
        row.to_unit_id = case.unit_id
    elif role == "supervisor":
        row.to_area_id = case.community_id
    return [row]
