"""Named queries of scores: what was counted, frozen and objected to, and the cases behind it.

A kind of subject is given by its word and a period as `periods.Period`: both lie above the models.
Rows of other apps are read by the functions below the querysets.
"""

from collections import defaultdict
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDate

from grids.models import Area, DutyGridMember, Post
from incidents.models import Step
from lib import now as clock

# {what became of an appeal: the code by which it is counted beside the figures}. No figures: they
# stand in no formula, no export and no frozen score.
APPEALS = {"": "APPEALS_PENDING", "granted": "APPEALS_GRANTED", "refused": "APPEALS_REFUSED"}


class FormulaQuerySet(models.QuerySet):
    def versions_of(self, subject_kind, code=""):
        """The versions of the usual formula of some subjects, or of the one of a code, the newest
        first."""
        named = {"code": code} if code else {"is_default": True}
        return self.filter(subject_kind=subject_kind, **named).order_by("-version", "pk")

    def last_version(self, subject_kind, code):
        """The number of the newest version of a formula; 0 before the first."""
        same = self.filter(subject_kind=subject_kind, code=code)
        return same.aggregate(last=Max("version"))["last"] or 0


class DayCountQuerySet(models.QuerySet):
    def between(self, city, first, until):
        """The counts of a city's local days from `first` to before `until`."""
        return self.filter(city=city, day__gte=first, day__lt=until)

    def appeals(self, city, kind, period):
        """[(subject, code, how many)] of the appeals against cases closed in a period."""
        rows = self.between(city, period.first, period.until).filter(kind=kind)
        rows = rows.filter(code__in=APPEALS.values()).values_list("subject", "code")
        return list(rows.annotate(many=Sum("amount")))

    def first_day(self, city):
        """The first day of a city that has a count, or None."""
        return self.filter(city=city).aggregate(first=Min("day"))["first"]

    def days_of(self, city):
        """The days of a city that have a count, the oldest first."""
        days = self.filter(city=city).order_by("day")
        return days.values_list("day", flat=True).distinct()

    def totals(self, *, stocks, on):
        """(kind, subject, code, total): counts summed over the days, but for the codes of
        `stocks`, of which one day's stands for all."""
        rows = self.exclude(~Q(day=on), code__in=stocks)
        return rows.values_list("kind", "subject", "code").annotate(total=Sum("amount"))

    def sums_of(self, city, kind, subject, periods, *, stocks):
        """[(period, code, total)] of one subject in several periods, given as (name, first day,
        day after the last, day whose stocks stand for it). One query."""
        names, first, until, on = zip(*periods, strict=True)
        values = [list(names), list(first), list(until), list(on)]
        values += [city.pk, kind, subject, list(APPEALS.values()), stocks]
        with connection.cursor() as cursor:
            cursor.execute(_SUMS, values)
            return [(name, code, int(total)) for name, code, total in cursor.fetchall()]


_SUMS = """
    SELECT asked.name, c.code, sum(c.amount)
      FROM unnest(%s::text[], %s::date[], %s::date[], %s::date[]) asked(name, first, until, stock)
      JOIN assessment_daycount c ON c.day >= asked.first AND c.day < asked.until
       AND c.city_id = %s AND c.kind = %s AND c.subject = %s
     WHERE c.code <> ALL (%s) AND (c.code <> ALL (%s) OR c.day = asked.stock)
     GROUP BY asked.name, c.code"""


class CountedDayQuerySet(models.QuerySet):
    def days_of(self, city):
        """The days of a city of which anything was ever counted."""
        return list(self.filter(city=city).values_list("day", flat=True))


class ProgressQuerySet(models.QuerySet):
    def of(self, city):
        """How far the roll-ups of a city have come; an unsaved row where there are none yet."""
        return self.filter(city=city).first() or self.model(city=city)

    def with_versions(self, city, period, shown):
        """The same with how often the counts of a period have changed, the newest formula and the
        newest publication of the periods `shown`, as `changes`, `formula` and `publication`; None
        where there are no roll-ups yet. One query, which every look at a ranking asks."""
        values = {"city": city.pk, "first": period.first, "until": period.until}
        values["shown"] = [str(each) for each in shown]
        return next(iter(self.raw(_WITH_VERSIONS, values)), None)


_WITH_VERSIONS = """
    SELECT p.id, p.city_id, p.rolled_at, p.day,
           (SELECT sum(changes) FROM assessment_countedday d WHERE d.city_id = p.city_id
               AND d.day >= %(first)s AND d.day < %(until)s) AS changes,
           (SELECT max(id) FROM assessment_formula) AS formula,
           (SELECT max(id) FROM assessment_publication n WHERE n.city_id = p.city_id
               AND n.period = ANY(%(shown)s)) AS publication
      FROM assessment_progress p WHERE p.city_id = %(city)s"""


