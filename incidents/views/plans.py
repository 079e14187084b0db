"""Countdown plans: the list, one plan with its milestones, the form that makes and edits one."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import inlineformset_factory
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from grids.backends import posts_with
from grids.models import Area
from incidents.models import Category, Milestone, Plan
from incidents.plans import show_progress
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, city_with, tabs
from lib import now as clock
from staff.forms import Named
from staff.models import Unit

PAGE = 60
# A campaign of this length is suggested (house rule).
USUAL_LENGTH = timedelta(days=30)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class PlanForm(Named, forms.ModelForm):
    class Meta:
        model = Plan
        fields = ["name", "goal", "area", "unit", "category", "target", "starts", "ends"]
        widgets = {"starts": DayInput, "ends": DayInput, "goal": forms.Textarea({"rows": 3})}

    def __init__(self, *args, user, city, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = _areas(user, city)
        self.fields["area"].label_from_instance = lambda area: f"{area.code} {area}"
        self.fields["unit"].queryset = Unit.objects.filter(city=city).in_work()
        self.fields["category"].queryset = Category.objects.of_city(city)
        self.fields["category"].label_from_instance = lambda each: f"{each.code} {each}"
        self.fields["category"].empty_label = gettext_lazy("every subclass")
        self.fields["area"].empty_label = self.fields["unit"].empty_label = gettext_lazy("choose…")

    def clean(self):
        given = super().clean()
        if given.get("starts") and given.get("ends") and given["ends"] < given["starts"]:
            self.add_error("ends", _("A plan ends on or after its first day."))
        return given


def _areas(user, city):
    """Areas down to the community that a member may plan for: the city's, or below their posts."""
    areas = Area.objects.filter(city=city).exclude(level=Area.Level.GRID).order_by("code")
    posts = _leads(user)
    if posts and not user.is_superuser:
        inside = areas.none()
        for post in posts:
            inside = inside | areas.filter(code__startswith=post.area.code)
        return inside.order_by("code")
    return areas


def _leads(user):
    """The posts by which a member leads an area; the administrator of the city leads none."""
    return [post for post in posts_with(user, "incidents.change_plan") if post.area_id]


class MilestoneForm(Named, forms.ModelForm):
    """One milestone of a plan."""


class Milestones(forms.BaseInlineFormSet):
    """Days within the plan, each once, asking for more as time goes on."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        rows = sorted(
            (form.cleaned_data["day"], form.cleaned_data["percent"])
            for form in self.forms
            if form.cleaned_data.get("day") and not form.cleaned_data.get("DELETE")
        )
        if any(b[0] > a[0] and b[1] < a[1] for a, b in zip(rows, rows[1:], strict=False)):
            raise forms.ValidationError(
                _("A later milestone asks for no less than an earlier one.")
            )
        plan = self.instance
        if plan.starts and plan.ends and any(not plan.starts <= d <= plan.ends for d, _p in rows):
            raise forms.ValidationError(_("Milestones lie within the days of the plan."))


MilestoneForms = inlineformset_factory(
    Plan,
    Milestone,
    form=MilestoneForm,
    formset=Milestones,
    fields=["day", "percent", "name"],
    widgets={"day": DayInput},
    labels={"percent": gettext_lazy("Per cent")},
    extra=3,
    max_num=24,
)


# --- looking -------------------------------------------------------------------------------------


def _visible(user):
    return Plan.objects.visible_to(user).with_milestones()


@signed_in
@require_GET
def plans(request):
    """The plans that run, those to come and those that are over, by how soon they end."""
    ask(request.user, "plans")
    rows = show_progress(_visible(request.user).order_by("-ends", "-pk")[:PAGE])
    rows.reverse()
    context = {
        "running": [plan for plan in rows if plan.has_begun and not plan.is_over],
        "coming": [plan for plan in rows if not plan.has_begun],
        "over": [plan for plan in reversed(rows) if plan.is_over],
        "may_add": request.user.has_perm("incidents.add_plan"),
    }
    return render(request, "incidents/plans/list.html", context | tabs(request.user, "plans"))


@signed_in
@require_GET
def plan(request, pk):
    """One plan: its countdown, its share and its milestones."""
    ask(request.user, "plans")
    row = get_object_or_404(_visible(request.user), pk=pk)
    show_progress([row])
    context = {"plan": row, "may_edit": _may_edit(row, request.user)}
    return render(request, "incidents/plans/one.html", context | tabs(request.user, "plans"))


def _may_edit(row, user):
    """Those who make plans, for the areas that they may plan for."""
    if not user.has_perm("incidents.change_plan"):
        return False
    codes = [post.area.code for post in _leads(user)]
    return user.is_superuser or not codes or row.area.code.startswith(tuple(codes))


# --- making and editing --------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def plan_new(request):
    """A new plan of the member's city."""
    city = city_with(request.user, "incidents.add_plan")
    today = city.today()
    row = Plan(
        city=city,
        made_by=request.user,
        made_at=clock.now(),
        starts=today,
        ends=today + USUAL_LENGTH,
    )
    return _edited(request, row, city)


@signed_in
@require_http_methods(["GET", "POST"])
def plan_edit(request, pk):
    """The same form over a plan that is there."""
    visible = Plan.objects.visible_to(request.user).select_related("city", "area")
    row = get_object_or_404(visible, pk=pk)
    if not _may_edit(row, request.user):
        raise PermissionDenied
    return _edited(request, row, row.city)


def _edited(request, row, city):
    sent = request.POST or None
    form = PlanForm(sent, instance=row, user=request.user, city=city)
    # First the plan: its days are what the milestones are held against.
    fits = form.is_bound and form.is_valid()
    stones = MilestoneForms(sent, instance=row)
    if fits and stones.is_valid():
        return _saved(request, form, stones)
    context = {"form": form, "stones": stones, "plan": row} | tabs(request.user, "plans")
    status = 422 if form.is_bound else 200
    return render(request, "incidents/plans/edit.html", context, status=status)


@transaction.atomic
def _saved(request, form, stones):
    """Kept, and written into the log that the audit administrator reads."""
    is_new = form.instance.pk is None
    row = form.save()
    stones.save()
    changed = ", ".join(form.changed_data) or "milestones"
    LogEntry.objects.log_actions(
        request.user.pk, [row], ADDITION if is_new else CHANGE, changed, single_object=True
    )
    messages.success(request, _("The plan is kept."))
    return redirect("plan", row.pk)
