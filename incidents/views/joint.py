"""Joint tasks: the list, calling departments, and one task with arrivals and ratings."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grids.coverage import point_of
from incidents import joint as tasks
from incidents.facts import BadFacts, Refused
from incidents.models import Case, JointTask
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, tabs
from lib import now as clock
from lib.numbers import whole
from lib.pages import page_behind
from staff.forms import Named

PAGE = 40
# How long from now an arrival is due unless the caller says otherwise (house rule).
USUAL_ARRIVAL = timedelta(minutes=30)
STARS = [
    ("", gettext_lazy("choose…")),
    (5, pgettext_lazy("rating", "5 – very good")),
    (4, pgettext_lazy("rating", "4 – good")),
    (3, pgettext_lazy("rating", "3 – fair")),
    (2, pgettext_lazy("rating", "2 – poor")),
    (1, pgettext_lazy("rating", "1 – very poor")),
]


class CallForm(Named, forms.Form):
    """Whom a street calls where, by when, for what."""

    subject = forms.CharField(label=gettext_lazy("What for"), min_length=4, max_length=200)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200)
    case = forms.CharField(
        label=gettext_lazy("Case number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("If the call is about a case; else leave it empty."),
    )
    due_at = forms.DateTimeField(
        label=gettext_lazy("Arrival due"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    units = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Departments called"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Call at least one department.")},
    )

    def __init__(self, *args, user, city_id, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["units"].queryset = tasks.departments_of(city_id)

    def clean_due_at(self):
        """Ahead, as the call itself asks: said here, it comes with what else is wrong."""
        due_at = self.cleaned_data["due_at"]
        if due_at <= clock.now():
            raise forms.ValidationError(_("The arrival must lie ahead."))
        return due_at

    def clean_case(self):
        """The open case of a number within the caller's sight, or None."""
        number = self.cleaned_data["case"].strip().upper()
        if not number:
            return None
        found = Case.objects.followed_by(self.user).open().filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no such open case."))
        return found


class RatingForm(Named, forms.Form):
    """How a department did; a poor one says why."""

    rating = forms.TypedChoiceField(label=gettext_lazy("Rating"), choices=STARS, coerce=int)
    words = forms.CharField(label=gettext_lazy("In words"), required=False, max_length=300)


def _visible(user):
    return JointTask.objects.visible_to(user).with_calls()


# --- the list ------------------------------------------------------------------------------------


@signed_in
@require_GET
def joint(request):
    """The joint tasks of the member's city, street or unit, newest first, in pages by key."""
    ask(request.user, "joint")
    rows = _visible(request.user).newest()
    if request.GET.get("open") == "1":
        rows = rows.open()
    key = whole(request.GET.get("before", ""))
    found, following = page_behind(rows, key, PAGE, behind=type(rows).called_before)
    context = {
        "rows": tasks.show_lights(found),
        "next": following,
        "only_open": request.GET.get("open") == "1",
        "may_call": tasks.caller_of(request.user) is not None,
    }
    return render(request, "incidents/joint/list.html", context | tabs(request.user, "joint"))


# --- calling -------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def joint_new(request):
    """A street calls departments; ?case=… fills in the case and its place."""
    ask(request.user, "joint")
    calling = tasks.caller_of(request.user)
    if calling is None:
        raise PermissionDenied
    city_id = calling[1].city_id
    form = CallForm(
        request.POST or None, user=request.user, city_id=city_id, initial=_first(request)
    )
    if form.is_bound and form.is_valid() and (task := _called(request, form)):
        messages.success(request, _("The departments are called."))
        return redirect("joint_task", task.pk)
    context = {"form": form, "calling": calling[0]} | tabs(request.user, "joint")
    return render(request, "incidents/joint/new.html", context, status=422 if form.errors else 200)


def _first(request):
    number = request.GET.get("case", "").strip().upper()
    case = Case.objects.visible_to(request.user).filter(number=number).first() if number else None
    due = (clock.now() + USUAL_ARRIVAL).astimezone(get_current_timezone())
    return {
        "case": case.number if case else "",
        "place": case.place if case else "",
        "subject": str(case.category) if case and case.category else "",
        "due_at": due.replace(second=0, microsecond=0),
    }


def _called(request, form):
    """The task, or None with what was refused in the form."""
    given = form.cleaned_data
    try:
        return tasks.call(
            request.user,
            units=list(given["units"]),
            due_at=given["due_at"],
            subject=given["subject"],
            place=given["place"],
            case=given["case"],
            point=given["case"].point if given["case"] else None,
        )
    except BadFacts as refused:
        _put(refused.errors, form)
    return None


# --- one task ------------------------------------------------------------------------------------


@signed_in
@require_GET
def joint_task(request, pk):
    """Who was called, who has come, how each did."""
    ask(request.user, "joint")
    return _page(request, get_object_or_404(_visible(request.user), pk=pk))


def _page(request, task, *, refused=None, status=200):
    """`refused` is (key of a call, its bound form) that is shown again with every word kept."""
    tasks.show_lights([task])
    user = request.user
    for call in task.shown:
        call.may_arrive, call.may_rate = tasks.may_arrive(call, user), tasks.may_rate(call, user)
        call.form = RatingForm(auto_id=f"call-{call.pk}-%s")
        if refused and refused[0] == call.pk:
            call.form = refused[1]
    sees_case = task.case_id and Case.objects.visible_to(user).filter(pk=task.case_id).exists()
    context = {
        "task": task,
        "sees_case": sees_case,
        "may_call_off": not task.is_over and tasks.is_caller(task, user),
    }
    context |= tabs(user, "joint")
    return render(request, "incidents/joint/one.html", context, status=status)


@signed_in
@require_POST
def joint_say(request, pk):
    """An arrival, a rating, or calling off: `do` says which, `call` of which department."""
    ask(request.user, "joint")
    task = get_object_or_404(_visible(request.user), pk=pk)
    call = next((c for c in task.calls.all() if str(c.pk) == request.POST.get("call")), None)
    form = RatingForm(request.POST, auto_id=f"call-{call.pk}-%s") if call else None
    try:
        messages.success(request, _said(request, task, call, form))
    except BadFacts as refused:
        _put(refused.errors, form)
        return _page(request, task, refused=(call.pk, form), status=422)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("joint_task", pk)


def _put(errors, form):
    """Say what was refused beside the fields of a form that does not say it itself."""
    for name, said in errors.items():
        if name not in form.errors:
            form.add_error(name, said)


def _said(request, task, call, form):
    do = request.POST.get("do")
    if do == "call_off":
        tasks.call_off(task, request.user)
        return _("The call is called off.")
    if call is None or do not in ("arrive", "rate"):
        raise PermissionDenied
    if do == "arrive":
        tasks.arrive(call, request.user, position=_position(request))
        return _("Your arrival is recorded.")
    if not form.is_valid():
        raise BadFacts(form.errors)
    tasks.rate(call, request.user, **form.cleaned_data)
    return _("The rating is recorded.")


def _position(request):
    """Where the phone says it is, or None: an arrival counts without it."""
    try:
        found = point_of([request.POST["longitude"], request.POST["latitude"]])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return found if isinstance(found, Point) else None
