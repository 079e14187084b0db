"""Countdown plans (专项整治): how far a plan is, counted from the cases themselves in one statement
for all plans of a page, and its light."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from lib import now as clock
from lib.lights import light_of

DAY = timedelta(days=1)
# Points in time are half-open: what happened just now counts now.
MOMENT = timedelta(microseconds=1)
WORST_FIRST = ("red", "yellow", "green", "met")

# Cases of the plan's place and subclass that were filed (or put in order on the spot) in its
# period, and how many of them were closed, as of each of its points in time. A figure of a plan is
# the same for everybody who may read the plan: it counts beyond the reader's own cases.
_COUNTS = """
WITH points AS (
    SELECT * FROM unnest(%(plans)s::bigint[], %(moments)s::timestamptz[]) AS t (plan, moment)
), wide AS (
    SELECT p.id AS plan, p.city_id, a.level, a.id AS area, p.category_id,
           p.starts::timestamp AT TIME ZONE y.time_zone AS begins,
           (p.ends + 1)::timestamp AT TIME ZONE y.time_zone AS until
      FROM incidents_plan p
      JOIN grids_area a ON a.id = p.area_id JOIN staff_city y ON y.id = p.city_id
     WHERE p.id = ANY(%(plans)s)
), counted AS MATERIALIZED (
    SELECT w.plan, s.case_id, min(s.at) AS filed_at,
           max(c.ended_at) FILTER (WHERE c.stage IN ('closed')) AS closed_at
      FROM wide w
      JOIN incidents_step s ON s.at >= w.begins AND s.at < w.until
       AND s.move IN ('file', 'self_handle')
      JOIN incidents_case c ON c.id = s.case_id AND c.city_id = w.city_id
       AND c.stage NOT IN ('voided', 'merged', 'dismissed')
       AND (w.category_id IS NULL OR c.category_id = w.category_id)
       AND CASE w.level WHEN 'city' THEN true WHEN 'district' THEN c.district_id = w.area
                        WHEN 'street' THEN c.street_id = w.area
                        WHEN 'community' THEN c.community_id = w.area
                        ELSE c.grid_id = w.area END
     GROUP BY w.plan, s.case_id
)
SELECT p.plan, p.moment, count(k.case_id) FILTER (WHERE k.filed_at < p.moment),
       count(k.case_id) FILTER (WHERE k.closed_at < p.moment)
  FROM points p LEFT JOIN counted k ON k.plan = p.plan
 GROUP BY p.plan, p.moment
"""


@dataclass(frozen=True)
class Count:
    """What a plan's cases came to by a moment."""

    filed: int
    closed: int

    def per_cent(self, target):
        """The share of the target that is closed, in whole per cent, rounded down: 99.9 % is not
        reached. Without a target every filed case is to be closed; where none was filed yet,
        nothing is open and the share is whole."""
        wanted = target or self.filed
        return 100 if not wanted else min(100, self.closed * 100 // wanted)


@dataclass
class Mark:
    """A milestone as the page shows it: due, what it asks for, and its light. `reached` is the
    share at its own moment, or now where that lies ahead."""

    name: str
    day: object
    percent: int
    begins: datetime
    due: datetime
    reached: int = 0
    light: str = "green"
    is_end: bool = False

    @property
    def met(self):
        return self.light == "met"


def marks_of(plan):
    """The milestones of a plan in their order and its end (100 %), each running from the one
    before, the first from the plan's first day."""
    rows = [(m.day, m.percent, m.name, False) for m in plan.milestones.all()]
    # A milestone of the last day that asks for the whole is the end itself.
    rows = [r for r in rows if r[0] < plan.ends or (r[0] == plan.ends and r[1] < 100)]
    rows.append((plan.ends, 100, "", True))
    begins, marks = plan.city.day_begins(plan.starts), []
    for day, percent, name, is_end in sorted(rows, key=lambda row: (row[0], row[3])):
        due = plan.city.day_begins(day + DAY)
        marks.append(Mark(name, day, percent, begins, due, is_end=is_end))
        begins = due
    return marks


def show_progress(plans, moment=None):
    """Put on every plan: `count` (now), `reached` (per cent), `marks`, `light` (the worst mark
    that is not met), `next_mark`, `days_left`. One query for the figures; the plans come with city
    and milestones. Returns the list."""
    plans, moment = list(plans), moment or clock.now()
    asked, present = [], moment + MOMENT
    for plan in plans:
        plan.marks = marks_of(plan)
        asked += [(plan.pk, present), *((plan.pk, m.due) for m in plan.marks if m.due <= moment)]
    counts = _counts(asked)
    for plan in plans:
        _judge(plan, moment, counts)
    return plans


def _counts(asked):
    """{(plan, moment): Count}."""
    if not asked:
        return {}
    values = {"plans": [plan for plan, _m in asked], "moments": [m for _p, m in asked]}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        return {(plan, at): Count(filed, closed) for plan, at, filed, closed in cursor.fetchall()}


def _judge(plan, moment, counts):
    nothing = Count(0, 0)
    plan.count = counts.get((plan.pk, moment + MOMENT), nothing)
    plan.reached = plan.count.per_cent(plan.target)
    for mark in plan.marks:
        past = mark.due <= moment
        then = counts.get((plan.pk, mark.due), nothing) if past else plan.count
        mark.reached = then.per_cent(plan.target)
        mark.light = _light(plan, mark, moment, past)
    plan.next_mark = next((m for m in plan.marks if m.due > moment and not m.met), None)
    plan.light = _worst(plan)
    last = plan.marks[-1]
    plan.has_begun, plan.is_over = moment >= plan.marks[0].begins, moment >= last.due
    today = plan.city.local_date(moment)
    plan.days_left = max(0, (plan.ends - max(today, plan.starts)).days + (not plan.is_over))
    plan.days_to_start = max(0, (plan.starts - today).days)
    plan.left = max(0, (plan.target or plan.count.filed) - plan.count.closed)


def _light(plan, mark, moment, past):
    """Met by share reached; else as a clock from the mark before to this one. Without a target the
    end is not met before it has come, for a case may still be filed; but nothing presses while
    nothing is open."""
    settled = past or plan.target or not mark.is_end
    begun = moment >= mark.begins or mark.reached and plan.target
    reached = mark.reached >= mark.percent
    if begun and settled and reached:
        return "met"
    if moment < mark.begins or reached and not past:
        return "green"
    return light_of(mark.begins, mark.due - MOMENT if past else mark.due, moment)


def _worst(plan):
    """A milestone that was missed and has been made up for since counts no more."""
    open_marks = [m for m in plan.marks if not m.met and m.percent > plan.reached or m.is_end]
    return min((m.light for m in open_marks), key=WORST_FIRST.index)
