"""What happens to one simulated case: who does what, and how long they take over it.

Every move goes through `workflow.report` and `workflow.move`; the time is the simulator's own. A
life is played from its report on and stops at the first move that would lie after `until`.
"""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

from demo.pictures import jpeg
from incidents import evidence, workflow
from incidents.facts import BadFacts, Refused
from incidents.models import Clock, Demand
from lib import now as clock
from staff.models import calendar_of

# Shares of what goes another way, from what cities publish of their loops and what the loop must
# show; late handling about one case in twelve.
SHARES = {
    "dismiss": 0.03,
    "merge": 0.01,
    "void": 0.008,
    "hand_back": 0.008,
    "hand_back_filing": 0.012,
    "recall": 0.03,
    "reassign": 0.012,
    "hand_up": 0.006,
    "hand_up_lead": 0.08,
    "correct": 0.015,
    "late": 0.085,
    "rework": 0.05,
    "send_back": 0.012,
    "return": 0.03,
    "return_again": 0.25,
    "extend": 0.035,
    "suspend": 0.012,
    "reopen": 0.016,
    "supervise": 0.01,
    "appeal": 0.2,
    "confirm": 0.6,
    "late_desk": 0.04,
    "adjudicate": 0.12,
    "refuse": 0.35,
    "reused_photo": 0.004,
}
MOST_MOVES = 40
# Minutes before the end at which a case is handled that is to wait for worker or supervisor.
_DONE_BEFORE = {"handled": (4, 27), "verified": (45, 80)}


