"""The page of one case and what hangs on it, and the list of cases."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from grids.backends import posts_of
from incidents import evidence
from incidents.chips import show_clocks
from incidents.facts import BadFacts
from incidents.filters import PAGE, as_read_by, page_of
from incidents.forms import CaseSearch, ReasonForm
from incidents.models import Case, Evidence, Look
from incidents.views.casefile import file_of, narrowed_list, reporter_of, shown_case
from incidents.views.panel import done, offers, take
from incidents.views.signed import signed_in
from lib import now as clock

UNMASKED_SECONDS = 60  # interface guide, section 6: shown for 60 s


# --- one case ------------------------------------------------------------------------------------


def seen(user, number):
    """The case of a number as this member may read it; 404 where there is none for them."""
    found = shown_case(user, number)
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
    messages.success(request, done(made, request.POST["move"]))
    there = Case.objects.visible_to(request.user).filter(pk=made.pk).exists()
    where = reverse("case", args=[number]) if there else reverse("start")
    return HttpResponseClientRedirect(where) if request.htmx else redirect(where)


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
