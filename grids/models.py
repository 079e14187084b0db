"""Where and what: areas with dated versions, duty grids, components, roads, posts and rosters."""

import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from grids.querysets import (
    AreaQuerySet,
    AreaVersionQuerySet,
    CrossingQuerySet,
    DatedQuerySet,
    PostQuerySet,
    RosterQuerySet,
)
from staff import roles
from staff.models import PINYIN, City, Member, Unit


class _DayRange(Func):
    """`daterange(from, until)`, half-open, for exclusion constraints."""

    function = "daterange"
    output_field = DateRangeField()


def _one_at_a_time(name, field):
    """No two rows of the same `field` may hold on the same day."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (F(field), RangeOperators.EQUAL),
            (_DayRange(F("valid_from"), F("valid_until")), RangeOperators.OVERLAPS),
        ],
    )


class Area(models.Model):
    """A place of the administrative tree: city, district, street office, community, unit grid."""

    class Level(models.TextChoices):
        CITY = "city", _("city")
        DISTRICT = "district", _("district")
        STREET = "street", _("street office")
        COMMUNITY = "community", _("community")
        GRID = "grid", _("unit grid")

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    code = models.CharField(_("code"), max_length=20)
    level = models.CharField(_("level"), max_length=12, choices=Level)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("belongs to"),
    )
    name = models.CharField(_("name"), max_length=120, db_collation=PINYIN)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("its office")
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="one_area_a_code")]
        # incidents.forms.places_of: the areas of a level of a city, by code
        indexes = [models.Index(fields=["city", "level", "code"], name="areas_of_a_level")]

    def __str__(self):
        return self.name or self.code


class AreaVersion(models.Model):
    """The border of an area from a day on. A case keeps the version valid when it was reported."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="versions", verbose_name=_("area"))
    geometry = models.MultiPolygonField(_("border"), srid=4326)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    population = models.PositiveIntegerField(_("people"), null=True, blank=True)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)

    objects = AreaVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("border of an area")
        verbose_name_plural = _("borders of areas")
        constraints = [
            _one_at_a_time("one_border_a_day", "area"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="border_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.area} · {self.valid_from}"


class DutyGrid(models.Model):
    """A set of unit grids of one community for which one or more grid workers answer."""

    community = models.ForeignKey(
        Area, models.PROTECT, related_name="duty_grids", verbose_name=_("community")
    )
    code = models.CharField(_("code"), max_length=24)
    name = models.CharField(_("name"), max_length=120, db_collation=PINYIN)
    population = models.PositiveIntegerField(_("people"), null=True, blank=True)

    class Meta:
        verbose_name = _("duty grid")
        verbose_name_plural = _("duty grids")
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], name="one_duty_grid_a_code")
        ]

    def __str__(self):
        return self.name


