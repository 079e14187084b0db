"""Figures of the six every-days: what each of the five kinds of subject did on a day, and what was
left past its limit at the day's end.

Owners and maintainers answer for their components, supervisors (grid workers) for what they are
asked to look at, areas and departments for what they are given, enforcers for acts that a
department has to stop: which kind a subject is of follows from the cases (docs/decisions/0016).
"""

from assessment.measures.counting import (
    HANDLED,
    OPEN_CLOCKS,
    OPEN_THEN,
    OVERDUE,
    STAGE_THEN,
    UNIT_STEPS,
    counted,
    steps,
)

_PARTY = "(SELECT p.{party}_id FROM grids_component p WHERE p.id = c.component_id)"
_OWNER, _MAINTAINER = (_PARTY.format(party=party) for party in ("owner", "maintainer"))
_LED = "(SELECT u.id FROM staff_unit u WHERE u.id = k.unit_id AND ({which}))"
# Streets and communities manage all that happens in them, departments the things of the city.
_MANAGING = _LED.format(
    which="u.kind IN ('street', 'community') OR u.kind = 'department' AND c.kind <> 'event'"
)
# An act goes to its area; where it goes to a department, that department has to enforce.
_ENFORCER = _LED.format(which="u.kind = 'department' AND c.kind = 'event'")


def _handled(unit):
    return steps(f"c.city_id, {unit} AS unit", HANDLED, source=UNIT_STEPS)


def _left(unit):
    return f"""SELECT k.case_id, k.due_at AS at, 1 AS amount, c.city_id, {unit} AS unit
        FROM {OPEN_CLOCKS} AND {OVERDUE} AND {STAGE_THEN} = 'dispatched'"""


@counted("E_OWN_DONE", "owner")
def own_components_put_right():
    """Handlings of the day of cases on a component that the unit owns, whoever handled them."""
    return _handled(_OWNER)


@counted("E_OWN_LEFT", "owner", stock=True)
def own_components_left():
    """Cases on such a component that stand dispatched and past the limit at the day's end."""
    return _left(_OWNER)


@counted("E_MNT_DONE", "maintainer")
def maintained_components_put_right():
    """The same as `E_OWN_DONE`, of components that the unit maintains."""
    return _handled(_MAINTAINER)


@counted("E_MNT_LEFT", "maintainer", stock=True)
def maintained_components_left():
    """The same as `E_OWN_LEFT`, of components that the unit maintains."""
    return _left(_MAINTAINER)


@counted("E_MNG_DONE", "managing")
def managed():
    """Handlings of the day by a street or community, or by a department but for events."""
    return _handled(_MANAGING)


@counted("E_MNG_LEFT", "managing", stock=True)
def left_unmanaged():
    """Their cases that stand dispatched and past the limit at the day's end."""
    return _left(_MANAGING)


@counted("E_ENF_DONE", "enforcer")
def enforced():
    """Handlings of the day of events by a department."""
    return _handled(_ENFORCER)


@counted("E_ENF_LEFT", "enforcer", stock=True)
def left_unenforced():
    """Its events that stand dispatched and past the limit at the day's end."""
    return _left(_ENFORCER)


@counted("E_OVS_DONE", "overseer")
def looked_at():
    """What a grid worker was asked to confirm, verify or check again, and answered."""
    asked = "s.move IN ('confirm', 'verify', 'rework', 'spot_check') AND s.role = 'worker'"
    return steps("c.city_id, s.by_id AS member", asked)


@counted("E_OVS_FOUND", "overseer")
def found():
    """What they found themselves; it is no duty and has no quota."""
    own = "s.move IN ('report', 'self_handle') AND s.role = 'worker'"
    return steps("c.city_id, s.by_id AS member", own)


@counted("E_OVS_LEFT", "overseer", stock=True)
def left_unseen():
    """Asked, past the limit and not answered by who owes it."""
    return (
        """SELECT k.case_id, k.due_at AS at, 1 AS amount, c.city_id,
        coalesce(k.owner_id, s.by_id, CASE WHEN k.state <> 'stopped' THEN c.worker_id END) AS member
        FROM incidents_clock k JOIN incidents_case c ON c.id = k.case_id
        LEFT JOIN incidents_step s ON s.case_id = k.case_id AND s.at = k.stopped_at
             AND s.move IN ('confirm', 'verify', 'rework')
        WHERE k.kind IN ('confirm', 'verify') AND k.due_at < {end} AND """
        + OPEN_THEN
    )
