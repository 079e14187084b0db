"""What a counted figure is, and the pieces of SQL that several of them share.

A flow yields one row an occurrence: the case, the moment, the subjects, an amount (1, or minutes).
A stock yields one row a case that stands open at a moment `{end}`. Counts of days add up to the
counts of any longer period; a stock of a period is that of its last day.
"""

from dataclasses import dataclass

FIGURES = {}


@dataclass(frozen=True)
class Counted:
    """One counted figure; `sql()` says what is counted."""

    code: str
    scope: str  # region, department, or the role of the post
    sql: object
    stock: bool = False


def counted(code, scope, *, stock=False):
    """Register a function that gives the SQL of a figure."""

    def register(function):
        FIGURES[code] = Counted(code, scope, function, stock)
        return function

    return register


PLACE = (
    "c.city_id, c.duty_grid_id AS duty_grid, c.community_id AS community,"
    " c.street_id AS street, c.district_id AS district"
)
STEPS = "incidents_step s JOIN incidents_case c ON c.id = s.case_id"
# A case is filed once: handed back and filed again it is the same case.
FIRST_FILED = """s.move IN ('file', 'self_handle') AND NOT EXISTS (
    SELECT 1 FROM incidents_step e WHERE e.case_id = s.case_id AND e.seq < s.seq
       AND e.move IN ('file', 'self_handle'))"""
# What was told from outside, as opposed to found on patrol.
TOLD = "c.source <> 'patrol'"
CONFIRMED = """EXISTS (SELECT 1 FROM incidents_step f WHERE f.case_id = s.case_id
    AND f.seq < s.seq AND f.move = 'confirm' AND f.facts ->> 'found' = 'true')"""
# A closing that a reopening undid counts no more.
CLOSED = """s.move = 'close' AND NOT EXISTS (
    SELECT 1 FROM incidents_step r WHERE r.case_id = s.case_id AND r.seq > s.seq
       AND r.move = 'reopen')"""


def late(clock="k"):
    """A handle clock whose verdict is late, unless an appeal was granted to its unit; before the
    verdict, handled after the due time."""
    return f"""(({clock}.verdict = 'late' OR ({clock}.verdict = '' AND {clock}.due_at < s.at))
    AND NOT EXISTS (SELECT 1 FROM incidents_demand d WHERE d.case_id = {clock}.case_id
        AND d.round = {clock}.round AND d.kind = 'decide' AND d.outcome = 'granted'
        AND d.unit_id IS NOT DISTINCT FROM {clock}.unit_id))"""


CLOSED_LATE = f"""EXISTS (SELECT 1 FROM incidents_clock k WHERE k.case_id = s.case_id
    AND k.round = s.round AND k.kind = 'handle' AND {late()})"""
# The unit's handle clock that was open when the step was made; of two that met at that very moment
# the later one.
UNIT_STEPS = f"""{STEPS} JOIN LATERAL (
    SELECT * FROM incidents_clock h WHERE h.case_id = s.case_id AND h.round = s.round
       AND h.kind = 'handle' AND h.started_at <= s.at
       AND (h.stopped_at IS NULL OR h.stopped_at >= s.at)
     ORDER BY h.started_at DESC, h.id DESC LIMIT 1) k ON true"""
# A handling counts while no failed check has undone it.
HANDLED = """s.move = 'handle' AND NOT EXISTS (
    SELECT 1 FROM incidents_step r WHERE r.case_id = s.case_id AND r.round = s.round
       AND r.seq > s.seq AND r.move IN ('rework', 'send_back'))"""
# A spot check of the same round found the problem there again (`s` handled or verified before).
FOUND_UNDONE = """EXISTS (SELECT 1 FROM incidents_step q WHERE q.case_id = s.case_id
    AND q.round = s.round AND q.seq > s.seq AND q.move = 'spot_check'
    AND q.facts ->> 'found' = 'true')"""
# Begun before a moment and not stopped before it, in the words of the index that finds them.
OPEN_THEN = "tstzrange(least(k.started_at, k.stopped_at), k.stopped_at, '(]') @> {end}"
# Handle clocks open at a moment; `frozen` ones that had passed their limit keep their due time.
OPEN_CLOCKS = f"""incidents_clock k JOIN incidents_case c ON c.id = k.case_id
    WHERE k.kind = 'handle' AND {OPEN_THEN}"""
OVERDUE = "k.due_at < {end}"
STAGE_THEN = """(SELECT x.to_stage FROM incidents_step x WHERE x.case_id = k.case_id
    AND x.at < {end} ORDER BY x.seq DESC LIMIT 1)"""


def steps(select, where, *, source=STEPS, amount="1"):
    """Occurrences that are steps."""
    return f"SELECT s.case_id, s.at, {amount} AS amount, {select} FROM {source} WHERE {where}"
