"""The ranking: scores of a kind of subject in a period, and the button that freezes them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment.publishing import NotOver, entries, publish
from assessment.rankings import drawn
from assessment.subjects import WORDS
from assessment.views.asked import asked_of, tabs_of
from assessment.views.table import wanted_of
from grids.backends import cities_with
from incidents.views.signed import signed_in

PUBLISHES = "assessment.publish_score"


@signed_in
@require_GET
def ranking(request):
    """/scores/: who stands where; of persons a list by name, for who answers for them."""
    asked = asked_of(request)
    may_publish = asked.city in cities_with(request.user, PUBLISHES)
    context = {
        "asked": asked,
        "found": drawn(wanted_of(request, asked), request.user),
        "kind_word": WORDS[asked.kind],
        "tabs": tabs_of(request.user, asked.kind),
        "may_publish": may_publish,
    }
    return render(request, "assessment/ranking.html", context)


@signed_in
@require_POST
def publish_scores(request):
    """Freeze a period, or publish a correction beside what was frozen."""
    asked = asked_of(request)
    if asked.city not in cities_with(request.user, PUBLISHES):
        raise PermissionDenied
    before = entries(asked.city, asked.kind, asked.period).first()
    try:
        made = publish(asked.city, asked.kind, asked.period)
    except NotOver as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _what_became(made, before))
    return redirect(f"{reverse('scores')}?kind={asked.kind}&period={asked.period}")


def _what_became(made, before):
    """What to say of an entry; `before` is the newest one before the button was pressed."""
    if made == before:
        return _("Nothing has changed since it was published.")
    if made.corrects_id:
        return _("Corrected; the entry before stands beside it.")
    return _("Published and frozen.")
