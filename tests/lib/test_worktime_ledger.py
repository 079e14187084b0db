"""A clock is its ledger: what it says while it runs, rests and when it has stopped."""

import pickle
import timeit
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest

from lib.worktime import (
    DAY,
    HOUR,
    WORK_DAY,
    WORK_HOUR,
    Calendar,
    ClockError,
    Entry,
    Limit,
    due_at,
    replay,
)
from tests.lib.cast import CITY, NEW_YORK, entry, local, started

TEN_HOURS = Limit(10, HOUR)
NINE = local(3, 5, 9)
TICK = timedelta(microseconds=1)


def hours(n):
    return NINE + timedelta(hours=n)


def test_a_running_clock_says_when_it_is_due_and_when_to_warn():
    state = replay([started(NINE, TEN_HOURS)])
    assert state.running and state.paused_at is None and state.stopped_at is None
    assert state.started_at == NINE and state.started_at.tzinfo is UTC
    assert state.due_at == hours(10) and state.warn_at == hours(8)
    assert state.used == timedelta(0) and state.remaining == timedelta(hours=10)
    assert state.verdict is None and state.late_by == timedelta(0)
    assert state.limit == TEN_HOURS and state.calendar == CITY and state.extensions == 0


def test_the_lights_are_green_to_80_yellow_to_100_and_red_beyond():
    state = replay([started(NINE, TEN_HOURS)])
    assert state.light(NINE) == state.light(hours(8) - TICK) == "green"
    assert state.light(hours(8)) == state.light(hours(10)) == "yellow"
    assert state.light(hours(10) + TICK) == "red"


def test_done_at_the_due_moment_is_on_time_and_a_microsecond_later_is_late():
    on_time = replay([started(NINE, TEN_HOURS), entry("stop", hours(10))])
    late = replay([started(NINE, TEN_HOURS), entry("stop", hours(10) + TICK)])
    assert (on_time.verdict, on_time.late_by) == ("on_time", timedelta(0))
    assert (late.verdict, late.late_by) == ("late", TICK)


def test_a_verdict_is_provisional_until_the_clock_stops_and_frozen_after():
    running = replay([started(NINE, TEN_HOURS)])
    assert running.verdict is None
    stopped = replay([started(NINE, TEN_HOURS), entry("stop", hours(9))])
    assert stopped.verdict == "on_time"
    assert stopped.light(hours(99)) == "yellow"
    assert stopped.used_at(hours(99)) == timedelta(hours=9)
    assert stopped.late_by_at(hours(99)) == timedelta(0)
    assert not stopped.running and stopped.stopped_at == hours(9) and stopped.due_at == hours(10)


def test_the_share_of_the_limit_goes_on_beyond_one():
    state = replay([started(NINE, TEN_HOURS)])
    assert [state.share(hours(n)) for n in (-1, 0, 5, 10, 15)] == [0, 0, 0.5, 1.0, 1.5]


def test_a_paused_clock_has_no_due_time_and_uses_nothing():
    state = replay([started(NINE, TEN_HOURS), entry("pause", hours(4))])
    assert not state.running and state.paused_at == hours(4)
    assert state.due_at is None and state.warn_at is None
    assert state.standing_due_at == hours(10)
    assert state.used == state.used_at(hours(50)) == timedelta(hours=4)
    assert state.remaining == timedelta(hours=6)
    assert state.light(hours(4)) == state.light(hours(50)) == "paused"
    assert not state.warn_pending and not state.breach_pending


def test_looking_back_a_paused_clock_shows_what_it_showed():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(4)), entry("resume", hours(20))]
    state = replay(ledger)
    assert state.light(hours(3)) == "green"
    assert state.light(hours(4)) == state.light(hours(19)) == "paused"
    assert state.light(hours(20)) == "green" and state.light(hours(24)) == "yellow"
    assert state.used_at(hours(19)) == timedelta(hours=4)
    assert state.used_at(hours(21)) == timedelta(hours=5)
    assert state.paused_at is None and state.running


def test_a_stop_while_paused_judges_at_the_pause():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(9)), entry("stop", hours(50))]
    state = replay(ledger)
    assert state.verdict == "on_time" and state.late_by == timedelta(0)
    assert state.used == timedelta(hours=9) and state.due_at == hours(10)
    assert state.stopped_at == hours(50) and state.paused_at == hours(9)
    assert state.light(hours(60)) == "yellow"


def test_a_stop_while_paused_late_counts_only_up_to_the_pause():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(12)), entry("stop", hours(50))]
    state = replay(ledger)
    assert state.verdict == "late" and state.late_by == timedelta(hours=2)
    assert state.light(hours(60)) == "red"


