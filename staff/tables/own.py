"""Units, members and days of calendars as tables."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import now as clock
from staff.models import Calendar, CalendarVersion, Member, Unit
from staff.tables.base import Table
from staff.tables.columns import Column, Day, OfCity, OneOf, YesNo, column


class UnitTable(Table):
    city = column("city", OfCity())
    code = column("code")
    name_zh = column("name_zh")
    name_en = column("name_en")
    kind = column("kind")
    parent = column("parent", OneOf(Unit))
    calendar = column("calendar", OneOf(Calendar, "name"))
    is_active = column("is_active", YesNo())

    class Meta(Table.Meta):
        model = Unit
        fields = ["city", "code", "name_zh", "name_en", "kind", "parent", "calendar", "is_active"]
        import_id_fields = ["city", "code"]


class MemberTable(Table):
    """Accounts by their names; one made here has no password until one is set. `kept` is a
    queryset of the members that the importer may change (None: all)."""

    city_path = ""
    fill_city = False
    username = column("username")
    name = column("name")
    language = column("language")
    is_active = column("is_active", YesNo())

    class Meta(Table.Meta):
        model = Member
        fields = ["username", "name", "language", "is_active"]
        import_id_fields = ["username"]

    def __init__(self, kept=None, **kwargs):
        super().__init__(**kwargs)
        self.kept = kept

    def after_init_instance(self, instance, new, row, **kwargs):
        super().after_init_instance(instance, new, row, **kwargs)
        if new:
            instance.set_unusable_password()
        elif self.kept is not None and not self.kept.filter(pk=instance.pk).exists():
            raise ValidationError(_("This account is not yours to change."))

    def import_instance(self, instance, row, **kwargs):
        super().import_instance(instance, row, **kwargs)
        instance.language = instance.language or "zh-hans"


@dataclass
class CalendarDay:
    """One day on which a calendar leaves its week: `works` on a make-up day, not on a day off."""

    calendar: Calendar
    day: date
    works: bool | None = None

    def __str__(self):
        return f"{self.calendar} · {self.day}"

    @property
    def pk(self):
        """History is kept with the calendar."""
        return self.calendar.pk


class DayTable(Table):
    """Days off and make-up days. Each calendar that the sheet changes gets one new version."""

    city = Column(column_name="city", attribute="calendar__city", widget=OfCity(), readonly=True)
    calendar = column("calendar", OneOf(Calendar, "name"))
    day = column("day", Day())
    works = column("works", YesNo())

    class Meta(Table.Meta):
        model = Calendar
        fields = ["city", "calendar", "day", "works"]
        import_id_fields = ["calendar", "day"]

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.changed = {}

    def get_or_init_instance(self, instance_loader, row):
        self.fields["city"].widget.clean(row.get("city"), row)
        wanted = {name: self.fields[name].clean(row) for name in ("calendar", "day")}
        missing = [name for name, value in wanted.items() if value is None]
        if missing:
            raise ValidationError({name: _("This column is needed.") for name in missing})
        version = wanted["calendar"].current()
        known = version.exceptions if version else {}
        works = known.get(wanted["day"].isoformat())
        return CalendarDay(**wanted, works=works), works is None

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        errors = dict(import_validation_errors or {})
        if instance.calendar.current() is None:
            errors["calendar"] = _("This calendar has no office hours yet.")
        if errors:
            raise ValidationError(errors)

    def do_instance_save(self, instance, is_create):
        days = self.changed.setdefault(instance.calendar.pk, (instance.calendar, {}))[1]
        days[instance.day.isoformat()] = instance.works

    def after_import(self, dataset, result, **kwargs):
        super().after_import(dataset, result, **kwargs)
        if not (result.has_errors() or result.has_validation_errors()):
            for calendar, days in self.changed.values():
                next_version(calendar, days)

    def filter_export(self, queryset, **kwargs):
        """Every day of the newest version of these calendars."""
        for calendar in queryset.select_related("city"):
            version = calendar.current()
            for day, works in sorted(version.exceptions.items()) if version else ():
                yield CalendarDay(calendar, date.fromisoformat(day), works)

    def _title(self, name):
        return {
            "calendar": Calendar._meta.verbose_name,
            "day": _("day"),
            "works": WORKS,
        }.get(name, name)


WORKS = gettext_lazy("work day")


def next_version(calendar, days):
    """The calendar's next version: as the newest, with these days ({"2026-10-01": False})."""
    newest = calendar.current()
    return CalendarVersion.objects.create(
        calendar=calendar,
        number=newest.number + 1,
        hours=newest.hours,
        workweek=newest.workweek,
        day_minutes=newest.day_minutes,
        exceptions=dict(sorted({**newest.exceptions, **days}.items())),
        known_until=newest.known_until,
        created_at=clock.now(),
    )
