"""What stands beside a case: reports merged into it, what is like it near by, what its earlier
rounds came to, joint tasks and orders about it, and how busy its unit is. Asked for by itself,
since nobody waits for it."""

from django.db.models import Count, Q
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incidents.models import Case, JointTask
from incidents.querysets import HANDLING
from incidents.views.case import seen
from incidents.views.casefile import similar_of
from incidents.views.signed import signed_in
from lib import now as clock

# Like the pictures of the interface guide: a season's worth of the same matter at one place.
DAYS = 90
MOST_MERGED = 20


@signed_in
@require_GET
def case_related(request, number):
    """The card; by itself a page."""
    row = seen(request.user, number)
    context = {"case": row} | related_to(row, request.user)
    name = "incidents/_case_related.html" if request.htmx else "incidents/case_related.html"
    return render(request, name, context)


def related_to(case, user):
    """The context of the card: five queries. Nothing for a unit that the case has left."""
    if getattr(case, "is_set_back", False):
        return {"left_unit": True}
    told = case.steps.filter(move__in=("close", "supervise")).order_by("seq")
    told = list(told.values("move", "round", "at"))
    tasks = JointTask.objects.visible_to(user).filter(case=case.pk).newest()
    return {
        "merged": _merged(case, user),
        "similar": similar_of(case, user, DAYS),
        "rounds": [step for step in told if step["move"] == "close" and step["round"] < case.round],
        "orders": [step for step in told if step["move"] == "supervise"],
        "tasks": list(tasks.annotate(departments=Count("calls"))[:MOST_MERGED]),
        "load": _load(case, user),
    }


def _merged(case, user):
    """The reports that were merged into a case, the newest first."""
    into = Case.objects.visible_to(user).filter(merged_into=case.pk)
    return list(into.order_by("-reported_at")[:MOST_MERGED])


def _load(case, user):
    """How many cases of those that the member sees the case's unit has in hand, and how many of
    them are overdue; None without a unit."""
    if case.unit_id is None:
        return None
    mine = Case.objects.followed_by(user).filter(unit=case.unit_id, stage__in=HANDLING)
    late = Count("pk", filter=Q(due_at__lt=clock.now()))
    return mine.order_by().aggregate(open=Count("pk"), overdue=late)
