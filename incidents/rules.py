"""Who may make a move of the table, and what must hold besides: the words of its `who` and `when`
columns and the rules of the side moves. Each raises a `Refused`; none changes anything."""

from collections import namedtuple
from datetime import datetime, timedelta

from django.db.models import Exists, JSONField, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from grids.backends import posts_with
from grids.coverage import point_of
from grids.models import Post, Roster
from incidents.checks import closings_of, evidence_checks, failed
from incidents.clocks import calendar_for
from incidents.facts import BadFacts, Conflict, Forbidden, must_lie_ahead, place_of
from incidents.models import Clock, Demand, Evidence, Stage
from incidents.scope import owned_by
from lib import now as clock
from lib import worktime
from staff.models import calendar_of

SYSTEM, PUBLIC = "system", "public"
REOPEN_WITHIN = timedelta(days=30)  # domain rule: the reporter within 30 days
LONGEST_SUSPENSION = timedelta(days=366)  # domain rule: at most one year
LONGEST_ORDER = timedelta(days=366)  # house rule: an order for later than that is a plan
LONGEST_PROMISE = timedelta(days=36_524)  # a limit is at most a century
EXTENSIONS = 2  # domain rule: at most twice per unit and round
APPEAL_WORK_DAYS = 10  # domain rule: within 10 work days of closing
RETURNS = 3  # domain rule: the third request in a round goes to the adjudicator


def may(by, permission):
    """True if a member's posts (or, for the system and the public, their nature) allow a verb."""
    if not permission:
        return True
    if by.username == SYSTEM:
        return permission == "system"
    if by.username == PUBLIC:
        return permission == "report_case"
    return by.has_perm(f"incidents.{permission}")


# --- what happened to a case ---------------------------------------------------------------------

Past = namedtuple("Past", "move round by at")


def past_of(case):
    """What happened to a case, as Pasts in their order; read once for its version and kept on the
    case's object."""
    kept = case.__dict__.get("_past")
    # What was read along with a row that had to wait for its lock may be of before the wait.
    if kept is None or len(kept) != case.version:
        rows = case.steps.order_by("seq").values_list("move", "round", "by", "at")
        kept = case.__dict__["_past"] = [Past(*row) for row in rows]
    return kept


# In SQL of its own: as expressions these cost more to compile than to run.
_PAST = RawSQL(
    "(SELECT jsonb_agg(jsonb_build_array(s.move, s.round, s.by_id, s.at) ORDER BY s.seq)"
    " FROM incidents_step s WHERE s.case_id = incidents_case.id)",
    (),
    output_field=JSONField(),
)


def with_past(cases):
    """Cases that are read together with what happened to them, for `keep_past`."""
    return cases.annotate(past=_PAST)


def keep_past(case):
    """Keep for `past_of` what `with_past` read."""
    case.__dict__["_past"] = [
        Past(move, turn, by, datetime.fromisoformat(at))
        for move, turn, by, at in case.__dict__.pop("past") or ()
    ]


def keep_past_of(case, steps):
    """Keep for `past_of` the case's own Steps, newest first, where they were read anyway."""
    case.__dict__["_past"] = [
        Past(step.move, step.round, step.by_id, step.at) for step in reversed(steps)
    ]


def _happened(case, move):
    """How often a move was made in this round."""
    return sum(step.move == move and step.round == case.round for step in past_of(case))


# --- who -----------------------------------------------------------------------------------------


def asked_worker(case, by):
    """Confirm: the very worker who was asked."""
    _unless(case.worker_id == by.pk, _("Another worker was asked to confirm this."))


def verifier(case, by):
    """Verify and rework: a worker of the place, or the one asked, who did not handle it."""
    _unless(case.handled_by_id != by.pk, _("Who handled a case does not verify it."))
    posts = posts_with(by, "incidents.verify_case")
    _unless(
        case.worker_id == by.pk or any(_covers(post, case) for post in posts),
        _("A worker of this duty grid verifies this case."),
    )


def lead_unit(case, by):
    """Handle and ask: somebody of the unit that leads now."""
    posts = posts_with(by, "incidents.handle_case")
    _unless(
        any(post.unit_id == case.unit_id for post in posts),
        _("Another unit answers for this case now."),
    )


def closer(case, by):
    """Close and send back: the community's supervisor; the street's where the community itself
    leads, or its supervisors are absent, verified or handled (invariant 3)."""
    _unless(
        by.pk not in (case.verified_by_id, case.handled_by_id),
        _("Who verified or handled a case does not close it."),
    )
    if closings_of([case], by):
        return
    here = any(p.area_id == case.community_id for p in posts_with(by, "incidents.close_case"))
    raise Forbidden(
        _("The community handled this case itself: the street's supervisor closes it.")
        if here
        else _("The supervisor of the case's community closes it.")
    )


