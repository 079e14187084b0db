"""What must be told of a case wherever it counts in a score: an appeal of its verdict, evidence
that did not pass a check, a spot check that found the problem there again. Evidence and spot check
are told to who judges; only a granted appeal takes a case out of a figure."""

import json
from dataclasses import dataclass, field

from django.db import connection

PENDING, EXEMPTED, REFUSED = "pending", "exempted", "refused"


@dataclass
class Marks:
    """`appeal` PENDING, EXEMPTED, REFUSED or nothing; `checks`, the kinds of those that had not
    passed when it was closed; `undone`, whether a spot check failed."""

    appeal: str = ""
    checks: list = field(default_factory=list)
    undone: bool = False

    def __bool__(self):
        return bool(self.appeal or self.checks or self.undone)


def show_marks(cases):
    """Put `case.marks` on every case of a page, over all its rounds. One query, whatever the
    length. Returns the list."""
    cases = list(cases)
    marks = {case.pk: Marks() for case in cases}
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"cases": list(marks)})
        for case, what, said in cursor.fetchall():
            if what == "close":
                marks[case].checks = json.loads(said)
            elif what == "spot_check":
                marks[case].undone = True
            else:
                decided = {"granted": EXEMPTED, "refused": REFUSED}.get(said, PENDING)
                marks[case].appeal = decided if what == "decide" else PENDING
    for case in cases:
        case.marks = marks[case.pk]
    return cases


# What was said last stands last.
_MARKS = """
    SELECT case_id, kind AS what, outcome AS said FROM (
        SELECT case_id, kind, outcome, id FROM incidents_demand
         WHERE case_id = ANY(%(cases)s) AND kind IN ('opine', 'decide')
        UNION ALL
        SELECT case_id, move, facts ->> 'checks', id FROM incidents_step
         WHERE case_id = ANY(%(cases)s)
           AND (move = 'close' AND facts ? 'checks'
                OR move = 'spot_check' AND facts ->> 'found' = 'true')
    ) told (case_id, kind, outcome, id)
     ORDER BY id
"""
