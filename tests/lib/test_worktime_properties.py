"""What holds for every ledger, also for those nobody thought of."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.worktime import (
    DAY,
    ENTRY_KINDS,
    HOUR,
    KINDS,
    WORK_DAY,
    WORK_HOUR,
    Calendar,
    ClockError,
    Entry,
    Limit,
    replay,
    replays,
)
from tests.lib.cast import entry, local, started

NINE = local(3, 5, 9)
TEN_HOURS = Limit(10, HOUR)
OFFICE = Calendar("Asia/Shanghai", ((480, 720), (840, 1080)), frozenset(range(1, 6)))
limits = st.builds(
    Limit.minutes, st.integers(0, 1500), st.sampled_from([HOUR, WORK_HOUR, DAY])
) | st.builds(Limit, st.integers(0, 3), st.just(WORK_DAY))
gaps = st.lists(st.integers(0, 1800), max_size=7)


def pauses(minutes):
    """Pause and resume entries by turns, so many minutes apart."""
    at, entries = NINE, []
    for index, gap in enumerate(minutes):
        at += timedelta(minutes=gap)
        entries.append(entry("resume" if index % 2 else "pause", at))
    return entries


def clerk(entries, budgets):
    """Count minute by minute when the budgets are used up, with the office open 8-12 and 14-18."""
    queue = [[limit.kind, limit.length(OFFICE) // timedelta(minutes=1)] for limit in budgets]
    moment, running, turns = NINE, True, list(entries)
    while True:
        while turns and turns[0].at <= moment:
            running = turns.pop(0).kind == "resume"
        while queue and queue[0][1] == 0 and (running or moment == NINE):
            queue.pop(0)
        if not queue:
            return moment
        if not running and not turns:
            return None
        works = moment.isoweekday() < 6 and (8 <= moment.hour < 12 or 14 <= moment.hour < 18)
        if running and (works or queue[0][0] in (HOUR, DAY)):
            queue[0][1] -= 1
            while queue and queue[0][1] == 0:
                queue.pop(0)
        moment += timedelta(minutes=1)
        if not queue:
            return moment


@settings(max_examples=150, deadline=None)
@given(gaps, st.lists(limits, min_size=1, max_size=3))
def test_a_paused_and_extended_clock_is_due_when_a_clerk_counting_minutes_says_so(minutes, budgets):
    turns = pauses(minutes)
    extensions = [entry("extend", NINE, limit) for limit in budgets[1:]]
    state = replay([started(NINE, budgets[0], OFFICE), *extensions, *turns])
    counted = clerk(turns, budgets)
    if counted is not None and (state.running or counted < state.paused_at):
        assert state.due_at == counted
    else:
        assert state.due_at is None


@settings(deadline=None)
@given(st.data(), gaps, limits, st.lists(limits, max_size=3))
def test_where_an_extension_stands_in_the_ledger_makes_no_difference(data, minutes, limit, granted):
    turns = [started(NINE, limit, OFFICE), *pauses(minutes)]
    first = list(turns)
    for extension in granted:
        first.append(entry("extend", turns[-1].at, extension))
    other, place = list(turns), 1
    for extension in granted:
        place = data.draw(st.integers(place, len(other)))
        other.insert(place, entry("extend", other[place - 1].at, extension))
        place += 1
    assert replay(first) == replay(other)


@settings(deadline=None)
@given(gaps, limits, st.lists(limits, max_size=2), st.booleans())
def test_read_once_a_ledger_says_after_each_entry_what_it_says_when_it_ends_there(
    minutes, limit, granted, stops
):
    ledger = [started(NINE, limit, OFFICE), *pauses(minutes)]
    ledger += [entry("extend", ledger[-1].at, extension) for extension in granted]
    ledger += [entry("stop", ledger[-1].at + timedelta(minutes=9))] if stops else []
    assert replays(ledger) == [replay(ledger[: end + 1]) for end in range(len(ledger))]


@settings(deadline=None)
@given(gaps, limits, st.integers(0, 3000))
def test_a_pause_and_resume_at_one_moment_make_no_difference_anywhere(minutes, limit, later):
    turns = [started(NINE, limit, OFFICE), *pauses(minutes)]
    at = turns[-1].at + timedelta(minutes=later)
    blink = [entry("pause", at), entry("resume", at)]
    if not replay(turns).running:
        blink.reverse()
    plain, blinked = replay(turns), replay([*turns, *blink])
    if plain.running:
        assert blinked.due_at == plain.due_at
    assert blinked.used_at(at) == plain.used_at(at)


@settings(deadline=None)
@given(gaps, limits, st.lists(limits, max_size=2), st.lists(st.integers(0, 9000), min_size=2))
def test_light_verdict_share_and_lateness_agree_at_every_moment(minutes, limit, granted, looks):
    extensions = [entry("extend", NINE, more) for more in granted]
    ledger = [started(NINE, limit, OFFICE), *extensions, *pauses(minutes)]
    state = replay(ledger)
    previous = timedelta(0)
    for look in sorted(looks):
        moment = NINE + timedelta(minutes=look)
        late = state.light(moment) == "red"
        if moment >= ledger[-1].at:
            assert late == (replay([*ledger, entry("stop", moment)]).verdict == "late")
        # The opposite fails at one moment: that of a resumption with nothing left.
        assert late or state.late_by_at(moment) == timedelta(0)
        # A share above one is late; the opposite need not be, as nights use no office time.
        assert late or state.share(moment) <= 1
        assert state.used_at(moment) >= previous
        previous = state.used_at(moment)


@settings(deadline=None)
@given(gaps, limits, st.integers(0, 6000))
def test_stopping_freezes_what_was_provisional(minutes, limit, later):
    turns = [started(NINE, limit, OFFICE), *pauses(minutes)]
    at = turns[-1].at + timedelta(minutes=later)
    before_stop, stopped = replay(turns), replay([*turns, entry("stop", at)])
    assert (stopped.verdict == "late") == (before_stop.light(at) == "red")
    assert stopped.late_by == before_stop.late_by_at(at)
    assert stopped.used == before_stop.used_at(at)
    assert stopped.verdict == "late" or stopped.late_by == timedelta(0)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(
            Entry,
            st.sampled_from(sorted(ENTRY_KINDS)),
            st.integers(0, 5000).map(lambda m: NINE + timedelta(minutes=m)),
            st.none() | st.builds(Limit, st.integers(0, 9), st.sampled_from(KINDS)),
            st.none() | st.just(OFFICE),
        ),
        max_size=8,
    ).map(lambda entries: sorted(entries, key=lambda e: e.at)),
    st.booleans(),
)
def test_any_ledger_gives_a_state_or_a_clock_error(entries, begins):
    ledger = [started(NINE, TEN_HOURS, OFFICE), *entries] if begins else entries
    try:
        state = replay(ledger)
    except ClockError:
        return
    moment = ledger[-1].at + timedelta(days=1)
    assert state.light(moment) in {"green", "yellow", "red", "paused", "none"}
    assert state.running == (state.paused_at is None and state.stopped_at is None)
    assert (state.verdict is None) == (state.stopped_at is None)
    assert state.due_at in (None, state.standing_due_at)
