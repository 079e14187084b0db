"""The catalogue and the matrix as Excel sheets, and what forms and sheets ask of their rows."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from grids.models import Area
from incidents.models import Category, Condition, MatrixRow
from staff.models import Unit
from staff.tables import Day, Number, OfCity, OneOf, SomeOf, Table, YesNo, column


def refuse_row(row):
    """Raises ValidationError if a row of the matrix contradicts itself: subclass, class and kind
    must agree, and a row ends after it begins."""
    errors = {}
    category = row.category if row.category_id else None
    if category is not None and row.kind and category.kind != row.kind:
        errors["category"] = _("This subclass is of the other kind.")
    elif category is not None and row.class_code not in ("", category.class_code):
        errors["class_code"] = _("The subclass belongs to class %(code)s.") % {
            "code": category.class_code
        }
    elif category is None and row.class_code and not _class_exists(row):
        errors["class_code"] = _("The catalogue has no such class of this kind.")
    if row.valid_from and row.valid_until and row.valid_until <= row.valid_from:
        errors["valid_until"] = _("The row must end after it begins.")
    if errors:
        raise ValidationError(errors)


def _class_exists(row):
    return (
        Category.objects.of_city(row.city_id)
        .filter(kind=row.kind, class_code=row.class_code)
        .exists()
    )


def save_condition(condition, changed):
    """Save a filing condition. Another limit (`changed` names the fields) makes the next version
    of it, and the older one stays for the cases that were filed under it."""
    if condition.pk and {"limit_value", "limit_unit"} & set(changed):
        Condition.objects.filter(pk=condition.pk).update(is_active=False)
        condition.pk, condition.version, condition.is_active = None, condition.version + 1, True
        condition._state.adding = True
    condition.save()


class CategoryTable(Table):
    """Subclasses; a row without a city belongs to the catalogue that all cities share."""

    fill_city, shared = False, True
    city = column("city", OfCity())
    code = column("code")
    kind = column("kind")
    class_code = column("class_code")
    class_zh = column("class_zh")
    class_en = column("class_en")
    subclass_code = column("subclass_code")
    name_zh = column("name_zh")
    name_en = column("name_en")
    basis = column("basis")
    is_active = column("is_active", YesNo())

    class Meta(Table.Meta):
        model = Category
        fields = [
            "city",
            "code",
            "kind",
            "class_code",
            "class_zh",
            "class_en",
            "subclass_code",
            "name_zh",
            "name_en",
            "basis",
            "is_active",
        ]
        import_id_fields = ["city", "code"]

    def import_instance(self, instance, row, **kwargs):
        super().import_instance(instance, row, **kwargs)
        for name in ("class_code", "subclass_code"):
            # Excel drops the nought of 03.
            value = getattr(instance, name)
            setattr(instance, name, value.zfill(2) if value.isdigit() else value)


class ConditionTable(Table):
    """The filing conditions in use, by category and code. `city` is the category's: empty for the
    shared catalogue."""

    city_path, fill_city, shared = "category__city", False, True
    category = column("category", OneOf(Category, shared=True))
    code = column("code")
    text_zh = column("text_zh")
    text_en = column("text_en")
    limit_value = column("limit_value", Number())
    limit_unit = column("limit_unit")
    closing_zh = column("closing_zh")
    closing_en = column("closing_en")
    priority = column("priority")
    basis = column("basis")

    class Meta(Table.Meta):
        model = Condition
        fields = [
            "category",
            "code",
            "text_zh",
            "text_en",
            "limit_value",
            "limit_unit",
            "closing_zh",
            "closing_en",
            "priority",
            "basis",
        ]
        import_id_fields = ["category", "code"]

    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)

    def before_import_row(self, row, **kwargs):
        # Own categories before shared ones: the search knows the city of a row.
        row.setdefault("city", self._only_city())

    def do_instance_save(self, instance, is_create):
        now = self.told(instance)
        save_condition(instance, [k for k, v in instance.was.items() if now[k] != v])


class MatrixTable(Table):
    """Rows of the responsibility matrix, by what, where and first day."""

    may_miss = ("city", "class_code", "category")
    city = column("city", OfCity())
    kind = column("kind")
    class_code = column("class_code")
    category = column("category", OneOf(Category, shared=True))
    area = column("area", OneOf(Area))
    lead = column("lead", OneOf(Unit))
    assisting = column("assisting", SomeOf(Unit))
    valid_from = column("valid_from", Day())
    valid_until = column("valid_until", Day())

    class Meta(Table.Meta):
        model = MatrixRow
        fields = [
            "city",
            "kind",
            "class_code",
            "category",
            "area",
            "lead",
            "assisting",
            "valid_from",
            "valid_until",
        ]
        import_id_fields = ["city", "kind", "class_code", "category", "area", "valid_from"]

    def before_import_row(self, row, **kwargs):
        super().before_import_row(row, **kwargs)
        code = str(row.get("class_code") or "").strip().removesuffix(".0")
        row["class_code"] = code.zfill(2) if code.isdigit() else code

    def before_save_instance(self, instance, row, **kwargs):
        refuse_row(instance)
