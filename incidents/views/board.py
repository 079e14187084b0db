"""The board: what waits on a member by time left, a preview, moves for one or for several."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from incidents import workflow
from incidents.clocks import calendar_for, newest_versions
from incidents.models import Case
from incidents.placing import handling_limit
from incidents.querysets import HANDLING
from incidents.templatetags.loop import in_words, moment
from incidents.views import queue
from incidents.views.case import seen
from incidents.views.casefile import file_of, similar_of
from incidents.views.panel import offers, take
from incidents.views.signed import signed_in
from lib import now as clock
from lib import worktime
from staff.models import calendar_of

# Similar cases are looked for so lately (interface guide: board).
NEAR_DAYS = 7


@signed_in
@never_cache
@require_GET
def board(request):
    """The whole page: tabs, filters, the queue; the preview is asked for by itself."""
    return _board(request, queue.asked_of(request))


@signed_in
@never_cache
@require_GET
def board_rows(request):
    """A page of the queue, `?after=` by key."""
    asked = queue.asked_of(request)
    if not request.htmx:
        return _board(request, asked)
    context = _list(request, asked)
    return render(request, "incidents/_board_list.html", context)


@signed_in
@never_cache
@require_GET
def board_preview(request, number):
    """One case beside the queue; by itself a page, on which the queue is asked for."""
    row = seen(request.user, number)
    context = preview_of(row, request.user)
    if request.htmx:
        return render(request, "incidents/_board_preview.html", context)
    asked = queue.asked_of(request)
    asked.current = number
    return render(request, "incidents/board.html", _frame(request, asked) | context)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def board_move(request, number):
    """The form of one move (?move=…), and making it."""
    row = seen(request.user, number)
    url = reverse("board_move", args=[number])
    if request.method == "GET":
        return _with_panel(
            request, row, offers(row, request.user, request.GET.get("move", ""), url=url)
        )
    context = take(request, row, request.POST.get("move", ""), url=url)
    made = context["panel"].made
    if made is None:
        return _with_panel(request, row, context)
    return _moved(request, made, request.POST["move"])


@signed_in
@require_POST
def board_bulk(request):
    """One move for every ticked case, with a result for each."""
    name, picked = request.POST.get("move", ""), request.POST.getlist("case")
    unit, reason = request.POST.get("unit", ""), request.POST.get("reason", "")
    results = queue.move_all(request.user, name, picked, unit, reason)
    context = {"results": results, "label": workflow.LABELS.get(name, name)}
    context["failed"] = [result.number for result in results if not result.done]
    if request.htmx:
        return render(request, "incidents/_board_bulk.html", context)
    return render(request, "incidents/board_bulk.html", context)


# --- what the page shows -------------------------------------------------------------------------


def _board(request, asked):
    context = _frame(request, asked) | _list(request, asked)
    return render(request, "incidents/board.html", context)


def _frame(request, asked):
    """Everything around the queue and the preview."""
    options = queue.choices_of(request.user)
    return {
        "asked": asked,
        "tab_words": queue.TABS,
        "fields": queue.fields_of(options, asked),
        "at_once": queue.moves_at_once(request.user),
        "units": options["unit"],
        "at": clock.now(),
    }


def _list(request, asked):
    context = queue.list_of(request.user, asked, request.GET.get("after", ""))
    if asked.tab == "mine" and not asked.narrows:
        request.waiting = context["total"]
    return context


def preview_of(row, user):
    """The context of the preview: the file of the case, its moves, what is like it, and how busy
    the units are where one is to be named."""
    url = reverse("board_move", args=[row.number])
    context = file_of(row, user) | offers(row, user, url=url)
    context["similar"] = similar_of(row, user, NEAR_DAYS)
    panel = context["panel"]
    if panel.form is not None and "unit" in panel.form.fields:
        context |= _dispatch(row, panel)
    return context


@dataclass
class Given:
    """What naming the suggested unit would mean: the limit, and when it would be due."""

    unit: str
    name: str
    limit: tuple | None
    due_at: datetime | None


def _dispatch(row, panel):
    """How busy each unit is, and when the case would be due if it were given to it now."""
    loads = Case.objects.filter(city=row.city_id).loads(HANDLING)
    code = panel.form.initial.get("unit", "")
    name = dict(panel.form.units).get(code, "")
    limit = handling_limit(row)
    due = _due(row, limit, panel.form.unit_rows)
    given = Given(code, name, limit, due.get(code))
    busy = {unit: [*loads.get(unit, (0, 0)), moment(at)] for unit, at in due.items()}
    if panel.explanation and "assisting" in panel.form.fields:
        codes = {words: key for key, words in panel.form.units}
        helpers = [codes.get(words) for words in panel.explanation[0]["assisting"]]
        panel.form.initial["assisting"] = [key for key in helpers if key]
    return {"loads": busy, "given": given}


def _due(row, limit, units):
    """{unit: when the handling would fall due with it}, on the calendar of each; None without a
    limit. One query, however many units there are."""
    if limit is None:
        return dict.fromkeys([unit.code for unit in units])
    row.calendars = newest_versions(row.city_id)
    versions = {unit.code: calendar_for(row, "handle", unit=unit) for unit in units}
    due = {pk: _due_on(calendar_of(pk), limit) for pk in set(versions.values())}
    return {code: due[pk] for code, pk in versions.items()}


def _due_on(calendar, limit):
    start = worktime.Entry(
        kind="start", at=clock.now(), limit=worktime.Limit(*limit), calendar=calendar
    )
    return worktime.replay([start]).due_at


# --- after a move --------------------------------------------------------------------------------


def _with_panel(request, row, context):
    panel = context["panel"]
    if request.htmx:
        return render(request, "incidents/_move_form.html", context)
    page = _frame(request, queue.asked_of(request)) | file_of(panel.case, request.user)
    page["asked"].current = row.number
    return render(request, "incidents/board.html", page | context, status=panel.status)


def _moved(request, made, name):
    """The row leaves only now: htmx is told by an event, a page goes back to the board."""
    words = _("%(number)s: %(move)s, done.") % {
        "number": made.number,
        "move": workflow.LABELS[name],
    }
    if made.unit and name == "dispatch":
        words = f"{words} → {in_words(made.unit)}"
    if request.htmx:
        said = format_html('<p class="notice success moves" role="status">{}</p>', words)
        answer = HttpResponse(said)
        return trigger_client_event(answer, "board:moved", {"number": made.number, "words": words})
    messages.success(request, words)
    return redirect("board")
