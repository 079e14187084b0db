"""Formulas as administrators edit them: a change is a new version, shown first on last month."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from assessment.measures import COUNT_SCORES, RATES
from assessment.models import Formula
from assessment.periods import Period
from assessment.scorecards import formula_of, scorecard
from lib import now as clock
from staff.admin import AppendOnly, CityAdmin
from staff.models import City

MOST_SHOWN = 20
# The kind of area on which a formula of areas is shown.
SHOWN = {"area": "street"}


@admin.register(Formula)
class FormulaAdmin(AppendOnly, CityAdmin):
    """Added, never changed: "save as new" of an old version begins with what it says."""

    city_path = ""
    list_display = ["code", "version", "subject_kind", "name_zh", "basis", "is_default"]
    list_filter = ["subject_kind", "basis"]
    ordering = ["subject_kind", "code", "-version"]
    exclude = ["version"]
    readonly_fields = ["on_last_month"]

    def save_model(self, request, obj, form, change):
        same = Formula.objects.filter(subject_kind=obj.subject_kind, code=obj.code)
        obj.version = (same.aggregate(n=Max("version"))["n"] or 0) + 1
        super().save_model(request, obj, form, change)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if obj is None:
            form.clean_items = lambda self: checked_items(self.cleaned_data["items"])
        return form

    @admin.display(description="")
    def on_last_month(self, obj):
        """Last month's first scores by this formula, beside those by the usual one."""
        return preview(obj) if obj.pk else ""


def checked_items(items):
    """The items, if each names a known figure and a weight. Raises ValidationError."""
    if not isinstance(items, list) or not items:
        raise ValidationError(_("Write a list of items."))
    for item in items:
        code = item.get("code") if isinstance(item, dict) else None
        if code not in RATES and code not in COUNT_SCORES:
            raise ValidationError(_("There is no figure “%(code)s”.") % {"code": code})
        try:
            right = float(item["weight"]) > 0
        except (KeyError, TypeError, ValueError):
            right = False
        if not right:
            raise ValidationError(_("The weight of %(code)s is a number.") % {"code": code})
    return items


def preview(formula):
    """Lines of subject, the score by the usual formula and that by this one, on last month."""
    city = City.objects.order_by("pk").first()
    if city is None:
        return ""
    kind = SHOWN.get(formula.subject_kind, formula.subject_kind)
    period = Period.of("month", clock.now().date(), city.time_zone).before()
    usual = {row.subject: row for row in scorecard(city, kind, period, formula_of(kind))}
    rows = [
        (row.subject, usual[row.subject].score, row.score, row.band)
        for row in scorecard(city, kind, period, formula)[:MOST_SHOWN]
    ]
    return format_html_join("", "<div>{}: {} → {} {}</div>", rows)
