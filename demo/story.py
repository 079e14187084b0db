"""What happens to one simulated case: who does what, and how long they take over it.

Every move goes through `workflow.report` and `workflow.move`; the time is the simulator's own. A
life is played from its report on and stops at the first move that would lie after `until`.
"""

from datetime import timedelta

from demo import undertaken
from demo.passing import MARK, Passing
from incidents import routing, workflow
from incidents.facts import BadFacts
from incidents.models import Clock, Demand
from lib import now as clock

MOST_MOVES = 40
# Minutes before the end at which a case is handled that is to wait for worker or supervisor.
_DONE_BEFORE = {"handled": (4, 27), "verified": (45, 80)}
# What a life that goes on has behind it, by the moves of its case.
_DID = {
    "ask_confirm": "confirm",
    "hand_up": "hand_up_lead",
    "ask_return": "return",
    "ask_extend": "extend",
    "ask_suspend": "suspend",
}


class Life(Passing):
    """One case's life, stage by stage."""

    def __init__(self, plan, people, darkroom, rng, until):
        super().__init__(plan, people, darkroom, rng, until)
        # A case that is to wait somewhere gets there the straight way.
        self.did = set(people.shares) if plan.stop else set()
        self.nothing_there = False
        self.twins = []  # other reports of the same problem

    def play(self):
        """Report, then one move after the other until the end or until `until`."""
        clock.set_to(self.plan.at)
        self._report()
        return self._live()

    def go_on(self, case):
        """Take up the life of a case that an earlier run left open."""
        self.case, self._owes = case, True
        past = list(case.steps.order_by("seq").values_list("move", "to_stage", "at"))
        clock.set_to(past[-1][2])
        moves = {move for move, _stage, _at in past}
        self.did = moves | {_DID[move] for move in moves if move in _DID}
        if ("grant", "filed") in {step[:2] for step in past}:
            self.did.add("returned")
        self._plan_answers()
        return self._live()

    def _live(self):
        for _move in range(MOST_MOVES):
            if self.case.stage == self.plan.stop:
                break
            if getattr(self, f"_at_{self.case.stage}", lambda: True)():
                break
        self._rest()
        return self.case

    def _once(self, name):
        """True with the name's share, at most once in a life."""
        if name in self.did:
            return False
        self.did.add(name)
        return self._chance(name)

    # --- the report ------------------------------------------------------------------------------

    def _report(self):
        plan = self.plan
        told = {
            "city": plan.city,
            "point": plan.point,
            "source": plan.source,
            "description": plan.words,
            "component": plan.component,
            "idempotency_key": plan.key,
        }
        by = self.people.ready(self.people.reporter(plan, self.rng))
        if plan.source == "self_handle":
            photos = [self._photo(by, state) for state in ("before", "after")]
            self.case = workflow.report(
                by,
                **told | {"source": "patrol"},
                move="self_handle",
                condition=plan.condition,
                evidence=photos[:1],
                after=photos[1:],
            )
        elif plan.source == "patrol":
            photo = self._photo(by, "before")
            self.case = workflow.report(
                by, **told, category=plan.condition.category, evidence=[photo]
            )
        else:
            self.case = workflow.report(by, **told, category=plan.condition.category)

    # --- each stage: what its party does next; True when nothing more happens --------------------

    def _at_reported(self):
        late = not self.plan.stop and self._chance("late_desk")
        if not self._wait(14, 40) if late else not self._wait(1, 6):
            return True
        officer = self.people.one("intake", self.rng)
        if self.nothing_there or self._once("dismiss"):
            return self._move("dismiss", officer, reason=self.people.say("dismiss", self.rng))
        asked = self.plan.source != "patrol" and self._once("confirm")
        if asked or self.plan.stop == "confirming":
            return self._move("ask_confirm", officer)
        return self._move("accept", officer, category=self.plan.condition.category)

    def _at_confirming(self):
        officer = self.people.one("intake", self.rng)
        if self._once("recall"):  # the caller has rung again: no need to look any more
            return not self._wait(4, 20) or self._move("recall", officer)
        if self._once("reassign"):
            return not self._wait(3, 15) or self._reassign(officer)
        if self._once("hand_up"):
            return not self._patrol(3, 15) or self._hand_up(self.case.worker)
        if not self._patrol(4, 23):
            return True
        found = self.rng.random() < 0.93
        self.nothing_there = not found
        return self._move("confirm", self.case.worker, photo="before", found=found)

    def _at_accepted(self):
        if not self._wait(0.5, 5):
            return True
        chief = self.people.one("chief", self.rng)
        if self._once("hand_back"):
            return self._move("hand_back", chief, reason=self.people.say("place", self.rng))
        if self._once("dismiss_filing"):
            return self._move("dismiss", chief, reason=self.people.say("dismiss", self.rng))
        return self._move("file", chief, condition=self.plan.condition)

    def _at_filed(self):
        if not (self._wait(12, 45) if self._chance("late_desk") else self._wait(1, 9)):
            return True
        dispatcher = self.people.one("dispatcher", self.rng)
        if self._once("hand_back_filing"):
            return self._move(
                "hand_back_filing", dispatcher, reason=self.people.say("place", self.rng)
            )
        lead, assisting = self._whom()
        return self._move(
            "dispatch",
            dispatcher,
            unit=lead.code,
            assisting=[unit.code for unit in assisting if unit != lead],
        )

    def _whom(self):
        """(lead, assisting): as the matrix says; after a return, one of those that assisted."""
        choice = routing.route(self.case)
        units = [choice.lead, *choice.assisting]
        others = [unit for unit in units if unit.pk != self.case.unit_id]
        if "returned" in self.did and others:
            return others[-1], units
        return choice.lead, choice.assisting

    def _at_dispatched(self):
        handler = self.people.handler(self.case.unit_id, self.rng)
        for ask in ("return", "extend", "suspend"):
            if self._once(ask):
                return self._ask(ask, handler)
        if "returned" in self.did and self._once("return_again"):
            return self._dispute(handler)
        aside = self._aside(handler)
        if aside is not False:
            return aside
        # A twin would come back with nobody to live its life.
        if not self.twins and self._once("void"):
            return not self._wait(20, 90) or self._move(
                "void", self.people.one("chief", self.rng), reason=self.people.say("void", self.rng)
            )
        if not self._until(self._handling_time()):
            return True
        return self._move(
            "handle", handler, photo="after", result=self.people.say("handle", self.rng)
        )

    def _aside(self, handler):
        """What seldom happens while a unit has the case; False when nothing does."""
        if self._once("correct"):
            return self._correct()
        if self._once("joint"):
            return not self._wait(15, 60) or undertaken.call(self.case, self.people, self.rng)
        if self._once("merge"):
            return self._told_again()
        if self._once("supervise"):
            return self._supervise(handler)
        if self.people.is_community(self.case.unit_id) and self._once("hand_up_lead"):
            return not self._wait(30, 120) or self._hand_up(handler)
        return False

    def _correct(self):
        """The shift chief finds a better condition of the same subclass, or a better place."""
        if not self._wait(5, 60):
            return True
        others = self.people.other_conditions(self.plan.condition)
        what = {"condition": self.rng.choice(others)} if others else self._beside()
        chief = self.people.one("chief", self.rng)
        self._try("correct", chief, reason=self.people.say("correct", self.rng), **what)
        return None

    def _beside(self):
        """A place some metres from where the case was reported."""
        x, y = (self.rng.gauss(value, 0.00004) for value in self.plan.point.coords)
        return {"longitude": x, "latitude": y}

    def _reassign(self, officer):
        """Another worker is asked to look, if there is another."""
        self._try("reassign", officer)

    def _hand_up(self, by):
        """Too much for whoever has it: the next level is asked, whose answer is waited for."""
        if not self._try("hand_up", by, reason=self.people.say("hand_up", self.rng)):
            return None
        answers = [at for at in self._answers.values() if at is not None]
        return not self._until(max(answers, default=clock.now()))

    def _dispute(self, handler):
        """The second unit will not have it either: its request goes to the adjudicator."""
        if not self._wait(10, 50) or not self._try(
            "ask_return", handler, reason=self.people.say("return", self.rng)
        ):
            return None if clock.now() < self.until else True
        if not self._wait(20, 200):
            return True
        lead = routing.route(self.case).lead
        unit = self.rng.choice((lead, self.people.unit(self.case.unit_id)))
        return self._adjudicate(unit)

    def _handling_time(self):
        """When the unit is done: a share of what its limit leaves, in its own hours."""
        if self.plan.stop in _DONE_BEFORE:
            return self.until - timedelta(minutes=self.rng.uniform(*_DONE_BEFORE[self.plan.stop]))
        due_at, moment = self._handle_due_at(), clock.now()
        if due_at is None:
            return self._in_office(moment + timedelta(hours=self.rng.uniform(20, 70)))
        if due_at <= moment:  # overdue: now it is looked after
            return self._in_office(moment + timedelta(hours=self.rng.uniform(0.4, 8)))
        late = self._chance("late")
        share = self.rng.uniform(1.04, 1.7) if late else self.rng.uniform(0.12, 0.88)
        ahead = moment + max(due_at - moment, timedelta(minutes=20)) * share
        if self.case.urgent or not late and self.people.office_is_open(ahead):
            return ahead
        return self._in_office(ahead)

    def _handle_due_at(self):
        return Clock.objects.open().get(case=self.case, kind="handle").due_at

    def _ask(self, ask, handler):
        if not self._wait(10, 50):
            return True
        facts = {"reason": self.people.say(ask, self.rng)}
        if ask == "suspend":
            days = self.rng.uniform(0.5, 6)
            facts["until"] = (clock.now() + timedelta(days=days)).isoformat()
        if not self._try(f"ask_{ask}", handler, **facts):
            return None  # no limit to extend, or overdue already: the unit goes on without asking
        if self._chance("undecided"):
            return None  # nobody decides: the request lapses
        return self._decided(ask)

    def _decided(self, ask):
        """The dispatcher grants a request or refuses it, if it has not lapsed by then."""
        if not self._wait(10, 120):
            return True
        dispatcher = self.people.one("dispatcher", self.rng)
        if self._chance("refuse"):
            self._try("refuse", dispatcher, reason=self.people.say("refuse", self.rng))
            return None
        if not self._try("grant", dispatcher) or ask != "return":
            return None
        self.did.add("returned")
        if self._chance("adjudicate") and self._wait(5, 40):
            unit = self.rng.choice(self.people.departments(besides=self.case.unit_id))
            return self._adjudicate(unit)
        return None

    def _adjudicate(self, unit):
        return self._move(
            "adjudicate",
            self.people.one("adjudicator", self.rng),
            unit=unit.code,
            reason=self.people.say("adjudicate", self.rng),
        )

    def _told_again(self):
        """Somebody else calls about the same problem while it is open: merged with this case."""
        city = self.plan.city
        if not self._wait(10, 60):
            return True
        if city.today() != city.local_date(self.plan.at):
            return None  # its number would be one of another day, which is played by itself
        officer = self.people.ready(self.people.one("intake", self.rng))
        twin = workflow.report(
            officer,
            city=self.plan.city,
            point=self.plan.point,
            source="hotline",
            description=self.plan.words,
            category=self.plan.condition.category,
            idempotency_key=self.plan.twin_key,
        )
        self.twins.append(twin)
        if not self._wait(1, 6):
            return True
        self.twins[-1] = workflow.move(
            twin, "merge", officer, into=self.case.number, body_hash=MARK
        )
        return None

    def _supervise(self, handler):
        if not self._wait(10, 60):
            return True
        due = clock.now() + timedelta(hours=self.rng.choice((4, 8, 24)))
        ordered = self._try(
            "supervise",
            self.people.leader(self.case, self.rng),
            due=due.isoformat(),
            words=self.people.say("supervise", self.rng),
        )
        if not ordered or self._chance("unanswered"):
            return None
        if not self._wait(20, 200):
            return True
        self._try("reply", handler, words=self.people.say("reply", self.rng))
        return None

    def _at_suspended(self):
        if self._once("resume"):  # what was waited for has come earlier
            left = self.case.suspended_until - clock.now()
            if not self._until(self._in_office(clock.now() + left * self.rng.uniform(0.3, 0.8))):
                return True
            if clock.now() < self.case.suspended_until:
                return self._move("resume", self.people.one("dispatcher", self.rng))
        if not self._until(max(self.case.suspended_until, clock.now())):
            return True
        self._settle()  # the system resumes what is suspended no longer
        return None

    def _at_handled(self):
        if self._once("reassign"):
            officer = self.people.one("intake", self.rng)
            return not self._wait(3, 15) or self._reassign(officer)
        if self._once("hand_up"):
            return not self._patrol(3, 15) or self._hand_up(self.case.worker)
        if not (self._patrol(31, 60) if self._chance("late_desk") else self._patrol(4, 24)):
            return True
        if self._chance("rework"):
            return self._move(
                "rework",
                self.case.worker,
                photo="check",
                reason=self.people.say("rework", self.rng),
            )
        return self._move("verify", self.case.worker, photo="check")

    def _patrol(self, shortest, longest):
        """Minutes of a worker's time; at night only urgent cases are looked at."""
        moment = clock.now() + timedelta(minutes=self.rng.uniform(shortest, longest))
        for _hour in range(40):
            if self.case.urgent or self.people.is_patrolled(moment):
                break
            moment += timedelta(minutes=30 + self.rng.uniform(0, 15))
        return self._until(moment)

    def _at_verified(self):
        late, moment = self._chance("late_desk"), clock.now()
        share = self.rng.uniform(1.05, 1.5) if late else self.rng.uniform(0.1, 0.7)
        left = max(self.case.due_at - moment, timedelta(minutes=20))
        if not self._until(self._in_office(moment + left * share)):
            return True
        closer = self.people.closer(self.case)
        if self._once("send_back"):
            return self._move("send_back", closer, reason=self.people.say("rework", self.rng))
        try:
            return self._move("close", closer)
        except BadFacts:  # two pictures look alike: closed all the same, with a reason
            return self._move("close", closer, note=self.people.say("close_over", self.rng))

    def _at_closed(self):
        owed = self._owes and (
            Demand.objects.open()
            .filter(case=self.case, kind__in=("spot_check", "opine", "decide"))
            .order_by("pk")
            .first()
        )
        if owed:
            return getattr(self, f"_do_{owed.kind}")(owed)
        if self.plan.source in ("patrol", "self_handle") and self._once("reopen"):
            return not self._wait(300, 2000) or self._move(
                "reopen", self.case.reported_by, reason=self.people.say("reopen", self.rng)
            )
        late = Clock.objects.filter(
            case=self.case, round=self.case.round, kind="handle", verdict="late"
        )
        if late.exists() and self._once("appeal"):
            handler = self.people.handler(self.case.unit_id, self.rng)
            return not self._wait(60, 600) or not self._try(
                "appeal", handler, reason=self.people.say("appeal", self.rng)
            )
        return True

    def _do_opine(self, demand):
        dispatcher = self.people.one("dispatcher", self.rng)
        return not self._wait(30, 300) or self._move(
            "opine", dispatcher, opinion=self.people.say("opine", self.rng)
        )

    def _do_decide(self, demand):
        return not self._wait(30, 300) or self._move(
            "decide",
            self.people.one("intake", self.rng),
            decision=self.rng.choice(("granted", "refused")),
            reason=self.people.say("opine", self.rng),
        )

    def _do_spot_check(self, demand):
        """A worker of another duty grid goes there; what is found again is reopened."""
        found = self._chance("found_again")
        return not self._patrol(20, 420) or self._move(
            "spot_check",
            self.people.owner(demand, self.rng),
            photo="before" if found else "check",
            found=found,
        )
