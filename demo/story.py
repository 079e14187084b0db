"""What happens to one simulated case: who does what, and how long they take over it.

Every move goes through `workflow.report` and `workflow.move`; the time is the simulator's own. A
life is played from its report on and stops at the first move that would lie after `until`.
"""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

from demo.pictures import jpeg
from incidents import evidence, workflow
from incidents.facts import Refused
from incidents.models import Clock
from lib import now as clock
from staff.models import calendar_of

# Shares of what goes another way, from what cities publish of their loops and what the loop must
# show; late handling about one case in twelve.
SHARES = {
    "dismiss": 0.03,
    "merge": 0.01,
    "void": 0.008,
    "hand_back_filing": 0.012,
    "late": 0.085,
    "rework": 0.05,
    "send_back": 0.012,
    "return": 0.03,
    "extend": 0.035,
    "suspend": 0.012,
    "reopen": 0.012,
    "supervise": 0.01,
    "appeal": 0.2,
    "confirm": 0.6,
    "late_desk": 0.04,
    "adjudicate": 0.12,
    "refuse": 0.35,
    "reused_photo": 0.004,
}
MOST_MOVES = 40


class Life:
    """One case's life: its plan, its people, its own random numbers."""

    def __init__(self, plan, people, darkroom, rng, until):
        self.plan, self.people, self.darkroom = plan, people, darkroom
        self.rng, self.until = rng, until
        self.case, self.did, self.nothing_there = None, set(), False
        self.twins = []  # other reports of the same problem

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
        late = self._chance("late_desk")
        if not self._wait(14, 40) if late else not self._wait(1, 6):
            return True
        officer = self.people.one("intake", self.rng)
        if self.nothing_there or self._once("dismiss"):
            return self._move("dismiss", officer, reason=self.people.say("dismiss", self.rng))
        if self.plan.source != "patrol" and self._once("confirm"):
            return self._move("ask_confirm", officer)
        return self._move("accept", officer, category=self.plan.condition.category.code)

    def _at_confirming(self):
        if not self._patrol(4, 26):
            return True
        found = self.rng.random() < 0.93
        self.nothing_there = not found
        return self._move("confirm", self.case.worker, photo="before", found=found)

    def _at_accepted(self):
        if not self._wait(0.5, 5):
            return True
        return self._move(
            "file", self.people.one("chief", self.rng), condition=self.plan.condition.code
        )

    def _at_filed(self):
        if not (self._wait(12, 45) if self._chance("late_desk") else self._wait(1, 9)):
            return True
        dispatcher = self.people.one("dispatcher", self.rng)
        if self._once("hand_back_filing"):
            return self._move(
                "hand_back_filing", dispatcher, reason=self.people.say("place", self.rng)
            )
        choice = workflow.routing.route(self.case)
        return self._move(
            "dispatch",
            dispatcher,
            unit=choice.lead.code,
            assisting=[unit.code for unit in choice.assisting if unit != choice.lead],
        )

    def _at_dispatched(self):
        handler = self.people.handler(self.case.unit_id, self.rng)
        for ask in ("return", "extend", "suspend"):
            if self._once(ask):
                return self._ask(ask, handler)
        if self._once("merge"):
            return self._told_again()
        if self._once("supervise"):
            return self._supervise(handler)
        if self._once("void"):
            return not self._wait(20, 90) or self._move(
                "void", self.people.one("chief", self.rng), reason=self.people.say("void", self.rng)
            )
        if not self._until(self._handling_time()):
            return True
        return self._move(
            "handle", handler, photo="after", result=self.people.say("handle", self.rng)
        )

    def _handling_time(self):
        """When the unit is done: a share of what its limit leaves, in its own hours."""
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
        try:
            self._move(f"ask_{ask}", handler, **facts)
        except Refused:  # no limit to extend, or overdue already: the unit goes on without asking
            return None
        if not self._wait(10, 120):
            return True
        dispatcher = self.people.one("dispatcher", self.rng)
        if self._chance("refuse"):
            return self._move("refuse", dispatcher, reason=self.people.say("refuse", self.rng))
        self._move("grant", dispatcher)
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
        if not self._patrol(4, 28):
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
        return self._move("close", closer)

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