def reporter(case, by):
    """Reopen: who reported it, within 30 days of closing."""
    mine = by.pk == case.reported_by_id or (
        case.reporter is not None and case.reporter.member_id == by.pk
    )
    _unless(mine or by.username == SYSTEM, _("Only who reported a case may reopen it."))
    if by.username != SYSTEM and clock.now() - case.ended_at > REOPEN_WITHIN:
        raise Conflict(_("A case can be reopened within 30 days of closing."))


def system(case, by):
    _unless(by.username == SYSTEM, _("The system makes this move by itself."))


def owner_of(kind):
    """The owner of the case's open demand of a kind."""

    def owner(case, by):
        open_now = owed(case, kind, by)
        if not open_now:
            raise Conflict(_("Nothing of the kind is open on this case."))
        _unless(any(d.is_mine for d in open_now), _("Somebody else has to decide this."))

    return owner


def lapse_or_owner(case, by):
    """Refuse: the owner of the request, or the system when it lapses."""
    if by.username != SYSTEM:
        owner_of("request")(case, by)
    elif not owed(case, "request", by):
        raise Conflict(_("Nothing of the kind is open on this case."))


def hander_up(case, by):
    """Hand up: the worker who was asked, or the community that leads."""
    if case.stage in (Stage.CONFIRMING, Stage.HANDLED):
        asked_worker(case, by)
        return
    _unless(
        case.unit is not None and case.unit.kind == "community",
        _("Only a community hands its own case up."),
    )
    lead_unit(case, by)


def late_clocks(case, by):
    """The clocks of this round whose verdict on one of the member's units is late, oldest first, as
    `ClockQuerySet.late_on` gives them."""
    units = [post.unit_id for post in posts_with(by, "incidents.appeal_case")]
    late = Clock.objects.late_on(units)
    return list(late.filter(case=case, round=case.round).order_by("pk"))


def was_lead(case, by):
    """Appeal: a unit whose handling was found late in this round, once and in time."""
    late = late_clocks(case, by)
    if not late:
        raise Conflict(_("Only a late verdict on one's own unit can be appealed."))
    if all(each.objected for each in late):
        raise Conflict(_("A late verdict is appealed once."))
    calendar = calendar_of(calendar_for(case, "appeal"))
    limit = worktime.Limit(APPEAL_WORK_DAYS, "work_day")
    if clock.now() > worktime.due_at(case.ended_at, limit, calendar):
        raise Conflict(_("A verdict is appealed within 10 work days of closing."))


WHO = {
    "": lambda case, by: None,
    "asked worker": asked_worker,
    "verifier": verifier,
    "lead unit": lead_unit,
    "closer": closer,
    "reporter": reporter,
    "system": system,
    "owner of request": owner_of("request"),
    "owner of answer": owner_of("answer"),
    "owner of reply": owner_of("reply"),
    "owner of opine": owner_of("opine"),
    "owner of decide": owner_of("decide"),
    "owner of spot_check": owner_of("spot_check"),
    "owner or lapse": lapse_or_owner,
    "hander up": hander_up,
    "late unit": was_lead,
}


# What a unit may still do with a case that it has left, or never had.
OF_THE_PAST = frozenset(["owner of reply", "owner of answer", "late unit"])


def _covers(post, case):
    if post.duty_grid_id:
        return post.duty_grid_id == case.duty_grid_id
    return post.area_id in (case.community_id, case.street_id, case.district_id) or (
        post.area is not None and post.area.level == "city" and post.city_id == case.city_id
    )


def _unless(holds, message):
    if not holds:
        raise Forbidden(message)


# --- when ----------------------------------------------------------------------------------------


def _demands(case, by):
    """All demands of a case, oldest first, each with `is_mine`, whether this member owns it; read
    once for the case's version and kept on its object."""
    kept = case.__dict__.get("_demanded")
    if kept is None or kept[0] != (case.version, by.pk):
        rows = Demand.objects.filter(case=case).select_related("cause")
        rows = rows.annotate(is_mine=owned_by(by).or_not())
        kept = case.__dict__["_demanded"] = ((case.version, by.pk), list(rows.order_by("pk")))
    return kept[1]


def owed(case, kind, by):
    """The open demands of a kind on a case, oldest first, each with `is_mine`."""
    return [d for d in _demands(case, by) if d.kind == kind and not d.outcome]


