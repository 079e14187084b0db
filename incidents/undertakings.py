"""What is undertaken beside the loop: departments called to a place, and countdown plans.

Neither moves a case: a joint task says who came when, a plan counts the cases themselves.
"""

import pgtrigger
from django.contrib.gis.db import models
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery
from django.utils.translation import gettext_lazy as _

from grids.backends import posts_of, posts_with
from grids.models import Area
from staff.models import City, Member, Unit
from staff.roles import AREA, CITY, roles_with

# Roles that read what others undertake: in the area of the post, and where the post has none or the
# city's, in the whole city.
_IN_AREA = roles_with("incidents.view_jointtask", AREA)
_CITYWIDE = _IN_AREA | roles_with("incidents.view_jointtask", CITY)


def units_of(user):
    """Keys of the units in whose name a member acts: of their posts, and the offices of the areas
    that they lead."""
    own = {post.unit_id for post in posts_of(user) if post.unit_id}
    acting = posts_with(user, "incidents.change_jointcall")
    return own | {post.area.unit_id for post in acting if post.area_id}


def cities_of(user):
    """Keys of the cities that a member oversees: a centre's post, or a leader's of the city."""
    return {
        post.city_id
        for post in posts_of(user)
        if post.role in _CITYWIDE
        and not post.unit_id
        and (post.area_id is None or post.area.level == Area.Level.CITY)
    }


def inside(user, prefix):
    """Q for rows whose area (`prefix`) lies in an area that the member leads or supervises."""
    where = Q(pk__in=[])
    for post in posts_of(user):
        if post.role in _IN_AREA and post.area_id:
            # Codes grow to the right: what begins with the area's code lies in it.
            where |= Q(**{f"{prefix}__code__startswith": post.area.code, "city": post.city_id})
    return where


class JointTaskQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of the member's city, street or unit: who called, who is called, who oversees."""
        if user.is_superuser:
            return self
        mine = units_of(user)
        called = JointCall.objects.filter(task=OuterRef("pk"), unit__in=mine)
        return self.filter(
            Q(city__in=cities_of(user))
            | Q(caller__in=mine)
            | Q(Exists(called))
            | inside(user, "area")
        )

    def open(self):
        """Those with a department that has not come or is not rated yet."""
        waits = JointCall.objects.filter(task=OuterRef("pk"), rated_at__isnull=True)
        return self.filter(Q(Exists(waits)), called_off_at__isnull=True)

    def newest(self):
        """The last called first; a month that is filled in later has the higher keys."""
        return self.order_by("-called_at", "-pk")

    def called_before(self, key):
        """Those that `newest` lists behind the task of a key."""
        mark = Subquery(JointTask.objects.filter(pk=key).values("called_at"))
        return self.filter(Q(called_at__lt=mark) | Q(called_at=mark, pk__lt=key))

    def with_calls(self):
        """With all that a page shows of them: whose and where, and the departments called."""
        calls = JointCall.objects.select_related("unit", "arrived_by", "rated_by").order_by("pk")
        rows = self.select_related("city", "caller", "area", "case", "called_by")
        return rows.prefetch_related(Prefetch("calls", queryset=calls))


class JointTask(models.Model):
    """A street calls departments to a place (the street whistles, departments report, 吹哨报到)."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    caller = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("called by"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    case = models.ForeignKey(
        "Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="joint_tasks",
        verbose_name=_("case"),
    )
    subject = models.CharField(_("what for"), max_length=200)
    place = models.CharField(_("place"), max_length=200)
    point = models.PointField(_("position"), srid=4326, null=True, blank=True)
    called_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    called_at = models.DateTimeField(_("called at"))
    called_off_at = models.DateTimeField(_("called off at"), null=True)

    objects = JointTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("joint task")
        verbose_name_plural = _("joint tasks")
        # JointTaskQuerySet.newest: the list by key
        indexes = [models.Index(fields=["city", "-called_at", "-id"], name="joint_tasks_newest")]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self):
        return self.subject


class JointCall(models.Model):
    """One department of a joint task: when it was due at the place, when it came, how it did. Its
    arrival and its rating are each said once, and the database holds them to it."""

    task = models.ForeignKey(
        JointTask, models.PROTECT, related_name="calls", verbose_name=_("joint task")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("department"))
    due_at = models.DateTimeField(_("arrival due"))
    arrived_at = models.DateTimeField(_("arrived at"), null=True)
    arrived_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    position = models.PointField(_("position at arrival"), srid=4326, null=True)
    rating = models.PositiveSmallIntegerField(
        _("rating"), null=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    words = models.CharField(_("words"), max_length=300, blank=True)
    rated_at = models.DateTimeField(_("rated at"), null=True)
    rated_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("call of a department")
        verbose_name_plural = _("calls of departments")
        indexes = [
            # JointTaskQuerySet.visible_to: what a unit is called to
            models.Index(fields=["unit", "task"], name="calls_of_a_unit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["task", "unit"], name="one_call_a_department"),
            models.CheckConstraint(
                condition=Q(rated_at__isnull=True, rating__isnull=True)
                | Q(rated_at__isnull=False, rating__gte=1, rating__lte=5),
                name="rating_of_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True, arrived_by__isnull=True)
                | Q(arrived_at__isnull=False, arrived_by__isnull=False),
                name="somebody_arrived",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="rated_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__rated_at__isnull=False),
            ),
            pgtrigger.Trigger(
                name="arrived_once",
                operation=pgtrigger.UpdateOf("arrived_at", "arrived_by_id", "position", "due_at"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__arrived_at__isnull=False),
                func="""
                    RAISE EXCEPTION 'an arrival is said once'
                          USING ERRCODE = 'check_violation', CONSTRAINT = 'arrived_once';
                """,
            ),
        ]

    def __str__(self):
        return f"{self.task_id} · {self.unit_id}"


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of the member's city, unit or area."""
        if user.is_superuser:
            return self
        return self.filter(
            Q(city__in=cities_of(user)) | Q(unit__in=units_of(user)) | inside(user, "area")
        )

    def with_milestones(self):
        """With all that a page shows of them."""
        rows = self.select_related("city", "area", "unit", "category")
        return rows.prefetch_related("milestones")


class Plan(models.Model):
    """A campaign (专项整治) or any target with milestones: an area, a unit that answers for it,
    what is counted, until when. Its progress is counted from the cases, never typed in."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    name = models.CharField(_("name"), max_length=120)
    goal = models.TextField(_("what is to be reached"), max_length=1000, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=_("unit that answers")
    )
    category = models.ForeignKey(
        "Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("subclass"),
        help_text=_("Empty: cases of every subclass count."),
    )
    target = models.PositiveIntegerField(
        _("cases to close"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: every case filed in the period is to be closed by its end."),
    )
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))
    made_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        # views.plans: the list of a city, by the end
        indexes = [models.Index(fields=["city", "ends"], name="plans_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")), name="plan_ends_after_it_begins"
            )
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self):
        return self.name


class Milestone(models.Model):
    """A share of a plan's target that is to be reached by the end of a day."""

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="milestones", verbose_name=_("plan")
    )
    day = models.DateField(_("by the end of"))
    percent = models.PositiveSmallIntegerField(
        _("per cent of the target"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    name = models.CharField(_("name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "day"], name="one_milestone_a_day"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="milestone_of_a_percentage"
            ),
        ]

    def __str__(self):
        return f"{self.day} · {self.percent} %"
