"""Named queries of what leaves the house: schedules, the chain of bulletins, digests, and the areas
and units that have a line in them."""

from django.db import connection, models
from django.db.models import Max
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, TruncMonth

from grids.models import Area, AreaVersion
from staff.models import Unit


class ScheduleQuerySet(models.QuerySet):
    def of_cities(self, cities):
        return self.filter(city__in=cities)

    def first_publishing(self, slug=""):
        """The schedule of the city of a short name, else of the first that publishes; None if
        there is none."""
        rows = self.filter(city__slug=slug) if slug else self
        return rows.select_related("city").order_by("city_id").first()


class BulletinQuerySet(models.QuerySet):
    def of(self, city):
        return self.filter(city=city)

    def newest_of_days(self):
        """The entry that counts for each day: its last correction, else the first one."""
        return self.order_by("city_id", "day", "-number").distinct("city_id", "day")

    def last_entry(self):
        """The end of a city's chain, or None."""
        return self.order_by("-number").first()

    def newest_edition(self):
        """The last correction of the newest day, or None."""
        return self.order_by("-day", "-number").first()

    def telling(self, part):
        """With `told`, one part of each body: its total, its week."""
        return self.annotate(told=KeyTransform(part, Cast("body", models.JSONField())))

    def months(self):
        """First days of the months that have bulletins, the newest first."""
        months = self.annotate(month=TruncMonth("day")).order_by("-month")
        return months.values_list("month", flat=True).distinct()

    def after_number(self, number):
        """The entries behind one, in the order of the chain."""
        return self.filter(number__gt=number).order_by("number")


class DigestQuerySet(models.QuerySet):
    def of(self, city):
        return self.filter(city=city)

    def newest_first(self):
        """Digests as a list shows them."""
        return self.select_related("made_by").order_by("-pk")

    def versions_of(self, city, period, language):
        """All versions of a digest, the newest first."""
        rows = self.filter(city=city, period=str(period), language=language)
        return rows.order_by("-version")

    def last_version(self):
        """The highest number among them; 0 before the first."""
        return self.aggregate(last=Max("version"))["last"] or 0

    def underway_since_before(self, moment):
        """Those that were asked for before a moment and are not made yet, the oldest first."""
        return self.filter(state__in=("waiting", "running"), asked_at__lt=moment).order_by("pk")


# --- who has a line ------------------------------------------------------------------------------


def areas_on(city, level, day):
    """Areas of a level whose border holds on a day, by code."""
    there = AreaVersion.objects.on(day).filter(area__city=city, area__level=level)
    areas = Area.objects.filter(pk__in=there.values("area_id")).select_related("parent")
    return areas.order_by("code")


def handling_units(city):
    """Units that handle cases, by code."""
    centres = (Unit.Kind.SUPERVISION, Unit.Kind.COMMAND)
    units = Unit.objects.filter(city=city, is_active=True).exclude(kind__in=centres)
    return units.order_by("code")


def outlines_on(city, day, corner_m):
    """[(code, SVG path, x, y, left, top, right, bottom)] of the communities whose border holds on a
    day, by code: in metres of Web Mercator, y downwards; corners nearer than `corner_m` to the line
    without them are left out."""
    sql = """
        WITH shape AS (
            SELECT a.code, ST_Transform(v.geometry, 3857) AS whole
              FROM grids_areaversion v JOIN grids_area a ON a.id = v.area_id
             WHERE a.city_id = %s AND a.level = 'community' AND v.valid_from <= %s
               AND (v.valid_until IS NULL OR v.valid_until > %s))
        SELECT code, ST_AsSVG(ST_SimplifyPreserveTopology(whole, %s), 1, 0),
               round(ST_X(ST_PointOnSurface(whole))), round(-ST_Y(ST_PointOnSurface(whole))),
               ST_XMin(whole), -ST_YMax(whole), ST_XMax(whole), -ST_YMin(whole)
          FROM shape ORDER BY code
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [city.pk, day, day, corner_m])
        return cursor.fetchall()
