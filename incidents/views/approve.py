"""Closing approval: what waits for a community supervisor, one case at a time, with the checks of
its evidence; approve and go on, or send back with a reason."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from incidents import workflow
from incidents.checks import PLACE_TOLERANCE_M, closings_of, evidence_checks, failed
from incidents.chips import chip_of, states_of
from incidents.facts import BadFacts, Conflict, Refused
from incidents.models import Case, Clock, Stage, Step
from incidents.scope import last_step_for
from incidents.views.casefile import SHOWN_WITH, pair_of, photos_of, shown_cases, steps_of
from incidents.views.panel import won_by
from incidents.views.signed import signed_in
from lib import now as clock

# A queue is shown whole up to here; a supervisor has a handful.
MOST_WAITING = 200
MOST_MARKS = 12
DONE_A_PAGE = 50
REASONS = {
    "condition": gettext_lazy("The closing condition is not met"),
    "unclear": gettext_lazy("The photo does not show it clearly"),
    "elsewhere": gettext_lazy("The photo is of another place"),
    "again": gettext_lazy("The problem is there again"),
    "other": gettext_lazy("Another reason"),
}
DECISIONS = ("close", "send_back")


@dataclass
class Try:
    """A decision that was not made: what was sent, what is wrong with it, who was first."""

    move: str = ""
    note: str = ""
    why: str = ""
    reason: str = ""
    version: str = ""
    errors: dict = field(default_factory=dict)
    conflict: str = ""
    status: int = 200


# --- the queue -----------------------------------------------------------------------------------


def queue_of(user):
    """The cases that this member closes or sends back now, the most pressing first; each with
    `closing`, why it is theirs."""
    waiting = shown_cases(user).waiting_on(user).filter(stage=Stage.VERIFIED)
    rows = list(waiting.order_by("due_at", "pk")[:MOST_WAITING])
    why = closings_of(rows, user)
    for row in rows:
        row.closing = why.get(row.pk)
    return [row for row in rows if row.closing]


def after(number, queue):
    """The number of the case behind this one, from the beginning behind the last; None alone."""
    numbers = [row.number for row in queue]
    place = numbers.index(number) + 1 if number in numbers else 0
    rest = [other for other in numbers[place:] + numbers[:place] if other != number]
    return rest[0] if rest else None


def decided_today(user):
    """How many cases this member closed or sent back since midnight of the city."""
    midnight = localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Step.objects.made_by(user, DECISIONS).filter(at__gte=midnight).count()


def progress_of(place, queue, done):
    """Where one is in the day's work: {"at", "total", "left", "marks"}; `marks` says of each case
    done, here or left, and is empty where they would be too many to be seen."""
    total = done + len(queue)
    marks = [
        "done" if index < done else "here" if index == done + place else "left"
        for index in range(total)
    ]
    return {
        "at": done + place + 1,
        "done": done,
        "left": len(queue),
        "total": total,
        "marks": marks if total <= MOST_MARKS else [],
    }


def _supervisor(user):
    if not user.has_perm("incidents.close_case"):
        raise PermissionDenied


@signed_in
@require_GET
def approvals(request):
    """Goes to the most pressing case; says so when nothing waits."""
    _supervisor(request.user)
    queue = queue_of(request.user)
    if queue:
        return redirect("approval", queue[0].number)
    done = decided_today(request.user)
    soon = Case.objects.visible_to(request.user).filter(stage=Stage.HANDLED).count()
    context = {"progress": progress_of(0, [], done), "waiting": 0, "soon": soon}
    return render(request, "incidents/approvals_none.html", context)


# --- one case ------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def approval(request, number):
    """One case for approval; POST makes the decision and goes on to the next."""
    _supervisor(request.user)
    queue = queue_of(request.user)
    case = next((row for row in queue if row.number == number), None)
    if case is None:
        case = _of_others(request.user, number)
        if case is None:
            return redirect("case", number)
    if request.method == "POST":
        return _decide(request, case, queue)
    if number not in [waiting.number for waiting in queue]:
        messages.info(request, _("This case does not wait for your approval."))
        return redirect("case", number)
    return render(request, "incidents/approval.html", shown(request, case, queue))


def _of_others(user, number):
    """A case that does not wait for this member, or does no longer; None where they read it only up
    to a step of its past, and nothing here is theirs. 404 for one that they may not see."""
    case = get_object_or_404(shown_cases(user), number=number)
    return case if last_step_for(user, case) is None else None


def shown(request, case, queue, tried=None):
    """The context of the page of one case."""
    numbers = [row.number for row in queue]
    place = numbers.index(case.number) if case.number in numbers else 0
    case.closing = queue[place].closing if case.number in numbers else ""
    case.chip, handled_late = clocks_of(case)
    return _judged(case, request.user) | {
        "case": case,
        "handled_late": handled_late,
        "reasons": REASONS.items(),
        "progress": progress_of(place, queue, decided_today(request.user)),
        "next": after(case.number, queue),
        "tried": tried or Try(),
        "waiting": len(queue),
    }


def _judged(case, user):
    """What the closing is judged by: the photos, and the checks of them."""
    steps = list(reversed(steps_of(case, None)))
    photos = photos_of(case, steps)
    checks = evidence_checks(case, steps, photos, seen_by=user)
    return {
        "photos": photos,
        "pair": pair_of(case, photos),
        "checks": checks,
        "failed": failed(checks),
        "verified_at": next((c.facts.get("where") for c in checks if c.kind == "place"), None),
        "tolerance": PLACE_TOLERANCE_M,
    }


def clocks_of(case):
    """(the Chip of the close clock, whether handling took longer than its limit; None without
    one). The handle clock stands still while the case waits, its verdict comes with closing."""
    chip, late = None, None
    for row, state in states_of(Clock.objects.open().filter(case=case, demand=None)):
        if row.kind == "close":
            chip = chip_of(state)
        elif row.kind == "handle" and state.limit is not None:
            late = state.late_by_at(clock.now()) > timedelta(0)
    return chip, late


def _decide(request, case, queue):
    """Make the decision through the one door; what was refused is shown with every word kept."""
    tried = _read(request.POST)
    facts = _facts(case, tried)
    if not tried.errors:
        try:
            workflow.move(case, tried.move, request.user, **facts)
        except Refused as refused:
            _refused(tried, refused)
        else:
            return _go_on(request, case, queue, tried.move)
    case = Case.objects.select_related(*SHOWN_WITH).get(pk=case.pk)
    page = shown(request, case, queue, tried)
    return render(request, "incidents/approval.html", page, status=tried.status)


def _read(sent):
    """The Try in what a form sent."""
    tried = Try(
        move=sent.get("move", ""),
        note=sent.get("note", "").strip(),
        why=sent.get("why", ""),
        reason=sent.get("reason", "").strip(),
        version=sent.get("version", ""),
        status=422,
    )
    if tried.move not in DECISIONS or not tried.version.isdecimal():
        tried.errors["all"] = _("Approve the closing or send the case back.")
    return tried


def _facts(case, tried):
    """What `workflow.move` takes for a decision; what is missing stands in `tried.errors`."""
    facts = {
        "version": int(tried.version) if tried.version.isdecimal() else None,
        # The same click twice is one decision.
        "idempotency_key": f"approval:{case.pk}:{tried.version}:{tried.move}",
    }
    if tried.move == "send_back":
        chosen = REASONS.get(tried.why) if tried.why != "other" else None
        words = [str(chosen)] if chosen else []
        facts["reason"] = _(": ").join([*words, tried.reason] if tried.reason else words)
        if not facts["reason"]:
            tried.errors["reason"] = _("Say why it goes back.")
    elif tried.note:
        facts["note"] = tried.note
    return facts


def _refused(tried, refused):
    """Put the loop's refusal where its reader looks for it."""
    if isinstance(refused, BadFacts):
        tried.errors |= {name: " ".join(map(str, said)) for name, said in refused.errors.items()}
    elif isinstance(refused, Conflict):
        tried.conflict, tried.status = won_by(refused), 409
    else:
        tried.errors["all"], tried.status = refused.message, 403


