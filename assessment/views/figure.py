"""The drawer of a figure and the page of a subject, which lists all its figures."""

from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from assessment.drawer import SCORE, name_of, open_drawer
from assessment.measures import EVERYDAY, POSTS, figures_of, missing_of
from assessment.models import Objection
from assessment.standings import file_of
from assessment.subjects import WORDS
from assessment.templatetags.scores import period_short
from assessment.views.asked import Asked, city_of, period_of, subject_of, tabs_of
from assessment.views.objections import form_for
from grids.backends import posts_of
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
    file = file_of(city, found, period)
    asked = Asked(city, kind, period, today)
    context = {"subject": found, "asked": asked, "file": file, "kind_word": WORDS[kind]}
    context |= _figures(kind, file) | _trend(file) | {"tabs": tabs_of(request.user, kind)}
    if found.is_person:
        context |= _objections(request.user, city, found, period)
    return render(request, "assessment/subject.html", context)


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


def _objections(user, city, found, period):
    rows = Objection.objects.to_score(city, found, period).with_answers()
    is_mine = found.pk == user.pk
    form = form_for(found.kind) if is_mine else None
    return {"objections": list(rows), "is_mine": is_mine, "objection_form": form}


@signed_in
@require_GET
def my_scores(request):
    """To the page of the member's own score, by their first post that has one."""
    city_of(request.user)
    for post in posts_of(request.user):
        if post.role in (*POSTS, "grid_head"):
            return redirect(reverse("subject", args=[post.role, request.user.pk]))
    raise Http404(_("Your post has no score."))
