"""The moves of a member on one case: what is offered, the form that stands open, and making a move
as a form sends it. The page of a case, the board, the appeals and the administration share it."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from incidents import evidence, routing, workflow
from incidents.facts import BadFacts, Conflict, Need, Refused
from incidents.filters import as_read_by
from incidents.forms import MoveForm
from incidents.models import Case
from incidents.views.casefile import explained, shown_case, turn_of

# The moves that are the way on: the first of these that is offered stands open on the page.
NEXT = (
    "accept",
    "confirm",
    "file",
    "dispatch",
    "handle",
    "verify",
    "close",
    "grant",
    "adjudicate",
    "reply",
    "answer",
    "opine",
    "decide",
    "spot_check",
)


@dataclass
class Panel:
    """The moves of a member on a case: what is offered, the form that stands open, and what came
    of the last try. `status` is what a page answers with it."""

    case: object
    offers: list
    url: str
    form: object = None
    turn: str = ""
    yours: bool = False
    explanation: list = field(default_factory=list)
    conflict: str = ""
    gone: bool = False
    made: object = None
    status: int = 200


# --- what is offered ----------------------------------------------------------------------------


def offers(case, user, chosen="", *, url=None, form=None):
    """The context of `_move_form.html`: {"panel": Panel}. `chosen` is the move whose form stands
    open, by default the next one of the loop; `url` is where the forms go (by default the case's
    own address) and answers GET ?move=… with another form."""
    found = _offered(case, user)
    panel = Panel(case, found, url or reverse("case_move", args=[case.number]), form)
    panel.yours = any(offer.move in NEXT for offer in found)
    panel.turn = turn_of(case, yours=panel.yours)
    if form is None and (offer := _open(found, chosen)):
        choice = routing.suggestion(case, offer.move)
        lead = choice.lead.code if choice and choice.lead else ""
        panel.form = MoveForm(offer, case, suggested={"unit": lead})
        if choice:
            panel.explanation = explained(case, choice.explanation, dict(panel.form.units))
    return {"panel": panel}


def _offered(case, user):
    """The moves of a member; of a case that is set back for them, by how it stands today."""
    if not getattr(case, "is_set_back", False):
        return workflow.moves(case, user)
    return workflow.moves(Case.objects.get(pk=case.pk), user, cut=True)


def _open(found, chosen):
    wanted = [chosen] if chosen else NEXT
    return next((offer for offer in found if offer.move in wanted), None)


# --- one move as it was sent ---------------------------------------------------------------------


def take(request, case, name, *, url=None):
    """One move as a form sends it, through the one door: {"panel": Panel}, whose `made` is the case
    if it was made. What was refused stands in the form, with every word and photo kept."""
    form = _filled(request, case, name)
    made, conflict, status = _made(request, case, form)
    if made is not None:
        return {"panel": Panel(made, [], url or "", made=made)}
    context = offers(_again(case, request.user), request.user, url=url, form=form)
    panel = context["panel"]
    panel.conflict, panel.status = conflict, status
    panel.gone = name not in [offer.move for offer in panel.offers]
    return context


def _filled(request, case, name):
    """The form of a move with what was sent, also of one that is not offered any more."""
    offer = next((o for o in _offered(case, request.user) if o.move == name), None)
    if offer is None:
        label = workflow.LABELS.get(name, name)
        offer = workflow.Offer(name, label, _needs(request.POST))
    return MoveForm(offer, case, request.POST, request.FILES)


def _needs(sent):
    """The words that came with a move that is not offered any more, so that they are shown."""
    texts = ("reason", "result", "words", "opinion", "note")
    return [Need(name, "text", False) for name in texts if sent.get(name)]


def _again(case, user):
    """The case as the member reads it after somebody else moved it, or as it was where it is out
    of sight."""
    found = shown_case(user, case.number)
    return as_read_by(user, [found])[0] if found else case


def _made(request, case, form):
    """(the case or None, who was first, the status of the refusal). What the form itself refuses
    goes to the loop as well, so that its refusals come at the same time."""
    photos = _taken_in(request, case, form)
    try:
        return _moved(request.user, case, form, photos), "", 200
    except Refused as refused:
        conflict, status = _refusal(form, refused)
    form.case = _again(case, request.user)
    form.keep(photos)
    return None, conflict, status


def _moved(user, case, form, photos):
    refused, given = form.errors, form.cleaned_data
    return workflow.move(
        case,
        form.offer.move,
        user,
        version=given.get("version"),
        evidence=[*form.photos_kept, *(str(photo.pk) for photo in photos)],
        position=given.get("position"),
        refused=refused,
        **form.facts(),
    )


def _refusal(form, refused):
    """(who was first, the status); what else the loop says is put into the form."""
    if isinstance(refused, Conflict):
        return won_by(refused), 409
    if isinstance(refused, BadFacts):
        form.add_refusal(refused.errors)
        return "", 422
    form.add_error(None, refused.message)
    return "", 403


def _taken_in(request, case, form):
    """The photos that came with a form, kept whatever else is wrong with it."""
    photos = []
    try:
        for file in request.FILES.getlist("photo") if "photo" in form.fields else ():
            photos.append(evidence.take_in(file, request.user, city=case.city))
    except BadFacts as refused:
        form.add_refusal(refused.errors)
    return photos


def won_by(conflict):
    """Who was there first, when, with what; or what else the loop says."""
    if conflict.who is None:
        return str(conflict.message)
    return _("%(who)s was first, at %(when)s: %(move)s.") % {
        "who": conflict.who,
        "when": localtime(conflict.when).strftime("%H:%M:%S"),
        "move": workflow.LABELS.get(conflict.move, conflict.move),
    }


def done(made, name):
    """What a member is told of the move they made."""
    return _("%(move)s: done. The case is %(stage)s now.") % {
        "move": workflow.LABELS[name],
        "stage": made.get_stage_display(),
    }
