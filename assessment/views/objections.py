"""All objections of persons against their own scores, and the answers to them."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment import objecting
from assessment.forms import AnswerForm
from assessment.models import Objection
from assessment.subjects import WORDS
from assessment.views.asked import cities_of, tabs_of
from incidents.views.signed import signed_in
from lib.numbers import whole
from lib.pages import page_behind

PAGE = 50


def _city(request):
    """The city whose objections a member answers. Raises PermissionDenied for who answers none."""
    return cities_of(request, "assessment.answer_objection")[0]


@signed_in
@require_GET
def objections(request):
    """All objections of the city, those that wait for an answer first; for who answers them."""
    rows = Objection.objects.filter(city=_city(request)).with_answers()
    before = whole(request.GET.get("before", ""))
    answered, following = page_behind(rows.answered(), before, PAGE)
    context = {
        "waiting": list(rows.waiting()[:PAGE]),
        "answered": answered,
        "next": following,
        "form": AnswerForm(),
        "kind_words": WORDS,
        "tabs": tabs_of(request.user, ""),
    }
    return render(request, "assessment/objections.html", context)


@signed_in
@require_POST
def answer_objection(request, pk):
    """Answered once, never by who objected."""
    row = get_object_or_404(Objection, pk=pk, city=_city(request))
    if row.member_id == request.user.pk:
        raise Http404
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("An answer says what follows, in words."))
    elif objecting.answer(row, by=request.user, **form.cleaned_data):
        messages.success(request, _("The answer is kept."))
    else:
        messages.error(request, _("Somebody else has answered it already."))
    return redirect("objections")
