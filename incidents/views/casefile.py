"""What the page of a case shows, read in a handful of queries: steps with their effect on the
clocks, the loop bar, photos, demands, the routing reason, the masked reporter, whose turn it is."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import evidence
from incidents.appeals import Standing, state_of
from incidents.chips import chip_of
from incidents.filters import narrowed
from incidents.ledger import cells_of, demands_of, effects_of, lines_of, outcomes_of
from incidents.models import Case, Category, Evidence, Step
from incidents.names import is_secret, masked, masked_phone
from incidents.routing import RESULTS
from incidents.rules import SYSTEM, keep_past_of
from incidents.scope import hidden_from, visible
from incidents.templatetags.approval import check_words
from incidents.templatetags.loop import in_a_row, in_words, moment, role_word
from staff.kept import KeptQuery
from staff.models import in_language
from staff.querysets import names_of_units

# What nearly every part of the page reads. Each further join costs more to plan than it saves:
# with eighteen the planner alone took longer than the rest of the page.
SHOWN_WITH = (
    "city",
    "category",
    "condition",
    "description",
    "unit",
    "reporter",
    "reported_by",
    "grid",
    "community",
    "street",
    "district",
)
BEFORE, AFTER = ("report", "self_handle", "confirm"), ("handle", "verify", "rework", "spot_check")


def shown_cases(user):
    """The cases that a member may see, each with what its page reads."""
    return Case.objects.visible_to(user).select_related(*SHOWN_WITH)


_SHOWN = KeptQuery(
    lambda number: Case.objects.filter(number=number).select_related(*SHOWN_WITH).order_by(),
    number=str,
)


def shown_case(user, number):
    """The one of them that has a number, or None: what every page of a case asks first."""
    found = _SHOWN(number=number, also=visible(user).of(Case._meta.db_table))
    return found[0] if found else None


def file_of(case, user):
    """The context of the page: everything but the moves."""
    last = case.version if getattr(case, "is_set_back", False) else None
    steps, lines = steps_of(case, last), lines_of(case, last)
    if last is None:
        keep_past_of(case, steps)
    photos = photos_of(case, steps)
    effects = effects_of(lines, steps)
    named, subclasses = units_named(case, steps), subclasses_named(case, steps)
    for step in steps:
        step.effects = effects[step.pk]
        step.photos = [photo for photo in photos if photo.step_id == step.pk]
        step.facts_in_words = facts_in_words(step, case, named | subclasses)
        step.is_secret = is_secret(step, user)
    case.chip = _chip(lines)
    objections = objections_of(lines)
    return {
        "case": case,
        "steps": steps,
        "cells": cells_of(case, lines),
        "objections": objections,
        "exempted": any(o.exempted and o.round == case.round for o in objections),
        "may_read_appeals": user.has_perm("incidents.appeal_case")
        or user.has_perm("incidents.view_demand"),
        "counts": counts_of(case, steps),
        "photos": photos,
        "pair": pair_of(case, photos),
        "demands": [_shown(demand, lines, steps) for demand in demands_of(lines)],
        "routing": routing_of(case, steps, named),
        "reporter": reporter_of(case, user),
        "left_unit": last is not None,
    }


_STEPS = KeptQuery(
    lambda case: Step.objects.filter(case=case).up_to(None).order_by("-seq"), case=int
)
_STEPS_UP_TO = KeptQuery(
    lambda case, last: Step.objects.filter(case=case).up_to(last).order_by("-seq"),
    case=int,
    last=int,
)


def steps_of(case, last):
    """The steps that may be read, newest first."""
    steps = _STEPS(case=case.pk) if last is None else _STEPS_UP_TO(case=case.pk, last=last)
    for step in steps:
        step.case = case
    return steps


def _chip(lines):
    """The chip of the running clock of the loop, else of the paused one."""
    loop = [line for line in lines if not line.clock.demand_id and line.state.stopped_at is None]
    loop.sort(key=lambda line: not line.state.running)
    return chip_of(loop[0].state) if loop else None


def counts_of(case, steps):
    """How often this round went back: the cells of the loop never multiply, these do."""
    here = [step for step in steps if step.round == case.round]
    return {
        "reworks": sum(step.move == "rework" for step in here),
        "returns": sum(step.move == "grant" and step.to_stage == "filed" for step in here),
        "send_backs": sum(step.move == "send_back" for step in here),
        "reopenings": case.round - 1,
    }


# --- photos --------------------------------------------------------------------------------------


_PHOTOS = KeptQuery(
    lambda case: Evidence.objects.filter(case=case, step__isnull=False).order_by(
        "uploaded_at", "pk"
    ),
    case=int,
)


def photos_of(case, steps):
    """The photos of the steps that may be read, in their order; one query."""
    by_key = {step.pk: step for step in steps}
    photos = [row for row in _PHOTOS(case=case.pk) if row.step_id in by_key]
    for photo in photos:
        photo.of = by_key[photo.step_id]
        photo.metres = evidence.distance_m(photo, case)
        photo.failed = photo.of.move == "rework"
    photos.sort(key=lambda photo: photo.of.seq)
    for place, photo in enumerate(photos):
        photo.label = _label(photo, photos[:place])
    return photos


def _label(photo, earlier):
    move, number = photo.of.move, 1 + sum(p.of.move in ("verify", "rework") for p in earlier)
    if move == "self_handle":
        first = all(p.step_id != photo.step_id for p in earlier)
        return _("Before · reported") if first else _("After · handled on the spot")
    return str(_LABELS.get(move, _WITH_A_STEP)) % {"number": number}


_LABELS = {
    "report": gettext_lazy("Before · reported"),
    "confirm": gettext_lazy("Before · confirmed"),
    "handle": gettext_lazy("After · handled"),
    "verify": gettext_lazy("At verification %(number)s"),
    "rework": gettext_lazy("At verification %(number)s"),
    "spot_check": gettext_lazy("At the spot check"),
}
_WITH_A_STEP = gettext_lazy("With a step")


@dataclass
class Pair:
    """Before and after; where one is missing, who owes it."""

    before: object = None
    after: object = None
    before_owed: str = ""
    after_owed: str = ""


def pair_of(case, photos):
    """The first photo from before the work and the last from after it."""
    before = next((photo for photo in photos if photo.of.move in BEFORE), None)
    later = [p for p in photos if p.of.move in AFTER or p.of.move == "self_handle"]
    after = next((photo for photo in reversed(later) if photo is not before), None)
    return Pair(before, after, _before_owed(case), _after_owed(case))


def _before_owed(case):
    if case.source == "patrol":
        return _("The grid worker who found it owes a photo from before.")
    return _("Told without a photo; whoever is asked to confirm brings one.")


def _after_owed(case):
    if case.stage in ("dispatched", "suspended") and case.unit:
        return _("%(unit)s owes the photo after the work.") % {"unit": in_words(case.unit)}
    if case.stage == "handled":
        return _("The grid worker who verifies owes a photo.")
    if not case.is_open:
        return _("No photo from after the work was taken.")
    return _("No unit has the case yet; the one that handles it owes this photo.")


# --- facts in words ------------------------------------------------------------------------------


def units_named(case, steps):
    """{code: name} of the units that steps name; one query, none where the case's own will do."""
    codes = set()
    for step in steps:
        facts = step.facts
        codes |= {facts.get("unit"), facts.get("to"), *facts.get("assisting", ())}
        for row in facts.get("routing") or ():
            codes |= {row.get("lead"), *row.get("assisting", ())}
    codes = {code for code in codes if code}
    if case.unit is not None and codes <= {case.unit.code}:
        return {case.unit.code: in_words(case.unit)}
    found = names_of_units(case.city_id, codes) if codes else {}
    return {code: in_language(*names) for code, names in found.items()}


