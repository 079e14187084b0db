"""What a move changes on a case besides its stage: its facts, units, people and demands.

Called by `workflow` alone, inside its transaction, after the step was inserted. An effect sets
attributes and makes rows; the door saves the case.
"""

from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext_lazy as _

from grids import coverage
from incidents import ladder, rules
from incidents.clocks import calendar_for, limit_of
from incidents.facts import Conflict
from incidents.models import CaseUnit, Demand
from incidents.placing import handling_limit, set_category, set_condition, set_grid, set_place
from incidents.rules import goes_to_adjudicator, owed, past_of, worker_for


class Doing:
    """One move being carried out: the case, its step, its clocks, its facts, what came of it."""

    def __init__(self, case, step, turns, facts, by):
        self.case, self.step, self.turns, self.facts, self.by = case, step, turns, facts, by
        self.new_demands = []
        self.also_told = []  # as `notices.tell` takes it
        self.follow_ups = []  # moves of the system that this one brings about

    def owe(
        self,
        kind,
        *,
        limit,
        owner_role="",
        area=None,
        owner_unit=None,
        duty_grid=None,
        **asked,
    ):
        """Open a demand on its one owner, whose place is named by its key, and start its clock.
        `limit` is (amount, unit)."""
        demand = Demand.objects.create(
            case=self.case,
            # What comes of an appeal belongs to the round that was appealed.
            round=asked.pop("round", self.case.round),
            kind=kind,
            owner_role=owner_role,
            owner_area_id=area,
            owner_unit_id=owner_unit,
            owner_duty_grid_id=duty_grid,
            cause=self.step,
            **asked,
        )
        self.turns.start(
            "demand", limit=limit, calendar=calendar_for(self.case, "demand"), demand=demand
        )
        self.new_demands.append(demand)
        return demand

    def owe_in_time(self, kind, **owner):
        """The same with the city's own limit for that kind."""
        return self.owe(kind, limit=limit_of(self.case.city, kind), **owner)

    def settle(self, demand, outcome, *, judged=True):
        """End a demand once and freeze its clock."""
        demand.outcome, demand.ended_by = outcome, self.step
        demand.save(update_fields=["outcome", "ended_by"])
        clock = self.turns.of_demand(demand)
        if clock is not None:
            self.turns.stop(clock, judged=judged)

    def settle_owned(self, kind, outcome):
        """End the oldest open demand of a kind that this member owns."""
        demand = next(d for d in owed(self.case, kind, self.by) if d.is_mine)
        self.settle(demand, outcome)
        return demand

    def end_demands(self, *kinds, outcome="ended"):
        """End every open demand of these kinds without a verdict."""
        for demand in self.turns.demands():
            if demand.kind in kinds:
                self.settle(demand, outcome, judged=False)


# --- effects of moves ----------------------------------------------------------------------------


def accept(do):
    set_category(do.case, do.facts["category"])
    _area(do)


def file(do):
    set_condition(do.case, do.facts["condition"])
    _area(do, "grid")


def _area(do, name="area"):
    if name in do.facts:
        set_grid(do.case, do.facts[name])


def ask_confirm(do):
    do.case.worker = do.facts.get("worker") or worker_for(do.case)
    if do.case.worker is None:
        raise Conflict(_("No grid worker is there to ask."))


def reassign(do):
    besides = [pk for pk in (do.case.worker_id, do.case.handled_by_id) if pk]
    worker = do.facts.get("worker") or worker_for(do.case, besides=besides)
    if worker is None or worker.pk in besides:
        raise Conflict(_("No other grid worker is there to ask."))
    do.case.worker = worker
    do.turns.pass_to(do.turns.running(), worker)
    do.also_told.append(("your_turn", None))


def correct(do):
    point = do.facts.get("longitude") is not None
    if point:
        where = coverage.point_of([do.facts["longitude"], do.facts["latitude"]])
        set_place(do.case, where, do.case.city.local_date(do.case.reported_at))
    if "condition" in do.facts:
        set_condition(do.case, do.facts["condition"])
        handle = do.turns.open("handle")
        if handle is not None:
            do.turns.rebase(handle, handling_limit(do.case))