class PublicationQuerySet(models.QuerySet):
    def of(self, city, kinds, *periods):
        """All entries of some kinds of subject and periods, those that were corrected included."""
        told = [str(period) for period in periods]
        return self.filter(city=city, subject_kind__in=kinds, period__in=told)

    def newest_of_kinds(self, city, kinds, period):
        """{kind: the entry that counts} of a period."""
        rows = self.of(city, kinds, period).select_related("formula")
        return {row.subject_kind: row for row in rows.order_by("pk")}


class PublishedScoreQuerySet(models.QuerySet):
    def of_kind(self, city, kind, periods):
        """What was published of a kind of subject in some periods, by the entries that nothing
        corrects: who stands only in one that was corrected has no published score."""
        later = apps.get_model("assessment", "Publication").objects
        return self.filter(
            ~Exists(later.filter(corrects=OuterRef("publication"))),
            publication__city=city,
            publication__subject_kind=kind,
            publication__period__in=[str(period) for period in periods],
        ).order_by("publication")

    def of_subject(self, city, subject, *periods):
        """The same of one subject, each with its entry, formula and calendar."""
        rows = self.of_kind(city, subject.kind, periods).filter(subject=subject.pk)
        return rows.select_related("publication__formula", "publication__calendar")


class ObjectionQuerySet(models.QuerySet):
    def with_answers(self):
        """Objections with all that a page says of them."""
        return self.select_related("member", "words", "case", "answer__words", "answer__by")

    def to_score(self, city, subject, period):
        """Those of a person to their score of a period, the newest first."""
        rows = self.filter(city=city, member=subject.pk, subject_kind=subject.kind)
        return rows.filter(period=str(period)).order_by("-pk")

    def waiting(self):
        """Those that nobody has answered, the oldest first."""
        return self.filter(answer__isnull=True).order_by("pk")

    def answered(self):
        """Those with an answer, the newest first."""
        return self.filter(answer__isnull=False).order_by("-pk")


# --- who and what is scored ----------------------------------------------------------------------


def posts_by_name(city, role):
    """The posts of a role by the names of their members; of one member the newest first, which
    speaks for those that they held before."""
    rows = Post.objects.filter(city=city, role=role)
    rows = rows.select_related("member", "duty_grid", "area", "unit")
    return rows.order_by("member__name", "member", "-valid_from", "-pk")


def within(area):
    """Q of the posts in an area: in its grids, in the areas inside it and in their offices."""
    if area.level == "city":
        return Q(city=area.city_id)
    inside = Q(unit__in=Area.objects.filter(code__startswith=area.code).values("unit"))
    for path in ("duty_grid__community", "area"):
        inside |= Q(**{f"{path}__code__startswith": area.code, f"{path}__city": area.city_id})
    return inside


_ABOVE = {
    "duty_grid": "duty_grid",
    "community": "duty_grid__community",
    "street": "duty_grid__community__parent",
    "district": "duty_grid__community__parent__parent",
    "city": "duty_grid__community__city",
}


def unit_grids(city, kinds, day, subject=None):
    """{kind: {area: unit grids}} of kinds of area on a day: those of its duty grids; of one area
    alone if its key is given as `subject`."""
    rows = DutyGridMember.objects.on(day).filter(grid__city=city)
    if subject is not None:
        rows = rows.filter(**{_ABOVE[kinds[0]]: subject})
    totals = {kind: defaultdict(int) for kind in kinds}
    paths = [_ABOVE[kind] for kind in kinds]
    for *keys, number in rows.values_list(*paths).annotate(number=Count("pk")):
        for kind, key in zip(kinds, keys, strict=True):
            totals[kind][key] += number
    return totals


# --- what the loop recorded ----------------------------------------------------------------------


def newest_step():
    """The key of the newest step of all cities; 0 before the first."""
    return Step.objects.aggregate(newest=Max("pk"))["newest"] or 0


def days_after(city, key):
    """The local days of a city's steps that were written after the step of a key."""
    day = TruncDate("at", tzinfo=ZoneInfo(city.time_zone))
    steps = Step.objects.filter(pk__gt=key, case__city=city).order_by()
    return set(steps.annotate(day=day).values_list("day", flat=True).distinct())


