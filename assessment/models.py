"""Formulas as versioned data, the roll-ups of every day, and what was published of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessment.querysets import (
    CountedDayQuerySet,
    DayCountQuerySet,
    FormulaQuerySet,
    ObjectionQuerySet,
    ProgressQuerySet,
    PublicationQuerySet,
    PublishedScoreQuerySet,
)
from incidents.models import NEVER_CHANGED, Case, Words
from staff.models import CalendarVersion, City, Member, in_language


class Formula(models.Model):
    """How a kind of subject is scored; a change is a new version, older ones stay.

    `items`: [{"code", "weight", "turned" (100 - value), "floor", "cap"}]; weights are rescaled over
    the items that have a figure. `steps`: {code: [[most, score], …]} for scores of a count a month.
    `bands`: [["A", 90], …], highest first."""

    append_only = True

    subject_kind = models.CharField(_("subjects"), max_length=12)
    code = models.CharField(_("code"), max_length=30)
    version = models.PositiveIntegerField(_("version"), default=1)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    items = models.JSONField(_("items"))
    steps = models.JSONField(_("scores of counts"), default=dict, blank=True)
    bands = models.JSONField(_("bands"))
    is_default = models.BooleanField(_("the usual one"), default=True)
    basis = models.CharField(_("basis"), max_length=12, default="practice")

    objects = FormulaQuerySet.as_manager()

    class Meta:
        verbose_name = _("formula")
        verbose_name_plural = _("formulas")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "code", "version"], name="one_formula_a_version"
            )
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{in_language(self.name_zh, self.name_en)} · {self.version}"


class DayCount(models.Model):
    """One counted figure of one subject on one local day; days without any have no row."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=12)
    subject = models.BigIntegerField()
    code = models.CharField(max_length=30)
    amount = models.BigIntegerField()

    objects = DayCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "day", "subject", "code"], name="one_count_a_day"
            )
        ]
        # The page of one subject asks for all its days.
        indexes = [
            models.Index(fields=["city", "kind", "subject", "day"], name="counts_of_a_subject")
        ]

    def __str__(self):
        return f"{self.day} {self.kind} {self.subject} {self.code} {self.amount}"


class CountedDay(models.Model):
    """How often the counts of a day have changed: while the sum over a period stays, so does all
    that was made of its counts."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    day = models.DateField()
    changes = models.PositiveIntegerField(default=0)

    objects = CountedDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "day"], name="one_counted_day")]

    def __str__(self):
        return f"{self.day} {self.changes}"


class Progress(models.Model):
    """How far the roll-ups of a city have come. Steps up to `settled` are never read again; those
    after it are, for a transaction that began before may still have committed after it."""

    city = models.OneToOneField(City, models.PROTECT, related_name="+")
    settled = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    rolled_at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    checked_at = models.DateTimeField(null=True)
    differences = models.JSONField(default=list)

    objects = ProgressQuerySet.as_manager()

    def __str__(self):
        return f"{self.city_id}: {self.settled}"


class Publication(models.Model):
    """The scores of a period as they were frozen; a correction is a new entry beside the old."""

    append_only = True

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    period = models.CharField(_("period"), max_length=10)
    subject_kind = models.CharField(_("subjects"), max_length=12)
    formula = models.ForeignKey(
        Formula, models.PROTECT, related_name="+", verbose_name=_("formula")
    )
    calendar = models.ForeignKey(
        CalendarVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("calendar")
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("corrects")
    )
    input_hash = models.CharField(_("hash of the inputs"), max_length=64)
    published_at = models.DateTimeField(_("published at"))

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        permissions = [
            ("view_score", "read the scores of areas and units"),
            ("view_post_score", "read every person's score"),
            ("view_led_score", "read the scores of the persons one answers for"),
            ("publish_score", "publish and correct scores"),
            ("answer_objection", "answer an objection to a score"),
        ]
        indexes = [
            # PublicationQuerySet.of: what is published of a period, and the periods before it
            models.Index(fields=["city", "period", "subject_kind"], name="published_of_a_period")
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{self.period} {self.subject_kind}"


class PublishedScore(models.Model):
    """A score of a publication, with the counts that made it."""

    append_only = True

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="scores")
    subject = models.BigIntegerField()
    counts = models.JSONField()
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    band = models.CharField(max_length=2, blank=True)

    objects = PublishedScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "subject"], name="one_score_a_publication"
            )
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{self.subject} {self.score} {self.band}"


class Objection(models.Model):
    """A person's word against a figure of their own score; kept for good, with its answer."""

    append_only = True

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("person"))
    subject_kind = models.CharField(_("subjects"), max_length=12)
    period = models.CharField(_("period"), max_length=10)
    code = models.CharField(_("figure"), max_length=30, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="+", verbose_name=_("case")
    )
    words = models.ForeignKey(Words, models.PROTECT, related_name="+", verbose_name=_("reason"))
    made_at = models.DateTimeField(_("made at"))

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        indexes = [
            # ObjectionQuerySet.to_score; .waiting and .answered of a city
            models.Index(fields=["member", "subject_kind", "period"], name="objections_of_a_score"),
            models.Index(fields=["city", "-id"], name="objections_of_a_city"),
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{self.member_id} {self.period} {self.code}"


class ObjectionAnswer(models.Model):
    """What was answered to an objection: once, and by somebody else."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("upheld")
        REJECTED = "rejected", _("rejected")

    append_only = True

    objection = models.OneToOneField(
        Objection, models.PROTECT, related_name="answer", verbose_name=_("objection")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    words = models.ForeignKey(Words, models.PROTECT, related_name="+", verbose_name=_("answer"))
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("answered by"))
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("answer to an objection")
        verbose_name_plural = _("answers to objections")
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{self.objection_id} {self.outcome}"
