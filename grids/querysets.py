"""Named queries over areas, posts and duty."""

from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import PointOnSurface
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Length

from lib import now as clock
from lib.coords import DEGREE_M
from staff.roles import roles_with


def _absent(moment):
    """The members who are absent at a moment, as a subquery."""
    # Querysets lie below models and may not import them.
    absences = apps.get_model("grids", "Absence").objects
    return absences.filter(starts_at__lte=moment, ends_at__gt=moment).values("member")


class LocalDate(models.Func):
    """The day on which a moment falls in the time zone that a column names: in SQL what
    `lib.now.local_date` is in Python."""

    template, arg_joiner = "(%(expressions)s)::date", " AT TIME ZONE "
    output_field = models.DateField()

    def __init__(self, moment, zone):
        super().__init__(models.Value(moment, models.DateTimeField()), F(zone))


class DatedQuerySet(models.QuerySet):
    """Rows that hold from `valid_from` on and end before `valid_until` (empty: open), both days of
    the city. `zone` leads from a row to its city's time zone."""

    zone = "city__time_zone"

    def on(self, day):
        """Those that hold on a day: for rows of one city, whose day it is."""
        return self.filter(valid_from__lte=day).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=day)
        )

    def at_moment(self, moment):
        """Those that hold at a moment, each by the day of its own city."""
        return self.on(LocalDate(moment, self.zone))


class AreaQuerySet(models.QuerySet):
    def streets_and_communities(self):
        """The two levels at which people look for a place; by code, each street before its
        communities."""
        return self.filter(level__in=("street", "community")).order_by("code")


class AreaVersionQuerySet(DatedQuerySet):
    zone = "area__city__time_zone"

    def near(self, point, level, metres, day):
        """Versions of that level valid on `day` within `metres` of `point`, each with `inside`,
        whether it holds or touches the point, and `metres` to it, none for what holds it. A list:
        the box is asked by the index, and the distance on the ellipsoid, which costs more than all
        the rest, reckoned once of what is left."""
        here = "ST_SetSRID(ST_MakePoint(%s,%s),4326)"
        rows = self.on(day).filter(area__level=level, geometry__dwithin=(point, metres / DEGREE_M))
        rows = rows.extra(  # noqa: S610 - parameters are bound
            select={
                "inside": f"ST_Intersects(geometry, {here})",
                "metres": f"CASE WHEN ST_Intersects(geometry, {here}) THEN 0"
                f" ELSE ST_Distance(geometry::geography, {here}::geography) END",
            },
            select_params=[point.x, point.y] * 3,
        )
        return [row for row in rows if row.metres <= metres]

    def with_duty(self, day):
        """With `duty`, the area's membership of a duty grid on a day, if it has one."""
        duty = "area__duties"
        holds = Q(**{f"{duty}__valid_from__lte": day}) & (
            Q(**{f"{duty}__valid_until__isnull": True}) | Q(**{f"{duty}__valid_until__gt": day})
        )
        return self.annotate(duty=FilteredRelation(duty, condition=holds))


class PostQuerySet(DatedQuerySet):
    def with_role(self, role):
        return self.filter(role=role)

    def giving(self, permission):
        """Posts whose role gives a permission ("incidents.close_case")."""
        return self.filter(role__in=roles_with(permission))

    def present(self, moment):
        """Posts whose member is not absent at `moment`."""
        return self.exclude(member__in=_absent(moment))

    def acting(self, moment):
        """Posts with `who`, the member who acts on each at `moment`: its holder, or the deputy
        while the holder is absent; without those of whom neither is there."""
        holder_is_absent = models.When(member__in=_absent(moment), then=F("deputy"))
        rows = self.annotate(who=models.Case(holder_is_absent, default=F("member")))
        return rows.filter(who__isnull=False).exclude(who__in=_absent(moment))

    def closers_in(self, moment, *, areas=(), parents=()):
        """{area: the members who act on its posts that close cases at `moment`}, of some areas and
        of those right below some others; areas without anybody are left out."""
        posts = self.at_moment(moment).giving("incidents.close_case").acting(moment)
        posts = posts.filter(Q(area__in=areas) | Q(area__parent__in=parents))
        found = {}
        for area, member in posts.values_list("area", "who"):
            found.setdefault(area, set()).add(member)
        return found

    def held_by(self, member, moment):
        """Posts of a member (by key), and those on which they stand in at `moment` as the deputy
        of somebody absent."""
        return self.filter(Q(member=member) | Q(deputy=member, member__in=_absent(moment)))


