"""Figures of areas: duty grid, community, street, district, city.

All are numbers of cases. What stands in quotation marks is the formula of `indicators.csv`; where a
figure departs from it docs/decisions/0012 says why. What is divided by what stands in `RATES`.
"""

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
    """“Count of filed cases located in the area in the period”: each case at its first filing."""
    return steps(PLACE, FIRST_FILED)


@counted("R_PUB_VERIFIED", "region")
def confirmed_public_reports():
    """Those of them that were told from outside and that a worker confirmed before the filing."""
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
    """Those of `R_INST` that a grid worker found; not in the table: for the rules of grid heads."""
    return steps(PLACE, f"{FIRST_FILED} AND c.source = 'patrol'")


@counted("R_CLOSE", "region")
def cases_closed():
    """Closings that no reopening has undone, at the moment of the closing: one a case at most."""
    return steps(PLACE, CLOSED)


@counted("R_INTIME_CLOSE", "region")
def cases_closed_on_time():
    """Those of them without a late handling in the round that was closed."""
    return steps(PLACE, f"{CLOSED} AND NOT {CLOSED_LATE}")


@counted("R_OVERTIME_CLOSE", "region")
def cases_closed_late():
    """The rest of them: `R_CLOSE` less `R_INTIME_CLOSE`."""
    return steps(PLACE, f"{CLOSED} AND {CLOSED_LATE}")


@counted("R_OVERDUE_OPEN", "region", stock=True)
def cases_open_past_the_limit():
    """The second part of 应结案: open at the period's end past the handle limit."""
    return (
        f"SELECT k.case_id, k.due_at AS at, 1 AS amount, {PLACE} FROM {OPEN_CLOCKS} AND {OVERDUE}"
    )
