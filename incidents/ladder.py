"""The escalation ladder: the heads above a case, and who must answer when a clock is breached.

Domain rule: grid head → community → street → district (or department) → city. A breach of a loop
clock goes to the head of the party's own level; that of a demand to answer to the next one, at the
city to the same again. Breaches of intake, dispatch and close go to their centre's leader, and
those of what officers of a centre owe do too. What is handed up goes to the head above the party's
own level, and from the third rework on the case is lifted to the first head above where it is. A
level without a head is passed over. A department stands in the ladder where its own work is late;
what a worker is late with, or hands up, goes by the areas: no department judges what is verified of
its own work.

One statement says it for any number of clocks, so that the door, which moves one case, and its
set-based twin cannot differ.
"""

from typing import NamedTuple

from django.db import connection

# Domain rule: at the city it repeats daily.
DAILY = (1, "day")

# Of every clock: `unit`, whose head is asked first, if it is a unit's; `centre`, the kind of the
# centre whose leader is, if it is a centre's; `above`, the rank beyond which a head is looked for:
# 0 grid head, 1 community, 2 street, 3 department, 4 district, 5 city.
_PARTY = """
SELECT k.id AS clock_id, c.id AS case_id, c.city_id, c.duty_grid_id, c.community_id, c.street_id,
       c.district_id, city.id AS city_area, d.id AS demand_id,
       (%(at)s AT TIME ZONE y.time_zone)::date AS day,
       CASE WHEN led.kind IN ('department', 'company') AND k.kind NOT IN ('confirm', 'verify')
             AND coalesce(NOT (d.kind = 'answer' AND (d.owner_duty_grid_id IS NOT NULL
                               OR lifted.level IN ('community', 'street'))), true)
            THEN c.unit_id END AS department,
       CASE WHEN k.kind = 'handle' THEN k.unit_id
            WHEN d.kind = 'reply' AND d.owner_role = 'handler' THEN d.owner_unit_id END AS unit,
       CASE WHEN k.kind IN ('intake', 'close') THEN 'supervision'
            WHEN k.kind = 'dispatch' THEN 'command'
            WHEN d.kind = 'answer' THEN NULL
            WHEN d.kind = 'reply' AND d.owner_role NOT IN ('chief', 'dispatcher') THEN NULL
            WHEN d.owner_role IN ('dispatcher', 'adjudicator') THEN 'command'
            WHEN d.id IS NOT NULL THEN 'supervision' END AS centre,
       CASE WHEN k.kind IN ('confirm', 'verify') THEN -1
            WHEN k.kind = 'handle' OR d.kind = 'reply' AND d.owner_role = 'handler' THEN
                 CASE of_unit.kind WHEN 'community' THEN 1 WHEN 'street' THEN 2 ELSE 3 END
            WHEN d.kind = 'answer' AND d.owner_duty_grid_id IS NOT NULL THEN 0
            WHEN d.kind = 'answer' AND d.owner_unit_id IS NOT NULL
             AND of_unit.kind NOT IN ('supervision', 'command') THEN 3
            WHEN d.kind = 'answer' AND d.owner_area_id IS NOT NULL THEN
                 CASE lifted.level WHEN 'community' THEN 1 WHEN 'street' THEN 2
                                   WHEN 'district' THEN 4 ELSE 5 END
            ELSE 4 END AS above,
       -- What is a centre's own delay lifts the case no level.
       NOT (k.kind IN ('intake', 'dispatch', 'close')
            OR coalesce(of_unit.kind IN ('supervision', 'command'), false)
            OR coalesce(d.kind <> 'answer' AND d.owner_role <> 'handler', false)) AS lifts
  FROM incidents_clock k
  JOIN incidents_case c ON c.id = k.case_id
  JOIN staff_city y ON y.id = c.city_id
  LEFT JOIN incidents_demand d ON d.id = k.demand_id
  LEFT JOIN staff_unit led ON led.id = c.unit_id
  LEFT JOIN staff_unit of_unit ON of_unit.id = coalesce(k.unit_id, d.owner_unit_id)
  LEFT JOIN grids_area lifted ON lifted.id = d.owner_area_id
  LEFT JOIN grids_area city ON city.city_id = c.city_id AND city.level = 'city'
 WHERE k.id = ANY(%(clocks)s)
"""

