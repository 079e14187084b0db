"""Objections: a person's word against their own score, and the answer to it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment.drawer import name_of
from assessment.forms import AnswerForm, ObjectionForm
from assessment.measures import figures_of
from assessment.models import Objection, ObjectionAnswer
from assessment.subjects import WORDS
from assessment.views.asked import city_of, period_of, subject_of, tabs_of
from incidents.models import Case, Words
from incidents.views.signed import signed_in
from lib import now as clock
from lib.numbers import whole

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
    where = redirect(f"{reverse('subject', args=[kind, key])}?period={period}#objections")
    if not form.is_valid():
        messages.error(request, _("Say what is wrong, and why."))
        return where
    _keep(request.user, city, found, period, form.cleaned_data)
    messages.success(request, _("Your objection is kept; the assessor answers it here."))
    return where


@transaction.atomic
def _keep(user, city, found, period, given):
    number = given["case"].strip().upper()
    Objection.objects.create(
        city=city,
        member=user,
        subject_kind=found.kind,
        period=str(period),
        code=given["code"],
        case=Case.objects.visible_to(user).filter(number=number).first() if number else None,
        words=Words.objects.create(text=given["words"]),
        made_at=clock.now(),
    )


@signed_in
@require_GET
def objections(request):
    """All objections of the city, those that wait for an answer first; for who answers them."""
    city = city_of(request.user)
    if not request.user.has_perm("assessment.answer_objection"):
        raise PermissionDenied
    rows = Objection.objects.filter(city=city).select_related(
        "member", "words", "case", "answer__words", "answer__by"
    )
    before = whole(request.GET.get("before", ""))
    older = rows.filter(answer__isnull=False).order_by("-pk")
    older = older.filter(pk__lt=before) if before is not None else older
    answered = list(older[: PAGE + 1])
    context = {
        "waiting": list(rows.filter(answer__isnull=True).order_by("pk")[:PAGE]),
        "answered": answered[:PAGE],
        "next": answered[PAGE - 1].pk if len(answered) > PAGE else None,
        "form": AnswerForm(),
        "kind_words": WORDS,
        "tabs": tabs_of(request.user, ""),
    }
    return render(request, "assessment/objections.html", context)


@signed_in
@require_POST
def answer_objection(request, pk):
    """Answered once, never by who objected."""
    city = city_of(request.user)
    if not request.user.has_perm("assessment.answer_objection"):
        raise PermissionDenied
    row = get_object_or_404(Objection, pk=pk, city=city)
    form = AnswerForm(request.POST)
    if row.member_id == request.user.pk:
        raise Http404
    if not form.is_valid():
        messages.error(request, _("An answer says what follows, in words."))
    elif _answered(row, request.user, form.cleaned_data):
        messages.success(request, _("The answer is kept."))
    else:
        messages.error(request, _("Somebody else has answered it already."))
    return redirect("objections")


def _answered(row, user, given):
    """True if the answer was kept, False if there is one already."""
    try:
        with transaction.atomic():
            ObjectionAnswer.objects.create(
                objection=row,
                outcome=given["outcome"],
                words=Words.objects.create(text=given["words"]),
                by=user,
                answered_at=clock.now(),
            )
    except IntegrityError:
        return False
    return True