class DutyGridMember(models.Model):
    """A unit grid's place in a duty grid for a time; one duty grid at a time."""

    duty_grid = models.ForeignKey(
        DutyGrid, models.PROTECT, related_name="grids", verbose_name=_("duty grid")
    )
    grid = models.ForeignKey(
        Area, models.PROTECT, related_name="duties", verbose_name=_("unit grid")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit grid of a duty grid")
        verbose_name_plural = _("unit grids of duty grids")
        constraints = [_one_at_a_time("one_duty_grid_a_day", "grid")]

    def __str__(self):
        return f"{self.duty_grid} · {self.grid.code}"


_PAIRS_APART = ", ".join(f"('{a}','{b}'),('{b}','{a}')" for a, b in roles.exclusions())


class Post(models.Model):
    """A member's role in an area, a duty grid or a unit for a time: the only grant there is."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))
    role = models.CharField(_("role"), max_length=20, choices=roles.CHOICES)
    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("area")
    )
    duty_grid = models.ForeignKey(
        DutyGrid,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("duty grid"),
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    deputy = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("deputy")
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            # PostQuerySet.held_by: the rights of a member
            models.Index(fields=["member", "valid_from"], name="posts_of_a_member"),
            # PostQuerySet.giving: who closes, or leads, in an area
            models.Index(fields=["role", "area"], name="posts_of_a_role_in_an_area"),
            # incidents.rules._own_workers: the workers of a duty grid
            models.Index(fields=["duty_grid"], name="posts_of_a_duty_grid"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role="handler") | Q(unit__isnull=False), name="handler_has_a_unit"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=["worker", "grid_head", "building_head"])
                | Q(duty_grid__isnull=False)
                | Q(area__isnull=False),
                name="worker_has_a_grid_or_area",
            ),
            models.CheckConstraint(
                condition=~Q(role="supervisor") | Q(area__isnull=False),
                name="supervisor_has_an_area",
            ),
        ]
        triggers = [
            # Invariant 3: no posts of one member join both axes, whoever writes them.
            pgtrigger.Trigger(
                name="axes_apart",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=f"""
                    PERFORM 1 FROM grids_post p
                     WHERE p.member_id = NEW.member_id AND p.id IS DISTINCT FROM NEW.id
                       AND daterange(p.valid_from, p.valid_until)
                           && daterange(NEW.valid_from, NEW.valid_until)
                       AND (p.role, NEW.role) IN ({_PAIRS_APART});
                    IF FOUND THEN
                        RAISE EXCEPTION 'posts of one member may not join roles that exclude one another'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'axes_apart';
                    END IF;
                    RETURN NEW;
                """,  # noqa: E501 - one message
            )
        ]

    def __str__(self):
        place = self.duty_grid or self.area or self.unit or self.city
        return f"{roles.ROLES[self.role].name} · {place}"


class Roster(models.Model):
    """Duty hours of a post: days of the week and minutes of the local day, half-open."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="rosters", verbose_name=_("post"))
    area = models.ForeignKey(
        Area,
        models.PROTECT,
        related_name="+",
        verbose_name=_("on duty for"),
        help_text=_("A community in patrol hours, a street at night."),
    )
    weekdays = ArrayField(models.SmallIntegerField(), verbose_name=_("weekdays"))
    from_minute = models.SmallIntegerField(_("from minute"))
    until_minute = models.SmallIntegerField(_("until minute"))

    objects = RosterQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty hours")
        verbose_name_plural = _("duty hours")
        # RosterQuerySet.on_duty: who is on duty in some areas
        indexes = [models.Index(fields=["area"], name="rosters_of_an_area")]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_minute__gte=0, until_minute__lte=1440)
                & Q(until_minute__gt=F("from_minute")),
                name="roster_within_a_day",
            )
        ]

    def __str__(self):
        return f"{self.post} · {self.from_minute}–{self.until_minute}"


class Absence(models.Model):
    """A time in which a member does no duty: the deputies of their posts stand in, with the rights
    of these; where there is none, the next level of the ladder does."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("member"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        # querysets._absent: who of the holders is away
        indexes = [models.Index(fields=["member", "starts_at"], name="absences_of_a_member")]

    def __str__(self):
        return f"{self.member} · {self.starts_at:%Y-%m-%d}"


class Component(models.Model):
    """A piece of public property with its 16-digit code and three responsible parties."""

    class State(models.TextChoices):
        INTACT = "intact", _("intact")
        DAMAGED = "damaged", _("damaged")
        LOST = "lost", _("lost")
        DISUSED = "disused", _("disused")

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    code = models.CharField(_("code"), max_length=20)
    category_code = models.CharField(_("category"), max_length=12)
    grid = models.ForeignKey(
        Area, models.PROTECT, related_name="components", verbose_name=_("unit grid")
    )
    point = models.PointField(_("position"), srid=4326)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.INTACT)
    in_charge = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in charge")
    )
    owner = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    maintainer = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("maintainer")
    )

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="one_component_a_code")
        ]
        # ComponentAdmin: the components of a subclass
        indexes = [models.Index(fields=["category_code"], name="components_of_a_category")]

    def __str__(self):
        return self.code


class Road(models.Model):
    """A named road or lane: base map and the words of a place."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    name = models.CharField(_("name"), max_length=80, db_collation=PINYIN)
    kind = models.CharField(_("kind"), max_length=20)
    width_m = models.FloatField(_("width, metres"), default=10)
    line = models.MultiLineStringField(_("course"), srid=4326)

    class Meta:
        verbose_name = _("road")
        verbose_name_plural = _("roads")
        # RoadAdmin: the roads of a city, by name
        indexes = [models.Index(fields=["city", "name"], name="roads_by_name")]

    def __str__(self):
        return self.name


class Crossing(models.Model):
    """Where two named roads meet, computed from the roads; a place is said by its nearest one."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    one = models.CharField(_("one road"), max_length=80)
    other = models.CharField(_("other road"), max_length=80)
    point = models.PointField(_("position"), srid=4326)

    objects = CrossingQuerySet.as_manager()

    class Meta:
        verbose_name = _("crossing")
        verbose_name_plural = _("crossings")

    def __str__(self):
        return f"{self.one} / {self.other}"


class LandFeature(models.Model):
    """Water or park, drawn under the roads of the base map."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=20)
    name = models.CharField(_("name"), max_length=80, blank=True)
    geometry = models.MultiPolygonField(_("outline"), srid=4326)

    class Meta:
        verbose_name = _("water or park")
        verbose_name_plural = _("water and parks")

    def __str__(self):
        return self.name or self.kind