class Life:
    """One case's life: its plan, its people, its own random numbers."""

    def __init__(self, plan, people, darkroom, rng, until):
        self.plan, self.people, self.darkroom = plan, people, darkroom
        self.rng, self.until = rng, until
        # A case that is to wait somewhere gets there the straight way.
        self.did = set(SHARES) if plan.stop else set()
        self.case, self.nothing_there = None, False
        self.twins = []  # other reports of the same problem
        self.answered = 0  # the level up to which a head has answered for the case

    def play(self):
        """Report, then one move after the other until the end or until `until`."""
        clock.set_to(self.plan.at)
        self._report()
        return self._live()

    def go_on(self, case):
        """Take up the life of a case that an earlier run left open."""
        self.case = case
        clock.set_to(case.steps.order_by("-seq").first().at)
        return self._live()

    def _live(self):
        for _move in range(MOST_MOVES):
            if self.case.stage == self.plan.stop:
                return self.case
            if self.case.level != self.answered and not self._answer():
                return self.case
            nothing = getattr(self, f"_at_{self.case.stage}", lambda: True)()
            if nothing:
                return self.case
        return self.case

    def _chance(self, name):
        return self.rng.random() < SHARES[name]

    def _once(self, name):
        """True with the name's share, at most once in a life."""
        if name in self.did:
            return False
        self.did.add(name)
        return self._chance(name)

    def _wait(self, shortest, longest):
        """Let some minutes pass; False when that is after the end of the simulation."""
        return self._until(clock.now() + timedelta(minutes=self.rng.uniform(shortest, longest)))

    def _until(self, moment):
        if moment > self.until:
            return False
        clock.set_to(max(moment, clock.now()))
        return True

    def _move(self, name, by, *, photo=None, **facts):
        """Make a move; a stop of this life if there is nobody to make it."""
        if by is None:
            return True
        photos = [self._photo(by, photo)] if photo else []
        self.case = workflow.move(self.case, name, by, evidence=photos, **facts)
        return None

    def _try(self, name, by, **facts):
        """A move that the loop may refuse here; True if it was made."""
        try:
            self._move(name, by, **facts)
        except Refused:
            return False
        return by is not None

    def _photo(self, by, state):
        """A photo taken a little before now, a few metres from the place."""
        shift = [self.rng.gauss(0, 0.00005) for _axis in range(2)]
        data = jpeg(
            self.darkroom.develop(self.plan, state, again=self._chance("reused_photo")),
            taken_at=clock.now() - timedelta(seconds=self.rng.randrange(20, 240)),
            longitude=self.plan.point.x + shift[0],
            latitude=self.plan.point.y + shift[1],
            quality=72,
        )
        return evidence.take_in(io.BytesIO(data), by, city=self.plan.city).pk

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
        by = self.people.reporter(plan, self.rng)
        if plan.source == "self_handle":
            photos = [self._photo(by, state) for state in ("before", "after")]
            self.case = workflow.report(
                by,
                **told | {"source": "patrol"},
                move="self_handle",
                condition=plan.condition.code,
                evidence=photos[:1],
                after=photos[1:],
            )
        elif plan.source == "patrol":
            photo = self._photo(by, "before")
            self.case = workflow.report(
                by, **told, category=plan.condition.category.code, evidence=[photo]
            )
        else:
            self.case = workflow.report(by, **told, category=plan.condition.category.code)

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
        return self._move("accept", officer, category=self.plan.condition.category.code)

    def _at_confirming(self):
        officer = self.people.one("intake", self.rng)
        if self._once("recall"):  # the caller has rung again: no need to look any more
            return not self._wait(4, 20) or self._move("recall", officer)
        if self._once("reassign"):
            return not self._wait(3, 15) or self._reassign(officer)
        if self._once("hand_up"):
            return not self._patrol(3, 15) or self._hand_up(self.case.worker)
        if not self._patrol(4, 26):
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
        return self._move("file", chief, condition=self.plan.condition.code)

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
        choice = workflow.routing.route(self.case)
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
        what = {"condition": self.rng.choice(others).code} if others else self._beside()
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
        """Too much for whoever has it: the next level is asked, and answers (`_answer`)."""
        self._try("hand_up", by, reason=self.people.say("hand_up", self.rng))

    def _answer(self):
        """The head to whom the case was lifted answers; False when that is after the end."""
        asked = Demand.objects.open().filter(case=self.case, kind="answer").order_by("pk").first()
        if asked is not None:
            ahead = clock.now() + timedelta(minutes=self.rng.uniform(15, 120))
            if not self._until(self._in_office(ahead)):
                return False
            head = self.people.owner(asked, self.rng)
            self._try("answer", head, words=self.people.say("answer", self.rng))
        self.answered = self.case.level
        return True

    def _dispute(self, handler):
        """The second unit will not have it either: its request goes to the adjudicator."""
        if not self._wait(10, 50) or not self._try(
            "ask_return", handler, reason=self.people.say("return", self.rng)
        ):
            return None if clock.now() < self.until else True
        if not self._wait(20, 200):
            return True
        lead = workflow.routing.route(self.case).lead
        unit = self.rng.choice((lead, self.people.unit(self.case.unit_id)))
        return self._move(
            "adjudicate",
            self.people.one("adjudicator", self.rng),
            unit=unit.code,
            reason=self.people.say("adjudicate", self.rng),
        )

    def _handling_time(self):
        """When the unit is done: a share of what its limit leaves, in its own hours."""
        if self.plan.stop in _DONE_BEFORE:
            return self.until - timedelta(minutes=self.rng.uniform(*_DONE_BEFORE[self.plan.stop]))
        handle = Clock.objects.open().get(case=self.case, kind="handle")
        moment = clock.now()
        share = (
            self.rng.uniform(1.04, 1.7) if self._chance("late") else self.rng.uniform(0.15, 0.93)
        )
        if handle.due_at is None:
            return self._in_office(moment + timedelta(hours=self.rng.uniform(20, 70)))
        ahead = moment + max(handle.due_at - moment, timedelta(minutes=20)) * share
        return (
            ahead
            if self.case.urgent or share <= 0.93 and self._open(ahead)
            else (self._in_office(ahead))
        )

    def _open(self, moment):
        return calendar_of(self.people.office).is_open(moment)

    def _in_office(self, moment):
        """The next moment of office hours, some minutes in."""
        for _hour in range(24 * 14):
            if self._open(moment):
                return moment
            moment += timedelta(minutes=30 + self.rng.uniform(0, 20))
        return moment

    def _ask(self, ask, handler):
        if not self._wait(10, 50):
            return True
        facts = {"reason": self.people.say(ask, self.rng)}
        if ask == "suspend":
            days = self.rng.uniform(0.5, 6)
            facts["until"] = (clock.now() + timedelta(days=days)).isoformat()
        if not self._try(f"ask_{ask}", handler, **facts):
            return None  # no limit to extend, or overdue already: the unit goes on without asking
        if not self._wait(10, 120):
            return True
        dispatcher = self.people.one("dispatcher", self.rng)
        if self._chance("refuse"):
            return self._move("refuse", dispatcher, reason=self.people.say("refuse", self.rng))
        self._move("grant", dispatcher)
        if ask == "return":
            self.did.add("returned")
        if ask == "return" and self._chance("adjudicate") and self._wait(5, 40):
            other = self.people.other_unit(self.case.unit_id, self.rng)
            return self._move(
                "adjudicate",
                self.people.one("adjudicator", self.rng),
                unit=other.code,
                reason=self.people.say("adjudicate", self.rng),
            )
        return None

    def _told_again(self):
        """Somebody else calls about the same problem while it is open: merged with this case."""
        zone = ZoneInfo(self.plan.city.time_zone)
        if not self._wait(10, 60):
            return True
        if clock.now().astimezone(zone).date() != self.plan.at.astimezone(zone).date():
            return None  # its number would be one of another day, which is played by itself
        officer = self.people.one("intake", self.rng)
        twin = workflow.report(
            officer,
            city=self.plan.city,
            point=self.plan.point,
            source="hotline",
            description=self.plan.words,
            category=self.plan.condition.category.code,
        )
        self.twins.append(twin)
        if not self._wait(1, 6):
            return True
        self.twins[-1] = workflow.move(twin, "merge", officer, into=self.case.number)
        return None

    def _supervise(self, handler):
        if not self._wait(10, 60):
            return True
        due = (clock.now() + timedelta(hours=self.rng.choice((4, 8, 24)))).isoformat()
        self._move(
            "supervise",
            self.people.leader(self.case, self.rng),
            due=due,
            words=self.people.say("supervise", self.rng),
        )
        if not self._wait(20, 200):
            return True
        return self._move("reply", handler, words=self.people.say("reply", self.rng))

    def _at_suspended(self):
        if not self._until(self.case.suspended_until):
            return True
        return self._move("resume", self.people.system)

    def _at_handled(self):
        if self._once("reassign"):
            officer = self.people.one("intake", self.rng)
            return not self._wait(3, 15) or self._reassign(officer)
        if self._once("hand_up"):
            return not self._patrol(3, 15) or self._hand_up(self.case.worker)
        if not (self._patrol(31, 60) if self._chance("late_desk") else self._patrol(4, 28)):
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
        patrol = calendar_of(self.people.patrol)
        for _hour in range(40):
            if self.case.urgent or patrol.is_open(moment):
                break
            moment += timedelta(minutes=30 + self.rng.uniform(0, 15))
        return self._until(moment)

    def _at_verified(self):
        share = (
            self.rng.uniform(1.05, 1.5) if self._chance("late_desk") else self.rng.uniform(0.1, 0.8)
        )
        moment = clock.now()
        if not self._until(self._in_office(moment + (self.case.due_at - moment) * share)):
            return True
        closer = self.people.closer(self.case)
        if self._once("send_back"):
            return self._move("send_back", closer, reason=self.people.say("rework", self.rng))
        try:
            return self._move("close", closer)
        except BadFacts:  # two pictures look alike: closed all the same, with a reason
            return self._move("close", closer, note=self.people.say("close_over", self.rng))

    def _at_closed(self):
        if self.plan.source in ("patrol", "self_handle") and self._once("reopen"):
            if self._wait(300, 2000):
                return self._move(
                    "reopen", self.case.reported_by, reason=self.people.say("reopen", self.rng)
                )
            return True
        late = Clock.objects.filter(
            case=self.case, round=self.case.round, kind="handle", verdict="late"
        )
        if late.exists() and self._once("appeal"):
            return self._appeal()
        return True

    def _appeal(self):
        handler = self.people.handler(self.case.unit_id, self.rng)
        if not self._wait(60, 600):
            return True
        self._move("appeal", handler, reason=self.people.say("appeal", self.rng))
        if not self._wait(30, 300):
            return True
        self._move(
            "opine",
            self.people.one("dispatcher", self.rng),
            opinion=self.people.say("opine", self.rng),
        )
        if not self._wait(30, 300):
            return True
        self._move(
            "decide",
            self.people.one("intake", self.rng),
            decision=self.rng.choice(("granted", "refused")),
            reason=self.people.say("opine", self.rng),
        )
        return True
