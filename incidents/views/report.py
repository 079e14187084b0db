"""The report form of grid workers, hotline and counter: photos, place, category and words; cases
that may be the same; what was sent and where it goes next."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grids.querysets import places_matching
from incidents import evidence, workflow
from incidents.facts import BadFacts, Conflict, Refused
from incidents.models import Case, Category, Evidence, Step
from incidents.views import finding
from incidents.views.signed import signed_in
from incidents.views.tabs import city_with

SOURCES = {
    "hotline": gettext_lazy("Hotline"),
    "counter": gettext_lazy("Counter"),
    "superior": gettext_lazy("Superior's order"),
}
LAST_PLACE = "report_place"
LONGEST_KEY = 80
# Which part of the form a refused fact belongs to.
PARTS = {
    "longitude": "place",
    "latitude": "place",
    "component": "place",
    "file": "evidence",
    "photo": "evidence",
}
_TEXTS = (
    "move",
    "source",
    "longitude",
    "latitude",
    "accuracy",
    "category",
    "condition",
    "description",
    "component",
    "name",
    "phone",
    "key",
    "into",
)


@dataclass
class Sent:
    """What a form says, as text; `photos` and `after` are ids of photos taken in."""

    values: dict
    photos: list = field(default_factory=list)
    after: list = field(default_factory=list)
    errors: dict = field(default_factory=dict)
    conflict: str = ""
    earlier: object = None
    status: int = 200

    def refuse(self, errors):
        """Put the loop's messages beside the part of the form that they are about."""
        for name, said in errors.items():
            part = PARTS.get(name, name)
            self.errors.setdefault(part, []).extend(str(message) for message in said)
        self.status = 422


def city_of(user):
    """The city of a member who reports; 403 for whoever does not."""
    return city_with(user, "incidents.report_case")


def takes_down(user):
    """True for who takes down what others tell; false for who walks the grids."""
    return user.has_perm("incidents.told_case")


# --- the form ------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def report_case(request):
    """The form; POST sends the report through the one door."""
    city = city_of(request.user)
    if request.method == "POST":
        return _send(request, city)
    context = shown(request, city, _blank(request))
    context["kept_place"] = LAST_PLACE in request.session
    return render(request, "incidents/report.html", context)


def _blank(request):
    """A form with a key of its own and the place of the last report."""
    longitude, latitude = request.session.get(LAST_PLACE, ["", ""])
    values = dict.fromkeys(_TEXTS, "") | {
        "key": uuid.uuid4().hex,
        "source": request.GET.get("source") or ("hotline" if takes_down(request.user) else ""),
        "longitude": request.GET.get("longitude", longitude),
        "latitude": request.GET.get("latitude", latitude),
    }
    return Sent(values)


def shown(request, city, sent):
    """The context of the form; whatever was sent stands in it again."""
    context = _looked_up(request.user, city, sent.values) | _photos_of(request.user, sent)
    return context | {
        "sent": sent,
        "values": sent.values,
        "city": city,
        "told": takes_down(request.user),
        "self_handles": request.user.has_perm("incidents.self_handle_case"),
        "sources": SOURCES.items(),
        "words": _words(),
    }


def _looked_up(user, city, values):
    """What is known of the place and the subclass that a form names."""
    point = finding.point_in(values)
    category, conditions = finding.conditions_of(city, values["category"])
    usual, near = finding.usual_at(user, city, point)
    return {
        "point": point,
        "here": finding.place_at(point, city) if point else None,
        "category": category,
        "conditions": conditions,
        "usual": usual,
        "near": near,
        "similar": finding.similar_at(user, city, category, point) if category and point else [],
    }


def _photos_of(user, sent):
    """The photos that a form names, before and after, those that are the member's."""
    keys = [*sent.photos, *sent.after]
    named = Evidence.objects.visible_to(user).filter(case=None).in_bulk(keys) if keys else {}
    return {
        "photos": [named[key] for key in sent.photos if key in named],
        "after": [named[key] for key in sent.after if key in named],
    }


