"""/reports/: digests of months and quarters, asked for by who leads or assesses."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from assessment.views.asked import cities_of
from grids.backends import cities_with
from incidents.views.signed import signed_in
from lib.numbers import whole
from lib.pages import page_behind
from publication import binding
from publication.forms import DigestForm
from publication.models import Digest
from publication.tasks import make_digest

PAGE = 20
TYPES = {
    "pdf": ("paper", "application/pdf"),
    "xlsx": ("workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _city(request, verb="view"):
    """The member's city. Raises PermissionDenied for who may not look at or ask for digests."""
    return cities_of(request, f"publication.{verb}_digest")[0]


@signed_in
@never_cache
@require_GET
def digests(request):
    """The digests of the member's city, the newest first, and the form for another."""
    city = _city(request)
    before = whole(request.GET.get("before", ""))
    rows, following = page_behind(Digest.objects.of(city).newest_first(), before, PAGE)
    form = (
        DigestForm(city=city)
        if city in cities_with(request.user, "publication.add_digest")
        else None
    )
    context = {"rows": rows, "next": following, "form": form}
    return render(request, "publication/digests.html", context)


@signed_in
@require_POST
def ask_for_digest(request):
    """Have one made; the page shows how far it is."""
    city = _city(request, "add")
    form = DigestForm(request.POST, city=city)
    if not form.is_valid():
        messages.error(request, _("Choose a period and a language."))
        return redirect("digests")
    with transaction.atomic():
        made, is_new = binding.ask(city, by=request.user, **form.cleaned_data)
        if is_new:
            transaction.on_commit(lambda: make_digest.delay(made.pk))
    if not is_new:
        messages.info(request, _("This one is being made already."))
    return redirect("digests")


@signed_in
@never_cache
@require_GET
def digest_row(request, key):
    """One line of the list, asked for again while it is being made."""
    row = get_object_or_404(Digest.objects.of(_city(request)).newest_first(), pk=key)
    return render(request, "publication/_digest_row.html", {"row": row})


@signed_in
@require_GET
def digest_file(request, key, form):
    """The paper or the workbook, as it was made."""
    row = get_object_or_404(Digest.objects.of(_city(request)), pk=key)
    field, kind = TYPES[form]
    file = getattr(row, field)
    if row.state != Digest.State.DONE:
        raise Http404
    name = f"{row.city.slug}-{row.period}-{row.language}-v{row.version}.{form}"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=kind)