def test_what_was_late_when_paused_stays_late():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(11))]
    paused = replay(ledger)
    assert paused.due_at == hours(10) and paused.remaining == timedelta(0)
    assert paused.light(hours(30)) == "red" and paused.breach_pending
    resumed = replay([*ledger, entry("resume", hours(30))])
    assert resumed.due_at == hours(10) and resumed.light(hours(30)) == "red"
    stopped = replay([*ledger, entry("resume", hours(30)), entry("stop", hours(31))])
    assert stopped.verdict == "late"
    assert stopped.late_by == timedelta(hours=2)  # an hour before the pause, an hour after
    assert stopped.used == timedelta(hours=12)


def test_paused_at_the_due_moment_is_in_time_with_nothing_left():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(10))]
    paused = replay(ledger)
    assert paused.due_at is None and paused.light(hours(20)) == "paused"
    assert paused.remaining == timedelta(0) and not paused.breach_pending
    assert replay([*ledger, entry("stop", hours(20))]).verdict == "on_time"
    resumed = replay([*ledger, entry("resume", hours(20))])
    assert resumed.due_at == hours(10) and resumed.light(hours(20)) == "red"
    assert resumed.late_by_at(hours(20)) == timedelta(0)
    assert resumed.late_by_at(hours(21)) == timedelta(hours=1)


def test_a_pause_and_resume_at_the_same_moment_change_nothing():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(3)), entry("resume", hours(3))]
    assert replay(ledger).due_at == hours(10)


def test_a_clock_in_local_days_pauses_in_local_time():
    at = local(3, 6, 9, zone=NEW_YORK)
    office = Calendar("America/New_York", ((540, 1020),), frozenset(range(1, 6)))
    ledger = [
        started(at, Limit(4, DAY), office),
        entry("pause", local(3, 7, 9, zone=NEW_YORK)),  # one day used
        entry("resume", local(3, 7, 21, zone=NEW_YORK)),  # daylight saving begins that night
    ]
    assert replay(ledger).due_at == local(3, 10, 21, zone=NEW_YORK)


def test_in_the_repeated_hour_a_clock_in_local_days_has_used_nothing_rather_than_less():
    first = local(11, 1, 1, 50, zone=NEW_YORK)
    second = local(11, 1, 1, 10, zone=NEW_YORK, fold=1)  # twenty minutes later
    office = Calendar("America/New_York", ((540, 1020),), frozenset(range(1, 6)))
    turns = [entry("pause", second), entry("resume", second)]
    ledger = [started(first, Limit(1, DAY), office), *turns]
    state = replay(ledger)
    assert state.used == timedelta(0) and state.share(second) == 0
    assert state.due_at == local(11, 2, 1, 50, zone=NEW_YORK)


def test_a_clock_without_a_limit_has_no_due_time_and_no_verdict():
    state = replay([started(NINE, None)])
    assert state.due_at is state.warn_at is state.remaining is state.standing_due_at is None
    assert state.light(hours(1000)) == "none" and state.share(hours(1000)) == 0
    assert state.used_at(hours(1000)) == timedelta(hours=1000)
    assert not state.warn_pending and not state.breach_pending
    stopped = replay([started(NINE, None), entry("pause", hours(1)), entry("stop", hours(5))])
    assert stopped.verdict == "none" and stopped.used == timedelta(hours=1)
    assert stopped.late_by == timedelta(0)


def test_a_stop_that_judges_nobody_gives_no_verdict_unless_it_is_late():
    early = [started(NINE, TEN_HOURS), Entry("stop", hours(9), judged=False)]
    late = [started(NINE, TEN_HOURS), Entry("stop", hours(11), judged=False)]
    assert replay(early).verdict == "none"
    assert replay(late).verdict == "late"


def test_a_limit_of_nothing_is_used_up_at_once():
    state = replay([started(NINE, Limit(0, HOUR))])
    assert state.due_at == state.warn_at == NINE
    assert state.share(NINE) == 1.0 and state.light(NINE) == "yellow"


# --- extensions, new limits, new calendars


def test_each_extension_adds_what_was_granted():
    ledger = [
        started(NINE, TEN_HOURS),
        entry("extend", hours(1), TEN_HOURS),
        entry("extend", hours(2), Limit(5, HOUR)),
    ]
    state = replay(ledger)
    assert state.extensions == 2 and state.due_at == hours(25) and state.warn_at == hours(20)
    assert state.remaining == timedelta(hours=23)


