"""Figures of posts: grid worker, intake officer, shift chief, dispatcher, supervisor, handler.

All are numbers of acts of a person, at the moment of the step; tasks are counted when they were
sent. What stands in quotation marks is the formula of `indicators.csv`; where a figure departs from
it docs/decisions/0012 says why. What the system does by itself counts for nobody.
"""

from assessment.measures.counting import (
    CLOSED,
    CONFIRMED,
    FIRST_FILED,
    FOUND_UNDONE,
    HANDLED,
    STEPS,
    TOLD,
    UNIT_STEPS,
    counted,
    late,
    steps,
)

_BY = "c.city_id, s.by_id AS member"
_LATER = "SELECT 1 FROM incidents_step e WHERE e.case_id = s.case_id AND e.seq > s.seq"


def _within(kind):
    """The step was made before the limit of the clock that was open."""
    return f"""EXISTS (SELECT 1 FROM incidents_clock k WHERE k.case_id = s.case_id
        AND k.kind = '{kind}' AND k.started_at <= s.at
        AND (k.stopped_at IS NULL OR k.stopped_at >= s.at)
        AND (k.due_at IS NULL OR s.at <= k.due_at))"""


def _task(kind, answers, where=""):
    """Tasks of a worker, at the moment they were sent, whoever answered them."""
    return f"""SELECT k.case_id, k.started_at AS at, 1 AS amount, c.city_id,
        coalesce(s.by_id, k.owner_id, CASE WHEN k.state <> 'stopped' THEN c.worker_id END) AS member
        FROM incidents_clock k JOIN incidents_case c ON c.id = k.case_id
        LEFT JOIN incidents_step s ON s.case_id = k.case_id AND s.at = k.stopped_at
             AND s.move IN ({answers})
        WHERE k.kind = '{kind}' AND k.verdict <> 'none' {where}"""


# --- grid worker ---------------------------------------------------------------------------------


@counted("P_SUP_REPORT", "worker")
def reports():
    """“Problems reported on patrol”, at the report; those handled on the spot are `P_SUP_SELF`."""
    return steps(_BY, "s.move = 'report' AND s.role = 'worker'")


@counted("P_SUP_VALID_REPORT", "worker")
def valid_reports():
    """Those of them “that were filed (or later voided after filing)”."""
    return steps(
        _BY, f"s.move = 'report' AND s.role = 'worker' AND EXISTS ({_LATER} AND e.move = 'file')"
    )


def _in_own_grid(where):
    """Cases filed in the duty grid, for every worker who answered for it on that day."""
    source = f"""{STEPS} JOIN staff_city t ON t.id = c.city_id JOIN grids_post p
        ON p.duty_grid_id = c.duty_grid_id AND p.role = 'worker'
        AND p.valid_from <= (s.at AT TIME ZONE t.time_zone)::date
        AND (p.valid_until IS NULL OR p.valid_until > (s.at AT TIME ZONE t.time_zone)::date)"""
    return steps("c.city_id, p.member_id AS member", where, source=source)


@counted("P_SUP_MISSED", "worker")
def missed_reports():
    """Cases of the own grid that others told of, confirmed and filed: “should have reported”."""
    return _in_own_grid(f"{FIRST_FILED} AND {TOLD} AND {CONFIRMED}")


@counted("P_SUP_GRID_INST", "worker")
def cases_of_own_grid():
    """All cases filed in the own grid, under what was missed and what was found there."""
    return _in_own_grid(FIRST_FILED)


@counted("P_SUP_FOUND", "worker")
def cases_of_own_grid_found_on_patrol():
    """Those of them that any worker found on patrol: the grid is covered, whoever walks it."""
    return _in_own_grid(f"{FIRST_FILED} AND c.source = 'patrol'")


@counted("P_SUP_NEED_VERIFY", "worker")
def confirmations_due():
    """“Confirming tasks sent to the grid worker”, but for those that were recalled."""
    return _task("confirm", "'confirm'")


@counted("P_SUP_VERIFY", "worker")
def confirmations_done():
    """Those of them that were answered."""
    return _task("confirm", "'confirm'", "AND s.id IS NOT NULL")


@counted("P_SUP_INTIME_VERIFY", "worker")
def confirmations_on_time():
    """Those of them “answered within the limit”."""
    return _task("confirm", "'confirm'", "AND s.id IS NOT NULL AND k.verdict = 'on_time'")


@counted("P_SUP_NEED_CHECK", "worker")
def verifications_due():
    """“Post-handling verifying tasks sent to the grid worker”, at the handling."""
    return _task("verify", "'verify', 'rework'")


@counted("P_SUP_CHECK", "worker")
def verifications_done():
    """Those of them that were answered: verified or sent back."""
    return _task("verify", "'verify', 'rework'", "AND s.id IS NOT NULL")


@counted("P_SUP_INTIME_CHECK", "worker")
def verifications_on_time():
    """What a spot check found undone was looked at too lightly: it does not count."""
    light = f"s.move = 'verify' AND {FOUND_UNDONE}"
    done = f"AND s.id IS NOT NULL AND k.verdict = 'on_time' AND NOT ({light})"
    return _task("verify", "'verify', 'rework'", done)


