"""A machine plays random histories over a few cases and checks the invariants after each step."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from incidents import workflow
from incidents.clocks import replayed
from incidents.facts import Refused
from incidents.models import ENDS, Case, Clock, Demand, Step
from lib import now
from tests.cast import photo_of
from tests.incidents import play

ACTORS = (
    "worker",
    "mate",
    "intake",
    "chief",
    "dispatcher",
    "adjudicator",
    "handler",
    "gardener",
    "neighbour",
    "supervisor",
    "street_supervisor",
    "leader",
    "water_leader",
    "street_leader",
    "grid_head",
    "system",
)


class History(RuleBasedStateMachine):
    """Anybody does anything that the table offers, with facts that fit or do not."""

    town = None

    def __init__(self):
        super().__init__()
        self.cases = []

    @rule()
    def report(self):
        if len(self.cases) < 4:
            self.cases.append(play.reported(self.town).pk)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), minutes=st.integers(0, 600))
    def act(self, data, minutes):
        now.set_to(now.now() + timedelta(minutes=minutes))
        case = Case.objects.get(pk=data.draw(st.sampled_from(self.cases)))
        by = getattr(self.town, data.draw(st.sampled_from(ACTORS)))
        offers = workflow.moves(case, by)
        if not offers:
            return
        offer = data.draw(st.sampled_from(offers))
        facts = {
            need.name: self._fact(need, data, by)
            for need in offer.needs
            if need.required and need.name not in ("photo", "position")
        }
        photos = [photo_of(by, self.town).pk] if any(n.name == "photo" for n in offer.needs) else []
        try:
            workflow.move(case, offer.move, by, evidence=photos, version=case.version, **facts)
        except Refused:
            case.refresh_from_db()

    def _fact(self, need, data, by):
        town = self.town
        return {
            "category": lambda: data.draw(st.sampled_from(["E-01-13", "C-01-03"])),
            "condition": lambda: data.draw(
                st.sampled_from(
                    [c.code for c in (town.urgent, town.slow, town.quick, town.endless)]
                )
            ),
            "unit": lambda: data.draw(st.sampled_from(["WATER", "GARDENS", "CM1"])),
            "case": lambda: Case.objects.get(pk=data.draw(st.sampled_from(self.cases))).number,
            "boolean": lambda: data.draw(st.booleans()),
            "datetime": lambda: (now.now() + timedelta(days=2)).isoformat(),
            "choice": lambda: data.draw(st.sampled_from(["granted", "refused"])),
        }.get(need.type, lambda: "words")()

    @invariant()
    def every_case_has_its_clock_and_its_exit(self):
        for case in Case.objects.filter(pk__in=self.cases):
            running = list(Clock.objects.filter(case=case, state="running").exclude(kind="demand"))
            if case.stage in ENDS:
                assert not running
                assert not Clock.objects.open().filter(case=case).exclude(kind="demand").exists()
                owed = Demand.objects.open().filter(case=case)
                assert not owed.filter(kind__in=["request", "answer", "reply"]).exists()
            elif case.stage == "suspended":
                assert not running and case.suspended_until
            else:
                assert len(running) == 1
                assert running[0].due_at == case.due_at
            assert case.stage in ("dismissed", "voided", "merged", "closed") or any(
                case.stage in row.stages for row in workflow.TABLE
            )

    @invariant()
    def every_demand_has_one_clock(self):
        for demand in Demand.objects.filter(case__in=self.cases).select_related("clock"):
            assert (demand.clock.state == "stopped") == (demand.outcome != "")

    @invariant()
    def three_pairs_of_hands(self):
        for case in Case.objects.filter(pk__in=self.cases):
            hands = [h for h in (case.handled_by_id, case.verified_by_id, case.closed_by_id) if h]
            assert len(hands) == len(set(hands))

    @invariant()
    def steps_follow_one_another(self):
        for pk in self.cases:
            steps = list(Step.objects.filter(case=pk).order_by("seq"))
            assert [s.seq for s in steps] == list(range(1, len(steps) + 1))
            for before, after in zip(steps, steps[1:], strict=False):
                assert after.from_stage == before.to_stage
                assert after.at >= before.at

    @invariant()
    def caches_equal_the_ledger(self):
        for clock in Clock.objects.filter(case__in=self.cases).prefetch_related("entries"):
            state = replayed(sorted(clock.entries.all(), key=lambda entry: entry.seq))
            assert (clock.due_at, clock.warn_at) == (state.due_at, state.warn_at)
            assert clock.verdict == (state.verdict or "")


@pytest.mark.django_db
def test_random_histories_keep_the_invariants(town):
    History.town = town
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