def _go_on(request, case, queue, name):
    """Say what was done and go to the next case."""
    done = {
        "close": _("%(number)s: closing approved."),
        "send_back": _("%(number)s: sent back."),
    }
    messages.success(request, done[name] % {"number": case.number})
    following = after(case.number, queue)
    return redirect("approval", following) if following else redirect("approvals")


# --- what was decided ----------------------------------------------------------------------------


@signed_in
@require_GET
def approval_done(request):
    """What this member decided, the newest first, by key."""
    _supervisor(request.user)
    steps = Step.objects.made_by(request.user, DECISIONS)
    seen = Case.objects.visible_to(request.user).values("pk")
    steps = steps.filter(_earlier(request.GET.get("before", "")), case__in=seen)
    steps = steps.select_related("case__category", "case__community", "words")
    rows = list(steps.order_by("-at", "-pk")[: DONE_A_PAGE + 1])
    last = rows[DONE_A_PAGE - 1] if len(rows) > DONE_A_PAGE else None
    more = f"{last.at.isoformat()} {last.pk}" if last else ""
    context = {"rows": rows[:DONE_A_PAGE], "more": more, "first": "before" not in request.GET}
    return render(request, "incidents/approvals_done.html", context)


def _earlier(key):
    """Q of the steps behind a key ("moment number"); of all of them for what is none."""
    moment, _space, number = key.partition(" ")
    try:
        at = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not number.isdecimal() or len(number) > 18:
        return Q()
    return Q(at__lt=at) | Q(at=at, pk__lt=int(number))
