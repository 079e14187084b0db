"""Appeals of late verdicts: what a unit may object to, what waits for whom, and one appeal with the
form of who has to say something about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from incidents import appeals as verdicts
from incidents import workflow
from incidents.chips import chip_of, show_demand_clocks
from incidents.forms import MoveForm
from incidents.ledger import lines_of
from incidents.views.casefile import owner_words, shown_case
from incidents.views.panel import Panel, take
from incidents.views.signed import signed_in
from lib.numbers import whole

PAGE = 40
MOVES = ("appeal", "opine", "decide")
MAY, MINE, OPEN, DECIDED, ALL = "may", "mine", "open", "decided", "all"
LISTS = {
    MAY: gettext_lazy("May be objected to"),
    MINE: gettext_lazy("Waits for me"),
    OPEN: gettext_lazy("Not decided"),
    DECIDED: gettext_lazy("Decided"),
    ALL: gettext_lazy("All"),
}
TURNS = {
    "": gettext_lazy(
        "A unit may object once, within 10 work days of closing, to a verdict that its handling "
        "was late."
    ),
    verdicts.OPINION: gettext_lazy(
        "Next: the dispatcher gives an opinion; then the intake officer decides."
    ),
    verdicts.DECISION: gettext_lazy("Next: the intake officer decides."),
    verdicts.GRANTED: gettext_lazy(
        "Decided. The verdict stays as a fact; the statistics leave it out."
    ),
    verdicts.REFUSED: gettext_lazy("Decided. It counts as late."),
}


def lists_of(user):
    """The lists that a member may choose from, the one that opens first in front; PermissionDenied
    for who has nothing to do with appeals."""
    found = []
    if user.has_perm("incidents.appeal_case"):
        found.append(MAY)
    if user.has_perm("incidents.opine_case") or user.has_perm("incidents.decide_appeal"):
        found.append(MINE)
    if not found and not user.has_perm("incidents.view_demand"):
        raise PermissionDenied
    return [*found, OPEN, DECIDED, ALL]


# --- the lists -----------------------------------------------------------------------------------


@signed_in
@require_GET
def appeals(request):
    """The list that the address names, by key."""
    choices = lists_of(request.user)
    which = request.GET.get("which")
    which = which if which in choices else choices[0]
    context = {"which": which, "lists": [(key, LISTS[key]) for key in choices]}
    context |= _may(request.user) if which == MAY else _made(request, which)
    return render(request, "incidents/appeals/list.html", context)


def _may(user):
    """Late verdicts, with until when each may be objected to."""
    rows = list(verdicts.objectionable(user).order_by("case__ended_at", "pk")[:PAGE])
    calendar = verdicts.calendar_of_days(user) if rows else None
    for row in rows:
        row.until = verdicts.last_moment(row.case.ended_at, calendar)
    return {"rows": rows, "most": PAGE}


def _made(request, which):
    appeals = verdicts.narrowed_appeals(verdicts.visible_appeals(request.user), request.user, which)
    before = whole(request.GET.get("before", ""))
    rows, more = verdicts.page_of_appeals(appeals, before, PAGE)
    show_demand_clocks([row.owed for row in rows if row.owed])
    return {"rows": rows, "more": more, "paged": before is not None}


# --- one appeal ----------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def appeal(request, number):
    """The verdict of a case, what was said about it, and the form of who is next."""
    case, found = _seen(request.user, number)
    if request.method == "GET":
        return _page(request, case, found, panel_of(case, request.user, found))
    name = request.POST.get("move", "")
    if name not in MOVES:
        raise PermissionDenied
    panel = take(request, case, name, url=request.path)["panel"]
    if panel.made is None:
        return _refused(request, case, panel)
    messages.success(request, _done(name, request.POST))
    if request.htmx:
        return HttpResponseClientRedirect(_next(panel.made, request.user))
    return redirect(_next(panel.made, request.user))


def _refused(request, case, panel):
    """The form again, with every word kept, beside the appeal as it stands now."""
    panel.offers = [offer for offer in panel.offers if offer.move in MOVES]
    found = verdicts.appeals_of(case, request.user)
    panel.turn = str(TURNS[found[0].state if found else ""])
    return _page(request, panel.case, found, panel)


def _seen(user, number):
    """(the case, its appeals) for a member who may read them; 404 else."""
    lists_of(user)
    case = shown_case(user, number)
    if case is None:
        raise Http404(gettext_lazy("There is no such case."))
    found = verdicts.appeals_of(case, user)
    if not found and not verdicts.verdict_of(case, user):
        raise Http404(gettext_lazy("There is nothing to object to."))
    return case, found


def panel_of(case, user, found):
    """The Panel with the one move that is the member's, if there is one."""
    offers = [offer for offer in workflow.moves(case, user) if offer.move in MOVES]
    panel = Panel(case, offers, reverse("appeal", args=[case.number]))
    if offers:
        panel.form, panel.yours = MoveForm(offers[0], case), True
    panel.turn = str(TURNS[found[0].state if found else ""])
    return panel


def _page(request, case, found, panel):
    if request.htmx:
        return render(request, "incidents/_move_form.html", {"panel": panel})
    lines = lines_of(case)
    context = {
        "case": case,
        "appeals": _with_owners(found, lines),
        "panel": panel,
        "judged": _judged(case, request.user, found, lines),
    }
    return render(request, "incidents/appeals/one.html", context, status=panel.status)


def _with_owners(found, lines):
    """The appeals, each with its `owner`, who has to say something now, and the chip of until
    when."""
    chips = {line.clock.demand_id: chip_of(line.state) for line in lines if line.clock.demand_id}
    for each in found:
        each.owner = owner_words(each.owed) if each.owed else ""
        if each.owed:
            each.owed.chip = chips[each.owed.pk]
    return found


def _judged(case, user, found, lines):
    """[(the unit, the Line of its handle clock)] of the verdicts that were objected to, else of the
    one that the member may object to."""
    units = {each.verdict.pk: each.demand.unit for each in found if each.verdict}
    if not found:
        own = verdicts.verdict_of(case, user)
        units = {own.pk: own.unit}
    return [(units[line.clock.pk], line) for line in lines if line.clock.pk in units]


def _next(case, user):
    """Where to go on: the appeal, or the list once it is out of sight."""
    there = verdicts.visible_appeals(user).filter(case=case).exists()
    return reverse("appeal", args=[case.number]) if there else reverse("appeals")


def _done(name, sent):
    if name == "appeal":
        return _("Your objection is on its way to the dispatcher.")
    if name == "opine":
        return _("Your opinion is on its way to the intake officer.")
    if sent.get("decision") == "granted":
        return _("Granted: the statistics leave this verdict out.")
    return _("Refused: it counts as late.")