def subclasses_named(case, steps):
    """{code: name} of the subclasses that steps name; a query only where there are others than the
    case's own."""
    codes = {code for step in steps if (code := step.facts.get("category"))}
    own = {case.category.code: in_words(case.category)} if case.category else {}
    if codes <= own.keys():
        return own
    # A city's own catalogue, where it has one, says what its codes mean.
    rows = Category.objects.filter(Q(city=case.city_id) | Q(city=None), code__in=codes)
    return {row.code: in_words(row) for row in rows.order_by("-city")} | own


_MOMENTS = {"until": gettext_lazy("until %(moment)s"), "due": gettext_lazy("due %(moment)s")}


def facts_in_words(step, case, named):
    """Short phrases for what a step names besides its words; `named` are the names of codes."""
    facts, told = step.facts, []
    if "unit" in facts:
        told.append("→ " + named.get(facts["unit"], facts["unit"]))
    if facts.get("assisting"):
        units = in_a_row(named.get(code, code) for code in facts["assisting"])
        told.append(_("assisting: %(units)s") % {"units": units})
    if "to" in facts:
        told.append(_("to %(unit)s") % {"unit": named.get(facts["to"], facts["to"])})
    if "condition" in facts:
        told.append(_condition(facts["condition"], case))
    elif "category" in facts:
        code = facts["category"]
        told.append(f"{code} {named[code]}" if code in named else code)
    if "found" in facts:
        told.append(_("found there") if facts["found"] else _("not found there"))
    for name, words in _MOMENTS.items():
        if name in facts:
            told.append(str(words) % {"moment": _moment(facts[name])})
    if "into" in facts:
        told.append(_("into %(number)s") % {"number": facts["into"]})
    if "decision" in facts:
        told.append(_("granted") if facts["decision"] == "granted" else _("refused"))
    if step.move == "refuse" and step.by.username == SYSTEM:
        told.append(_("nobody decided in time: the request lapsed"))
    if "checks" in facts:
        told.append(
            _("closed though a check failed: %(checks)s") % {"checks": check_words(facts["checks"])}
        )
    return told


