"""Named queries over areas, posts and duty."""

from django.apps import apps
from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import F, Q

from lib import now as clock


def _today(day):
    return day or clock.now().date()


def _absent(moment):
    """The members who are absent at a moment, as a subquery."""
    # Querysets lie below models and may not import them.
    absences = apps.get_model("grids", "Absence").objects
    return absences.filter(starts_at__lte=moment, ends_at__gt=moment).values("member")


class DatedQuerySet(models.QuerySet):
    """Rows that hold from `valid_from` on and end before `valid_until` (empty: open)."""

    def on(self, day=None):
        """Those that hold on a date (the server's UTC date today by default)."""
        day = _today(day)
        return self.filter(valid_from__lte=day).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=day)
        )


class AreaVersionQuerySet(DatedQuerySet):
    def at(self, point, level, day=None):
        """Versions of that level valid on `day` that contain or touch `point` (SRID 4326)."""
        return self.on(day).filter(area__level=level, geometry__intersects=point)

    def near(self, point, level, metres, day=None):
        """Versions of that level valid on `day` within `metres` of `point`."""
        # 1 degree of latitude is 111,320 m; the box that this makes is widened for longitude by
        # the exact test that follows it.
        return (
            self.on(day)
            .filter(area__level=level, geometry__dwithin=(point, metres / 55_000))
            .extra(  # noqa: S610 - geography distance in metres, parameters are bound
                where=[
                    "ST_DWithin(geometry::geography,"
                    " ST_SetSRID(ST_MakePoint(%s,%s),4326)::geography, %s)"
                ],
                params=[point.x, point.y, metres],
            )
        )


class PostQuerySet(DatedQuerySet):
    def with_role(self, role):
        return self.filter(role=role)

    def present(self, moment):
        """Posts whose member is not absent at `moment`."""
        return self.exclude(member__in=_absent(moment))


class RosterQuerySet(models.QuerySet):
    def on_duty(self, moment, zone):
        """Rows of the roster that cover `moment`, read as wall time of `zone` (a tzinfo)."""
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        return self.filter(
            weekdays__contains=[local.isoweekday()],
            from_minute__lte=minute,
            until_minute__gt=minute,
        ).exclude(post__member__in=_absent(moment))


class CrossingQuerySet(models.QuerySet):
    def nearest(self, point, city_id):
        """The crossing nearest to a point (KNN on the index of `point`)."""
        return self.filter(city_id=city_id).order_by(NearestTo(F("point"), point)).first()


class NearestTo(models.Func):
    """`a <-> b`: distance in degrees for ordering by the GiST index (KNN)."""

    template = "%(expressions)s"
    arg_joiner = " <-> "
    output_field = models.FloatField()

    def __init__(self, field, point):
        super().__init__(field, models.Value(point, output_field=PointField(srid=4326)))
