"""The pages of the catalogue and of the matrix, with the preview of what a row would do."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from grids.querysets import LocalDate
from incidents import preview
from incidents.models import Category, Condition, MatrixRow
from incidents.tables import (
    CategoryTable,
    ConditionTable,
    MatrixTable,
    refuse_row,
    save_condition,
)
from lib import now as clock
from staff.admin import EffectAdmin, SheetAdmin
from staff.forms import Named


@admin.register(Category)
class CategoryAdmin(SheetAdmin):
    shared = True
    resource_classes = [CategoryTable]
    list_display = ["code", "name_zh", "name_en", "kind", "class_zh", "basis", "is_active"]
    list_filter = ["kind", "basis", "is_active", "city"]
    search_fields = ["code__startswith", "name_zh", "name_en"]
    autocomplete_fields = ["city"]


@admin.register(Condition)
class ConditionAdmin(SheetAdmin):
    """A changed limit makes a new version; cases keep the one under which they were filed."""

    city_path, shared = "category__city", True
    resource_classes = [ConditionTable]
    list_display = [
        "code",
        "version",
        "text",
        "limit_value",
        "limit_unit",
        "priority",
        "basis",
        "is_active",
    ]
    list_filter = ["priority", "limit_unit", "basis", "is_active"]
    list_select_related = ["category"]
    search_fields = ["code__startswith", "text_zh", "text_en"]
    autocomplete_fields = ["category"]
    readonly_fields = ["version"]

    @display(description=_("filing condition"))
    def text(self, condition):
        return str(condition)[:80]

    def save_model(self, request, obj, form, change):
        save_condition(obj, form.changed_data if change else [])


class MatrixRowForm(Named, forms.ModelForm):
    def clean(self):
        """Says in words where subclass, class, kind and days contradict one another."""
        given = super().clean()
        names = ("city", "kind", "class_code", "category", "valid_from", "valid_until")
        try:
            refuse_row(MatrixRow(**{name: given.get(name) for name in names}))
        except ValidationError as refused:
            for name, messages in refused.message_dict.items():
                self.add_error(name, messages)
        return given


class ValidTodayFilter(admin.SimpleListFilter):
    title = _("valid today")
    parameter_name = "today"

    def lookups(self, request, model_admin):
        return [("yes", _("yes")), ("no", _("no"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        today = LocalDate(clock.now(), "city__time_zone")
        ended = queryset.filter(valid_until__lte=today) | queryset.filter(valid_from__gt=today)
        return ended if self.value() == "no" else queryset.exclude(pk__in=ended.values("pk"))


@admin.register(MatrixRow)
class MatrixRowAdmin(EffectAdmin, SheetAdmin):
    """What a row would do is shown before it is saved."""

    form = MatrixRowForm
    resource_classes = [MatrixTable]
    effect_words = _("What the row would do as it stands above, before it is saved.")
    effect_template = "admin/incidents/matrixrow/_effect.html"
    list_display = [
        "id",
        "kind",
        "class_code",
        "category",
        "area",
        "lead",
        "valid_from",
        "valid_until",
    ]
    list_filter = [ValidTodayFilter, "kind", "area__level", "city"]
    list_select_related = ["category", "area", "lead"]
    search_fields = [
        "class_code",
        "category__code__startswith",
        "area__code__startswith",
        "lead__name_zh",
        "lead__name_en",
    ]
    autocomplete_fields = ["city", "category", "area", "lead", "assisting"]

    def effect_of(self, request, row):
        try:
            return {"effect": preview.effect_of(row)}
        except DatabaseError:
            return {"too_long": True}
