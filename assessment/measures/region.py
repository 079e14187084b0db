"""Figures of areas: duty grid, community, street, district, city."""

from assessment.measures.counting import (
    CLOSED,
    CLOSED_LATE,
    CONFIRMED,
    FIRST_FILED,
    OPEN_CLOCKS,
    OVERDUE,
    PLACE,
    TOLD,
    counted,
    steps,
)


@counted("R_INST", "region")
def cases_filed():
    return steps(PLACE, FIRST_FILED)


@counted("R_PUB_VERIFIED", "region")
def confirmed_public_reports():
    return steps(PLACE, f"{FIRST_FILED} AND {TOLD} AND {CONFIRMED}")


@counted("R_ACCEPT", "region")
def reports_accepted():
    """Each case at its first acceptance; what was handled on the spot is accepted with it."""
    return steps(
        PLACE,
        """s.move IN ('accept', 'self_handle') AND NOT EXISTS (
           SELECT 1 FROM incidents_step e WHERE e.case_id = s.case_id AND e.seq < s.seq
              AND e.move IN ('accept', 'self_handle'))""",
    )


@counted("R_PATROL", "region")
def cases_found_on_patrol():
    return steps(PLACE, f"{FIRST_FILED} AND c.source = 'patrol'")


@counted("R_CLOSE", "region")
def cases_closed():
    return steps(PLACE, CLOSED)


@counted("R_INTIME_CLOSE", "region")
def cases_closed_on_time():
    return steps(PLACE, f"{CLOSED} AND NOT {CLOSED_LATE}")


@counted("R_OVERTIME_CLOSE", "region")
def cases_closed_late():
    return steps(PLACE, f"{CLOSED} AND {CLOSED_LATE}")


@counted("R_OVERDUE_OPEN", "region", stock=True)
def cases_open_past_the_limit():
    """The second part of 应结案: open at the period's end past the handle limit."""
    return (
        f"SELECT k.case_id, k.due_at AS at, 1 AS amount, {PLACE} FROM {OPEN_CLOCKS} AND {OVERDUE}"
    )