def handled_in_round(case, by):
    """True if a unit has handled the case in this round: its handle clock is open."""
    return _happened(case, "handle") > 0


def _asked(ask):
    return lambda case, by: any(d.ask == ask for d in owed(case, "request", by))


WHEN = {
    "": lambda case, by: True,
    "asked extend": _asked("extend"),
    "asked suspend": _asked("suspend"),
    "asked return": _asked("return"),
    "handled in round": handled_in_round,
    "not handled in round": lambda case, by: not handled_in_round(case, by),
}


# --- what must hold ------------------------------------------------------------------------------

_APART = {
    "dispatch": ("file", "verify", "close"),
    "adjudicate": ("file", "verify", "close"),
    "file": ("dispatch", "adjudicate"),
    "verify": ("dispatch", "adjudicate"),
    "close": ("dispatch", "adjudicate"),
}


def apart(case, move, by):
    """Who dispatches neither files, verifies nor closes, on one case at any time (invariant 3)."""
    others = _APART.get(move, ())
    if any(step.move in others and step.by == by.pk for step in past_of(case)):
        raise Forbidden(_("Who dispatches a case neither files, verifies nor closes it."))


def can_extend(case, by):
    # The one running clock of a case that is dispatched is its unit's.
    if case.due_at is None:
        raise Conflict(_("A case without a limit cannot be extended."))
    if clock.now() > case.due_at:
        raise Conflict(_("An extension is asked for before the case is overdue."))
    if _granted(case, by, "extend") >= EXTENSIONS:
        raise Conflict(_("At most two extensions for a unit in a round."))
    _no_open_request(case, by)


def can_suspend(case, by):
    _no_open_request(case, by)
    if _granted(case, by, "suspend"):
        raise Conflict(_("A case is suspended once for a unit in a round."))


def can_return(case, by):
    _no_open_request(case, by)
    if _happened(case, "adjudicate"):
        raise Conflict(_("The adjudicator has settled which unit answers in this round."))


def can_grant(case, by):
    # The condition may have been corrected since it was asked.
    if _asked("extend")(case, by) and case.due_at is None:
        raise Conflict(_("A case without a limit cannot be extended."))


def can_file(case, by):
    if case.category_id is None:
        raise Conflict(_("The case has no category yet."))


def must_correct(case, by, facts):
    if not {"condition", "longitude", "latitude"} & set(facts):
        raise BadFacts({"condition": [_("Name a new condition or a new place.")]})
    for name, other in (("longitude", "latitude"), ("latitude", "longitude")):
        if name in facts and other not in facts:
            raise BadFacts({other: [_("Longitude and latitude go together.")]})
    if "longitude" in facts:
        point = point_of([facts["longitude"], facts["latitude"]])
        place_of(case, point, case.city.local_date(case.reported_at))


def must_merge(case, by, facts):
    into = facts["into"]
    if into.pk == case.pk or not into.is_open:
        raise BadFacts({"into": [_("An open case other than this one is expected.")]})


def can_adjudicate(case, by):
    """From dispatched only what was brought before the adjudicator: an open request of theirs."""
    asked = owed(case, "request", by)
    if case.stage == Stage.DISPATCHED and not any(d.owner_role == "adjudicator" for d in asked):
        raise Conflict(_("No request waits for the adjudicator."))


def can_hand_up(case, by):
    """One level at a time: whoever was asked answers first, or lets the clock lift the case."""
    said = [step.move for step in past_of(case) if step.move in ("hand_up", "answer")]
    if said[-1:] == ["hand_up"]:
        raise Conflict(_("It was handed up already and waits for an answer."))


def must_dispatch(case, by, facts):
    wrong = {}
    if "promised" in facts and case.source != "import":
        wrong["promised"] = _("Only an imported case carries a promised time.")
    elif "promised" in facts and facts["promised"] > clock.now() + LONGEST_PROMISE:
        wrong["promised"] = _("At most a century ahead is expected.")
    if facts["unit"] in facts.get("assisting", []):
        wrong["assisting"] = _("The lead unit does not assist itself.")
    if wrong:
        raise BadFacts(wrong)


def must_close(case, by, facts):
    """A failed check of the evidence does not forbid closing; it demands a reason (interface guide,
    section 5), and the step names it. Imported cases were closed elsewhere."""
    if case.source == "import":
        return
    steps = list(case.steps.select_related("by", "unit").order_by("seq"))
    photos = Evidence.objects.filter(case=case, step__isnull=False).order_by("uploaded_at", "pk")
    wrong = [check.kind for check in failed(evidence_checks(case, steps, list(photos)))]
    if wrong and "note" not in facts:
        raise BadFacts({"note": [_("A check failed: say why it can be closed all the same.")]})
    if wrong:
        facts["checks"] = wrong


