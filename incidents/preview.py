"""What a row of the responsibility matrix would do, before it is saved; the database counts.

A row is judged by the rule of `incidents.routing`: subclass before class before kind, then the
smaller area, then the later day, then the lower number. A row that is not saved yet has no number
and loses such a tie.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction

from incidents.models import OPEN, Case, MatrixRow
from lib import now as clock

DAYS = 30
MOST_LISTED = 50
MOST_ROWS = 12
PATIENCE_MS = 15_000  # of the database, for one preview


@dataclass
class Effect:
    """What a row wins, whom it beats and which cases it moves, on `day`.

    subclasses  [(category code, zh, en, unit grids won, unit grids of the area)]
    areas       [(community code, name, pairs won)] of subclass and unit grid
    won, asked  pairs of subclass and unit grid: won by the row, and in its reach
    beats       [(MatrixRow, pairs it answers for today that the row would take)], the most first
    above       [(MatrixRow, pairs in the row's reach that it keeps)], the most first
                of both at most MOST_ROWS; beaten and keeping count them all
    moved       open cases reported in the last DAYS days that would go to another unit
    waiting     those of them that no unit has yet: the matrix is asked when a case is dispatched
    cases       [(Case, unit today, unit then)], the newest first, at most MOST_LISTED
    """

    day: object
    subclasses: list = field(default_factory=list)
    areas: list = field(default_factory=list)
    won: int = 0
    asked: int = 0
    beats: list = field(default_factory=list)
    above: list = field(default_factory=list)
    beaten: int = 0
    keeping: int = 0
    moved: int = 0
    waiting: int = 0
    cases: list = field(default_factory=list)


def effect_of(row):
    """The Effect of a MatrixRow that may not be saved yet; its values must be valid."""
    day = max(row.city.today(), row.valid_from)
    found = Effect(day)
    values = {
        "id": row.pk,
        "city": row.city_id,
        "kind": row.kind,
        "class": row.class_code,
        "category": row.category_id,
        "area": row.area_id,
        "lead": row.lead_id,
        "from": row.valid_from,
        "until": row.valid_until,
        "day": day,
        "since": clock.now() - timedelta(days=DAYS),
        "open": list(OPEN),
        "most": MOST_LISTED,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        cursor.execute(_REACH, values)
        found.subclasses, found.areas, beats, above = cursor.fetchone()
        cursor.execute(_MOVED, values)
        moved = cursor.fetchall()
    found.won = sum(each[3] for each in found.subclasses)
    found.asked = sum(each[4] for each in found.subclasses)
    found.beats, found.above = _rows(beats), _rows(above)
    found.beaten, found.keeping = len(beats), len(above)
    found.moved = len(moved)
    found.waiting = sum(1 for *_rest, has_unit in moved if not has_unit)
    found.cases = _cases(moved[:MOST_LISTED])
    return found


def _rows(counted):
    """[[row's key, pairs]] as [(MatrixRow, pairs)], the most first."""
    counted = counted[:MOST_ROWS]
    rows = MatrixRow.objects.select_related("category", "area", "lead").in_bulk(
        [key for key, _pairs in counted]
    )
    return [(rows[key], pairs) for key, pairs in counted if key in rows]


def _cases(moved):
    cases = Case.objects.select_related("category").in_bulk([pk for pk, *_rest in moved])
    units = _units({unit for _pk, one, other, _has in moved for unit in (one, other) if unit})
    return [(cases[pk], units.get(one), units.get(other)) for pk, one, other, _has in moved]


def _units(keys):
    return MatrixRow._meta.get_field("lead").related_model.objects.in_bulk(list(keys))


# The row itself and its rivals of that day, each with the rank of `routing._rank`.
_ROWS = """
    rows AS (
        SELECT m.id, m.kind, m.class_code, m.category_id, m.area_id, m.lead_id,
               m.valid_from, m.id AS number, a.level, false AS is_new
          FROM incidents_matrixrow m JOIN grids_area a ON a.id = m.area_id
         WHERE m.city_id = %(city)s AND m.kind = %(kind)s AND m.valid_from <= %(day)s
           AND (m.valid_until IS NULL OR m.valid_until > %(day)s)
           AND m.id IS DISTINCT FROM %(id)s
        UNION ALL
        SELECT %(id)s::bigint, %(kind)s, %(class)s, %(category)s::bigint, a.id, %(lead)s,
               %(from)s::date, coalesce(%(id)s::bigint, 9223372036854775807), a.level, true
          FROM grids_area a WHERE a.id = %(area)s
           AND (%(until)s::date IS NULL OR %(until)s::date > %(day)s)
    ), ranked AS (
        SELECT *, CASE WHEN category_id IS NOT NULL THEN 0 WHEN class_code <> '' THEN 1 ELSE 2 END
                  AS what,
               array_position(ARRAY['grid','community','street','district','city'], level::text)
                  AS at
          FROM rows
    ), numbered AS (
        SELECT *, row_number() OVER (ORDER BY what, at, valid_from DESC, number) AS rank
          FROM ranked
    )
"""

# Pairs of subclass and unit grid in the row's reach, each with the rows that answer for it.
_REACH = f"""
    WITH RECURSIVE {_ROWS}, below AS (
        SELECT id, id AS top, level FROM grids_area WHERE id = %(area)s
        UNION ALL
        SELECT a.id, below.top, a.level FROM below JOIN grids_area a ON a.parent_id = below.id
    ), grid AS MATERIALIZED (
        SELECT g.id, g.parent_id AS community FROM grids_area g
          JOIN below ON below.id = g.id WHERE g.level = 'grid'
    ), up AS (
        SELECT g.id AS grid, g.id AS area FROM grid g
        UNION ALL
        SELECT up.grid, a.parent_id FROM up JOIN grids_area a ON a.id = up.area
         WHERE a.parent_id IS NOT NULL
    ), catalogue AS MATERIALIZED (
        SELECT c.id, c.code, c.name_zh, c.name_en, c.class_code FROM incidents_category c
         WHERE c.is_active AND c.kind = %(kind)s
           AND (%(category)s::bigint IS NULL OR c.id = %(category)s)
           AND (%(class)s = '' OR c.class_code = %(class)s OR c.id = %(category)s)
           AND (c.city_id = %(city)s OR c.city_id IS NULL AND NOT EXISTS (
                SELECT 1 FROM incidents_category own
                 WHERE own.city_id = %(city)s AND own.is_active))
    ), matching AS MATERIALIZED (
        SELECT c.id AS category, n.id, n.area_id, n.rank, n.is_new FROM catalogue c
          JOIN numbered n ON n.category_id = c.id
               OR n.category_id IS NULL AND n.class_code IN ('', c.class_code)
    ), pair AS MATERIALIZED (
        SELECT m.category, up.grid,
               min(m.rank) AS first,
               min(m.rank) FILTER (WHERE NOT m.is_new) AS today,
               bool_or(m.is_new) AS asked
          FROM matching m JOIN up ON up.area = m.area_id
         GROUP BY m.category, up.grid
    ), judged AS MATERIALIZED (
        SELECT pair.*, first = (SELECT rank FROM numbered WHERE is_new) AS won FROM pair WHERE asked
    ), by_subclass AS (
        SELECT c.code, c.name_zh, c.name_en, count(*) FILTER (WHERE j.won) AS won,
               count(*) AS asked
          FROM judged j JOIN catalogue c ON c.id = j.category GROUP BY 1, 2, 3
    ), by_area AS (
        SELECT a.code, a.name, count(*) AS won
          FROM judged j JOIN grid g ON g.id = j.grid JOIN grids_area a ON a.id = g.community
         WHERE j.won GROUP BY 1, 2
    ), beaten AS (
        SELECT n.id, count(*) AS pairs FROM judged j JOIN numbered n ON n.rank = j.today
         WHERE j.won GROUP BY n.id
    ), above AS (
        SELECT n.id, count(*) AS pairs FROM judged j JOIN numbered n ON n.rank = j.first
         WHERE NOT j.won GROUP BY n.id
    )
    SELECT
      (SELECT coalesce(json_agg(json_build_array(code, name_zh, name_en, won, asked) ORDER BY code),
                       '[]') FROM by_subclass),
      (SELECT coalesce(json_agg(json_build_array(code, name, won) ORDER BY code), '[]')
         FROM by_area),
      (SELECT coalesce(json_agg(json_build_array(id, pairs) ORDER BY pairs DESC, id), '[]')
         FROM beaten),
      (SELECT coalesce(json_agg(json_build_array(id, pairs) ORDER BY pairs DESC, id), '[]')
         FROM above)
"""

# Open cases for which the winner of today's rows and the winner of the rows with this one differ
# in their unit. Where no row answers, the territorial rule does: no unit stands for it here.
_MOVED = f"""
    WITH {_ROWS}, all_rows AS (
        SELECT n.category_id, n.class_code, n.area_id, n.lead_id, n.what, n.at, n.valid_from,
               n.number, n.level, NOT n.is_new AS before, true AS after FROM numbered n
        UNION ALL
        SELECT m.category_id, m.class_code, m.area_id, m.lead_id,
               CASE WHEN m.category_id IS NOT NULL THEN 0 WHEN m.class_code <> '' THEN 1 ELSE 2 END,
               array_position(ARRAY['grid','community','street','district','city'], a.level::text),
               m.valid_from, m.id, a.level, true, false
          FROM incidents_matrixrow m JOIN grids_area a ON a.id = m.area_id
         WHERE m.id = %(id)s AND m.kind = %(kind)s AND m.valid_from <= %(day)s
           AND (m.valid_until IS NULL OR m.valid_until > %(day)s)
    ), own AS (
        SELECT * FROM all_rows r WHERE r.before <> r.after
    ), asked AS MATERIALIZED (
        SELECT c.id, c.unit_id, c.reported_at, c.category_id, g.class_code, c.grid_id,
               c.community_id, c.street_id, c.district_id
          FROM incidents_case c JOIN incidents_category g ON g.id = c.category_id
         WHERE c.city_id = %(city)s AND g.kind = %(kind)s AND c.stage=ANY(%(open)s)
           AND c.reported_at >= %(since)s
           AND EXISTS (SELECT 1 FROM own r WHERE
                 (r.category_id = c.category_id
                  OR r.category_id IS NULL AND r.class_code IN ('', g.class_code))
             AND (r.level = 'city'
                  OR r.area_id IN (c.grid_id, c.community_id, c.street_id, c.district_id)))
    ), answered AS (
        SELECT c.id, c.unit_id, c.reported_at,
               (array_agg(r.lead_id ORDER BY r.what, r.at, r.valid_from DESC, r.number)
                  FILTER (WHERE r.before))[1] AS today,
               (array_agg(r.lead_id ORDER BY r.what, r.at, r.valid_from DESC, r.number)
                  FILTER (WHERE r.after))[1] AS afterwards
          FROM asked c JOIN all_rows r ON
                 (r.category_id = c.category_id
                  OR r.category_id IS NULL AND r.class_code IN ('', c.class_code))
             AND (r.level = 'city'
                  OR r.area_id IN (c.grid_id, c.community_id, c.street_id, c.district_id))
         GROUP BY c.id, c.unit_id, c.reported_at
    )
    SELECT id, today, afterwards, unit_id IS NOT NULL FROM answered
     WHERE today IS DISTINCT FROM afterwards ORDER BY reported_at DESC, id DESC
"""
