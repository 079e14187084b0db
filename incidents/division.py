"""What must hold of a city before the loop can: its division into grids, who is there for each, and
a unit with people for every subclass in every grid. Domain rules, "Areas and grids", "Staffing" and
"Routing": each is proved, or its violations are listed.

Like `orphans`, each rule is one statement that yields its offenders as (name, what is wrong); here
of one city on its day. Nothing here changes anything.
"""

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from incidents.orphans import KEPT_FOR_SECONDS, Rule, ask
from incidents.routing import HOLES
from lib import now as clock
from staff.models import City
from staff.roles import exclusions

# Metres by which neighbours may miss or overlap each other on the average of the seam: what
# drawing by hand and rounding to seven decimals leave (house rule).
SEAM_M = 0.5
# Domain rule (staffing): every community has two on duty in patrol hours.
LEAST_ON_DUTY = 2

_ON_DAY = "{0}.valid_from <= %(day)s AND ({0}.valid_until IS NULL OR {0}.valid_until > %(day)s)"
# The areas of the city with the border that holds today: as it is, which the index knows, and
# `sound`, in which it does not cross itself.
_NOW = f"""
    SELECT a.id, a.code, a.level, a.parent_id, v.geometry, v.population,
           CASE WHEN ST_IsValid(v.geometry) THEN v.geometry
                ELSE ST_CollectionExtract(ST_MakeValid(v.geometry), 3) END AS sound
      FROM grids_area a JOIN grids_areaversion v ON v.area_id = a.id AND {_ON_DAY.format("v")}
     WHERE a.city_id = %(city)s
"""
_GRIDS = f"SELECT * FROM ({_NOW}) now WHERE level = 'grid'"
_COMMUNITIES = f"SELECT * FROM ({_NOW}) now WHERE level = 'community'"
_COVERED = f"""
    SELECT c.code, c.sound, ST_Union(g.sound) AS grids
      FROM ({_COMMUNITIES}) c JOIN ({_GRIDS}) g ON g.parent_id = c.id GROUP BY c.code, c.sound
"""
# Its mean width, for a sliver along a seam is long and thin.
_WIDTH = "2 * ST_Area(part::geography) / nullif(ST_Perimeter(part::geography), 0)"
_WIDE = f"""
    SELECT name, round(({_WIDTH})::numeric, 1) || ' m' FROM ({{}}) found WHERE {_WIDTH} > {SEAM_M}
"""
# Posts of today with who is there to hold them.
_POSTS = f"""
    SELECT p.* FROM grids_post p JOIN staff_member m ON m.id = p.member_id AND m.is_active
     WHERE p.city_id = %(city)s AND {_ON_DAY.format("p")}
"""
# Roles that no member joins, each pair in the order of its keys.
_APART = ", ".join(f"('{one}', '{other}')" for one, other in exclusions())
_DUTY_GRIDS = f"""
    SELECT d.id, d.code, d.community_id, d.population FROM grids_dutygrid d
     WHERE EXISTS (SELECT 1 FROM grids_dutygridmember m JOIN ({_GRIDS}) g ON g.id = m.grid_id
                    WHERE m.duty_grid_id = d.id AND {_ON_DAY.format("m")})
"""

