"""Days of calendars as an Excel sheet: what it would move is shown with it, and then moved."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import recalendar
from staff.models import Calendar
from staff.tables import Column, Day, OfCity, OneOf, Table, YesNo, column


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
    """Days off and make-up days. Each calendar that the sheet changes gets one new version, which
    moves its open clocks; `result.moved` = [(calendar, its Preview)]."""

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
        result.moved = []
        if result.has_errors() or result.has_validation_errors():
            return
        for calendar, days in self.changed.values():
            content = content_with(calendar, days)
            if kwargs.get("dry_run"):
                moves = recalendar.preview(calendar, content)
            else:
                _version, moves = recalendar.apply(calendar, content)
            result.moved.append((calendar, moves))

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


def content_with(calendar, days):
    """The content of a calendar's next version: as the newest, with these days
    ({"2026-10-01": False})."""
    newest = calendar.current()
    content = {name: getattr(newest, name) for name in recalendar.CONTENT}
    return content | {"exceptions": dict(sorted({**newest.exceptions, **days}.items()))}