def _words():
    """What the form's module says."""
    return {
        "report_sending": _("Sending {name}: {percent} %"),
        "report_sent_photo": _("{name} is sent"),
        "report_failed": _("{name} could not be sent: {why}"),
        "report_retry": _("Try again"),
        "report_remove": _("Remove this photo"),
        "report_waits": _("{count} photos are still being sent"),
        "report_locating": _("Asking the device where it is…"),
        "report_located": _("Position of the device, ±{metres} m"),
        "report_no_position": _("The device does not say where it is. Search, or use the map."),
        "report_photo_place": _("Place taken from the photo"),
        "report_found": _("{count} found; arrow keys and Enter choose"),
        "report_none": _("Nothing found. Try fewer words, or use the map."),
    }


def _read(request):
    """The Sent in a request; photos that came with the form itself are taken in and kept."""
    values = {name: _text(request.POST.get(name, "")) for name in _TEXTS}
    values["key"] = values["key"][:LONGEST_KEY]
    sent = Sent(values, _keys(request, "evidence"), _keys(request, "after"))
    for name, kept in (("photo", sent.photos), ("photo_after", sent.after)):
        for file in request.FILES.getlist(name)[:20]:
            try:
                kept.append(evidence.take_in(file, request.user).pk)
            except BadFacts as refused:
                sent.refuse(refused.errors)
    return sent


def _text(value):
    """A value as a database can be asked for it."""
    return value.replace("\x00", "").strip()


def _keys(request, name):
    """The ids of photos in a form, those that are ids."""
    keys = []
    for text in request.POST.getlist(name)[:20]:
        try:
            keys.append(uuid.UUID(text))
        except ValueError:
            continue
    return keys


def _send(request, city):
    """Make the case, or keep to the one that the member recognised."""
    sent = _read(request)
    if sent.values["into"] and not takes_down(request.user):
        return _follow(request, sent.values["into"])
    case = _taken(request, city, sent)
    if case is not None:
        return redirect("report_sent", case.number)
    context = shown(request, city, sent)
    return render(request, "incidents/report.html", context, status=sent.status)


def _taken(request, city, sent):
    """The case of a report, its place kept for the next one; or None, and `sent` says why."""
    point = [sent.values["longitude"], sent.values["latitude"]]
    refused = dict(sent.errors)
    if not any(point):
        refused["longitude"] = [_("Say where it is: search, use the map or the device.")]
    try:
        case = _made(request, city, point, sent, refused)
    except Refused as said:
        _refused(request, sent, said)
        return None
    request.session[LAST_PLACE] = [round(case.point.x, 6), round(case.point.y, 6)]
    return case


@transaction.atomic
def _made(request, city, point, sent, refused):
    """The case of a report; taken together with the earlier one that its caller meant."""
    facts = _facts(request, sent) | {"refused": refused}
    case = workflow.report(request.user, city=city, point=point, **facts)
    into, key = sent.values["into"], sent.values["key"]
    if into:
        key = key and f"{key}:into"
        workflow.move(case, "merge", request.user, into=into, idempotency_key=key)
    return case


def _facts(request, sent):
    """What `workflow.report` takes besides the place."""
    values, told = sent.values, takes_down(request.user)
    named = ("category", "condition", "description", "component")
    return {name: values[name] or None for name in named} | {
        "move": "self_handle" if values["move"] == "self_handle" else "report",
        "source": values["source"] if told else "patrol",
        "idempotency_key": values["key"],
        "body_hash": _hash(request),
        "evidence": sent.photos,
        "after": sent.after,
        "position": _position(request),
        "reporter": _reporter(values) if told else None,
    }


def _reporter(values):
    return {k: values[k] for k in ("name", "phone")} if values["name"] or values["phone"] else None


def _position(request):
    """[longitude, latitude] of the device, as the form's module wrote it, or None."""
    parts = request.POST.get("position", "").split(",")
    return parts if len(parts) == 2 else None