def merge(do):
    do.case.merged_into = do.facts["into"]
    end(do)


def end(do):
    """Every end ends requests, escalations and supervise orders; those that were merged into a
    case which is dismissed or voided come back."""
    do.case.ended_at = do.step.at
    do.case.worker = None
    do.end_demands("request", "answer", "reply")
    do.case.suspended_until = None
    if do.step.to_stage in ("dismissed", "voided"):
        do.follow_ups += [
            (case, "bring_back") for case in do.case.merged_cases.filter(stage="merged")
        ]


def bring_back(do):
    do.case.merged_into = do.case.ended_at = None


def close(do):
    do.case.closed_by = do.by
    end(do)


def turn_clock(do, verb, kind):
    """Turn one clock as the row says: "start dispatch", "pause handle", "drop all"; drop is a stop
    that says nothing about the work if it came in time."""
    if verb == "give":
        give_to(do, do.facts["unit"], assisting=do.facts.get("assisting", []))
    elif verb == "start":
        do.turns.start(
            kind,
            limit=limit_of(do.case.city, kind, urgent=do.case.urgent),
            calendar=calendar_for(do.case, kind),
            owner=do.case.worker if kind in ("confirm", "verify") else None,
        )
    elif kind == "all":
        do.turns.stop_all(judged=verb == "stop")
    elif (open_clock := do.turns.open(kind)) is not None:
        if verb in ("stop", "drop"):
            do.turns.stop(open_clock, judged=verb == "stop")
        else:
            getattr(do.turns, verb)(open_clock)


def give_to(do, unit, *, assisting=()):
    """Make a unit the lead. Its handle clock resumes if it was only paused for this very unit;
    otherwise the old one stops without a verdict and a new one starts at once."""
    case = do.case
    # A case that no unit ever led has no units' times to end.
    times = list(case.units.filter(until_step__isnull=True)) if case.unit_id else []
    given = [(unit.pk, True), *((u.pk, False) for u in assisting)]
    _leave(do, [time for time in times if (time.unit_id, time.is_lead) not in given])
    for helper in assisting:
        do.also_told.append(("assist", _to("handler", owner_unit=helper.pk)))
    held = {(time.unit_id, time.is_lead) for time in times}
    CaseUnit.objects.bulk_create(
        CaseUnit(case=case, unit_id=u, is_lead=lead, round=case.round, from_step=do.step.seq)
        for u, lead in given
        if (u, lead) not in held
    )
    handle = do.turns.open("handle")
    if handle is not None and handle.unit_id == unit.pk:
        if handle.state == "paused":
            do.turns.resume(handle)
    else:
        if handle is not None:
            do.turns.stop(handle, judged=False)
        do.turns.start(
            "handle",
            limit=_promised(do) or handling_limit(case),
            unit=unit,
            calendar=calendar_for(case, "handle", unit=unit),
        )
    case.unit = unit


def _leave(do, times):
    """Units that no longer have the case read it up to the step before this one."""
    if times:
        CaseUnit.objects.filter(pk__in=[time.pk for time in times]).update(
            until_step=do.step.seq - 1, until_at=do.step.at
        )


def _promised(do):
    """The limit of an imported case: hours from dispatch to the time its source promised."""
    if do.case.source != "import":
        return None
    if "promised" not in do.facts:
        return None
    return _hours_until(do.facts["promised"], do.step.at)


def _hours_until(moment, now):
    """The limit (amount, unit) that ends at a moment."""
    hours = Decimal(max((moment - now).total_seconds(), 1)) / 3600
    # The ledger keeps four decimals; never a moment less than was promised.
    return hours.quantize(Decimal("0.0001"), ROUND_CEILING), "hour"


