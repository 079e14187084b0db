"""Formulas as administrators edit them: a change is a new version, shown first on last month."""

from dataclasses import dataclass

from django.contrib import admin
from django.db import connection
from django.utils.translation import gettext_lazy as _

from assessment import subjects
from assessment.forms import FormulaForm
from assessment.models import Formula
from assessment.periods import Period
from assessment.scorecards import counts_of, formula_of, in_order, row_of
from lib.numbers import whole
from staff.admin import AppendOnly, CityAdmin, EffectAdmin
from staff.models import City

# The kind of area on which a formula of areas is shown.
SHOWN = {"area": "community"}
ONE_VERSION_AT_A_TIME = 4209_2028  # key of an advisory lock, any number will do


@admin.register(Formula)
class FormulaAdmin(EffectAdmin, AppendOnly, CityAdmin):
    """Added, never changed. A new version begins with what the one before it says
    (`?from=` its key, by the button of its page)."""

    city_path = ""
    form = FormulaForm
    change_form_template = "admin/assessment/formula/change_form.html"
    effect_title = _("Effect on last month")
    effect_words = _("How last month's scores would be by what stands above; nothing is saved yet.")
    effect_template = "admin/assessment/formula/_effect.html"
    list_display = ["code", "version", "subject_kind", "name_zh", "basis", "is_default"]
    list_filter = ["subject_kind", "basis"]
    ordering = ["subject_kind", "code", "-version"]

    def get_changeform_initial_data(self, request):
        key = whole(request.GET.get("from", ""))
        known = Formula.objects.filter(pk=key).values(*FormulaForm.base_fields).first()
        return known or {"bands": [["A", 90], ["B", 75], ["C", 60], ["D", 40], ["E", 0]]}

    def render_change_form(self, request, context, *args, **kwargs):
        context["may_add"] = self.has_add_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_VERSION_AT_A_TIME])
        obj.version = Formula.objects.last_version(obj.subject_kind, obj.code) + 1
        super().save_model(request, obj, form, change)

    def effect_of(self, request, row):
        cities = City.objects.order_by("pk")
        if request.cities is not None:
            cities = cities.filter(pk__in=request.cities)
        return {"shown": [on_last_month(city, row, request.user) for city in cities]}


@dataclass(frozen=True)
class Line:
    """A subject's score and level of last month by the usual formula, and by another one."""

    name: str
    today: object
    band_today: str
    then: object
    band_then: str


def on_last_month(city, formula, user):
    """(city, period, Lines of the best first, how many change their level) as a member is told
    them; of the running month where there is none before it."""
    kind = SHOWN.get(formula.subject_kind, formula.subject_kind)
    period = Period.of("month", city.today(), city.time_zone).before()
    counts = counts_of(city, kind, period)
    if not counts:
        period = period.after()
        counts = counts_of(city, kind, period)
    names, usual, lines = subjects.named(city, kind), formula_of(kind), []
    then = in_order(row_of(kind, key, found, formula, period) for key, found in counts.items())
    for row in then:
        if subject := names.get(row.subject):
            today = row_of(kind, row.subject, row.counts, usual, period)
            name = subject.name_for(user)
            lines.append(Line(name, today.score, today.band, row.score, row.band))
    return city, period, lines, sum(x.band_today != x.band_then for x in lines)