def test_an_extension_of_another_kind_begins_where_the_limit_ends():
    # 3 work days end Tuesday 10 March 09:00; then two days and nights.
    ledger = [started(NINE, Limit(3, WORK_DAY)), entry("extend", hours(1), Limit(48, HOUR))]
    state = replay(ledger)
    assert state.due_at == local(3, 12, 9)
    # Four fifths of 24 + 48 hours are 57.6: 33.6 hours into the extension.
    assert state.warn_at == local(3, 10, 9) + timedelta(hours=33.6)
    assert state.used_at(local(3, 10, 10)) == timedelta(hours=25)


def test_time_used_turns_to_the_extensions_kind_when_the_limit_is_used_up():
    ledger = [
        started(local(3, 5, 16), Limit(2, WORK_HOUR)),
        entry("extend", local(3, 5, 17), Limit(1, HOUR)),
    ]
    state = replay(ledger)
    assert state.used_at(local(3, 5, 18, 10)) == timedelta(hours=2, minutes=10)
    assert state.due_at == local(3, 5, 19)


def test_what_was_late_when_paused_can_still_be_extended():
    ledger = [
        started(NINE, TEN_HOURS),
        entry("pause", hours(11)),
        entry("extend", hours(12), TEN_HOURS),
        entry("resume", hours(30)),
    ]
    assert replay(ledger).due_at == hours(39)


def test_a_new_limit_holds_from_the_old_start():
    ledger = [started(NINE, TEN_HOURS), entry("rebase", hours(5), Limit(3, WORK_DAY))]
    state = replay(ledger)
    assert state.limit == Limit(3, WORK_DAY) and state.due_at == local(3, 10, 9)


def test_a_new_limit_may_be_none_and_extensions_wait_for_the_next():
    ledger = [
        started(NINE, TEN_HOURS),
        entry("extend", hours(1), Limit(5, HOUR)),
        entry("rebase", hours(2), None),
    ]
    none = replay(ledger)
    assert none.due_at is None and none.light(hours(2)) == "none" and none.extensions == 1
    again = replay([*ledger, entry("rebase", hours(3), Limit(20, HOUR))])
    assert again.due_at == hours(25)


def test_a_new_calendar_holds_from_the_old_start():
    data = CITY.to_json()
    data["exceptions"]["2026-03-06"] = False
    edited = Calendar.from_json(data | {"version": "2026-2"})
    ledger = [
        started(NINE, Limit(3, WORK_DAY)),
        entry("recalendar", hours(1), calendar=edited),
    ]
    state = replay(ledger)
    assert state.calendar.version == "2026-2" and state.due_at == local(3, 11, 9)
    assert replay(ledger[:1]).due_at == local(3, 10, 9)


def test_a_new_calendar_brings_its_own_standard_day():
    short = Calendar.from_json(CITY.to_json() | {"day_minutes": 240})
    ledger = [
        started(local(3, 5, 8), Limit(2, WORK_DAY)),
        entry("recalendar", NINE, calendar=short),
    ]
    assert replay(ledger).due_at == local(3, 5, 18)


# --- warnings and breaches, once for each due time


def test_a_warning_and_a_breach_are_wanted_once():
    ledger = [started(NINE, TEN_HOURS)]
    assert replay(ledger).warn_pending and replay(ledger).breach_pending
    ledger += [entry("warn", hours(8))]
    warned = replay(ledger)
    assert warned.warned_for == hours(10) and warned.breached_for is None
    assert not warned.warn_pending and warned.breach_pending
    breached = replay([*ledger, entry("breach", hours(10))])
    assert breached.breached_for == hours(10) and not breached.breach_pending


def test_an_extension_re_arms_warning_and_breach():
    ledger = [started(NINE, TEN_HOURS), entry("warn", hours(8)), entry("breach", hours(10))]
    state = replay([*ledger, entry("extend", hours(11), TEN_HOURS)])
    assert state.due_at == hours(20)
    assert state.warned_for == state.breached_for == hours(10)
    assert state.warn_pending and state.breach_pending


def test_a_pause_that_moves_the_due_time_re_arms_too():
    ledger = [started(NINE, TEN_HOURS), entry("warn", hours(8)), entry("pause", hours(9))]
    paused = replay(ledger)
    assert paused.warn_at == hours(8) and not paused.warn_pending
    resumed = replay([*ledger, entry("resume", hours(20))])
    assert resumed.due_at == hours(21) and resumed.warn_pending


def test_an_earlier_due_time_does_not_re_arm():
    ledger = [started(NINE, TEN_HOURS), entry("warn", hours(8)), entry("breach", hours(11))]
    state = replay([*ledger, entry("rebase", hours(12), Limit(5, HOUR))])
    assert state.due_at == hours(5) and not state.warn_pending and not state.breach_pending


def test_paused_at_the_very_moment_of_the_warning_it_is_still_wanted():
    state = replay([started(NINE, TEN_HOURS), entry("pause", hours(8))])
    assert state.warn_at == hours(8) and state.warn_pending
    assert replay([started(NINE, TEN_HOURS), entry("pause", hours(8) - TICK)]).warn_at is None