AREAS = (
    Rule(
        "border",
        _("every border is a valid polygon, and every area in the tree above a grid has one"),
        f"""
        SELECT code, ST_IsValidReason(geometry) FROM ({_NOW}) now WHERE NOT ST_IsValid(geometry)
        UNION ALL
        SELECT DISTINCT a.code, '-' FROM ({_GRIDS}) g JOIN grids_area c ON c.id = g.parent_id
          JOIN grids_area a ON a.id IN (c.id, c.parent_id)
         WHERE NOT EXISTS (SELECT 1 FROM ({_NOW}) n WHERE n.id = a.id)
        """,
    ),
    Rule(
        "tree",
        _("every unit grid belongs to a community, a community to a street office, and so on"),
        """
        SELECT a.code, a.level || ' < ' || coalesce(up.level, '-') FROM grids_area a
          LEFT JOIN grids_area up ON up.id = a.parent_id
         WHERE a.city_id = %(city)s AND (up.level, up.city_id) IS DISTINCT FROM (
               CASE a.level WHEN 'grid' THEN 'community' WHEN 'community' THEN 'street'
                            WHEN 'street' THEN 'district' WHEN 'district' THEN 'city' END,
               CASE WHEN a.level <> 'city' THEN a.city_id END)
        """,
    ),
    Rule(
        "overlap",
        _("unit grids do not overlap"),
        _WIDE.format(f"""
        SELECT one.code || ' / ' || other.code AS name,
               ST_CollectionExtract(ST_Intersection(one.sound, other.sound), 3) AS part
          FROM ({_GRIDS}) one JOIN ({_GRIDS}) other
            ON one.code < other.code AND one.geometry && other.geometry
           AND ST_Relate(one.sound, other.sound, 'T********')
        """),
    ),
    Rule(
        "gap",
        _("the unit grids of a community leave no gap in it"),
        _WIDE.format(f"""
        SELECT code AS name, (ST_Dump(ST_CollectionExtract(
               ST_Difference(sound, grids), 3))).geom AS part FROM ({_COVERED}) covered
        UNION ALL
        SELECT code, sound FROM ({_COMMUNITIES}) c
         WHERE NOT EXISTS (SELECT 1 FROM ({_GRIDS}) g WHERE g.parent_id = c.id)
        """),
    ),
    Rule(
        "across",
        _("no unit grid crosses the border of its community"),
        _WIDE.format(f"""
        SELECT g.code AS name, (ST_Dump(ST_CollectionExtract(
               ST_Difference(g.sound, c.sound), 3))).geom AS part
          FROM ({_GRIDS}) g JOIN ({_COMMUNITIES}) c ON c.id = g.parent_id
         WHERE NOT ST_CoveredBy(g.sound, c.sound)
        """),
    ),
    Rule(
        "size",
        _("unit grids and duty grids are of a size within the city's bounds"),
        f"""
        SELECT code, round(ST_Area(geometry::geography)::numeric) || ' m²' FROM ({_GRIDS}) g
         WHERE ST_Area(geometry::geography) NOT BETWEEN %(least_m2)s AND %(most_m2)s
        UNION ALL
        SELECT code, population || ' p.' FROM ({_DUTY_GRIDS}) d
         WHERE population NOT BETWEEN %(least_people)s AND %(most_people)s
        """,
    ),
    Rule(
        "duty_grid",
        _("every unit grid is in one duty grid, of its own community"),
        f"""
        SELECT g.code, coalesce(string_agg(d.code, ', '), '-') FROM ({_GRIDS}) g
          LEFT JOIN grids_dutygridmember m ON m.grid_id = g.id AND {_ON_DAY.format("m")}
          LEFT JOIN grids_dutygrid d ON d.id = m.duty_grid_id
         GROUP BY g.id, g.code, g.parent_id
        HAVING count(d.id) <> 1 OR bool_or(d.community_id <> g.parent_id)
        """,
    ),
    Rule(
        "worker",
        _("every duty grid has a named worker"),
        f"""
        SELECT d.code, '-' FROM ({_DUTY_GRIDS}) d WHERE NOT EXISTS (
               SELECT 1 FROM ({_POSTS}) p WHERE p.role = 'worker' AND p.duty_grid_id = d.id)
        """,
    ),
    Rule(
        "on_duty",
        _("every community has two on duty at any time of the patrol hours"),
        # How many there are falls only where the patrol begins or somebody's hours end.
        f"""
        WITH patrol AS (
            SELECT day::int AS day, (span ->> 0)::int AS begins, (span ->> 1)::int AS ends
              FROM (SELECT hours, workweek FROM staff_calendarversion v JOIN staff_city y
                        ON y.patrol_calendar_id = v.calendar_id AND y.id = %(city)s
                     ORDER BY v.number DESC LIMIT 1) newest,
                   jsonb_array_elements_text(workweek) day, jsonb_array_elements(hours) span
        ), hours AS (
            SELECT r.area_id, p.member_id, day, r.from_minute AS begins, r.until_minute AS ends
              FROM grids_roster r JOIN ({_POSTS}) p ON p.id = r.post_id AND p.role = 'worker',
                   unnest(r.weekdays) day
        ), moment AS (
            SELECT c.id, c.code, t.day, t.begins AS minute FROM ({_COMMUNITIES}) c, patrol t
             UNION
            SELECT c.id, c.code, t.day, h.ends FROM ({_COMMUNITIES}) c
              JOIN hours h ON h.area_id = c.id
              JOIN patrol t ON t.day = h.day AND h.ends >= t.begins AND h.ends < t.ends
        )
        SELECT m.code, m.day || ' ' || to_char(make_interval(mins => m.minute), 'HH24:MI') || ': '
               || count(DISTINCT h.member_id) FROM moment m
          LEFT JOIN hours h ON h.area_id = m.id AND h.day = m.day
           AND h.begins <= m.minute AND h.ends > m.minute
         GROUP BY m.code, m.day, m.minute HAVING count(DISTINCT h.member_id) < {LEAST_ON_DUTY}
         ORDER BY m.code, m.day, m.minute
        """,
    ),
    Rule(
        "supervisor",
        _("every community and every street has a supervisor, and a deputy"),
        f"""
        SELECT a.code, count(p.id) || ' / ' || count(p.deputy_id) FROM ({_NOW}) a
          LEFT JOIN ({_POSTS}) p ON p.area_id = a.id AND p.role = 'supervisor'
         WHERE a.level IN ('community', 'street') GROUP BY a.code
        HAVING count(p.id) = 0 OR count(p.deputy_id) = 0
        """,
    ),
    Rule(
        "deputy",
        _("every post names a deputy, somebody else whose own posts do not exclude it"),
        f"""
        SELECT m.username, p.role || coalesce(': ' || d.username, '') FROM ({_POSTS}) p
          JOIN staff_member m ON m.id = p.member_id
          LEFT JOIN staff_member d ON d.id = p.deputy_id AND d.is_active
         WHERE d.id IS NULL OR d.id = p.member_id OR EXISTS (
               SELECT 1 FROM ({_POSTS}) held WHERE held.member_id = d.id
                  AND (least(p.role, held.role), greatest(p.role, held.role)) IN ({_APART}))
        """,
    ),
)

