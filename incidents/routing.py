"""The responsibility matrix: which unit answers for a case, and why.

(subclass, class or kind) x (area, from grid up to city) -> lead and assisting units. The most
specific row wins: first by what, then by where. Components go to the department in charge, events
to the area; that is what the rows of the matrix say (domain rule: routing). With no row the
district answers by the territorial rule.
"""

from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from grids.models import Area
from incidents.models import MatrixRow

MOST_HOLES = 1000
_WHERE = ("grid", "community", "street", "district", "city")

# What became of a row of the matrix, in words.
RESULTS = {
    "won": _("used: most specific"),
    "wider_what": _("lost: wider category"),
    "wider_area": _("lost: wider area"),
    "older": _("lost: an older row"),
    "territorial": _("no row: the district answers by the territorial rule"),
}


@dataclass
class Choice:
    """Who answers, and the explanation that is stored on the step: one dict a row with its
    number, what, area, units and result ("won", "wider_what", "wider_area", "older")."""

    lead: object
    row: object = None
    explanation: list = field(default_factory=list)

    @cached_property
    def assisting(self):
        """The units that assist the lead."""
        return list(self.row.assisting.all()) if self.row else []


# The moves that name the unit which answers.
NAMING = ("dispatch", "adjudicate")


def suggestion(case, *moves):
    """What the matrix says where one of the moves names a unit: a Choice, or None. Queries as
    `route`."""
    if case.category is None or not set(moves) & set(NAMING):
        return None
    return route(case)


def route(case, day=None):
    """The Choice for a case with a category and areas on a day, the city's own today by default.
    One query where a row answers."""
    day = day or case.city.today()
    rows = sorted(_rows(case, day), key=_rank)
    if not rows:
        return _territorial(case)
    winner = rows[0]
    return Choice(
        lead=winner.lead,
        row=winner,
        explanation=[_told(row, winner) for row in rows[:8]],
    )


_ASSISTING = ArraySubquery(
    MatrixRow.assisting.through.objects.filter(matrixrow=OuterRef("pk")).values("unit__code")
)


def _rows(case, day):
    areas = [case.grid_id, case.community_id, case.street_id, case.district_id]
    what = Q(category=case.category_id) | Q(
        category__isnull=True, class_code__in=["", case.category.class_code]
    )
    return (
        MatrixRow.objects.filter(
            what, city=case.city_id, kind=case.category.kind, valid_from__lte=day
        )
        .filter(Q(area__in=[a for a in areas if a]) | Q(area__level="city"))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))
        .select_related("area", "lead", "category")
        .annotate(assisting_codes=_ASSISTING)
    )


def _what(row):
    """0 for a subclass, 1 for a class, 2 for a whole kind."""
    return 0 if row.category_id else 1 if row.class_code else 2


def _rank(row):
    return (_what(row), _WHERE.index(row.area.level), -row.valid_from.toordinal(), row.pk)


def _told(row, winner):
    result = "won"
    if row is not winner:
        result = "older"
        if _what(row) != _what(winner):
            result = "wider_what"
        elif row.area.level != winner.area.level:
            result = "wider_area"
    return {
        "row": row.pk,
        "what": row.category.code if row.category_id else row.class_code or row.kind,
        "area": row.area.code,
        "lead": row.lead.code,
        "assisting": row.assisting_codes,
        "result": result,
    }


def _territorial(case):
    """No row: the district answers by the territorial rule (its own office, else the street's)."""
    ids = [case.district_id, case.street_id, case.community_id]
    by_id = {
        a.pk: a
        for a in Area.objects.filter(
            pk__in=[i for i in ids if i], unit__isnull=False
        ).select_related("unit")
    }
    area = next((by_id[i] for i in ids if i in by_id), None)
    return Choice(
        lead=area.unit if area else None,
        explanation=[{"row": None, "area": area.code if area else None, "result": "territorial"}],
    )


def holes(city, day=None):
    """(category code, grid code) pairs for which no row of the matrix answers, at most
    `MOST_HOLES`; found by the database."""
    day = day or city.today()
    with connection.cursor() as cursor:
        cursor.execute(f"{HOLES} LIMIT {MOST_HOLES}", {"city": city.pk, "day": day})
        return cursor.fetchall()


# Down the tree from the city, per category, only below areas for which no row answers.
HOLES = """
    WITH RECURSIVE catalogue AS (
        SELECT * FROM incidents_category c WHERE is_active AND (
            c.city_id = %(city)s OR c.city_id IS NULL AND NOT EXISTS (
                SELECT 1 FROM incidents_category own
                 WHERE own.city_id = %(city)s AND own.is_active))
    ), answered AS MATERIALIZED (
        SELECT DISTINCT m.area_id AS area, c.id AS category FROM incidents_matrixrow m
          JOIN catalogue c ON c.kind = m.kind AND (m.category_id = c.id
               OR m.category_id IS NULL AND m.class_code IN ('', c.class_code))
         WHERE m.city_id = %(city)s
           AND m.valid_from <= %(day)s AND (m.valid_until IS NULL OR m.valid_until > %(day)s)
    ), unanswered AS (
        SELECT c.id AS category, c.code AS what, a.id AS area, a.code, a.level
          FROM catalogue c CROSS JOIN grids_area a
          LEFT JOIN answered d ON d.area = a.id AND d.category = c.id
         WHERE a.city_id = %(city)s AND a.parent_id IS NULL AND d.area IS NULL
        UNION ALL
        SELECT u.category, u.what, a.id, a.code, a.level
          FROM unanswered u JOIN grids_area a ON a.parent_id = u.area
          LEFT JOIN answered d ON d.area = a.id AND d.category = u.category
         WHERE d.area IS NULL
    )
    SELECT what, code FROM unanswered WHERE level = 'grid' ORDER BY 1, 2
"""
