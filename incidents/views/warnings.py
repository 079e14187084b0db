"""The clocks that are yellow or red, the latest first."""

from django import forms
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from incidents import outlook
from incidents.chips import chip_of, states_of
from incidents.facts import BadFacts
from incidents.forms import ListFilters, places_of, units_of
from incidents.models import Clock
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, city_of, tabs


class WarningFilters(ListFilters):
    """The filters of the list of warnings."""

    light = forms.ChoiceField(label=_("Time left"), required=False)
    clock = forms.ChoiceField(label=_("Clock"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    unit = forms.ChoiceField(label=_("Lead unit"), required=False)

    def __init__(self, given, *, city, demands):
        super().__init__(given)
        city_id = city.pk if city else None
        kinds = [kind for kind in Clock.Kind.choices if demands or kind[0] != "demand"]
        self.choose("light", [("yellow", _("due soon")), ("red", _("overdue"))])
        self.choose("clock", kinds)
        self.choose("area", places_of(city_id))
        self.choose("unit", units_of(city_id))


@signed_in
@require_GET
def warnings(request):
    """The list, narrowed as the address says, in pages by key."""
    ask(request.user, "warnings")
    demands = request.user.has_perm("incidents.view_demand")
    form = WarningFilters(request.GET, city=city_of(request.user), demands=demands)
    rows = outlook.warnings_of(request.user, form.asked())
    try:
        page, after = outlook.page_by_due(rows, request.GET.get("cursor"))
    except BadFacts:
        return redirect("warnings")
    _show_chips(page)
    context = {"rows": page, "form": form, "next": following(request, after)}
    return render(request, "incidents/warnings.html", context | tabs(request.user, "warnings"))


def _show_chips(page):
    states = {each.pk: state for each, state in states_of_page(page)}
    for row in page:
        row.chip = chip_of(states[row.pk]) if row.pk in states else None


def states_of_page(page):
    """As `chips.states_of` over the clocks of a page."""
    return states_of(Clock.objects.filter(pk__in=[row.pk for row in page]))


def following(request, cursor):
    """The address of the next page with all filters as they are, or nothing."""
    if cursor is None:
        return ""
    address = request.GET.copy()
    address["cursor"] = cursor
    return f"?{address.urlencode()}"
