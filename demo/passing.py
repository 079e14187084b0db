"""How time passes in a simulated life: acts come after a while, and in the meantime what falls due
is settled by the system and heads answer what was lifted to them."""

import io
from datetime import timedelta

from demo.pictures import jpeg
from incidents import evidence, workflow
from incidents.clocks import next_of
from incidents.facts import Refused
from incidents.models import Case, Demand
from lib import now as clock

SETTLED_AFTER = timedelta(seconds=5)  # the engine's next tick after something fell due
# What a simulated step bears where a step that somebody asked for by the API bears the hash of its
# request: so the living city knows in which cases a person had a hand.
MARK = "simulated"
# Moves after which somebody may owe something beside the loop.
_OWING = ("ask_extend", "ask_suspend", "ask_return", "hand_up", "rework", "supervise", "appeal")


class Passing:
    """One case on its way: its plan, its people, its own random numbers, and what it waits for."""

    def __init__(self, plan, people, darkroom, rng, until):
        self.plan, self.people, self.darkroom = plan, people, darkroom
        self.rng, self.until = rng, until
        self.case = None
        self.wakes_at = None  # the first moment after `until` at which something would happen
        self._answers = {}  # {demand: when its owner answers, or None for never}
        self._owes = False  # whether a demand may be open
        self._is_settled = False  # whether the last look found nothing due

    # --- chance and time -------------------------------------------------------------------------

    def _chance(self, name):
        return self.rng.random() < self.people.shares[name]

    def _wait(self, shortest, longest):
        """Let some minutes pass; False when that is after the end of the simulation."""
        return self._until(clock.now() + timedelta(minutes=self.rng.uniform(shortest, longest)))

    def _until(self, moment):
        """Let time pass up to a moment, with all that happens meanwhile; False when it lies after
        the end of the simulation."""
        while (first := self._meanwhile()) is not None and first[0] <= min(moment, self.until):
            at, act = first
            clock.set_to(max(at, clock.now()))
            act()
        if moment > self.until:
            self.wakes_at = moment if first is None else min(moment, first[0])
            return False
        clock.set_to(max(moment, clock.now()))
        return True

    def _rest(self):
        """Nobody does anything more; what falls due before the end of the simulation does."""
        wakes_at = self.wakes_at
        self._until(self.until + timedelta(microseconds=1))
        first = self._meanwhile()
        self.wakes_at = wakes_at or (first[0] if first else None)

    def _meanwhile(self):
        """(moment, act) of what happens next by itself, or None."""
        happens = [
            (at, lambda pk=pk: self._answer(pk))
            for pk, at in self._answers.items()
            if at is not None
        ]
        due_at = self._falls_due()
        if due_at is not None:
            happens.append((due_at + SETTLED_AFTER, self._settle))
        return min(happens, key=lambda pair: pair[0], default=None)

    def _falls_due(self):
        """When a clock of the case is next to be warned of or breached; asked of the database only
        if that may be before the end."""
        case = self.case
        near = case is not None and (self._owes or case.warn_at and case.warn_at < self.until)
        if not near or self._is_settled:
            return None
        return next_of(case)

    # --- what happens by itself ------------------------------------------------------------------

    def _settle(self):
        # What cannot be settled is the engine's to set aside; here it must not go on for ever.
        self._is_settled = not workflow.settle_case(self.case)
        self._look_again()
        self._owes = True
        self._plan_answers()

    def _look_again(self):
        self.case = Case.objects.get(pk=self.case.pk)
        self.case.city = self.plan.city

    def _plan_answers(self):
        """Heads who must answer do so within hours, or let it go to the next level."""
        asked = Demand.objects.open().filter(case=self.case, kind="answer").order_by("pk")
        for demand in asked:
            if demand.pk not in self._answers:
                ahead = clock.now() + timedelta(minutes=self.rng.uniform(15, 120))
                never = self._chance("unanswered")
                self._answers[demand.pk] = None if never else self._in_office(ahead)

    def _answer(self, pk):
        self._answers[pk] = None
        demand = Demand.objects.open().filter(pk=pk).first()
        if demand is not None:
            head = self.people.owner(demand, self.rng)
            self._try("answer", head, words=self.people.say("answer", self.rng))

    def _in_office(self, moment):
        """The next moment of office hours, some minutes in."""
        for _hour in range(24 * 14):
            if self.people.office_is_open(moment):
                return moment
            moment += timedelta(minutes=30 + self.rng.uniform(0, 20))
        return moment

    # --- acts ------------------------------------------------------------------------------------

    def _move(self, name, by, *, photo=None, **facts):
        """Make a move; a stop of this life if there is nobody to make it."""
        if not self.people.may_act(by):
            return True
        by = self.people.ready(by)
        photos = [self._photo(by, photo)] if photo else []
        level = self.case.level
        self._is_settled = False
        self.case = workflow.move(self.case, name, by, evidence=photos, body_hash=MARK, **facts)
        self._owes = self._owes or name in _OWING
        if self.case.level > level:
            self._plan_answers()
        return None

    def _try(self, name, by, **facts):
        """A move that the loop may refuse here; True if it was made."""
        try:
            return self._move(name, by, **facts) is None
        except Refused:
            return False

    def _photo(self, by, state):
        """A photo taken a little before now, a few metres from the place."""
        shift = [self.rng.gauss(0, 0.00005) for _axis in range(2)]
        data = jpeg(
            self.darkroom.develop(self.plan, state, again=self._chance("reused_photo")),
            taken_at=clock.now() - timedelta(seconds=self.rng.randrange(20, 240)),
            longitude=self.plan.point.x + shift[0],
            latitude=self.plan.point.y + shift[1],
            quality=60,
        )
        return evidence.take_in(io.BytesIO(data), by, city=self.plan.city).pk