def test_a_warning_noticed_only_during_the_pause_is_for_the_due_time_then():
    ledger = [started(NINE, TEN_HOURS), entry("pause", hours(9))]
    assert replay(ledger).warn_pending
    state = replay([*ledger, entry("warn", hours(9.1))])
    assert state.warned_for == hours(10) and not state.warn_pending


# --- ledgers that cannot have happened


START = started(NINE, TEN_HOURS)
PAUSE, RESUME, STOP = (entry(k, hours(n)) for n, k in enumerate(("pause", "resume", "stop"), 1))


@pytest.mark.parametrize(
    "ledger",
    [
        [],
        [PAUSE],
        [Entry("start", NINE, TEN_HOURS)],
        [START, started(hours(1), TEN_HOURS)],
        [START, RESUME],
        [START, PAUSE, PAUSE],
        [START, PAUSE, RESUME, RESUME],
        [START, RESUME, PAUSE],
        [START, STOP, STOP],
        [START, entry("pause", hours(-1))],
        [START, STOP, entry("pause", hours(3))],
        [START, STOP, entry("warn", hours(9))],
        [START, entry("extend", hours(1))],
        [START, entry("recalendar", hours(1))],
        [START, entry("think", hours(1))],
        [START, entry("take", hours(1))],
        [started(NINE, None), entry("extend", hours(1), TEN_HOURS)],
        [started(NINE, None), entry("warn", hours(1))],
        [started(NINE, None), entry("breach", hours(1))],
    ],
)
def test_an_impossible_ledger_is_refused(ledger):
    with pytest.raises(ClockError):
        replay(ledger)


def test_entries_at_the_same_moment_are_possible():
    ledger = [START, *(entry(k, NINE) for k in ("pause", "resume", "stop"))]
    assert replay(ledger).verdict == "on_time"


def test_a_state_cannot_be_changed_and_can_be_sent():
    state = replay([START, PAUSE])
    with pytest.raises(FrozenInstanceError):
        state.running = True
    assert pickle.loads(pickle.dumps(state)) == state


# --- exactness and speed


def test_odd_microseconds_are_kept():
    at = datetime(2026, 3, 5, 1, 0, 0, 1, tzinfo=UTC)
    ledger = [started(at, Limit("1/7", WORK_HOUR))]
    for n in range(1, 50):
        ledger.append(entry("pause" if n % 2 else "resume", at + timedelta(microseconds=7 * n)))
    assert len(ledger) % 2 == 0  # it ends paused, having run 25 times 7 microseconds
    state = replay(ledger)
    assert state.used == timedelta(microseconds=175)
    assert state.remaining == timedelta(microseconds=514285714 - 175)


def test_a_replay_is_quick():
    ledger = [
        started(NINE, Limit(3, WORK_DAY)),
        entry("pause", local(3, 6, 17)),
        entry("resume", local(3, 9, 9)),
        entry("warn", local(3, 9, 17)),
        entry("extend", local(3, 9, 17), Limit(3, WORK_DAY)),
        entry("stop", local(3, 12, 9)),
    ]
    replay(ledger)
    # Some 50 microseconds on a quiet machine; ten times that still means no walking by minutes.
    assert min(timeit.repeat(lambda: replay(ledger), number=50, repeat=5)) / 50 < 500e-6


def test_a_year_of_work_days_is_as_quick_as_an_hour():
    long = Limit(250, WORK_DAY)
    due_at(NINE, long, CITY)
    seconds = min(timeit.repeat(lambda: due_at(NINE, long, CITY), number=50, repeat=5)) / 50
    assert seconds < 100e-6


def test_what_comes_next_is_the_warning_then_the_breach_then_nothing():
    ledger = [started(NINE, TEN_HOURS)]
    assert replay(ledger).next_at == hours(8)
    ledger += [entry("warn", hours(8))]
    assert replay(ledger).next_at == hours(10)
    ledger += [entry("breach", hours(11))]
    assert replay(ledger).next_at is None
    assert replay([*ledger, entry("extend", hours(12), TEN_HOURS)]).next_at == hours(16)


def test_a_clock_that_rests_in_time_has_nothing_to_come_and_one_that_was_late_has():
    assert replay([started(NINE, TEN_HOURS), entry("pause", hours(9))]).next_at is None
    assert replay([started(NINE, TEN_HOURS), entry("pause", hours(11))]).next_at == hours(8)
    assert replay([started(NINE, TEN_HOURS), entry("stop", hours(11))]).next_at is None
    assert replay([started(NINE, None)]).next_at is None