def _condition(code, case):
    own = case.condition is not None and case.condition.code == code
    return f"{code} {case.condition}" if own else code


def _moment(value):
    read = value if isinstance(value, datetime) else parse_datetime(str(value))
    return moment(read) if read else str(value)


# --- routing -------------------------------------------------------------------------------------


def routing_of(case, steps, named):
    """The explanation that the newest dispatch of this round stored, row by row."""
    stored = next((s for s in steps if s.facts.get("routing") and s.round == case.round), None)
    return _told(case, stored.facts["routing"], named) if stored else []


def explained(case, explanation, named):
    """The same of a choice that nobody has made yet; `named` is {code: name} of units."""
    return _told(case, explanation, {code: str(name) for code, name in named.items()})


def _told(case, explanation, named):
    places = {
        area.code: area.name or area.code
        for area in (case.grid, case.community, case.street, case.district)
        if area is not None
    }
    return [
        {
            "row": row.get("row"),
            "won": row["result"] in ("won", "territorial"),
            "what": _what(row.get("what", ""), case),
            "area": places.get(row.get("area"), _("the whole city")),
            "lead": named.get(row.get("lead"), row.get("lead") or ""),
            "assisting": [named.get(code, code) for code in row.get("assisting", ())],
            "result": RESULTS.get(row["result"], row["result"]),
        }
        for row in explanation
    ]


def _what(code, case):
    """What a row of the matrix is about: a subclass, a class, or a whole kind."""
    category = case.category
    if code in ("component", "event"):
        return _("all components") if code == "component" else _("all events")
    if category is not None and code == category.code:
        return in_words(category)
    if category is not None and code == category.class_code:
        return category.class_zh if in_words(category) == category.name_zh else category.class_en
    return code


# --- demands -------------------------------------------------------------------------------------


def _shown(demand, lines, steps):
    demand.asked_in = next((step for step in steps if step.pk == demand.cause_id), None)
    demand.chip = chip_of(demand.line.state)
    demand.outcomes = outcomes_of(demand, lines)
    demand.owned_by_words = owner_words(demand)
    return demand


def owner_words(demand):
    """Who owes a demand: a person, or a role at its place."""
    if demand.owner is not None:
        return masked(demand.owner)
    place = demand.owner_area or demand.owner_unit or demand.owner_duty_grid
    role = str(role_word(demand.owner_role))
    return f"{in_words(place)} · {role}" if place else role


# --- appeals -------------------------------------------------------------------------------------


@dataclass
class Objection(Standing):
    """An appeal as the page of its case tells it: the round, how late the verdict is in minutes,
    and how the appeal stands, a key of `appeals.STATES`."""

    round: int
    late: int
    state: str


