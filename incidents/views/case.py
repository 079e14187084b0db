"""The page of one case, the list of cases, and the form by which a member makes a move."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from grids.backends import posts_of
from incidents import evidence, routing, workflow
from incidents.chips import show_clocks
from incidents.facts import BadFacts, Conflict, Refused
from incidents.filters import PAGE, as_read_by, page_of
from incidents.forms import CaseSearch, MoveForm, ReasonForm
from incidents.models import Case, Evidence, Look
from incidents.views.casefile import (
    SHOWN_WITH,
    explained,
    file_of,
    narrowed_list,
    reporter_of,
    turn_of,
)
from incidents.views.signed import signed_in
from lib import now as clock

# The moves that are the way on: the first of these that is offered stands open on the page.
NEXT = (
    "accept",
    "confirm",
    "file",
    "dispatch",
    "handle",
    "verify",
    "close",
    "grant",
    "adjudicate",
    "reply",
    "answer",
    "opine",
    "decide",
    "spot_check",
)
UNMASKED_SECONDS = 60  # interface guide, section 6: shown for 60 s


@dataclass
class Panel:
    """The moves of a member on a case: what is offered, the form that stands open, and what came
    of the last try. `status` is what a page answers with it."""

    case: object
    offers: list
    url: str
    form: object = None
    turn: str = ""
    yours: bool = False
    explanation: list = field(default_factory=list)
    conflict: str = ""
    gone: bool = False
    made: object = None
    status: int = 200


# --- the moves -----------------------------------------------------------------------------------


def offers(case, user, chosen="", *, url=None, form=None):
    """The context of `_move_form.html`: {"panel": Panel}. `chosen` is the move whose form stands
    open, by default the next one of the loop; `url` is where the forms go (by default the case's
    own address) and answers GET ?move=… with another form."""
    found = _offered(case, user)
    panel = Panel(case, found, url or reverse("case_move", args=[case.number]), form)
    panel.yours = any(offer.move in NEXT for offer in found)
    panel.turn = turn_of(case, yours=panel.yours)
    if form is None and (offer := _open(found, chosen)):
        choice = _suggestion(case, offer.move)
        lead = choice.lead.code if choice and choice.lead else ""
        panel.form = MoveForm(offer, case, suggested={"unit": lead})
        if choice:
            panel.explanation = explained(case, choice.explanation, dict(panel.form.units))
    return {"panel": panel}


def _offered(case, user):
    """The moves of a member; of a case that is set back for them, by how it stands today."""
    if not getattr(case, "is_set_back", False):
        return workflow.moves(case, user)
    return workflow.moves(Case.objects.get(pk=case.pk), user, cut=True)


def _open(found, chosen):
    wanted = [chosen] if chosen else NEXT
    return next((offer for offer in found if offer.move in wanted), None)


def _suggestion(case, move):
    """What the responsibility matrix says where a unit is to be named."""
    if move not in ("dispatch", "adjudicate") or case.category is None:
        return None
    return routing.route(case)


def take(request, case, name, *, url=None):
    """One move as a form sends it, through the one door: {"panel": Panel}, whose `made` is the case
    if it was made. What was refused stands in the form, with every word and photo kept."""
    offer = next((o for o in _offered(case, request.user) if o.move == name), None)
    label = workflow.LABELS.get(name, name)
    form = MoveForm(
        offer or workflow.Offer(name, label, _needs(request.POST)),
        case,
        request.POST,
        request.FILES,
    )
    made, conflict, status = _made(request, case, form)
    if made is not None:
        return {"panel": Panel(made, [], url or "", made=made)}
    now = _again(case, request.user)
    context = offers(now, request.user, url=url, form=form)
    panel = context["panel"]
    panel.conflict, panel.status = conflict, status
    panel.gone = name not in [o.move for o in panel.offers]
    return context


def _needs(sent):
    """The words that came with a move that is not offered any more, so that they are shown."""
    texts = ("reason", "result", "words", "opinion", "note")
    return [workflow.Need(name, "text", False) for name in texts if sent.get(name)]


def _again(case, user):
    """The case as the member reads it after somebody else moved it, or as it was where it is out
    of sight."""
    found = Case.objects.visible_to(user).select_related(*SHOWN_WITH).filter(pk=case.pk).first()
    return as_read_by(user, [found])[0] if found else case


def _made(request, case, form):
    """(the case or None, who was first, the status of the refusal)."""
    photos = _taken_in(request, case, form)
    if not form.is_valid():
        form.keep(photos)
        return None, "", 422
    try:
        kept = [*form.photos_kept, *(str(photo.pk) for photo in photos)]
        made = workflow.move(
            case,
            form.cleaned_data["move"],
            request.user,
            version=form.cleaned_data["version"],
            evidence=kept,
            position=form.cleaned_data.get("position"),
            **form.facts(),
        )
    except BadFacts as refused:
        form.add_refusal(refused.errors)
        conflict, status = "", 422
    except Conflict as refused:
        conflict, status = won_by(refused), 409
    except Refused as refused:
        form.add_error(None, refused.message)
        conflict, status = "", 403
    else:
        return made, "", 200
    form.case = _again(case, request.user)
    form.keep(photos)
    return None, conflict, status


def _taken_in(request, case, form):
    """The photos that came with a form, kept whatever else is wrong with it."""
    photos = []
    try:
        for file in request.FILES.getlist("photo") if "photo" in form.fields else ():
            photos.append(evidence.take_in(file, request.user, city=case.city))
    except BadFacts as refused:
        form.add_refusal(refused.errors)
    return photos


def won_by(conflict):
    """Who was there first, when, with what; or what else the loop says."""
    if conflict.who is None:
        return str(conflict.message)
    return _("%(who)s was first, at %(when)s: %(move)s.") % {
        "who": conflict.who,
        "when": localtime(conflict.when).strftime("%H:%M:%S"),
        "move": workflow.LABELS.get(conflict.move, conflict.move),
    }


# --- one case ------------------------------------------------------------------------------------


def seen(user, number):
    """The case of a number as this member may read it; 404 where there is none for them."""
    found = Case.objects.visible_to(user).select_related(*SHOWN_WITH).filter(number=number).first()
    if found is None:
        raise Http404(gettext_lazy("There is no such case."))
    return as_read_by(user, [found])[0]


@signed_in
@require_GET
def case(request, number):
    """The page of a case."""
    row = seen(request.user, number)
    context = file_of(row, request.user) | offers(row, request.user)
    return render(request, "incidents/case.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def case_move(request, number):
    """The form of one move (?move=…), and making it."""
    row = seen(request.user, number)
    if request.method == "GET":
        return _with_panel(request, row, offers(row, request.user, request.GET.get("move", "")))
    context = take(request, row, request.POST.get("move", ""))
    made = context["panel"].made
    if made is None:
        return _with_panel(request, row, context)
    messages.success(request, _done(made, request.POST["move"]))
    there = Case.objects.visible_to(request.user).filter(pk=made.pk).exists()
    where = reverse("case", args=[number]) if there else reverse("start")
    return HttpResponseClientRedirect(where) if request.htmx else redirect(where)


def _done(made, name):
    return _("%(move)s: done. The case is %(stage)s now.") % {
        "move": workflow.LABELS[name],
        "stage": made.get_stage_display(),
    }


def _with_panel(request, row, context):
    """The panel alone for htmx, which shows only what comes with 200; else the whole page."""
    panel = context["panel"]
    if request.htmx:
        return render(request, "incidents/_move_form.html", context)
    page = file_of(panel.case, request.user) | context
    return render(request, "incidents/case.html", page, status=panel.status)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def unmask(request, number):
    """Who reported a case: masked on GET; with a reason, for a minute, and recorded on POST."""
    row = seen(request.user, number)
    shown = reporter_of(row, request.user)
    if shown is None or request.method == "POST" and not shown.may_ask:
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        shown = _looked(request, row, form.cleaned_data["reason"])
    context = {"case": row, "reporter": shown, "reason_form": form}
    name = "incidents/_case_reporter.html" if request.htmx else "incidents/case_reporter.html"
    answer = render(request, name, context)
    if shown.until:
        answer["Refresh"] = f"{UNMASKED_SECONDS}; url={request.path}"
    return answer


def _looked(request, row, reason):
    """The reporter in full; the look is written before anything is shown."""
    shown = reporter_of(row, request.user, seconds=UNMASKED_SECONDS)
    Look.objects.create(
        case=row, by=request.user, at=clock.now(), reason=reason, fields=shown.fields
    )
    return shown


@signed_in
@require_GET
def case_print(request, number):
    """The file of a case on paper, A4."""
    row = seen(request.user, number)
    context = file_of(row, request.user) | {"printed_at": clock.now()}
    return render(request, "incidents/case_print.html", context)


@signed_in
@require_GET
def case_photo(request, number, pk, which):
    """A photo of a case as others may see it, or its thumbnail; never the original."""
    photo = Evidence.objects.visible_to(request.user).filter(pk=pk, case__number=number).first()
    if photo is None:
        raise Http404
    try:
        file = evidence.open_file(photo, which)
    except FileNotFoundError:
        raise Http404 from None
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return FileResponse(file, content_type="image/jpeg", headers=headers)


# --- many cases ----------------------------------------------------------------------------------


@signed_in
@require_GET
def cases(request):
    """The list of cases that a member may see, narrowed as the address says; a whole number goes
    to its case."""
    visible = Case.objects.visible_to(request.user)
    number = request.GET.get("text", "").strip().upper()
    if number.count("-") >= 2 and visible.filter(number=number).exists():
        return redirect("case", number)
    city = next((post.city_id for post in posts_of(request.user)), None)
    form = CaseSearch(request.GET, city_id=city)
    try:
        rows, after = _page(request, visible, form.asked())
    except BadFacts:
        return redirect("cases")
    context = {"rows": rows, "form": form, "next": after, "paged": "cursor" in request.GET}
    return render(request, "incidents/cases.html", context)


def _page(request, visible, asked):
    """(the cases of a page with their clocks, the address of the next page or nothing)."""
    asked["limit"] = PAGE
    if request.GET.get("cursor"):
        asked["cursor"] = request.GET["cursor"]
    rows, after = page_of(narrowed_list(visible, asked, request.user), asked)
    address = request.GET.copy()
    address["cursor"] = after or ""
    # Set back first: what became of a case that a unit has lost is not theirs to read.
    rows = as_read_by(request.user, rows)
    show_clocks([row for row in rows if not getattr(row, "is_set_back", False)])
    return rows, after and f"?{address.urlencode()}"
