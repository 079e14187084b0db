"""What a column of a sheet holds, and what is said of a value that it cannot hold."""

from decimal import Decimal

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import ManyToManyWidget, Widget

from staff.models import City
from staff.tables.sheet import text_of

YES = frozenset(["true", "yes", "1", "是", "y"])
NO = frozenset(["false", "no", "0", "否", "n"])


class Text(Widget):
    """Text, or a code that Excel took for a number."""

    def clean(self, value, row=None, **kwargs):
        return text_of(value)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class Number(Widget):
    """A number, or nothing."""

    def clean(self, value, row=None, **kwargs):
        text = text_of(value)
        try:
            return Decimal(text) if text else None
        except ArithmeticError:
            raise ValueError(_("“%(value)s” is not a number.") % {"value": text}) from None

    def render(self, value, obj=None, **kwargs):
        return None if value is None else float(value)


class Day(Widget):
    """A day, as Excel's own or as text: 2026-10-01."""

    def clean(self, value, row=None, **kwargs):
        text = text_of(value)
        try:
            found = parse_date(text.replace("/", "-")) if text else None
        except ValueError:
            found = None
        if text and found is None:
            raise ValueError(_("“%(value)s” is not a day such as 2026-10-01.") % {"value": text})
        return found

    def render(self, value, obj=None, **kwargs):
        return value


class YesNo(Widget):
    """Yes or no in either language; nothing is yes."""

    def clean(self, value, row=None, **kwargs):
        text = text_of(value).lower()
        if text and text not in YES | NO:
            raise ValueError(_("“%(value)s” is neither yes nor no.") % {"value": text})
        return text not in NO

    def render(self, value, obj=None, **kwargs):
        return "yes" if value else "no"


class OneOf(Widget):
    """A row of another table, named by one of its fields, within the city of its row."""

    def __init__(self, model, field="code", city_path="city", shared=False):
        super().__init__()
        self.model, self.field, self.city_path, self.shared = model, field, city_path, shared
        self.found = {}  # for one import: each name is looked up once

    def clean(self, value, row=None, **kwargs):
        text = text_of(value)
        if not text:
            return None
        key = text, text_of((row or {}).get("city"))
        if key not in self.found:
            self.found[key] = self.find(text, row)
        return self.found[key]

    def find(self, text, row):
        """The row named `text`; raises ValueError that says there is none."""
        rows = self.model.objects.filter(**{self.field: text})
        if self.city_path:
            mine = Q(**{f"{self.city_path}__slug": text_of((row or {}).get("city"))})
            none = Q(**{f"{self.city_path}__isnull": True})
            rows = rows.filter(mine | none if self.shared else mine)
            rows = rows.order_by(f"{self.city_path}__pk")  # an own row before a shared one
        found = rows.first()
        if found is None:
            what = {"what": self.model._meta.verbose_name, "value": text}
            raise ValueError(_("There is no %(what)s “%(value)s” here.") % what)
        return found

    def render(self, value, obj=None, **kwargs):
        return getattr(value, self.field) if value else ""


class SomeOf(ManyToManyWidget):
    """Several rows of another table, named by their codes with commas between."""

    def __init__(self, model, field="code"):
        super().__init__(model, field=field)
        self.one = OneOf(model, field)

    def clean(self, value, row=None, **kwargs):
        names = text_of(value).replace("，", ",").split(",")
        return [self.one.clean(name.strip(), row) for name in names if name.strip()]

    def render(self, value, obj=None, **kwargs):
        rows = value.all() if hasattr(value, "all") else value or []
        return ",".join(sorted(getattr(each, self.field) for each in rows))


class OfCity(OneOf):
    """A city by its short name, among those that the importer keeps (`cities`, None: all)."""

    cities = None

    def __init__(self):
        super().__init__(City, "slug", city_path="")

    def find(self, text, row):
        found = super().find(text, row)
        if self.cities is not None and found.pk not in self.cities:
            raise ValueError(_("The city “%(value)s” is not yours.") % {"value": text})
        return found


class Column(Field):
    """A column whose refusals are whole sentences of their own."""

    def clean(self, row, **kwargs):
        return self.widget.clean(row.get(self.column_name), row=row)


def column(name, widget=None, **kwargs):
    """A column named as its attribute."""
    return Column(attribute=name, column_name=name, widget=widget or Text(), **kwargs)