def objections_of(lines):
    """The Objections of a case, the newest first, out of its clocks; no query."""
    demands = [line.clock.demand for line in lines if line.clock.demand_id]
    found = []
    for asked in (demand for demand in demands if demand.kind == "opine"):
        decisions = [d for d in demands if d.kind == "decide" and d.cause_id == asked.ended_by_id]
        late = sum(
            int(line.state.late_by.total_seconds() // 60)
            for line in lines
            if (line.kind, line.clock.round, line.clock.unit_id, line.state.verdict)
            == ("handle", asked.round, asked.unit_id, "late")
        )
        state = state_of(asked, decisions[-1] if decisions else None)
        found.insert(0, Objection(asked.round, late, state))
    return found


# --- the reporter --------------------------------------------------------------------------------


@dataclass
class Shown:
    """The reporter as a member is shown them: masked, or in full for some seconds (`until`)."""

    name: str = ""
    phone: str = ""
    may_ask: bool = False
    until: int = 0
    fields: list = field(default_factory=list)


def reporter_of(case, user, *, seconds=0):
    """The reporter of a case, masked unless `seconds` say for how long they are shown in full; None
    for a handling unit. What was found on patrol, its finder reported."""
    if hidden_from(user):
        return None
    person = case.reporter
    if person is None and case.source == "patrol":
        person = case.reported_by
    name, phone = (person.name, person.phone) if person is not None else ("", "")
    return Shown(
        name=name if seconds else masked(name),
        phone=phone if seconds else masked_phone(phone),
        may_ask=bool(name or phone) and user.has_perm("incidents.unmask_reporter"),
        until=seconds,
        fields=[key for key, value in (("name", name), ("phone", phone)) if value],
    )


# --- whose turn ----------------------------------------------------------------------------------

TURNS = {
    "reported": gettext_lazy("Next: the intake officer; then the shift chief files it."),
    "confirming": gettext_lazy("Next: the grid worker who was asked looks on the spot."),
    "accepted": gettext_lazy("Next: the shift chief files it; then the dispatcher."),
    "filed": gettext_lazy("Next: the dispatcher gives it to a unit, which handles it."),
    "dispatched": gettext_lazy(
        "Next: %(unit)s handles it; then a grid worker verifies and the supervisor of "
        "%(community)s closes."
    ),
    "suspended": gettext_lazy("%(unit)s rests until %(until)s; then the clock goes on by itself."),
    "handled": gettext_lazy(
        "Next: a grid worker verifies on the spot; then the supervisor of %(community)s closes."
    ),
    "verified": gettext_lazy("Next: the supervisor of %(community)s closes it or sends it back."),
    "closed": gettext_lazy("Closed. The reporter may reopen it within 30 days."),
    "dismissed": gettext_lazy("Dismissed; nobody has to do anything."),
    "voided": gettext_lazy("Voided; nobody has to do anything."),
    "merged": gettext_lazy("Merged into %(other)s, where it goes on."),
}


def turn_of(case, *, yours):
    """One line: whose turn it is, and who does the rest."""
    if getattr(case, "is_set_back", False):
        if yours:
            return _("Your unit owes an answer here; you read the case up to what it was asked.")
        return _("This case has left your unit: you read it up to your own last step.")
    line = str(TURNS.get(case.stage, "")) % {
        "unit": in_words(case.unit),
        "community": in_words(case.community),
        "until": moment(case.suspended_until),
        "other": case.merged_into or "",
    }
    return _("It is your turn. %(rest)s") % {"rest": line} if yours else line


# --- what is like it ------------------------------------------------------------------------------

NEAR_METRES, MOST_SIMILAR = 200, 5


def similar_of(case, user, days):
    """The newest cases of the same subclass near it, of the last `days`, that a member may see."""
    if case.category_id is None or getattr(case, "is_set_back", False):
        return []
    near = Case.objects.visible_to(user).similar_to(
        category_id=case.category_id,
        point=case.point,
        city_id=case.city_id,
        metres=NEAR_METRES,
        days=days,
    )
    return list(near.exclude(pk=case.pk)[:MOST_SIMILAR])


# --- the list ------------------------------------------------------------------------------------


def narrowed_list(cases, asked, user):
    """The list narrowed by what was asked, with what a row shows. Ready for `filters.page_of`."""
    cases = narrowed(cases, asked, user)
    return cases.select_related("category", "condition", "community", "unit")
