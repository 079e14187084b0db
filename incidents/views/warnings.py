"""The clocks that are yellow or red, the latest first."""

from django import forms
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from incidents import outlook
from incidents.chips import chip_of, states_of
from incidents.facts import BadFacts
from incidents.forms import CaseSearch
from incidents.models import Clock
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, city_of, tabs


class WarningFilters(forms.Form):
    """What is wrong in an address is left out, not refused: a list must open."""

    light = forms.ChoiceField(label=_("Time left"), required=False)
    clock = forms.ChoiceField(label=_("Clock"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    unit = forms.ChoiceField(label=_("Lead unit"), required=False)

    def __init__(self, given, *, city, demands):
        super().__init__(given)
        every = ("", _("all"))
        kinds = [kind for kind in Clock.Kind.choices if demands or kind[0] != "demand"]
        places = CaseSearch(city_id=city.pk if city else None).fields
        self.fields["light"].choices = [every, ("yellow", _("due soon")), ("red", _("overdue"))]
        self.fields["clock"].choices = [every, *kinds]
        self.fields["area"].choices = places["area"].choices
        self.fields["unit"].choices = places["unit"].choices

    def asked(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


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
