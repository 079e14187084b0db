"""Figures of units, by the handle clocks that ran on them.

All but `D_HANDLE_MINUTES` are numbers of cases. What stands in quotation marks is the formula of
`indicators.csv`; where a figure departs from it docs/decisions/0012 says why.
"""

from assessment.measures.counting import (
    CLOSED,
    FOUND_UNDONE,
    HANDLED,
    OPEN_CLOCKS,
    OVERDUE,
    STAGE_THEN,
    STEPS,
    UNIT_STEPS,
    counted,
    late,
    steps,
)

_UNIT = "c.city_id, k.unit_id AS unit"
_DONE = f"{HANDLED} AND NOT {FOUND_UNDONE}"
_ASKED = "c.city_id, d.unit_id AS unit"
_CLOSED_BY_UNIT = f"""{STEPS} LEFT JOIN LATERAL (
    SELECT * FROM incidents_clock h WHERE h.case_id = s.case_id AND h.round = s.round
       AND h.kind = 'handle' ORDER BY h.started_at DESC, h.id DESC LIMIT 1) k ON true"""


@counted("D_INST", "department")
def cases_dispatched():
    """A handle clock begins with every dispatch to another unit, and with every round."""
    return f"""SELECT k.case_id, k.started_at AS at, 1 AS amount, {_UNIT}
                 FROM incidents_clock k JOIN incidents_case c ON c.id = k.case_id
                WHERE k.kind = 'handle'"""


@counted("D_DISPOSE", "department")
def cases_handled():
    """“Cases the department has reported as handled”, that no check and no spot check found
    undone."""
    return steps(_UNIT, _DONE, source=UNIT_STEPS)


@counted("D_INTIME_DISPOSE", "department")
def cases_handled_on_time():
    """Those of them “with finish time ≤ deadline”; without a limit, or exempted by an appeal,
    too."""
    return steps(_UNIT, f"{_DONE} AND {late()} IS NOT TRUE", source=UNIT_STEPS)


@counted("D_OVERTIME_DISPOSE", "department")
def cases_handled_late():
    """The rest of them: “finish time > deadline”."""
    return steps(_UNIT, f"{_DONE} AND {late()}", source=UNIT_STEPS)


@counted("D_HANDLE_MINUTES", "department")
def minutes_of_handling():
    """Whole minutes from dispatch to the handling, those of suspensions taken out."""
    paused = """(SELECT coalesce(sum(least(s.at, coalesce((SELECT min(e.at) FROM incidents_step e
        WHERE e.case_id = p.case_id AND e.seq > p.seq AND e.from_stage = 'suspended'), s.at))
        - p.at), interval '0') FROM incidents_step p WHERE p.case_id = s.case_id
        AND p.round = s.round AND p.to_stage = 'suspended' AND p.from_stage <> 'suspended'
        AND p.seq < s.seq AND p.at >= k.started_at)"""
    minutes = f"floor(extract(epoch FROM s.at - k.started_at - {paused}) / 60)::bigint"
    return steps(_UNIT, _DONE, source=UNIT_STEPS, amount=minutes)


@counted("D_OVERTIME_TO_DISPOSE", "department", stock=True)
def cases_overdue_and_not_handled():
    """“Not handled and now > deadline”: dispatched or suspended at the period's end, past the
    limit."""
    return f"""{_to_dispose()} AND {OVERDUE}"""


@counted("D_TO_DISPOSE", "department", stock=True)
def cases_not_handled():
    """“Dispatched and not handled” at the period's end, suspended ones included."""
    return _to_dispose()


def _to_dispose():
    return f"""SELECT k.case_id, k.started_at AS at, 1 AS amount, {_UNIT} FROM {OPEN_CLOCKS}
                AND {STAGE_THEN} IN ('dispatched', 'suspended')"""


@counted("D_OVERDUE_OPEN", "department", stock=True)
def cases_open_past_the_limit():
    """The second part of 应结案, whatever the stage."""
    return (
        f"SELECT k.case_id, k.due_at AS at, 1 AS amount, {_UNIT} FROM {OPEN_CLOCKS} AND {OVERDUE}"
    )


@counted("D_REWORK", "department")
def reworks():
    """Failed checks: the verifying worker's, that of who approves closing, a spot check's; the
    last against the unit that handled the case when it was closed."""
    failed = "s.move IN ('rework', 'send_back') AND s.to_stage = 'dispatched'"
    drawn = "s.move = 'spot_check' AND s.facts ->> 'found' = 'true' AND k.id IS NOT NULL"
    before = steps(_UNIT, failed, source=UNIT_STEPS)
    return f"{before} UNION ALL {steps(_UNIT, drawn, source=_CLOSED_BY_UNIT)}"


def _granted(ask, once=""):
    source = f"{STEPS} JOIN incidents_demand d ON d.ended_by_id = s.id"
    granted = f"d.kind = 'request' AND d.outcome = 'granted' AND d.ask = '{ask}' {once}"
    return steps(_ASKED, granted, source=source)


# An extended case counts once a round, however often it was extended.
_ONCE = """AND NOT EXISTS (SELECT 1 FROM incidents_demand e WHERE e.case_id = d.case_id
    AND e.round = d.round AND e.unit_id = d.unit_id AND e.ask = d.ask AND e.outcome = 'granted'
    AND e.id < d.id)"""


@counted("D_BACK", "department")
def returns():
    """“Number of accepted return requests”, at the moment of the grant."""
    return _granted("return")


@counted("D_DELAY", "department")
def extended_cases():
    """“Number of cases with an approved extension”: at the first grant of a round."""
    return _granted("extend", _ONCE)


@counted("D_HANG", "department")
def suspended_cases():
    """“Number of cases with an approved suspension”: at the first grant of a round."""
    return _granted("suspend", _ONCE)


@counted("D_CLOSE", "department")
def cases_closed():
    """“Closed cases last handled by the department”: its handle clock was the round's last."""
    return steps(_UNIT, f"{CLOSED} AND k.id IS NOT NULL", source=_CLOSED_BY_UNIT)


@counted("D_INTIME_CLOSE", "department")
def cases_closed_on_time():
    """Those of them “that were handled on time”: that clock's verdict is not late."""
    closed = f"{CLOSED} AND k.id IS NOT NULL AND {late()} IS NOT TRUE"
    return steps(_UNIT, closed, source=_CLOSED_BY_UNIT)