MATRIX = (
    Rule("hole", _("the matrix names a unit for every subclass in every unit grid"), HOLES),
    Rule(
        "person",
        _("every unit that the matrix names has somebody who handles its cases"),
        f"""
        SELECT DISTINCT u.code, u.name_zh FROM incidents_matrixrow r
          LEFT JOIN incidents_matrixrow_assisting s ON s.matrixrow_id = r.id
          JOIN staff_unit u ON u.id IN (r.lead_id, s.unit_id)
         WHERE r.city_id = %(city)s AND {_ON_DAY.format("r")} AND NOT EXISTS (
               SELECT 1 FROM ({_POSTS}) p WHERE p.role = 'handler' AND p.unit_id = u.id)
        """,
    ),
    Rule(
        "ended_unit",
        _("no row of the matrix names a unit that has ended"),
        f"""
        SELECT DISTINCT u.code, u.name_zh FROM incidents_matrixrow r
          LEFT JOIN incidents_matrixrow_assisting s ON s.matrixrow_id = r.id
          JOIN staff_unit u ON u.id IN (r.lead_id, s.unit_id) AND NOT u.is_active
         WHERE r.city_id = %(city)s AND {_ON_DAY.format("r")}
        """,
    ),
)
RULES = (*AREAS, *MATRIX)


def look(city, rules=RULES):
    """A Found of every rule for a city on its day, in their order."""
    (least_m2, most_m2), (least_people, most_people) = (
        city.bounds["grid_m2"],
        city.bounds["duty_grid_people"],
    )
    values = {
        "city": city.pk,
        "day": city.today(),
        "least_m2": least_m2,
        "most_m2": most_m2,
        "least_people": least_people,
        "most_people": most_people,
    }
    for rule in rules:
        yield ask(rule, values)


# --- the daily check -----------------------------------------------------------------------------

KEPT_AS = "incidents.division.last"


def check():
    """Look at every city and keep what was found, for those who look after the system."""
    cities = {
        city.pk: [(found.rule.key, found.count, found.shown) for found in look(city)]
        for city in City.objects.order_by("pk")
    }
    cache.set(KEPT_AS, {"at": clock.now(), "cities": cities}, KEPT_FOR_SECONDS)


def last_check():
    """{"at": when, "cities": {its key: [(rule, how many offend, the first of them)]}} of the last
    daily check; None if there was none for three days."""
    return cache.get(KEPT_AS)
