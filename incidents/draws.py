"""The daily draw of closed cases for a second look: how much is drawn, the sealed seeds, what was
drawn.

A seed is sealed before its day begins (at set-up at the latest before the day ends): its hash is
shown, the seed itself only when the day was drawn. Seals and draws are appended, never changed, so
that whoever wrote down a hash can hold the draw against it (docs/recompute_draw.py).
"""

import pgtrigger
from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models import City, Member

_NEVER_CHANGED = pgtrigger.Protect(
    name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
)
USUAL_SHARE = 3  # per cent: some five of the hundred and sixty that a city closes on a day


class DrawRule(models.Model):
    """A city's own share and strata; a city without one goes by the defaults here."""

    city = models.OneToOneField(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    share = models.DecimalField(
        _("share, per cent"),
        max_digits=5,
        decimal_places=2,
        default=USUAL_SHARE,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Of the closed cases of a day, rounded up in each stratum."),
    )
    least = models.PositiveSmallIntegerField(
        _("at least, in each stratum"), default=0, validators=[MaxValueValidator(100)]
    )
    by_street = models.BooleanField(_("each street office by itself"), default=True)
    by_kind = models.BooleanField(_("components and events apart"), default=False)

    class Meta:
        verbose_name = _("rule of the spot checks")
        verbose_name_plural = _("rules of the spot checks")
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=100), name="share_of_100")
        ]

    def __str__(self):
        return f"{self.city}: {self.share} %"


class Seal(models.Model):
    """The seed of a day's draw, committed by its hash. No page shows `seed` before the draw."""

    append_only = True

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    day = models.DateField(pgettext_lazy("date", "day"))
    seed = models.CharField(max_length=64)
    seed_hash = models.CharField(_("hash of the seed"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("sealed seed")
        verbose_name_plural = _("sealed seeds")
        constraints = [models.UniqueConstraint(fields=["city", "day"], name="one_seal_a_day")]
        triggers = [_NEVER_CHANGED]

    def __str__(self):
        return f"{self.city_id} {self.day} {self.seed_hash[:12]}"


def _model(name):
    # Draws lie below the models of cases and may not import them.
    return apps.get_model("incidents", name)


class DrawQuerySet(models.QuerySet):
    def of_cities(self, keys):
        """The draws of some cities, the newest day first."""
        return self.filter(seal__city__in=keys).order_by("-seal__day", "seal__city")

    def since(self, day):
        return self.filter(seal__day__gte=day)

    def before(self, day):
        """Those of the days before a day; all for None."""
        return self if day is None else self.filter(seal__day__lt=day)

    def with_counts(self):
        """With `drawn`, `open`, `passed`, `failed`: how many of its cases, and how they stand."""
        counted = {"drawn": Q(), "open": _OPEN, "passed": _PASSED, "failed": _FAILED}
        return self.annotate(
            **{
                name: models.Count("cases", filter=Q(cases__pk__isnull=False) & _within(which))
                for name, which in counted.items()
            }
        )


_OPEN = Q(demand__isnull=False, demand__outcome="")
_PASSED = Q(demand__ended_by__move="spot_check", demand__ended_by__facts__found=False)
_FAILED = Q(demand__ended_by__move="spot_check", demand__ended_by__facts__found=True)


def _within(which):
    """A Q over drawn cases as one over their draw."""
    return Q(*((f"cases__{name}", value) for name, value in which.children))


class Draw(models.Model):
    """A day that was drawn: the revealed seed, all cases among which was drawn, how many of which.

    `population` holds a line for each case that was closed on the day, "number|round|stratum",
    sorted; its SHA-256 is `population_hash`."""

    append_only = True

    seal = models.OneToOneField(
        Seal, models.PROTECT, related_name="draw", verbose_name=_("sealed seed")
    )
    population = models.TextField(_("drawn among"))
    population_hash = models.CharField(_("hash of what was drawn among"), max_length=64)
    size = models.PositiveIntegerField(_("cases drawn among"))
    share = models.DecimalField(_("share, per cent"), max_digits=5, decimal_places=2)
    least = models.PositiveSmallIntegerField(_("at least, in each stratum"))
    drawn_at = models.DateTimeField(_("drawn at"))

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        triggers = [_NEVER_CHANGED]

    def __str__(self):
        return f"{self.seal_id} {self.size}"


class DrawnQuerySet(models.QuerySet):
    def since(self, city, day):
        """What was drawn in a city from a day on."""
        return self.filter(draw__seal__city=city, draw__seal__day__gte=day)

    def by_stratum(self, moment):
        """[{stratum, drawn, open, overdue, passed, failed}], by stratum; `overdue` at a moment are
        among the open."""
        overdue = _OPEN & Q(demand__clock__due_at__lt=moment)
        kinds = {"open": _OPEN, "overdue": overdue, "passed": _PASSED, "failed": _FAILED}
        counts = {name: models.Count("pk", filter=which) for name, which in kinds.items()}
        rows = self.order_by("stratum").values("stratum")
        return list(rows.annotate(drawn=models.Count("pk"), **counts))

    def failed(self):
        """Checks that found the problem there again."""
        return self.filter(_FAILED)

    def with_hands(self):
        """With `handled_by_then`, `unit_then` and `verified_by_then`: the members, and the unit,
        against whom a failed check counts; those of the round that was drawn."""
        steps = _model("Step").objects.filter(case=OuterRef("case"), round=OuterRef("round"))
        handled = steps.filter(move__in=("handle", "self_handle")).order_by("-seq")
        verified = steps.filter(move="verify").order_by("-seq")
        return self.annotate(
            handled_by_then=Subquery(handled.values("by")[:1]),
            unit_then=Subquery(handled.values("unit")[:1]),
            verified_by_then=Subquery(verified.values("by")[:1]),
        )

    def against(self, member):
        """Failed checks that count against a member, who handled or verified then."""
        hands = self.failed().with_hands()
        return hands.filter(Q(handled_by_then=member.pk) | Q(verified_by_then=member.pk))


class Drawn(models.Model):
    """A case that was drawn, in its place; without a demand where there was none to look or the
    case was open again."""

    append_only = True

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="cases", verbose_name=_("draw"))
    place = models.PositiveIntegerField(_("place"))
    case = models.ForeignKey(
        "incidents.Case", models.PROTECT, related_name="+", verbose_name=_("case")
    )
    round = models.PositiveSmallIntegerField(_("round"))
    stratum = models.CharField(_("stratum"), max_length=40, blank=True)
    worker = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("worker")
    )
    demand = models.OneToOneField(
        "incidents.Demand", models.PROTECT, null=True, related_name="+", verbose_name=_("demand")
    )

    objects = DrawnQuerySet.as_manager()

    class Meta:
        verbose_name = _("drawn case")
        verbose_name_plural = _("drawn cases")
        constraints = [
            models.UniqueConstraint(fields=["draw", "place"], name="one_case_a_place_of_a_draw"),
            models.UniqueConstraint(fields=["draw", "case", "round"], name="a_case_drawn_once"),
        ]
        triggers = [_NEVER_CHANGED]

    def __str__(self):
        return f"{self.draw_id}/{self.place}"


def sealed_ahead(city_id, since):
    """Seals of a city from a day on that were not drawn yet, in the order of their days."""
    drawn = Draw.objects.filter(seal=OuterRef("pk"))
    rows = Seal.objects.filter(~Exists(drawn), city=city_id, day__gte=since)
    return rows.order_by("day")