def must_ask_confirm(case, by, facts):
    worker = facts.get("worker")
    if worker is not None and not askable(case).filter(member=worker).exists():
        words = _("A grid worker of the case's community, or one who is on duty now, is expected.")
        raise BadFacts({"worker": [words]})


# What must hold before any fact is given: where it does not, the move is not offered.
CAN = {
    "ask_extend": can_extend,
    "ask_suspend": can_suspend,
    "ask_return": can_return,
    "grant": can_grant,
    "file": can_file,
    "adjudicate": can_adjudicate,
    "hand_up": can_hand_up,
}
# What must hold of the facts, and of which: while one of those is wrong nothing can be said.
MUST = {
    "close": (must_close, "note"),
    "ask_suspend": (must_lie_ahead("until", LONGEST_SUSPENSION), "until"),
    "correct": (must_correct, "condition longitude latitude"),
    "merge": (must_merge, "into"),
    "supervise": (must_lie_ahead("due", LONGEST_ORDER), "due"),
    "dispatch": (must_dispatch, "unit assisting promised"),
    "ask_confirm": (must_ask_confirm, "worker"),
    "reassign": (must_ask_confirm, "worker"),
}


def _granted(case, by, ask):
    """How often the unit that leads was granted something in this round."""
    wanted = (case.round, case.unit_id, ask, "granted")
    found = _demands(case, by)
    return sum((d.round, d.unit_id, d.ask, d.outcome) == wanted for d in found)


def _no_open_request(case, by):
    if owed(case, "request", by):
        raise Conflict(_("A request is open already; one at a time."))


def goes_to_adjudicator(case):
    """A return: the third request in a round, or the first by a second unit."""
    asked = list(
        Demand.objects.filter(case=case, round=case.round, ask="return")
        .exclude(outcome="lapsed")
        .values_list("unit", flat=True)
    )
    return len(asked) + 1 >= RETURNS or any(other != case.unit_id for other in asked)


# --- staffing ------------------------------------------------------------------------------------


def worker_for(case, *, besides=()):
    """Who confirms or verifies: the grid's own worker on duty, else one of the community on duty,
    else at night for an urgent case the street's duty worker, else the grid's own worker when the
    day begins (domain rule: staffing). None if nobody is there."""
    on_duty = [row for row in _on_duty(case) if row.post.member_id not in besides]
    first = [row for row in on_duty if row.is_own]
    local = [row for row in on_duty if row.area_id == case.community_id]
    night = [row for row in on_duty if row.area_id == case.street_id]
    for row in first + local + night:
        return row.post.member
    own = _own_workers(case).exclude(member__in=besides).select_related("member")
    post = own.order_by("pk").first()
    return post.member if post else None


def _on_duty(case):
    """The roster of this moment for the case's community, and for its street if it is urgent; each
    row with `is_own`, whether its member holds the case's duty grid."""
    areas = [case.community_id] + ([case.street_id] if case.urgent else [])
    own = _own_workers(case).filter(member=OuterRef("post__member"))
    return (
        Roster.objects.on_duty(clock.now(), case.city)
        .filter(area__in=[area for area in areas if area])
        .annotate(is_own=Exists(own))
        .select_related("post__member")
        .order_by("pk")
    )


def askable(case):
    """Today's posts of the workers who may be asked by name to confirm or verify a case: of the
    duty grids of its community, of an area above it, or on duty in the city now; nobody absent."""
    moment = clock.now()
    above = [pk for pk in (case.community_id, case.street_id, case.district_id) if pk]
    duty = Roster.objects.on_duty(moment, case.city)
    posts = Post.objects.on(case.city.local_date(moment)).giving("incidents.confirm_case")
    return posts.present(moment).filter(
        Q(duty_grid__community__in=above)
        | Q(area__in=above)
        | Q(area__level="city")
        | Q(pk__in=duty.values("post")),
        city=case.city_id,
    )


def _own_workers(case):
    """Posts of the workers of the case's duty grid who are not absent."""
    if case.duty_grid_id is None:
        return Post.objects.none()
    moment = clock.now()
    posts = Post.objects.on(case.city.local_date(moment)).giving("incidents.verify_case")
    return posts.present(moment).filter(duty_grid=case.duty_grid_id)