def adjudicate(do):
    for demand in owed(do.case, "request", do.by):
        same = demand.unit_id == do.facts["unit"].pk
        do.settle(demand, "refused" if same else "granted")
        _tell_decided(do, demand)
    # Its handle clock runs at once, whatever the stage was.
    if do.step.from_stage == "dispatched" and do.case.unit_id != do.facts["unit"].pk:
        do.also_told.append(("your_turn", None))


def handle(do):
    do.end_demands("request")
    do.case.handled_by, do.case.verified_by = do.by, None
    do.case.worker = worker_for(do.case, besides=[do.by.pk])


def verify(do):
    do.case.verified_by = do.by
    do.case.worker = None


def rework(do):
    """From the third rework in a round the case is lifted one level."""
    do.case.worker = None
    earlier = [s for s in past_of(do.case) if (s.move, s.round) == ("rework", do.case.round)]
    if len(earlier) >= 2:  # and this one
        do.follow_ups.append((do.case, "lift"))


def send_back(do):
    do.case.verified_by = None


def self_handle(do):
    do.case.handled_by = do.by


def ask(kind):
    def asked(do):
        to_adjudicator = kind == "return" and goes_to_adjudicator(do.case)
        do.owe_in_time(
            "request",
            owner_role="adjudicator" if to_adjudicator else "dispatcher",
            ask=kind,
            unit_id=do.case.unit_id,
            until=do.facts.get("until"),
        )

    return asked


def grant(do):
    demand = do.settle_owned("request", "granted")
    _tell_decided(do, demand)
    if demand.ask == "suspend":
        do.case.suspended_until = demand.until


def refuse(do):
    if do.by.username == "system":
        demand = owed(do.case, "request", do.by)[0]
        do.settle(demand, "lapsed")
        do.also_told.append(("lapsed", _to("handler", owner_unit=demand.unit_id)))
    else:
        _tell_decided(do, do.settle_owned("request", "refused"))


def _tell_decided(do, demand):
    """Whoever asked hears what was decided."""
    do.also_told.append(("decided", _to("handler", owner_unit=demand.unit_id)))


def resume(do):
    do.case.suspended_until = None


def reopen(do):
    do.case.round += 1
    do.case.handled_by = do.case.verified_by = do.case.closed_by = None
    do.case.ended_at = do.case.worker = None
    do.end_demands("spot_check")
    do.case.level = 0


def supervise(do):
    do.owe("reply", limit=_hours_until(do.facts["due"], do.step.at), **_ordered(do))


def _ordered(do):
    """The unit or centre that a supervise order is for: the one named, else whose turn it is."""
    unit = do.facts.get("to")
    if unit is None and do.case.stage in ("dispatched", "suspended"):
        unit = do.case.unit
    if unit is not None:
        centre = unit.kind in ("supervision", "command")
        return {"owner_role": "leader" if centre else "handler", "owner_unit": unit.pk}
    return {"owner_role": "dispatcher" if do.case.stage == "filed" else "chief"}


def hand_up(do):
    """Put a demand to answer on the next level's head: the one above the party's own level."""
    if not _lift(do, own=False):
        raise Conflict(_("Nobody above is there to answer."))


def lift(do):
    """Lift the case one level and put a demand to answer on the head of that level."""
    _lift(do, own=True)


def _lift(do, *, own):
    """Lift the case to the first head above where it is; False if nobody is there."""
    running = do.turns.running()
    if running is None:  # suspended: nobody is at work
        return False
    heads = ladder.heads_of([running.pk], do.step.at, over=do.case.level, own=own)
    for head in heads.values():
        do.case.level = max(do.case.level, head.level or 0)
        do.owe_in_time("answer", owner_role=head.role, **_place_of(head))
    return bool(heads)


def _place_of(head):
    """The place of a head of the ladder, as keywords of `Doing.owe`."""
    return {"area": head.area, "owner_unit": head.unit, "duty_grid": head.duty_grid}


def warn(do):
    """The clock whose warning is due has one."""
    _note(do, "warn")


