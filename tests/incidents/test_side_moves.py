"""The side moves and what they do to the clocks (domain rule: rules of the side moves)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from incidents import workflow
from incidents.appeals import objectionable
from incidents.facts import BadFacts, Conflict, Forbidden, Hidden
from incidents.ledger import lines_of, outcomes_of
from incidents.models import Clock, Demand
from incidents.templatetags.ledger import outcome_words
from lib import now
from tests.cast import MORNING, photo_of
from tests.incidents import play


def clock_of(case, kind):
    return Clock.objects.open().get(case=case, kind=kind)


def later(**time):
    now.set_to(now.now() + timedelta(**time))


def test_asking_to_confirm_pauses_intake_and_the_answer_resumes_it(town):
    case = play.reported(town, by=town.worker)
    case = workflow.move(case, "ask_confirm", town.intake)
    assert clock_of(case, "intake").state == "paused"
    assert case.worker == town.worker
    later(minutes=20)
    case = workflow.move(
        case, "confirm", town.worker, found=True, evidence=[photo_of(town.worker, town).pk]
    )
    assert case.stage == "reported"
    assert clock_of(case, "intake").due_at == MORNING + timedelta(minutes=35)


def test_a_recalled_confirmation_has_no_verdict(town):
    case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    workflow.move(case, "recall", town.intake)
    assert Clock.objects.get(case=case, kind="confirm").verdict == "none"


def test_reassigning_asks_another_worker_and_the_clock_goes_on(town):
    case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    before = clock_of(case, "confirm").due_at
    later(minutes=5)
    case = workflow.move(case, "reassign", town.intake)
    assert case.worker == town.mate
    assert clock_of(case, "confirm").due_at == before


def test_merging_into_a_dismissed_case_brings_the_other_back(town):
    one, other = play.reported(town), play.reported(town)
    workflow.move(other, "merge", town.intake, into=one.number)
    workflow.move(one, "dismiss", town.intake, reason="nothing there")
    other.refresh_from_db()
    assert other.stage == "reported"
    assert other.merged_into is None
    assert clock_of(other, "intake").state == "running"


def test_a_case_is_not_merged_into_itself_or_an_ended_one(town):
    case = play.reported(town)
    with pytest.raises(BadFacts) as refused:
        workflow.move(case, "merge", town.intake, into=case.number)
    assert set(refused.value.errors) == {"into"}


def test_handing_a_filing_back_drops_dispatch_and_starts_intake_anew(town):
    case = workflow.move(play.filed(town), "hand_back_filing", town.dispatcher, reason="where?")
    assert case.stage == "accepted"
    assert Clock.objects.get(case=case, kind="dispatch").verdict == "none"
    assert Clock.objects.filter(case=case, kind="intake").count() == 2


def test_the_handle_clock_starts_at_dispatch_and_pauses_while_verified(town):
    case = play.dispatched(town, town.quick)
    assert clock_of(case, "handle").due_at == MORNING + timedelta(hours=6)  # 4 work hours + lunch
    later(hours=1)
    case = play.handle(town, case)
    assert clock_of(case, "handle").state == "paused"
    later(hours=1)
    case = play.rework(town, case)
    assert clock_of(case, "handle").due_at == MORNING + timedelta(hours=7)


def test_a_redispatch_to_the_same_unit_resumes_and_to_another_starts_anew(town):
    case = play.dispatched(town, town.urgent)
    later(minutes=30)
    for unit, clocks in ((town.water, 1), (town.gardens, 2)):
        handler = town.handler
        case = workflow.move(case, "ask_return", handler, reason="not ours")
        by = town.dispatcher
        case = workflow.move(case, "grant", by)
        assert case.stage == "filed"
        case = workflow.move(case, "dispatch", by, unit=unit.code)
        assert Clock.objects.filter(case=case, kind="handle").count() == clocks
    stopped = Clock.objects.get(case=case, kind="handle", state="stopped")
    assert stopped.verdict == "none"


def test_the_third_return_goes_to_the_adjudicator_whose_dispatch_is_final(town):
    case = play.dispatched(town, town.slow)
    for _time in range(2):
        case = workflow.move(case, "ask_return", town.handler, reason="not ours")
        case = workflow.move(case, "refuse", town.dispatcher, reason="yours")
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    assert Demand.objects.open().get(case=case).owner_role == "adjudicator"
    with pytest.raises(Forbidden):
        workflow.move(case, "grant", town.dispatcher)
    case = workflow.move(case, "adjudicate", town.adjudicator, unit="GARDENS", reason="theirs")
    assert (case.stage, case.unit) == ("dispatched", town.gardens)
    with pytest.raises(Conflict):
        workflow.move(case, "ask_return", town.gardener, reason="not ours either")


def test_the_first_return_by_a_second_unit_goes_to_the_adjudicator(town):
    case = play.dispatched(town, town.slow)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    case = workflow.move(case, "grant", town.dispatcher)
    case = workflow.move(case, "dispatch", town.dispatcher, unit="GARDENS")
    case = workflow.move(case, "ask_return", town.gardener, reason="nor ours")
    assert Demand.objects.open().get(case=case).owner_role == "adjudicator"


def test_an_extension_adds_the_original_limit_at_most_twice(town):
    case = play.dispatched(town, town.urgent)
    for times in (2, 3):
        case = workflow.move(case, "ask_extend", town.handler, reason="rain")
        case = workflow.move(case, "grant", town.dispatcher)
        assert clock_of(case, "handle").due_at == MORNING + timedelta(hours=2 * times)
    with pytest.raises(Conflict):
        workflow.move(case, "ask_extend", town.handler, reason="more rain")


def test_refused_extensions_do_not_count(town):
    case = play.dispatched(town, town.urgent)
    for _time in range(3):
        case = workflow.move(case, "ask_extend", town.handler, reason="rain")
        case = workflow.move(case, "refuse", town.dispatcher, reason="no")
    workflow.move(case, "ask_extend", town.handler, reason="rain")


def test_an_extension_is_not_asked_for_once_overdue_or_without_a_limit(town):
    case = play.dispatched(town, town.urgent)
    endless = play.dispatched(town, town.endless)
    with pytest.raises(Conflict):
        workflow.move(endless, "ask_extend", town.handler, reason="rain")
    later(hours=3)
    with pytest.raises(Conflict):
        workflow.move(case, "ask_extend", town.handler, reason="rain")


def test_a_suspension_pauses_and_happens_once(town):
    case = play.dispatched(town, town.urgent)
    until = (now.now() + timedelta(days=10)).isoformat()
    case = workflow.move(case, "ask_suspend", town.handler, reason="parts", until=until)
    case = workflow.move(case, "grant", town.dispatcher)
    assert (case.stage, case.due_at) == ("suspended", None)
    assert case.suspended_until is not None
    later(days=2)
    case = workflow.move(case, "resume", town.dispatcher)
    assert clock_of(case, "handle").due_at == MORNING + timedelta(days=2, hours=2)
    with pytest.raises(Conflict):
        workflow.move(
            case,
            "ask_suspend",
            town.handler,
            reason="parts",
            until=(now.now() + timedelta(days=10)).isoformat(),
        )


def test_a_suspension_ends_within_a_year(town):
    case = play.dispatched(town)
    with pytest.raises(BadFacts) as refused:
        workflow.move(case, "ask_suspend", town.handler, reason="parts", until="2029-01-01T09:00")
    assert set(refused.value.errors) == {"until"}


def test_one_request_at_a_time(town):
    case = play.dispatched(town)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    with pytest.raises(Conflict):
        workflow.move(case, "ask_extend", town.handler, reason="rain")


def test_handling_ends_an_open_request(town):
    case = play.dispatched(town)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    play.handle(town, case)
    demand = Demand.objects.get(case=case)
    assert demand.outcome == "ended"
    assert demand.clock.verdict == "none"


def test_a_lapse_is_a_refusal_by_the_system(town):
    case = play.dispatched(town)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "refuse", town.system)
    assert Demand.objects.get(case=case).outcome == "lapsed"


def test_correcting_rebases_the_handle_clock_and_keeps_the_pause(town):
    case = play.dispatched(town, town.urgent)
    later(hours=1)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    case = workflow.move(case, "refuse", town.dispatcher, reason="yours")
    case = workflow.move(case, "correct", town.chief, reason="wrong", condition=town.slow.code)
    # Three work days from Tuesday 09:00 end on Friday 09:00.
    assert clock_of(case, "handle").due_at == MORNING + timedelta(days=3)
    assert case.condition == town.slow


def test_sending_back_resumes_handling(town):
    case = workflow.move(play.verified(town), "send_back", town.supervisor, reason="dirty")
    assert (case.stage, case.verified_by) == ("dispatched", None)
    assert clock_of(case, "handle").state == "running"


def test_a_self_handled_case_is_sent_back_to_filed(town):
    case = self_handled(town)
    assert case.stage == "verified"
    case = workflow.move(case, "send_back", town.supervisor, reason="dirty")
    assert case.stage == "filed"
    assert clock_of(case, "dispatch").state == "running"


def self_handled(town):
    photos = [photo_of(town.worker, town).pk for _side in range(2)]
    return workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        move="self_handle",
        condition=town.quick.code,
        evidence=photos[:1],
        after=photos[1:],
    )


def test_reopening_begins_a_new_round_and_old_verdicts_stay(town):
    case = play.closed(town)
    old = set(Clock.objects.filter(case=case).values_list("kind", "verdict"))
    later(days=1)
    case = workflow.move(case, "reopen", town.worker, reason="again")
    assert (case.stage, case.round, case.handled_by, case.closed_by) == ("filed", 2, None, None)
    assert set(Clock.objects.filter(case=case, round=1).values_list("kind", "verdict")) == old


def test_only_who_reported_reopens_within_thirty_days(town):
    case = play.closed(town)
    with pytest.raises(Forbidden):
        workflow.move(case, "reopen", town.mate, reason="again")
    later(days=31)
    with pytest.raises(Conflict):
        workflow.move(case, "reopen", town.worker, reason="again")


def test_the_third_rework_lifts_the_case(town):
    case = play.dispatched(town, town.slow)
    for _time in range(3):
        case = play.rework(town, play.handle(town, case))
    assert case.level == 1
    demand = Demand.objects.open().get(case=case, kind="answer")
    assert demand.owner_unit == town.water
    workflow.move(case, "answer", town.water_leader, words="seen to")
    demand.refresh_from_db()
    assert demand.outcome == "done"


def test_a_supervise_order_waits_for_its_reply(town):
    case = play.dispatched(town)
    due = (now.now() + timedelta(hours=5)).isoformat()
    case = workflow.move(case, "supervise", town.leader, words="hurry", due=due)
    demand = Demand.objects.open().get(case=case, kind="reply")
    assert demand.clock.due_at == MORNING + timedelta(hours=5)
    with pytest.raises(Hidden):
        workflow.move(case, "reply", town.gardener, words="we?")
    workflow.move(case, "reply", town.handler, words="on it")
    demand.refresh_from_db()
    assert demand.outcome == "done"


def test_a_late_verdict_is_appealed_once(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    case = workflow.move(play.verify(town, play.handle(town, case)), "close", town.supervisor)
    case = workflow.move(case, "appeal", town.handler, reason="flood")
    case = workflow.move(case, "opine", town.dispatcher, opinion="true")
    case = workflow.move(case, "decide", town.intake, decision="granted", reason="flood")
    assert list(Demand.objects.filter(case=case).order_by("pk").values_list("kind", "outcome")) == [
        ("answer", "ended"),  # of the breach
        ("opine", "done"),
        ("decide", "granted"),
    ]
    assert Clock.objects.get(case=case, kind="handle").verdict == "late"
    with pytest.raises(Conflict):
        workflow.move(case, "appeal", town.handler, reason="again")


def test_an_end_ends_requests_and_orders_and_stops_every_clock(town):
    case = play.dispatched(town)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    case = workflow.move(
        case,
        "supervise",
        town.leader,
        words="hurry",
        due=(now.now() + timedelta(hours=5)).isoformat(),
    )
    workflow.move(case, "void", town.chief, reason="mistake")
    assert not Demand.objects.open().filter(case=case).exists()
    assert not Clock.objects.open().filter(case=case).exists()


# --- limits that were corrected, orders, what comes along ----------------------------------------


def corrected(case, town, condition):
    return workflow.move(case, "correct", town.chief, condition=condition.code, reason="wrong")


def in_english(outcome, case):
    with override("en"):
        return outcome_words(outcome, Demand.objects.open().get(case=case))


def test_an_extension_adds_the_limit_as_it_now_stands(town):
    case = corrected(play.dispatched(town, town.quick), town, town.slow)
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    demand = Demand.objects.open().select_related("unit").get(case=case)
    shown = outcomes_of(demand, lines_of(case))[0]
    workflow.move(case, "grant", town.dispatcher)
    clock = clock_of(case, "handle")
    entry = clock.entries.get(kind="extend")
    assert (entry.limit_value, entry.limit_unit) == (3, "work_day")
    assert clock.due_at == MORNING + timedelta(days=8)  # six work days, over a weekend
    # The board said so before.
    assert (shown.due_at, shown.limit_before, shown.limit) == (
        clock.due_at,
        (3, "work_day"),
        (6, "work_day"),
    )


def test_extensions_in_two_measures_are_not_added_up(town):
    case = play.dispatched(town, town.urgent)
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    case = corrected(workflow.move(case, "grant", town.dispatcher), town, town.slow)
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    shown = outcomes_of(Demand.objects.open().get(case=case), lines_of(case))[0]
    assert shown.limit is None
    assert "3 work days more" in in_english(shown, case)
    workflow.move(case, "grant", town.dispatcher)
    assert clock_of(case, "handle").due_at == shown.due_at


def test_a_case_corrected_from_no_limit_is_extended_by_its_new_one(town):
    case = corrected(play.dispatched(town, town.endless), town, town.quick)
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    workflow.move(case, "grant", town.dispatcher)
    assert clock_of(case, "handle").due_at == MORNING + timedelta(days=1)  # twice 4 work hours


def test_what_has_no_limit_any_more_is_not_extended(town):
    case = play.dispatched(town, town.quick)
    case = workflow.move(case, "ask_extend", town.handler, reason="rain")
    case = corrected(case, town, town.endless)
    demand = Demand.objects.open().get(case=case)
    assert "no limit" in in_english(outcomes_of(demand, lines_of(case))[0], case)
    with pytest.raises(Conflict):
        workflow.move(case, "grant", town.dispatcher)
    case = workflow.move(case, "refuse", town.dispatcher, reason="no limit")
    assert not Demand.objects.open().filter(case=case).exists()


@pytest.mark.parametrize("minutes", [7, 10, 11, 13, 50, 59.999])
def test_an_order_falls_due_when_the_leader_says_never_earlier(town, minutes):
    due = now.now() + timedelta(minutes=minutes)
    case = workflow.move(play.dispatched(town), "supervise", town.leader, words="x", due=due)
    clock = Demand.objects.get(case=case, kind="reply").clock
    # The ledger keeps ten-thousandths of an hour.
    assert timedelta() <= clock.due_at - due < timedelta(seconds=0.36)


@pytest.mark.parametrize("due", ["2026-03-09T24:00", "2026-03-09 24:00:00+08:00"])
def test_the_end_of_a_day_is_a_time_of_that_day(town, due):
    case = workflow.move(play.dispatched(town), "supervise", town.leader, words="x", due=due)
    clock = Demand.objects.get(case=case, kind="reply").clock
    assert abs(clock.due_at - datetime(2026, 3, 9, 16, tzinfo=UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "due", ["9999-12-31T24:00", "2026-03-03T08:59", "2027-03-05T09:00", "2926-01-01T00:00Z"]
)
def test_an_order_is_for_the_year_to_come(town, due):
    case = play.dispatched(town)
    with pytest.raises(BadFacts) as refused:
        workflow.move(case, "supervise", town.leader, words="x", due=due)
    assert set(refused.value.errors) == {"due"}


@pytest.mark.parametrize(
    ("longitude", "latitude", "wrong"),
    [
        (999, 30.9005, "longitude"),
        ("nan", 30.9005, "longitude"),
        ("inf", "30.9005", "longitude"),
        (113.9005, -90.1, "latitude"),
        (113.9005, "1e999", "latitude"),
    ],
)
def test_a_case_is_not_corrected_to_a_place_that_is_none(town, longitude, latitude, wrong):
    case = play.filed(town)
    with pytest.raises(BadFacts) as refused:
        workflow.move(
            case, "correct", town.chief, reason="x", longitude=longitude, latitude=latitude
        )
    assert set(refused.value.errors) == {wrong}


def test_photo_and_position_of_any_move_stay_with_its_step(town):
    case = play.dispatched(town)
    photo = photo_of(town.handler, town)
    case = workflow.move(
        case,
        "ask_extend",
        town.handler,
        reason="rain",
        evidence=[photo.pk],
        position=[113.9006, 30.9006],
    )
    step = case.steps.get(move="ask_extend")
    photo.refresh_from_db()
    assert (photo.case, photo.step) == (case, step)
    assert step.position.coords == (113.9006, 30.9006)
    assert set(step.facts) == set()


def test_the_position_of_a_handling_is_the_device_s_else_the_photo_s(town):
    case = play.handle(town, play.dispatched(town))
    assert case.steps.get(move="handle").position == town.inside
    case = play.dispatched(town)
    photo = photo_of(town.handler, town).pk
    here = {"evidence": [photo], "position": [113.9006, 30.9006]}
    case = workflow.move(case, "handle", town.handler, result="x", **here)
    assert case.steps.get(move="handle").position.coords == (113.9006, 30.9006)


@pytest.mark.parametrize("stage", ["confirming", "handled"])
def test_whoever_is_asked_instead_owes_the_clock(town, stage):
    if stage == "handled":
        case = play.handled(town)
    else:
        case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    first = case.worker
    later(minutes=5)
    case = workflow.move(case, "reassign", town.intake)
    assert case.worker != first
    assert clock_of(case, case.clock_kind).owner == case.worker


def test_each_unit_that_was_late_may_appeal_once(town):
    case = play.dispatched(town, town.urgent)
    later(hours=3)
    case = workflow.move(case, "ask_return", town.handler, reason="not ours")
    case = workflow.move(case, "grant", town.dispatcher)
    case = workflow.move(case, "dispatch", town.dispatcher, unit="GARDENS")
    later(hours=6)
    case = play.verify(town, play.handle(town, case, by=town.gardener))
    case = workflow.move(case, "close", town.supervisor)
    for by, unit in ((town.handler, town.water), (town.gardener, town.gardens)):
        assert [clock.unit for clock in objectionable(by)] == [unit]
        case = workflow.move(case, "appeal", by, reason="flood")
        assert Demand.objects.filter(case=case, kind="opine").latest("pk").unit == unit
        assert not objectionable(by).exists()
        with pytest.raises(Conflict):
            workflow.move(case, "appeal", by, reason="again")
    for decision in ("granted", "refused"):
        case = workflow.move(case, "opine", town.dispatcher, opinion="true")
        case = workflow.move(case, "decide", town.intake, decision=decision, reason="x")
    decided = Demand.objects.filter(case=case, kind="decide").order_by("pk")
    assert [(d.unit, d.outcome) for d in decided] == [
        (town.water, "granted"),
        (town.gardens, "refused"),
    ]
