"""Who: the city, its calendars, its units and the people who work in it."""

from functools import lru_cache

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lib import now as clock
from lib import worktime
from staff.querysets import UnitQuerySet

PINYIN = "zh-x-icu"  # ICU sorts Chinese by pinyin whatever locale the cluster was made with


def in_language(zh, en):
    """The one of two texts that the reader's language asks for; the other where it is empty."""
    first, second = (zh, en) if (get_language() or "zh").startswith("zh") else (en, zh)
    return first or second


def default_limits():
    """The limits of every clock but handle, as {kind: [amount, unit]}; `patrol` is hours of patrol
    time. Source: domain rules, "Clocks" (intake and dispatch 15 min, confirm and verify 30 min of
    patrol time, close and decide 4 work hours, spot check 1 work day)."""
    return {
        "intake": ["0.25", "hour"],
        "dispatch": ["0.25", "hour"],
        "confirm": ["0.5", "patrol"],
        "verify": ["0.5", "patrol"],
        "close": ["4", "work_hour"],
        "request": ["4", "work_hour"],
        "answer": ["4", "work_hour"],
        "opine": ["1", "work_day"],
        "decide": ["1", "work_day"],
        "spot_check": ["1", "work_day"],
    }


def default_bounds():
    """How large a city's grids are, [least, most]: unit grids in square metres, round the 10,000 of
    the guide, and duty grids in people (guide: 300 to 500 households or about 1,000; the cities
    that were read have 1,500 and 3,000)."""
    return {"grid_m2": [2_000, 30_000], "duty_grid_people": [500, 4_000]}


class City(models.Model):
    """A city that runs the loop; everything else belongs to one."""

    slug = models.SlugField(_("short name"), unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    number_prefix = models.CharField(_("case number prefix"), max_length=8, unique=True)
    calendar = models.ForeignKey(
        "Calendar", models.PROTECT, null=True, related_name="+", verbose_name=_("office calendar")
    )
    patrol_calendar = models.ForeignKey(
        "Calendar", models.PROTECT, null=True, related_name="+", verbose_name=_("patrol hours")
    )
    limits = models.JSONField(_("limits"), default=default_limits)
    border_tolerance_m = models.FloatField(_("border tolerance, metres"), default=15)
    bounds = models.JSONField(_("sizes of grids"), default=default_bounds)
    code_lengths = models.JSONField(
        _("code lengths"),
        default=list,
        blank=True,
        help_text=_("Digits of district, street, community and grid codes."),
    )
    invented = models.TextField(
        _("what is invented"), blank=True, help_text=_("Said wherever the city's map is shown.")
    )

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")

    def __str__(self):
        return in_language(self.name_zh, self.name_en)

    def local_date(self, moment):
        """The day on which a moment falls in the city."""
        return clock.local_date(moment, self.time_zone)

    def day_begins(self, day):
        """The moment at which a day begins in the city."""
        return clock.day_begins(day, self.time_zone)

    def today(self):
        """The city's day at this moment."""
        return self.local_date(clock.now())


class Calendar(models.Model):
    """Office hours and days off under a name; its content is in dated, numbered versions."""

    city = models.ForeignKey(City, models.PROTECT, related_name="calendars", verbose_name=_("city"))
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = [models.UniqueConstraint(fields=["city", "name"], name="one_calendar_a_name")]

    def __str__(self):
        return self.name

    def current(self):
        """The newest version."""
        return self.versions.order_by("-number").first()


class CalendarVersion(models.Model):
    """What a calendar said from a day on. Appended, never changed: verdicts name the version."""

    append_only = True

    calendar = models.ForeignKey(
        Calendar, models.PROTECT, related_name="versions", verbose_name=_("calendar")
    )
    number = models.PositiveIntegerField(_("version"))
    hours = models.JSONField(
        _("office hours"), help_text=_("Minutes of the local day, [[480, 720], [840, 1080]].")
    )
    workweek = models.JSONField(_("work days of the week"), help_text=_("1 is Monday."))
    day_minutes = models.PositiveIntegerField(_("standard work day, minutes"), default=480)
    exceptions = models.JSONField(
        _("days off and make-up days"),
        default=dict,
        blank=True,
        help_text=_('{"2026-10-01": false, "2026-02-28": true}'),
    )
    known_until = models.DateField(_("holidays known until"), null=True, blank=True)
    created_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar version")
        verbose_name_plural = _("calendar versions")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="one_version_a_number")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self):
        return f"{self.calendar} · {self.number}"

    def worktime(self):
        """This version as a `lib.worktime.Calendar` in the city's time zone."""
        return calendar_of(self.pk)


@lru_cache(maxsize=256)
def calendar_of(version_id):
    """The `lib.worktime.Calendar` of a version by its key; versions never change, so it is kept."""
    version = CalendarVersion.objects.select_related("calendar__city").get(pk=version_id)
    return worktime.Calendar.from_json(
        {
            "timezone": version.calendar.city.time_zone,
            "hours": version.hours,
            "workweek": version.workweek,
            "exceptions": version.exceptions,
            "day_minutes": version.day_minutes,
            "known_until": version.known_until.isoformat() if version.known_until else None,
            "version": str(version_id),
        }
    )


class Unit(models.Model):
    """A responsible unit: department, street office, company, community, or one of the centres."""

    class Kind(models.TextChoices):
        SUPERVISION = "supervision", _("supervision centre")
        COMMAND = "command", _("command centre")
        DEPARTMENT = "department", _("department")
        STREET = "street", _("street office")
        COMMUNITY = "community", _("community")
        COMPANY = "company", _("company")

    city = models.ForeignKey(City, models.PROTECT, related_name="units", verbose_name=_("city"))
    code = models.CharField(_("code"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=120, db_collation=PINYIN)
    name_en = models.CharField(_("English name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("belongs to"),
    )
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("own calendar"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name_zh"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="one_unit_a_code"),
        ]

    def __str__(self):
        return in_language(self.name_zh, self.name_en)


class Member(AbstractUser):
    """A person with an account, or one of the two members without a password: the system and the
    public. What a member may do comes from today's posts alone."""

    first_name = None
    last_name = None
    name = models.CharField(_("name"), max_length=80, db_collation=PINYIN)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        default="zh-hans",
        choices=[("zh-hans", "中文"), ("en", "English")],
    )

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        triggers = [
            # A token of the API was given for a password; with it the token ends, whoever had it.
            pgtrigger.Trigger(
                name="tokens_end_with_password",
                operation=pgtrigger.UpdateOf("password"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("OLD.password IS DISTINCT FROM NEW.password"),
                func="DELETE FROM authtoken_token WHERE user_id = NEW.id; RETURN NULL;",
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)

    def has_perm(self, perm, obj=None):
        """Permissions of today's posts; being superuser is for set-up and grants no move."""
        if self.is_superuser and self.is_active and not is_move(perm):
            return True
        return self.is_active and perm in self.get_all_permissions()

    def may_look_inside(self):
        """True if a post lets the member look at something in the administration."""
        return self.is_superuser or any(
            permission.partition(".")[2].startswith("view_")
            for permission in self.get_all_permissions()
        )


_MODEL_VERBS = ("view_", "add_", "change_", "delete_")


def is_move(perm):
    """True if a permission ("incidents.dispatch_case") is a verb of the loop rather than one of
    Django's own four."""
    app, _dot, codename = perm.partition(".")
    return app == "incidents" and not codename.startswith(_MODEL_VERBS)
