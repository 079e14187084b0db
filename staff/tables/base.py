"""What every table shares: whose rows, which are named, and why a line is refused."""

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist
from django.db import IntegrityError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from import_export import resources
from import_export.instance_loaders import ModelInstanceLoader

from staff.models import City
from staff.tables.columns import OfCity, OneOf, SomeOf
from staff.tables.sheet import text_of


class Preloaded(ModelInstanceLoader):
    """Finds the row that a line of the sheet names among all that the importer keeps, which are
    read once."""

    def get_instance(self, row):
        fields = [self.resource.fields[name] for name in self.resource.get_import_id_fields()]
        if not hasattr(self, "rows"):
            kept = self.get_queryset()
            self.rows = {tuple(getattr(each, f.attribute) for f in fields): each for each in kept}
        return self.rows.get(tuple(field.clean(row) for field in fields))


class Table(resources.ModelResource):
    """Rows of the cities that the importer keeps. `city_path` leads from a row to its city;
    `fill_city` writes the one city into rows that name none; `shared` rows have no city."""

    city_path = "city"
    fill_city = True
    shared = False
    may_miss = ("city",)  # columns that name a row and may be left out all the same

    class Meta:
        instance_loader_class = Preloaded
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        skip_diff = True  # a deep copy of each row; `was` and `changes` say what changed
        store_instance = True

    def __init__(self, cities=None, **kwargs):
        super().__init__(**kwargs)
        self.cities = cities
        for field in self.fields.values():
            if isinstance(field.widget, OfCity):
                field.widget.cities = cities

    def get_queryset(self):
        rows = self.filter_export(super().get_queryset())
        if self.cities is None or not self.city_path:
            return rows
        mine = Q(**{f"{self.city_path}__in": self.cities})
        return rows.filter(mine | Q(**{f"{self.city_path}__isnull": True}) if self.shared else mine)

    def before_import(self, dataset, **kwargs):
        known = [field.column_name for field in self.get_import_fields()]
        strange = [head for head in dataset.headers if head not in known]
        if strange:
            raise ValueError(
                _("These columns are not known here: %(columns)s.")
                % {"columns": ", ".join(strange)}
            )
        named = [self.fields[name].column_name for name in self.get_import_id_fields()]
        missing = [name for name in named if name not in dataset.headers]
        needed = [name for name in missing if name not in self.may_miss]
        if needed:
            raise ValueError(
                _("These columns are missing: %(columns)s.") % {"columns": ", ".join(needed)}
            )
        for name in missing:
            dataset.append_col([None] * len(dataset), header=name)

    def before_import_row(self, row, **kwargs):
        if self.fill_city and not text_of(row.get("city")):
            row["city"] = self._only_city()

    def _only_city(self):
        slugs = (
            City.objects.all() if self.cities is None else City.objects.filter(pk__in=self.cities)
        )
        slugs = list(slugs.values_list("slug", flat=True)[:2])
        return slugs[0] if len(slugs) == 1 else ""

    def filter_export(self, queryset, **kwargs):
        """The rows with what their codes are read from, in as many queries as there are kinds."""
        fields = self.fields.values()
        ones = [field.attribute for field in fields if isinstance(field.widget, OneOf)]
        many = [field.attribute for field in fields if isinstance(field.widget, SomeOf)]
        return queryset.select_related(*ones).prefetch_related(*many)

    def told(self, instance, row=None):
        """{column: text} of a row as it is now; with `row` as it will be when its lists are saved
        too."""
        said = {}
        for field in self.get_import_fields():
            later = row and isinstance(field.widget, SomeOf) and field.column_name in row
            value = field.clean(row) if later else field.get_value(instance)
            said[field.column_name] = text_of(field.widget.render(value, instance))
        return said

    def skip_row(self, instance, original, row, import_validation_errors=None):
        """True for a row that the sheet leaves as it is."""
        if import_validation_errors or not instance.was:
            return False
        return self.told(instance, row) == instance.was

    def after_init_instance(self, instance, new, row, **kwargs):
        instance.was = {} if new else self.told(instance)

    def after_import_row(self, row, row_result, **kwargs):
        if row_result.import_type == row_result.IMPORT_TYPE_SKIP:
            return
        instance = row_result.instance
        was, now = instance.was, self.told(instance)
        row_result.changes = [
            [name, was.get(name, ""), value]
            for name, value in now.items()
            if value != was.get(name, "")
        ]

    def after_import(self, dataset, result, **kwargs):
        """`result.refused` = [(number of the row in Excel, [reasons])], in the sheet's order."""
        numbers = getattr(dataset, "numbers", range(2, len(dataset) + 2))
        refused = [
            (numbers[row.number - 1], [_reason(error.error) for error in row.errors])
            for row in result.error_rows
        ]
        refused += [
            (numbers[row.number - 1], self._reasons(row.error)) for row in result.invalid_rows
        ]
        result.refused = sorted(refused)

    def _reasons(self, error):
        """The messages of a ValidationError, each with its column."""
        if not hasattr(error, "error_dict"):
            return list(error.messages)
        return [
            message
            if name == NON_FIELD_ERRORS
            else _("%(column)s: %(reason)s") % {"column": self._title(name), "reason": message}
            for name, messages in error.message_dict.items()
            for message in messages
        ]

    def _title(self, name):
        try:
            return capfirst(self._meta.model._meta.get_field(name).verbose_name)
        except (AttributeError, FieldDoesNotExist):
            return name


def _reason(error):
    if isinstance(error, IntegrityError):
        rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        return _("The database refuses this row by its rule “%(rule)s”.") % {"rule": rule or "–"}
    return str(error)
