"""The calendars of a city: a month on the wall, a limit to try, and an edit with what it moves."""

from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from grids.backends import posts_of
from incidents import recalendar
from incidents.recalendar import CONTENT
from incidents.views.signed import signed_in
from lib import calendars as worktimes
from lib import now as clock
from staff import month
from staff.admin.calendars import WEEK, DaysField, HoursField, WeekField, hours_as_text
from staff.forms import Named, TrialForm
from staff.models import Calendar, CalendarVersion, Unit
from staff.trial import MOST_DAYS

# Three months before the table of holidays ends, the warning begins to be pressing.
SOON = timedelta(days=92)
SHORT = {
    1: pgettext_lazy("weekday on a phone", "Mon"),
    2: pgettext_lazy("weekday on a phone", "Tue"),
    3: pgettext_lazy("weekday on a phone", "Wed"),
    4: pgettext_lazy("weekday on a phone", "Thu"),
    5: pgettext_lazy("weekday on a phone", "Fri"),
    6: pgettext_lazy("weekday on a phone", "Sat"),
    7: pgettext_lazy("weekday on a phone", "Sun"),
}
FIRST_TRIAL = {"limit": "3", "kind": "work_day"}


class NextVersion(Named, forms.Form):
    """The content of a calendar's next version, typed as people write it."""

    hours = HoursField(
        label=gettext_lazy("Office hours"),
        widget=forms.TextInput,
        help_text=gettext_lazy("08:00–12:00, 14:00–18:00"),
    )
    workweek = WeekField(label=gettext_lazy("Work days of the week"))
    day_minutes = forms.IntegerField(
        label=gettext_lazy("Standard work day, minutes"), min_value=1, max_value=1440
    )
    exceptions = DaysField(
        label=gettext_lazy("Days off and make-up days"),
        widget=forms.Textarea(attrs={"rows": 14}),
        required=False,
        help_text=gettext_lazy("A line a day: 2026-10-01 off, 2026-02-28 work."),
    )
    known_until = forms.DateField(
        label=gettext_lazy("Holidays known until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self):
        """The hours must make a calendar that time can be counted by."""
        given = super().clean()
        if not self.errors:
            try:
                worktimes.Calendar(
                    timezone="UTC",
                    hours=tuple(map(tuple, given["hours"])),
                    workweek=frozenset(given["workweek"]),
                    day_minutes=given["day_minutes"],
                )
            except ValueError:
                self.add_error("hours", _("Office hours ascend, do not overlap and end by 24:00."))
        return given


# --- what one may see ----------------------------------------------------------------------------


def calendars_of(user):
    """The calendars of the cities that a member looks after, by city and name; a superuser's are
    all."""
    found = Calendar.objects.select_related("city").order_by("city", "name")
    if user.is_superuser:
        return found
    return found.filter(city__in={post.city_id for post in posts_of(user)})


def _ask(user, permission):
    if not user.has_perm(f"staff.{permission}"):
        raise PermissionDenied


# --- looking -------------------------------------------------------------------------------------


@signed_in
@require_safe
def calendars(request):
    """The first calendar, or the page's answer that there is none."""
    _ask(request.user, "view_calendar")
    first = calendars_of(request.user).first()
    if first is None:
        return render(request, "staff/calendar_none.html")
    return redirect("calendar", first.pk)


@signed_in
@require_safe
def calendar(request, pk):
    """A month of one version of a calendar, and a limit to try on it."""
    _ask(request.user, "view_calendar")
    chosen = get_object_or_404(calendars_of(request.user), pk=pk)
    version = _version(chosen, request.GET.get("version"))
    if version is None:
        return render(request, "staff/calendar_none.html", {"chosen": chosen})
    context = _shown(request, chosen, version) | _tried(request, version)
    return render(request, "staff/calendar.html", context)


def _version(chosen, number):
    """The version that the address names, the newest without one."""
    if not number:
        return chosen.current()
    if not number.isdecimal() or len(number) > 6:
        raise Http404
    return get_object_or_404(chosen.versions, number=int(number))


def _shown(request, chosen, version):
    return _month(request, version) | {
        "chosen": chosen,
        "calendars": calendars_of(request.user),
        "version": version,
        "versions": chosen.versions.order_by("-number"),
        "is_newest": version == chosen.current(),
        "hours": [hours_as_text([span]) for span in version.hours],
        "known": version.known_until,
        "units": Unit.objects.filter(calendar=chosen).in_work().order_by("name_zh"),
        "behind": recalendar.behind(chosen),
        "may_edit": request.user.has_perm("staff.add_calendarversion"),
    }


def _month(request, version):
    """The month that the address names on a version of a calendar."""
    office = version.worktime()
    today = office.local_date(clock.now())
    year, number = month.read_month(request.GET.get("month"), today)
    weeks = month.weeks(office, year, number, today)
    return {
        "weeks": weeks,
        "first_day": weeks[0][6].date.replace(day=1),
        "work_days": month.work_days(weeks),
        "names": [(name, SHORT[day]) for day, name in WEEK],
        "back": _at(request, month.beside(year, number, -1)),
        "on": _at(request, month.beside(year, number, 1)),
        "month": f"{year}-{number:02}",
        "month_unknown": any(day.unknown and day.inside for week in weeks for day in week),
        "soon": version.known_until and version.known_until - today < SOON,
    }


def _at(request, shown):
    """The address of this page in another month, all else as it is."""
    if shown is None:
        return None
    return f"?{urlencode(request.GET.dict() | {'month': shown})}"


def _tried(request, version):
    """The form to try a limit, with its answer once something was asked."""
    office = version.worktime()
    now = clock.now().astimezone(office.zone)
    initial = FIRST_TRIAL | {"start": now.strftime("%Y-%m-%dT%H:00")}
    asked = request.GET if "limit" in request.GET else None
    form = TrialForm(asked, initial=initial, calendar=office)
    trial = form.trial if form.is_bound and form.is_valid() else None
    days = trial.days if trial else ()
    return {
        "form": form,
        "trial": trial,
        "days": [(day, length // timedelta(minutes=1)) for day, length in days[:MOST_DAYS]],
        "more_days": max(0, len(days) - MOST_DAYS),
    }


# --- editing -------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_edit(request, pk):
    """The next version of a calendar: what it would move, and then moving it."""
    _ask(request.user, "add_calendarversion")
    chosen = get_object_or_404(calendars_of(request.user), pk=pk)
    if request.method == "POST" and request.POST.get("do") == "catch_up":
        return _caught_up(request, chosen)
    newest = chosen.current()
    initial = {name: getattr(newest, name) for name in CONTENT} if newest else {}
    form = NextVersion(request.POST or None, initial=initial)
    context = {"chosen": chosen, "version": newest, "form": form}
    if form.is_bound and form.is_valid():
        content = _content(form)
        if request.POST.get("do") == "apply" and request.POST.get("base") == _number(newest):
            return _applied(request, chosen, content)
        context |= _previewed(request, chosen, content, newest)
    return render(request, "staff/calendar_edit.html", context)


def _number(version):
    return str(version.number) if version else "0"


def _content(form):
    given = {name: form.cleaned_data[name] for name in CONTENT}
    return given | {"exceptions": dict(sorted(given["exceptions"].items()))}


def _previewed(request, chosen, content, newest):
    """What the edit would do; and whether somebody else has made a version meanwhile."""
    return {
        "preview": recalendar.preview(chosen, content),
        "changes": _changes(newest, content),
        "overtaken": request.POST.get("do") == "apply",
    }


def _changes(newest, content):
    """The names of what differs from the newest version."""
    if newest is None:
        return list(CONTENT)
    return [
        CalendarVersion._meta.get_field(name).verbose_name
        for name in CONTENT
        if getattr(newest, name) != content[name]
    ]


def _applied(request, chosen, content):
    version, done = recalendar.apply(chosen, content)
    _log(request, chosen, f"version {version.number}: {done.open} open clocks, {done.moved} moved")
    words = ngettext(
        "Version %(version)s holds from now on. %(count)s open clock became due at another time.",
        "Version %(version)s holds from now on. %(count)s open clocks became due at another time.",
        done.moved,
    )
    messages.success(request, words % {"version": version.number, "count": done.moved})
    return redirect("calendar", chosen.pk)


def _caught_up(request, chosen):
    if chosen.current() is None:
        raise Http404
    done = recalendar.catch_up(chosen)
    _log(request, chosen, f"{done.open} open clocks brought to the newest version")
    words = ngettext(
        "%(count)s open clock runs on the newest version now.",
        "%(count)s open clocks run on the newest version now.",
        done.open,
    )
    messages.success(request, words % {"count": done.open})
    return redirect(reverse("calendar", args=[chosen.pk]))


def _log(request, chosen, words):
    """The audit administrator reads who edited which calendar, as in the administration."""
    LogEntry.objects.log_actions(request.user.pk, [chosen], CHANGE, words, single_object=True)