def breach(do):
    """The clock that fell due is breached. An escalation that nobody answered ends; the head who
    comes next must answer, and a request that was still open lapses."""
    clock = _note(do, "breach")
    request = next((d for d in do.turns.demands() if d.kind == "request"), None)
    if request is not None and (clock.kind == "handle" or clock.demand_id == request.pk):
        do.follow_ups.append((do.case, "refuse"))
    if clock.demand_id and clock.demand.kind == "answer":
        do.settle(clock.demand, "unanswered")
    head = ladder.heads_of([clock.pk], do.step.at).get(clock.pk)
    if head is None:
        return
    owner = _place_of(head)
    # Escalations end with the case, and a request undecided lapses: nothing is left to answer.
    if not do.case.is_open or (clock.demand_id and clock.demand.kind == "request"):
        do.also_told.append(("breach", _to(head.role, **owner)))
        return
    do.case.level = max(do.case.level, head.level or 0)
    limit = ladder.DAILY if head.daily else limit_of(do.case.city, "answer")
    do.owe("answer", limit=limit, owner_role=head.role, **owner)


def _note(do, kind):
    """Enter a warning or breach of the clock that has been due for longest, told to its party;
    returns the clock."""
    clock = do.turns.falling_due()
    if clock is None:
        raise Conflict(_("No clock of this case is due."))
    do.turns.note(clock, kind)
    owed = clock.demand if clock.demand_id else None
    do.also_told.append((kind, owed and _to_owner(owed)))
    return clock


def _to_owner(demand):
    return _to(
        demand.owner_role,
        demand.owner_area_id,
        demand.owner_unit_id,
        demand.owner_id,
        demand.owner_duty_grid_id,
    )


def _to(owner_role, area=None, owner_unit=None, owner=None, duty_grid=None):
    """The columns of an outbox row to a role at a place, or to a member."""
    return {
        "to_role": owner_role,
        "to_area_id": area,
        "to_unit_id": owner_unit,
        "to_duty_grid_id": duty_grid,
        "to_member_id": owner,
    }


def appeal(do):
    clock = next(k for k in rules.late_clocks(do.case, do.by) if not k.objected)
    do.owe_in_time("opine", owner_role="dispatcher", unit_id=clock.unit_id)


def opine(do):
    demand = do.settle_owned("opine", "done")
    do.owe_in_time("decide", owner_role="intake", unit_id=demand.unit_id, round=demand.round)


def decide(do):
    _tell_decided(do, do.settle_owned("decide", do.facts["decision"]))


def draw(do):
    """A case that was drawn is looked at again by the one worker named."""
    do.owe_in_time("spot_check", owner_id=do.facts["worker"].pk)


def spot_check(do):
    do.settle_owned("spot_check", "done")
    if do.facts["found"]:  # the problem is there again
        do.follow_ups.append((do.case, "reopen"))


def answer(do):
    do.settle_owned("answer", "done")


def reply(do):
    demand = do.settle_owned("reply", "done")
    do.also_told.append(("replied", _to("", owner=demand.cause.by_id)))


EFFECTS = {
    "accept": accept,
    "ask_confirm": ask_confirm,
    "reassign": reassign,
    "merge": merge,
    "bring_back": bring_back,
    "dismiss": end,
    "file": file,
    "correct": correct,
    "handle": handle,
    "verify": verify,
    "rework": rework,
    "close": close,
    "send_back": send_back,
    "self_handle": self_handle,
    "void": end,
    "ask_extend": ask("extend"),
    "ask_suspend": ask("suspend"),
    "ask_return": ask("return"),
    "grant": grant,
    "refuse": refuse,
    "resume": resume,
    "adjudicate": adjudicate,
    "reopen": reopen,
    "supervise": supervise,
    "hand_up": hand_up,
    "lift": lift,
    "warn": warn,
    "breach": breach,
    "appeal": appeal,
    "opine": opine,
    "decide": decide,
    "draw": draw,
    "spot_check": spot_check,
    "answer": answer,
    "reply": reply,
}
