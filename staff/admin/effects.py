"""What a row would do, shown on its own form before it is saved."""

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _


class EffectAdmin:
    """Adds "Show the effect" to a form. With htmx the answer is a part of the form's own page, else
    a page of its own; nothing is saved.

    A page of rows says what a row that is not saved would do: `effect_of(request, row)` gives the
    variables of `effect_template`."""

    change_form_template = "admin/effect_form.html"
    effect_title = _("Effect of this row")
    effect_words = ""
    effect_template = ""

    def get_urls(self):
        view = self.admin_site.admin_view(self.effect_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_effect"
        return [
            path("effect/", view, name=name),
            path("<int:pk>/effect/", view, name=f"{name}_of"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if self._may_save(request, obj if change else None):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_effect"
            context |= {
                "effect_url": reverse(f"{name}_of", args=[obj.pk]) if change else reverse(name),
                "effect_title": self.effect_title,
                "effect_words": self.effect_words,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _may_save(self, request, row):
        if row is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, row)

    def effect_view(self, request, pk=None):
        """POST: the effect of the row as the form has it now."""
        row = self.get_queryset(request).filter(pk=pk).first() if pk else None
        missing = pk is not None and row is None
        if missing or request.method != "POST" or not self._may_save(request, row):
            raise PermissionDenied
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        context = {"form": form, "opts": self.opts, "title": self.effect_title}
        context["effect_template"] = self.effect_template
        if form.is_valid():
            # Not saved: the form has only written its values on the object.
            context["row"] = form.instance
            context |= self.effect_of(request, form.instance)
        alone = not request.headers.get("HX-Request")
        name = "admin/effect_page.html" if alone else self.effect_template
        site = self.admin_site.each_context(request) if alone else {}
        return TemplateResponse(request, name, site | context)