def days_touched(city, settled, since):
    """The local days whose counts may have changed by steps after `settled`, or by a calendar that
    was edited after `since`: all days of the steps of the cases concerned, and those on which such
    a case stood open past its limit."""
    sql = """
        WITH touched AS (SELECT s.case_id FROM incidents_step s
             JOIN incidents_case c ON c.id = s.case_id
            WHERE s.id > %(settled)s AND c.city_id = %(city)s
            UNION SELECT k.case_id FROM incidents_clockentry e
             JOIN incidents_clock k ON k.id = e.clock_id JOIN incidents_case c ON c.id = k.case_id
            WHERE e.step_id IS NULL AND e.at > %(since)s AND c.city_id = %(city)s)
        SELECT DISTINCT (s.at AT TIME ZONE %(zone)s)::date
          FROM incidents_step s JOIN touched USING (case_id)
        UNION
        SELECT DISTINCT generate_series((k.started_at AT TIME ZONE %(zone)s)::date,
               (coalesce(k.stopped_at, %(now)s) AT TIME ZONE %(zone)s)::date, '1 day')::date
          FROM incidents_clock k JOIN touched USING (case_id)
         WHERE k.kind IN ('handle', 'confirm', 'verify')
    """
    values = {"settled": settled, "since": since, "city": city.pk, "zone": city.time_zone}
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"now": clock.now()})
        return {day for (day,) in cursor.fetchall()}


def appeals_between(city, start, end):
    """[({kind of subject: key}, outcome, how many)] of the appeals against a city's cases that were
    closed between two moments and are closed still."""
    sql = """
        SELECT c.duty_grid_id, c.community_id, c.street_id, c.district_id, c.city_id, d.unit_id,
               d.outcome, count(*)
          FROM incidents_step s
          JOIN incidents_case c ON c.id = s.case_id AND c.ended_at = s.at
          JOIN incidents_demand d ON d.case_id = c.id AND d.kind IN ('opine', 'decide')
         WHERE s.move = 'close' AND s.at >= %s AND s.at < %s AND c.city_id = %s
           AND d.outcome = ANY(%s)
         GROUP BY 1, 2, 3, 4, 5, 6, 7"""
    kinds = ("duty_grid", "community", "street", "district", "city", "unit")
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, end, city.pk, list(APPEALS)])
        return [
            (dict(zip(kinds, keys, strict=True)), outcome, many)
            for *keys, outcome, many in cursor.fetchall()
        ]


# --- the cases behind a figure -------------------------------------------------------------------
# `rows` is the SQL of (code, case_id, at, amount) that `measures.behind` writes.


def behind_rows(cases, rows, *, counted=False):
    """Those of some cases that stand behind a figure; with `counted` each says as `times` how often
    it counts."""
    keys = f"SELECT b.case_id FROM ({rows}) b"
    found = cases.filter(pk__in=RawSQL(keys, []))
    if not counted:
        return found
    times = f"(SELECT count(*) FROM ({keys}) n WHERE n.case_id = incidents_case.id)"
    return found.annotate(times=RawSQL(times, []))


def totals_of(rows, visible):
    """(how often cases count in a figure, how many cases these are, how many of them are among
    the `visible` ones)."""
    try:
        inside = visible.filter(pk__in=RawSQL("SELECT case_id FROM b", [])).order_by()
        seen, params = inside.values("pk").query.sql_with_params()
    except EmptyResultSet:
        seen, params = "SELECT 1 WHERE false", ()
    sql = f"""WITH b AS MATERIALIZED ({rows.replace("%", "%%")})
        SELECT coalesce(sum(b.amount), 0)::bigint, count(DISTINCT b.case_id),
               (SELECT count(*) FROM ({seen}) v) FROM b"""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


def reasons_of(rows, keys, unit=None):
    """[(code, case, at, amount, by how much its last late handling was late or None)] of the
    cases of some keys, by time; of handlings by one unit if its key is given. What an appeal
    exempted is late no more."""
    sql = f"""SELECT b.code, b.case_id, b.at, b.amount, (SELECT k.late_by FROM incidents_clock k
                WHERE k.case_id = b.case_id AND k.kind = 'handle' AND k.verdict = 'late'
                  AND (%(unit)s::bigint IS NULL OR k.unit_id = %(unit)s)
                  AND NOT EXISTS (SELECT 1 FROM incidents_demand d
                   WHERE d.case_id = k.case_id AND d.round = k.round AND d.kind = 'decide'
                     AND d.outcome = 'granted' AND d.unit_id IS NOT DISTINCT FROM k.unit_id)
                ORDER BY k.stopped_at DESC LIMIT 1)
              FROM ({rows.replace("%", "%%")}) b WHERE b.case_id = ANY(%(keys)s) ORDER BY b.at"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"keys": keys, "unit": unit})
        return cursor.fetchall()
