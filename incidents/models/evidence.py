"""Photos, and what finds a picture that was used before."""

import uuid

import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.models.case import Case
from incidents.models.step import Step
from incidents.querysets import EvidenceQuerySet
from staff.models import City, Member


class Evidence(models.Model):
    """A photo: what it shows, when and where it was taken, where its files lie."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    city = models.ForeignKey(City, models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="evidence", verbose_name=_("case")
    )
    step = models.ForeignKey(
        Step, models.PROTECT, null=True, related_name="evidence", verbose_name=_("step")
    )
    sha256 = models.CharField(_("content hash"), max_length=64)
    phash = models.BigIntegerField(_("perceptual hash"), null=True)
    taken_at = models.DateTimeField(_("taken at"), null=True)
    position = models.PointField(_("position"), srid=4326, null=True)
    original = models.CharField(_("original"), max_length=200)
    shown = models.CharField(_("shown picture"), max_length=200)
    thumbnail = models.CharField(_("thumbnail"), max_length=200)
    width = models.PositiveIntegerField(_("width, pixels"))
    height = models.PositiveIntegerField(_("height, pixels"))
    size = models.PositiveIntegerField(_("size, bytes"))
    media_type = models.CharField(_("type"), max_length=40)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [
            # EvidenceQuerySet.visible_to: the photos of a case
            models.Index(fields=["case", "step"], name="evidence_of_a_case"),
            # checks._SAME_FILE: the same file, used before
            models.Index(fields=["sha256"], name="evidence_by_content"),
            # evidence.sweep: what nobody named
            models.Index(
                fields=["uploaded_at"],
                name="evidence_not_named_yet",
                condition=Q(case__isnull=True),
            ),
        ]
        triggers = [
            # A photo belongs to the step that named it, for good.
            pgtrigger.Protect(
                name="named_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__step__isnull=False),
            ),
            pgtrigger.Protect(
                name="named_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__step__isnull=False),
            ),
        ]

    def __str__(self):
        return str(self.pk)


class Fingerprint(models.Model):
    """The hashes of a photo (`lib.likeness`), beside it so that its own row stays slim and may be
    written after it was named; `keys` are what an index finds it by."""

    evidence = models.OneToOneField(
        Evidence, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("evidence")
    )
    prints = ArrayField(models.BigIntegerField(), verbose_name=_("prints"))
    grains = ArrayField(models.BigIntegerField(), verbose_name=_("grains"))
    keys = ArrayField(models.IntegerField(), verbose_name=_("keys"))

    class Meta:
        verbose_name = _("fingerprint of a photo")
        verbose_name_plural = _("fingerprints of photos")
        indexes = [
            # checks.reuses_of: photos of all time that may be the same picture. What waits to be
            # sorted into the index is read whole by every search, so little may wait.
            GinIndex(fields=["keys"], name="photos_by_likeness", gin_pending_list_limit=256)
        ]

    def __str__(self):
        return str(self.evidence_id)
