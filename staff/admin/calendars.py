"""How office hours, days and limits are typed: as people write them, not as JSON."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from lib import calendars
from staff.forms import Named
from staff.models import City, default_bounds, default_limits

WEEK = [
    (1, gettext_lazy("Monday")),
    (2, gettext_lazy("Tuesday")),
    (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")),
    (5, gettext_lazy("Friday")),
    (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
]
OFF, WORKS = pgettext_lazy("day", "off"), pgettext_lazy("day", "work")
# Whatever language it is typed in.
_WORDS = {"off": False, "休": False, "放假": False, "work": True, "班": True, "上班": True}
# `patrol` is hours of patrol time; the others are the kinds of time of lib.calendars.
UNITS = ("hour", "work_hour", "work_day", "day", "patrol")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–—~～至]\s*(\d{1,2}):(\d\d)")


def minutes_as_time(minute):
    """540 as "09:00"; 1440 as "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def hours_as_text(hours):
    return ", ".join(f"{minutes_as_time(a)}–{minutes_as_time(b)}" for a, b in hours)


def week_as_text(days):
    names = dict(WEEK)
    return ", ".join(str(names[day]) for day in sorted(days) if day in names)


def days_as_text(days):
    """A line a day: "2026-10-01 off", in the reader's language."""
    return "\n".join(f"{day} {WORKS if works else OFF}" for day, works in sorted(days.items()))


def limits_as_text(limits):
    """A line a clock: "intake 0.25 hour"."""
    return "\n".join(f"{kind} {amount} {unit}" for kind, (amount, unit) in limits.items())


def bounds_as_text(bounds):
    """A line a size: "grid_m2 2000 30000"."""
    return "\n".join(f"{name} {least} {most}" for name, (least, most) in bounds.items())


class Written(forms.CharField):
    """A value that is typed as text: `as_text` writes it, `read` reads it or raises."""

    as_text = staticmethod(str)

    def prepare_value(self, value):
        return value if isinstance(value, str) or value is None else self.as_text(value)

    def to_python(self, value):
        text = super().to_python(value)
        return self.read(text) if text else self.empty()

    def empty(self):
        return None

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), (data or "").replace("\r", ""))


class HoursField(Written):
    widget = UnfoldAdminTextInputWidget
    as_text = staticmethod(hours_as_text)

    def read(self, text):
        """ "08:00–12:00, 14:00–18:00" as [[480, 720], [840, 1080]]."""
        spans = [
            part.strip() for part in re.split(r"[,，;；]", text.replace("：", ":")) if part.strip()
        ]
        found = [_SPAN.fullmatch(span) for span in spans]
        if not all(found):
            raise ValidationError(_("Write office hours as 08:00–12:00, 14:00–18:00."))
        numbers = [[int(number) for number in match.groups()] for match in found]
        return [[a * 60 + b, c * 60 + d] for a, b, c, d in numbers]


class WeekField(forms.TypedMultipleChoiceField):
    def __init__(self, **kwargs):
        super().__init__(choices=WEEK, coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)

    def has_changed(self, initial, data):
        return super().has_changed(initial or [], data or [])


class DaysField(Written):
    widget = UnfoldAdminTextareaWidget
    as_text = staticmethod(days_as_text)

    def empty(self):
        return {}

    def read(self, text):
        """Lines of "2026-10-01 off" as {"2026-10-01": False}."""
        days = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words:
                continue
            day = _day(words[0])
            works = _WORDS.get(words[1].lower()) if len(words) == 2 else None
            if day is None or works is None:
                raise ValidationError(
                    _("Line %(number)s: write a day and “off” or “work”, as 2026-10-01 off."),
                    params={"number": number},
                )
            days[day.isoformat()] = works
        return days


def _day(text):
    try:
        return parse_date(text)
    except ValueError:
        return None


class LimitsField(Written):
    widget = UnfoldAdminTextareaWidget
    as_text = staticmethod(limits_as_text)

    def read(self, text):
        """Lines of "intake 0.25 hour" as {"intake": ["0.25", "hour"]}; every clock once."""
        limits = {}
        for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
            words = line.split()
            try:
                kind, amount, unit = words
                calendars.Limit(amount, "hour" if unit == "patrol" else unit)
            except ValueError:
                kind = None
            if kind not in default_limits() or unit not in UNITS or float(amount) <= 0:
                raise ValidationError(
                    _("Line %(number)s: write a clock, an amount and a unit, as intake 0.25 hour."),
                    params={"number": number},
                )
            limits[kind] = [amount, unit]
        missing = [kind for kind in default_limits() if kind not in limits]
        if missing:
            raise ValidationError(
                _("These clocks have no limit: %(clocks)s."), params={"clocks": ", ".join(missing)}
            )
        return limits


class BoundsField(Written):
    widget = UnfoldAdminTextareaWidget
    as_text = staticmethod(bounds_as_text)

    def read(self, text):
        """Lines of "grid_m2 2000 30000" as {"grid_m2": [2000, 30000]}; every size once."""
        bounds = {}
        for line in filter(str.strip, text.splitlines()):
            name, *numbers = line.split()
            if len(numbers) == 2 and all(n.isascii() and n.isdecimal() for n in numbers):
                bounds[name] = [int(number) for number in numbers]
        right = bounds.keys() == default_bounds().keys()
        if not right or any(least >= most for least, most in bounds.values()):
            raise ValidationError(
                _("Write a line a size, its least and its most: %(names)s."),
                params={"names": ", ".join(default_bounds())},
            )
        return bounds


def label_of(model, name):
    """A model field's label as Django's own forms write it."""
    return capfirst(model._meta.get_field(name).verbose_name)


class CityForm(Named, forms.ModelForm):
    bounds = BoundsField(
        label=label_of(City, "bounds"),
        help_text=gettext_lazy(
            "A line a size, its least and its most: unit grids in square metres, duty grids in"
            " people. The daily check lists what lies outside."
        ),
    )
    limits = LimitsField(
        label=label_of(City, "limits"),
        help_text=gettext_lazy(
            "A line a clock: its name, the amount, and hour, work_hour, work_day, day or patrol."
        ),
    )