class RosterQuerySet(models.QuerySet):
    def on_duty(self, moment, city):
        """Rows of a city's roster that cover `moment` by its local time, of posts that hold on its
        day, less the absent."""
        local = moment.astimezone(ZoneInfo(city.time_zone))
        minute = local.hour * 60 + local.minute
        posts = apps.get_model("grids", "Post").objects.filter(city=city)
        return self.filter(
            post__in=posts.on(city.local_date(moment)),
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


# --- places by words -----------------------------------------------------------------------------

_JOINTS = str.maketrans(dict.fromkeys("与和,，、/×&+;；", " "))


def places_matching(city_id, text, most=8):
    """Places of a city that people name by words: the crossing of two roads ("人民路 建设街"), a
    road, a community or street office, the code of a component or a unit grid. A list of
    {"kind", "name", "more", "point", "category"}, the most exact kind first; four queries."""
    words = [word for word in text.translate(_JOINTS).split() if "\x00" not in word][:4]
    if not words:
        return []
    if len(words) == 1 and words[0].isdecimal():
        found = _by_code(city_id, words[0], most)
    else:
        found = [
            *_crossings(city_id, words, most),
            *_roads(city_id, words, most),
            *_areas(city_id, words, most),
        ]
        # Who names two roads means their crossing, who names one the road itself.
        order = ("crossing", "community", "street", "road")
        first = order if len(words) > 1 else ("road", "community", "street", "crossing")
        found.sort(key=lambda place: (first.index(place["kind"]), len(place["name"])))
    return found[:most]


def _place(kind, name, point, *, more="", category=""):
    return {"kind": kind, "name": name, "more": more, "point": point, "category": category}


def _by_code(city_id, code, most):
    """Components and unit grids whose code begins, or ends, with some digits."""
    if len(code) < 4:
        return []
    components = apps.get_model("grids", "Component").objects.filter(city=city_id)
    rows = components.filter(Q(code__startswith=code) | Q(code__endswith=code)).order_by("code")
    found = [
        _place("component", row.code, row.point, category=row.category_code) for row in rows[:most]
    ]
    return found + _areas(city_id, [code], most, by="area__code__endswith", levels=("grid",))


def _crossings(city_id, words, most):
    rows = apps.get_model("grids", "Crossing").objects.filter(city=city_id)
    for word in words:
        rows = rows.filter(Q(one__icontains=word) | Q(other__icontains=word))
    rows = rows.order_by(Length(F("one")) + Length(F("other")), "one", "other")
    return [_place("crossing", f"{row.one} × {row.other}", row.point) for row in rows[:most]]


def _roads(city_id, words, most):
    rows = apps.get_model("grids", "Road").objects.filter(city=city_id).exclude(name="")
    for word in words:
        rows = rows.filter(name__icontains=word)
    rows = rows.annotate(middle=PointOnSurface("line")).order_by(Length("name"), "name", "pk")
    named = {}
    for row in rows.only("name")[: most * 4]:
        named.setdefault(row.name, _place("road", row.name, row.middle))
    return list(named.values())[:most]


def _areas(city_id, words, most, by="area__name__icontains", levels=("community", "street")):
    rows = apps.get_model("grids", "AreaVersion").objects.at_moment(clock.now())
    rows = rows.filter(area__city=city_id, area__level__in=levels)
    for word in words:
        rows = rows.filter(**{by: word})
    rows = rows.annotate(middle=PointOnSurface("geometry")).select_related("area__parent")
    return [
        _place(
            row.area.level,
            row.area.name or row.area.code,
            row.middle,
            more=row.area.parent.name if row.area.parent else "",
        )
        for row in rows.defer("geometry").order_by("area__code")[:most]
    ]
