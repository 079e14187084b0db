"""The drawer of a figure, and the page of a subject, which lists all its figures and takes a
person's word against their own score."""

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from assessment import objecting
from assessment.drawer import SCORE, name_of, open_drawer
from assessment.forms import ObjectionForm
from assessment.measures import EVERYDAY, POSTS, figures_of, missing_of
from assessment.models import Objection
from assessment.standings import file_of
from assessment.subjects import WORDS
from assessment.templatetags.scores import period_short
from assessment.views.asked import Asked, cities_of, period_of, subject_of, tabs_of
from grids.backends import posts_of
from incidents.models import Case
from incidents.views.signed import signed_in

USUAL_LENGTH = dict.fromkeys(EVERYDAY, "day")


@signed_in
@never_cache
@require_GET
def figure(request, kind, key, code):
    """One figure: its equation and its cases, in pages by key. For htmx the drawer alone."""
    city, subject = subject_of(request, kind, key)
    if code != SCORE and code not in figures_of(kind):
        raise Http404
    period, _today = period_of(request, city, USUAL_LENGTH.get(kind, "month"))
    after = request.GET.get("after", "")
    try:
        drawer = open_drawer(request.user, city, subject, code, period, after)
    except (signing.BadSignature, ValueError):
        return redirect(f"{request.path}?period={period}")
    template = "assessment/figure.html"
    if request.htmx:
        template = "assessment/_drawer_rows.html" if after else "assessment/_drawer.html"
    return render(request, template, {"drawer": drawer, "subject": subject, "period": period})


@signed_in
@never_cache
@require_GET
def subject(request, kind, key):
    """All figures of one subject in a period, the trend, what is missing, and of a person the
    objections."""
    city, found = subject_of(request, kind, key)
    period, today = period_of(request, city, USUAL_LENGTH.get(kind, "month"))
    asked = Asked(city, kind, period, today)
    return _page_of(request, found, asked, _form_for(request.user, kind))


def _page_of(request, found, asked, form, status=200):
    kind, city = found.kind, asked.city
    file = file_of(city, found, asked.period)
    context = {"subject": found, "asked": asked, "file": file, "kind_word": WORDS[kind]}
    context |= _figures(kind, file) | _trend(file) | {"tabs": tabs_of(request.user, kind)}
    if found.is_person:
        rows = Objection.objects.to_score(city, found, asked.period).with_answers()
        context |= {"objections": list(rows), "is_mine": found.pk == request.user.pk, "form": form}
    return render(request, "assessment/subject.html", context, status=status)


@signed_in
@require_POST
def object_to(request, kind, key):
    """A person objects to their own score; nobody else does it for them."""
    city, found = subject_of(request, kind, key)
    if not found.is_person or found.pk != request.user.pk:
        raise PermissionDenied
    period, today = period_of(request, city)
    form = _form_for(request.user, kind, request.POST)
    if not form.is_valid():
        return _page_of(request, found, Asked(city, kind, period, today), form, status=422)
    objecting.object_to(found, period, by=request.user, city=city, **form.cleaned_data)
    messages.success(request, _("Your objection is kept; the assessor answers it here."))
    return redirect(f"{reverse('subject', args=[kind, key])}?period={period}#objections")


def _form_for(user, kind, data=None):
    """The form of a member's objection against their score of a kind."""
    codes = [(code, name_of(code)) for code in figures_of(kind)]
    return ObjectionForm(data, codes=codes, cases=Case.objects.visible_to(user))


def _figures(kind, file):
    """The figures that have a value, those that have none in this period, and those that no period
    has, each with why."""
    held, empty = [], []
    for code in figures_of(kind):
        one = file.row.figures[code]
        (held if one.value is not None else empty).append((code, one))
    return {"held": held, "empty": empty, "missing": missing_of(kind)}


def _trend(file):
    """The chart of the past periods and the table behind it: the score and what it is made of."""
    items = file.formula.items if file.formula else []
    codes = [item["code"] for item in items if item["code"] in file.row.figures]
    rows = [
        (period, row, [row.figures[code].value for code in codes], kept)
        for period, row, kept in file.past
    ]
    values = {SCORE: [row.score for _period, row, _kept in file.past]}
    for code in codes:
        values[code] = [row.figures[code].value for _p, row, _k in file.past]
    lines = [
        {"name": name_of(code, file.formula), "values": [v if v is None else float(v) for v in of]}
        for code, of in values.items()
    ]
    labels = [period_short(period) for period, _row, _kept in file.past]
    return {
        "trend_rows": rows,
        "trend_codes": codes,
        "chart": {"labels": labels, "lines": lines},
    }


@signed_in
@require_GET
def my_scores(request):
    """To the page of the member's own score, by their first post that has one."""
    cities_of(request)
    for post in posts_of(request.user):
        if post.role in (*POSTS, "grid_head"):
            return redirect(reverse("subject", args=[post.role, request.user.pk]))
    raise Http404(_("Your post has no score."))