@counted("P_SUP_INVALID_CHECK", "worker")
def invalid_verifications():
    """Sent back at closing approval, or found undone by a spot check."""
    return steps(
        _BY,
        f"""s.move = 'verify' AND EXISTS ({_LATER} AND e.round = s.round
            AND (e.move = 'send_back' OR e.move = 'spot_check' AND e.facts ->> 'found' = 'true')
            AND NOT EXISTS (SELECT 1 FROM incidents_step v WHERE v.case_id = s.case_id
                AND v.move = 'verify' AND v.seq > s.seq AND v.seq < e.seq))""",
    )


@counted("P_SUP_SELF", "worker")
def self_handled():
    """“Small problems the grid worker fixed on the spot”."""
    return steps(_BY, "s.move = 'self_handle'")


# --- intake officer ------------------------------------------------------------------------------

_ACCEPTED = """s.move = 'accept' AND NOT EXISTS (SELECT 1 FROM incidents_step a
    WHERE a.case_id = s.case_id AND a.seq < s.seq AND a.move = 'accept')"""


@counted("P_ACC_OPERATE", "intake")
def accepted():
    """“Reports accepted and passed on”: each case at its first acceptance."""
    return steps(_BY, _ACCEPTED)


@counted("P_ACC_NOT_OPERATE", "intake")
def refused():
    """“Reports not accepted”: dismissed by an intake officer."""
    return steps(_BY, "s.move = 'dismiss' AND s.role = 'intake'")


@counted("P_ACC_INTIME_OPERATE", "intake")
def accepted_on_time():
    """Those of `P_ACC_OPERATE` before the intake clock fell due."""
    return steps(_BY, f"{_ACCEPTED} AND {_within('intake')}")


@counted("P_ACC_ACCUR_OPERATE", "intake")
def accepted_correctly():
    """Those of `P_ACC_OPERATE` “with no later correction”: neither handed back nor corrected."""
    put_right = f"EXISTS ({_LATER} AND e.move IN ('hand_back', 'correct'))"
    return steps(_BY, f"{_ACCEPTED} AND NOT {put_right}")


@counted("P_ACC_NEED_SEND_VERIFY", "intake")
def confirming_requests():
    """What is still to be sent has no person yet: it counts for nobody."""
    return steps(_BY, "s.move = 'ask_confirm'")


@counted("P_ACC_INTIME_SEND_VERIFY", "intake")
def confirming_requests_on_time():
    """Those of them before the intake clock fell due, which asking pauses."""
    return steps(_BY, f"s.move = 'ask_confirm' AND {_within('intake')}")


# --- shift chief and community supervisor --------------------------------------------------------

_FILED = f"s.move = 'file' AND {FIRST_FILED}"


@counted("P_CHF_INST", "chief")
def filed():
    """“Cases filed by the shift chief”: each case at its first filing."""
    return steps(_BY, _FILED)


@counted("P_CHF_NOT_INST", "chief")
def not_filed():
    """“Refused at filing”: dismissed by a shift chief."""
    return steps(_BY, "s.move = 'dismiss' AND s.role = 'chief'")


@counted("P_CHF_INTIME_INST", "chief")
def filed_on_time():
    """Those of `P_CHF_INST` before the intake clock, which runs on to the filing, fell due."""
    return steps(_BY, f"{_FILED} AND {_within('intake')}")


@counted("P_CHF_ACCUR_INST", "chief")
def filed_correctly():
    """`P_CHF_INST` less those voided later."""
    return steps(_BY, f"{_FILED} AND NOT EXISTS ({_LATER} AND e.move = 'void')")


@counted("P_CHF_CLOSE", "supervisor")
def closed():
    """Closings that no reopening has undone, of who approved them: the community's supervisor."""
    return steps(_BY, CLOSED)


@counted("P_CHF_INTIME_CLOSE", "supervisor")
def closed_on_time():
    """Those of them before the close clock fell due."""
    return steps(_BY, f"{CLOSED} AND {_within('close')}")


# --- dispatcher and handler ----------------------------------------------------------------------

_WRONG = f"""EXISTS ({_LATER} AND e.round = s.round AND e.move IN ('dispatch', 'adjudicate')
    AND e.facts ->> 'unit' <> s.facts ->> 'unit')"""


@counted("P_DIS_DISPATCH", "dispatcher")
def dispatches():
    """Dispatches, each time that a case was dispatched."""
    return steps(_BY, "s.move = 'dispatch'")


@counted("P_DIS_INTIME", "dispatcher")
def dispatches_on_time():
    """Those of them before the dispatch clock fell due."""
    return steps(_BY, f"s.move = 'dispatch' AND {_within('dispatch')}")


@counted("P_DIS_ACCUR", "dispatcher")
def correct_dispatches():
    """Those of them after which the case went to no other unit in its round."""
    return steps(_BY, f"s.move = 'dispatch' AND NOT {_WRONG}")


@counted("P_DIS_WRONG", "dispatcher")
def wrong_dispatches():
    """The rest of them: “cases sent to two or more departments in turn”."""
    return steps(_BY, f"s.move = 'dispatch' AND {_WRONG}")


@counted("P_HDL_DISPOSE", "handler")
def handled():
    """Handlings by the person that no failed check has undone."""
    return steps(_BY, HANDLED, source=UNIT_STEPS)


@counted("P_HDL_INTIME", "handler")
def handled_on_time():
    """What a spot check found undone was handled, not in time."""
    done = f"{HANDLED} AND NOT {FOUND_UNDONE} AND {late()} IS NOT TRUE"
    return steps(_BY, done, source=UNIT_STEPS)