_HELD = """EXISTS (
    SELECT 1 FROM grids_post post JOIN staff_member m ON m.id = post.member_id AND m.is_active
     WHERE post.role = {role} AND post.{place}_id = {key} AND post.valid_from <= p.day
       AND (post.valid_until IS NULL OR post.valid_until > p.day)
       -- The deputy of who is absent stands in.
       AND (post.member_id NOT IN (SELECT member_id FROM absent)
            OR post.deputy_id NOT IN (SELECT member_id FROM absent)))"""


def _held(place, key, role="'leader'"):
    return _HELD.format(place=place, key=key, role=role)


class Head(NamedTuple):
    """Who must answer: a role at a place, by key. `level` is the one to which the case is lifted,
    None where it stays at its own; `daily`, whether it is asked again day by day."""

    role: str
    area: int | None
    unit: int | None
    duty_grid: int | None
    level: int | None
    daily: bool


# (clock, *Head) of each clock for which there is one.
HEADS = f"""
WITH absent AS (
    SELECT member_id FROM grids_absence WHERE starts_at <= %(at)s AND ends_at > %(at)s
),
party AS ({_PARTY}),
rung AS (
    SELECT p.clock_id, head.*,
           row_number() OVER (PARTITION BY p.clock_id ORDER BY head.rank) - 1 AS level
      FROM party p, LATERAL (VALUES
           (0, 'grid_head', NULL::bigint, NULL::bigint, p.duty_grid_id),
           (1, 'leader', CASE WHEN p.department IS NULL THEN p.community_id END, NULL, NULL),
           (2, 'leader', CASE WHEN p.department IS NULL THEN p.street_id END, NULL, NULL),
           (3, 'leader', NULL, p.department, NULL),
           (4, 'leader', p.district_id, NULL, NULL),
           (5, 'leader', p.city_area, NULL, NULL)) AS head (rank, role, area, unit, duty_grid)
     WHERE num_nonnulls(head.area, head.unit, head.duty_grid) = 1
),
head AS (
    -- The head of the unit that is late: of its area, if it is the office of one.
    SELECT p.clock_id, -2 AS rank, 'leader' AS role, a.id AS area,
           CASE WHEN a.id IS NULL THEN p.unit END AS unit, NULL::bigint AS duty_grid, r.level
      FROM party p
      LEFT JOIN staff_unit u ON u.id = p.unit
      LEFT JOIN grids_area a ON a.unit_id = p.unit AND u.kind NOT IN ('department', 'company')
      LEFT JOIN rung r ON r.clock_id = p.clock_id AND (r.area = a.id OR r.unit = p.unit)
     WHERE %(own)s AND (r.level IS NULL OR r.level > %(over)s)
       AND p.unit IS NOT NULL AND CASE WHEN a.id IS NULL THEN {_held("unit", "p.unit")}
                                       ELSE {_held("area", "a.id")} END
    UNION ALL
    SELECT p.clock_id, -1, 'leader', NULL, u.id, NULL, NULL
      FROM party p JOIN staff_unit u ON u.city_id = p.city_id AND u.kind = p.centre
     WHERE %(own)s AND {_held("unit", "u.id")}
    UNION ALL
    SELECT r.clock_id, r.rank, r.role, r.area, r.unit, r.duty_grid, r.level
      FROM rung r JOIN party p ON p.clock_id = r.clock_id
     -- The city always answers: the last rung is never passed over.
     WHERE (r.rank > p.above AND (%(own)s OR r.rank > 0) AND r.level > %(over)s OR r.rank = 5)
       AND CASE r.rank WHEN 5 THEN true
                       WHEN 0 THEN {_held("duty_grid", "r.duty_grid", "'grid_head'")}
                       WHEN 3 THEN {_held("unit", "r.unit")}
                       ELSE {_held("area", "r.area")} END
)
SELECT DISTINCT ON (h.clock_id) h.clock_id, h.role, h.area, h.unit, h.duty_grid,
       CASE WHEN p.lifts AND p.above < 5 THEN h.level END AS level, p.above = 5 AS daily
  FROM head h JOIN party p ON p.clock_id = h.clock_id
 ORDER BY h.clock_id, h.rank, h.unit
"""


def heads_of(clocks, at, *, over=-1, own=True):
    """{clock: Head}, by key, of those who must answer for some clocks at a moment; a clock above
    which nobody is there is left out. `over`: only heads above that level, to which the case was
    lifted already; `own`: whether the head of the party's own level counts, or only those above."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS, {"clocks": clocks, "at": at, "over": over, "own": own})
        return {row[0]: Head(*row[1:]) for row in cursor.fetchall()}