def _hash(request):
    """One number for all that a form says, so that a key is never used for two reports."""
    said = {k: v for k, v in request.POST.lists() if k not in ("csrfmiddlewaretoken", "accuracy")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _refused(request, sent, refused):
    """Say in the form what the loop said, and keep everything."""
    if isinstance(refused, BadFacts):
        # What the form has found is among it.
        sent.errors.clear()
        sent.refuse(refused.errors)
        return
    sent.status = 409 if isinstance(refused, Conflict) else 403
    sent.conflict = str(refused.message)
    key = sent.values["key"]
    step = Step.objects.said_by(request.user, key).select_related("case").first()
    if key and step is not None:
        sent.earlier = step.case
        # What is sent now is another report, and knowingly so.
        sent.values["key"] = uuid.uuid4().hex


def _follow(request, number):
    """The worker saw that it is known: no second case, the way to the first one."""
    case = get_object_or_404(Case.objects.visible_to(request.user), number=number)
    messages.info(
        request, _("Not reported again: %(number)s is under way.") % {"number": case.number}
    )
    return redirect("report_sent", case.number)


# --- what it looks up ----------------------------------------------------------------------------


@signed_in
@require_GET
def places(request):
    """Places that fit some words."""
    city = city_of(request.user)
    found = places_matching(city.pk, request.GET.get("text", "")[:80])
    wanted = {place["category"] for place in found if place["category"]}
    named = Category.objects.of_city(city).filter(code__in=wanted) if wanted else []
    names = {category.code: category for category in named}
    for place in found:
        place["subclass"] = names.get(place["category"])
    return render(request, "incidents/_report_places.html", {"places": found})


@signed_in
@require_GET
def here(request):
    """A point in words, with the grids it lies in."""
    city, point = city_of(request.user), finding.point_in(request.GET)
    if point is None:
        return HttpResponse(status=204)
    context = {"here": finding.place_at(point, city), "point": point}
    return render(request, "incidents/_report_here.html", context)


@signed_in
@require_GET
def categories(request):
    """Categories by words; without words those usual here, or all of them by class."""
    city, text = city_of(request.user), request.GET.get("text", "").strip()[:80]
    context = {"text": text}
    if text:
        context["found"] = finding.categories_matching(request.user, city, text)
    elif request.GET.get("all"):
        context["classes"] = finding.all_categories(city)
    else:
        point = finding.point_in(request.GET)
        context["usual"], context["near"] = finding.usual_at(request.user, city, point)
    return render(request, "incidents/_report_categories.html", context)


@signed_in
@require_GET
def conditions(request):
    """The filing conditions of a subclass."""
    found = finding.conditions_of(city_of(request.user), request.GET.get("category", ""))
    context = {"category": found[0], "conditions": found[1], "values": {}}
    return render(request, "incidents/_report_conditions.html", context)


@signed_in
@require_GET
def similar(request):
    """Open cases of the subclass near and recent: is this one of them?"""
    city, point = city_of(request.user), finding.point_in(request.GET)
    category, _rows = finding.conditions_of(city, request.GET.get("category", ""))
    found = []
    if category and point:
        found = finding.similar_at(request.user, city, category, point)
    context = {"similar": found, "told": takes_down(request.user)}
    return render(request, "incidents/_report_similar.html", context)


@signed_in
@require_POST
def upload(request):
    """Take one photo in at once: {"id", "thumbnail", "position"}; 422 says what is wrong."""
    city_of(request.user)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise BadFacts({"file": [_("A photo is needed.")]})
        row = evidence.take_in(file, request.user, key=request.POST.get("key", "")[:80])
    except BadFacts as refused:
        said = " ".join(str(message) for message in refused.errors["file"])
        return JsonResponse({"error": said}, status=422)
    except Conflict as refused:
        return JsonResponse({"error": str(refused.message)}, status=409)
    where = [row.position.x, row.position.y] if row.position else None
    return JsonResponse({"id": str(row.pk), "position": where})


@signed_in
@require_GET
def report_sent(request, number):
    """After sending: the number, where it goes next, and the way to another report."""
    city_of(request.user)
    cases = Case.objects.visible_to(request.user)
    case = get_object_or_404(
        cases.select_related("category", "community", "grid", "merged_into"), number=number
    )
    context = {"case": case, "mine": case.reported_by_id == request.user.pk}
    return render(request, "incidents/report_sent.html", context)
