"""What leaves the house: when a city publishes and its bulletins as a chain of hashes; and the
digests of months and quarters for those who lead."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents.models import NEVER_CHANGED
from publication.querysets import BulletinQuerySet, DigestQuerySet, ScheduleQuerySet
from staff.models import City, Member

EIGHT = 8 * 60  # minutes of the local day


class Schedule(models.Model):
    """From which day on and at which hour a city publishes; a city without one does not."""

    city = models.OneToOneField(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    first_day = models.DateField(_("first day told of"))
    minute = models.PositiveSmallIntegerField(
        _("published at, minute of the day"),
        default=EIGHT,
        help_text=_("480 is 08:00: the bulletin of a day appears at this hour of the next."),
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("hour of the bulletin")
        verbose_name_plural = _("hours of the bulletin")
        constraints = [
            models.CheckConstraint(condition=Q(minute__lt=24 * 60), name="bulletin_within_a_day")
        ]

    def __str__(self):
        return f"{self.city} · {self.minute // 60:02}:{self.minute % 60:02}"


class Bulletin(models.Model):
    """One entry of a city's chain: the bulletin of a day, or a correction of one. `body` is the
    canonical JSON as it is downloaded, and `sha256` its hash; it names the hash before."""

    append_only = True

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    number = models.PositiveIntegerField(_("number"))
    day = models.DateField(pgettext_lazy("date", "day"))
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("corrects")
    )
    published_at = models.DateTimeField(_("published at"))
    body = models.TextField(_("content"))
    previous = models.CharField(_("hash of the entry before"), max_length=64, blank=True)
    sha256 = models.CharField(_("hash"), max_length=64)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="one_bulletin_a_number"),
            models.UniqueConstraint(
                fields=["city", "day"],
                condition=Q(corrects__isnull=True),
                name="one_first_bulletin_a_day",
            ),
        ]
        # BulletinQuerySet.newest_of_days
        indexes = [models.Index(fields=["city", "day", "-number"], name="bulletins_of_days")]
        triggers = [
            NEVER_CHANGED,
            # The chain holds whoever writes: numbers without a gap, each hash that of its body.
            pgtrigger.Trigger(
                name="chained",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("last", "publication_bulletin%ROWTYPE")],
                func="""
                    PERFORM pg_advisory_xact_lock(7207, NEW.city_id::int);
                    SELECT * INTO last FROM publication_bulletin
                     WHERE city_id = NEW.city_id ORDER BY number DESC LIMIT 1;
                    IF NEW.number <> coalesce(last.number, 0) + 1
                       OR NEW.previous <> coalesce(last.sha256, '')
                       OR NEW.body::json ->> 'previous' <> NEW.previous
                       OR NEW.sha256 <> encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex')
                    THEN
                        RAISE EXCEPTION 'a bulletin follows the last one of its chain'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'chained';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.day} · {self.number}"


def place_of_file(digest, name):
    """Where a file of a digest lies below the media directory."""
    return f"digests/{digest.city.slug}/{name}"


class Digest(models.Model):
    """The figures of a month or quarter as a paper and a workbook, as they stood when it was made.
    Kept for good; made again it is a new version beside the old."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("digest", "waiting")
        RUNNING = "running", pgettext_lazy("digest", "being made")
        DONE = "done", pgettext_lazy("digest", "done")
        FAILED = "failed", pgettext_lazy("digest", "failed")

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    period = models.CharField(_("period"), max_length=10)
    language = models.CharField(
        _("language"), max_length=10, choices=[("zh-hans", "中文"), ("en", "English")]
    )
    version = models.PositiveIntegerField(_("version"))
    made_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    share = models.PositiveSmallIntegerField(_("share done, percent"), default=0)
    done_at = models.DateTimeField(_("made at"), null=True)
    pages = models.PositiveIntegerField(pgettext_lazy("count", "pages"), default=0)
    paper = models.FileField(_("PDF"), upload_to=place_of_file, blank=True)
    workbook = models.FileField(_("Excel"), upload_to=place_of_file, blank=True)
    paper_sha256 = models.CharField(_("hash of the PDF"), max_length=64, blank=True)
    workbook_sha256 = models.CharField(_("hash of the workbook"), max_length=64, blank=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints = [
            models.UniqueConstraint(
                fields=["city", "period", "language", "version"], name="one_digest_a_version"
            ),
            # Asking twice does not make two of them at a time.
            models.UniqueConstraint(
                fields=["city", "period", "language"],
                condition=Q(state__in=("waiting", "running")),
                name="one_digest_underway",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="done_is_done",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="done"),
            ),
        ]

    def __str__(self):
        return f"{self.period} · {self.language} · {self.version}"

    @property
    def is_underway(self):
        return self.state in (self.State.WAITING, self.State.RUNNING)
