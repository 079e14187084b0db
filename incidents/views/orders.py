"""What was ordered and what was escalated, and who has not replied yet."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from incidents import outlook
from incidents.chips import show_demand_clocks
from incidents.facts import BadFacts
from incidents.views.casefile import owner_words
from incidents.views.signed import signed_in
from incidents.views.tabs import ask, tabs
from incidents.views.warnings import following

WHOSE = ("mine", "all")
KINDS = ("reply", "answer")


@signed_in
@require_GET
def orders(request):
    """Open supervise orders and escalations with their owners and clocks, the latest first."""
    ask(request.user, "orders")
    asked = _asked(request)
    try:
        rows, after = _page(request, asked)
    except BadFacts:
        return redirect("orders")
    context = {"rows": rows, "asked": asked, "next": following(request, after)}
    return render(request, "incidents/orders.html", context | tabs(request.user, "orders"))


def _page(request, asked):
    """(demands of a page with their clocks and owners in words, the cursor of the next)."""
    mine = asked["whose"] == "mine"
    demands = outlook.demands_of(request.user, mine=mine, kind=asked["kind"], late=asked["late"])
    rows, after = outlook.page_by_due(demands, request.GET.get("cursor"), "clock__due_at")
    show_demand_clocks(rows)
    for row in rows:
        row.owned_by_words = owner_words(row)
    return rows, after


def _asked(request):
    """What the address asks for; who may not read others' demands sees their own."""
    may_all = request.user.has_perm("incidents.view_demand")
    whose = request.GET.get("whose")
    whose = whose if whose in WHOSE else "all"
    kind = request.GET.get("kind")
    return {
        "may_all": may_all,
        "whose": whose if may_all else "mine",
        "kind": kind if kind in KINDS else "",
        "late": request.GET.get("late") == "1",
    }
