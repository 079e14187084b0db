"""The pages of the catalogue and of the matrix, with the preview of what a row would do."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

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
from staff.admin import SheetAdmin


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


class MatrixRowForm(forms.ModelForm):
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
        today = clock.now().date()
        if self.value() not in ("yes", "no"):
            return queryset
        ended = queryset.filter(valid_until__lte=today) | queryset.filter(valid_from__gt=today)
        return ended if self.value() == "no" else queryset.exclude(pk__in=ended.values("pk"))


@admin.register(MatrixRow)
class MatrixRowAdmin(SheetAdmin):
    """What a row would do is shown before it is saved."""

    form = MatrixRowForm
    resource_classes = [MatrixTable]
    change_form_template = "admin/incidents/matrixrow/change_form.html"
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

    def get_urls(self):
        view = self.admin_site.admin_view(self.preview_view)
        return [
            path("preview/", view, name="incidents_matrixrow_preview"),
            path("<int:pk>/preview/", view, name="incidents_matrixrow_preview_of"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        may = (
            self.has_change_permission(request, obj) if change else self.has_add_permission(request)
        )
        context["may_preview"] = may
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _may_save(self, request, row):
        if row is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, row)

    def preview_view(self, request, pk=None):
        """The effect of the row as the form has it now; nothing is saved. With htmx a part of the
        form's own page, else a page of its own."""
        row = self.get_queryset(request).filter(pk=pk).first() if pk else None
        missing = pk is not None and row is None
        if missing or request.method != "POST" or not self._may_save(request, row):
            raise PermissionDenied
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        context = {"form": form, "opts": self.opts, "title": _("Effect of this row")}
        if form.is_valid():
            # Not saved: the form has only written its values on the object.
            context["row"] = form.instance
            try:
                context["effect"] = preview.effect_of(form.instance)
            except DatabaseError:
                context["too_long"] = True
        alone = not request.headers.get("HX-Request")
        name = "preview.html" if alone else "_effect.html"
        site = self.admin_site.each_context(request) if alone else {}
        return TemplateResponse(request, f"admin/incidents/matrixrow/{name}", site | context)
