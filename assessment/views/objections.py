"""Objections: a person's word against their own score, and the answer to it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment import objecting
from assessment.drawer import name_of
from assessment.forms import AnswerForm, ObjectionForm
from assessment.measures import figures_of
from assessment.models import Objection
from assessment.subjects import WORDS
from assessment.views.asked import city_of, period_of, subject_of, tabs_of
from incidents.views.signed import signed_in
from lib.numbers import whole
from lib.pages import page_behind

PAGE = 50


def form_for(kind, data=None):
    """The form of an objection against a score of a kind."""
    return ObjectionForm(data, codes=[(code, name_of(code)) for code in figures_of(kind)])


@signed_in
@require_POST
def object_to(request, kind, key):
    """A person objects to their own score; nobody else does it for them."""
    city, found = subject_of(request, kind, key)
    if not found.is_person or found.pk != request.user.pk:
        raise PermissionDenied
    period, _today = period_of(request, city)
    form = form_for(kind, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        said["number"] = said.pop("case").strip().upper()
        objecting.object_to(found, period, by=request.user, city=city, **said)
        messages.success(request, _("Your objection is kept; the assessor answers it here."))
    else:
        messages.error(request, _("Say what is wrong, and why."))
    return redirect(f"{reverse('subject', args=[kind, key])}?period={period}#objections")


def _city(request):
    """The city whose objections a member answers. Raises PermissionDenied for who answers none."""
    if not request.user.has_perm("assessment.answer_objection"):
        raise PermissionDenied
    return city_of(request.user)


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
