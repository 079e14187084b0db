"""The cases that broke other systems; the domain's section on clocks demands each of them."""

from datetime import timedelta

import pytest

from lib.worktime import DAY, HOUR, WORK_DAY, WORK_HOUR, Limit, before, due_at, measure, replay
from tests.lib.cast import CITY, entry, local, started

THREE_DAYS = Limit(3, WORK_DAY)
THURSDAY = local(3, 5, 9)


def test_a_pause_over_a_weekend_adds_nothing():
    plain = replay([started(THURSDAY, THREE_DAYS)])
    paused = replay(
        [
            started(THURSDAY, THREE_DAYS),
            entry("pause", local(3, 6, 18)),
            entry("resume", local(3, 9, 8)),
        ]
    )
    assert paused.due_at == plain.due_at == local(3, 10, 9)


def test_three_work_days_from_thursday_nine_are_due_tuesday_nine():
    assert due_at(THURSDAY, THREE_DAYS, CITY) == local(3, 10, 9)
    assert replay([started(THURSDAY, THREE_DAYS)]).due_at == local(3, 10, 9)


def test_three_work_days_paused_friday_17_to_monday_9_are_due_tuesday_11():
    ledger = [
        started(THURSDAY, THREE_DAYS),
        entry("pause", local(3, 6, 17)),
        entry("resume", local(3, 9, 9)),
    ]
    assert replay(ledger).due_at == local(3, 10, 11)


@pytest.mark.parametrize("place", ["before", "during", "after"])
@pytest.mark.parametrize(
    "granted", [THREE_DAYS, Limit(5, HOUR), Limit(2, DAY), Limit(7, WORK_HOUR)]
)
def test_extend_pause_and_resume_commute(place, granted):
    pause, resume = entry("pause", local(3, 6, 17)), entry("resume", local(3, 9, 9))
    extend_at = {"before": local(3, 6, 10), "during": local(3, 7, 12), "after": local(3, 9, 10)}
    extend = entry("extend", extend_at[place], granted)
    tail = {
        "before": [extend, pause, resume],
        "during": [pause, extend, resume],
        "after": [pause, resume, extend],
    }
    due = replay([started(THURSDAY, THREE_DAYS), *tail[place]]).due_at
    assert due == due_at(local(3, 10, 11), granted, CITY)


def test_correcting_the_category_after_a_pause_keeps_the_pause():
    ledger = [
        started(THURSDAY, THREE_DAYS),
        entry("pause", local(3, 6, 17)),
        entry("resume", local(3, 9, 9)),
        entry("rebase", local(3, 9, 10), Limit(1, WORK_DAY)),
    ]
    # One work day from the old start: it was due Friday 09:00, before the pause.
    assert replay(ledger).due_at == local(3, 6, 9)
    longer = [*ledger[:3], entry("rebase", local(3, 9, 10), Limit(5, WORK_DAY))]
    # Without the pause Thursday 12 March 09:00; the pause cost two office hours.
    assert replay(longer).due_at == local(3, 12, 11)


def test_correcting_the_category_keeps_the_extension():
    ledger = [
        started(THURSDAY, THREE_DAYS),
        entry("extend", local(3, 6, 9), THREE_DAYS),
        entry("rebase", local(3, 6, 10), Limit(1, WORK_DAY)),
    ]
    assert replay(ledger).due_at == due_at(THURSDAY, Limit(4, WORK_DAY), CITY)


def test_two_hours_before_due_across_the_break():
    assert before(local(3, 5, 15), Limit(2, WORK_HOUR), CITY) == local(3, 5, 11)


def test_two_hours_before_due_across_the_night():
    assert before(local(3, 6, 9), Limit(2, WORK_HOUR), CITY) == local(3, 5, 17)


def test_two_hours_before_due_across_the_weekend():
    assert before(local(3, 9, 9), Limit(2, WORK_HOUR), CITY) == local(3, 6, 17)


def test_two_hours_before_a_due_time_at_the_end_of_an_interval():
    assert before(local(3, 6, 12), Limit(2, WORK_HOUR), CITY) == local(3, 6, 10)
    # Exactly after the break: when the office opens again, not when it closed.
    assert before(local(3, 6, 16), Limit(2, WORK_HOUR), CITY) == local(3, 6, 14)


def test_closing_and_reopening_begins_a_new_clock_and_leaves_the_old_verdict():
    first_round = [started(THURSDAY, THREE_DAYS), entry("stop", local(3, 10, 9, 1))]
    closed = replay(first_round)
    second = replay([started(local(3, 12, 9), THREE_DAYS)])
    assert closed.verdict == "late"
    assert replay(first_round) == closed
    assert second.due_at == local(3, 17, 9)
    assert second.used == timedelta(0) and second.verdict is None


def test_one_work_day_from_30_september_jumps_the_national_holiday():
    assert due_at(local(9, 30, 9), Limit(1, WORK_DAY), CITY) == local(10, 8, 9)


def test_saturday_28_february_is_a_work_day():
    saturday = local(2, 28, 8)
    assert CITY.is_work_day(saturday.date())
    assert due_at(saturday, Limit(1, WORK_DAY), CITY) == local(2, 28, 18)
    assert measure(WORK_HOUR, local(2, 28), local(3, 1), CITY) == timedelta(hours=8)


def test_monday_half_past_seven_local_is_monday_although_it_is_sunday_in_utc():
    monday = local(3, 9, 7, 30)
    assert CITY.local_date(monday).isoweekday() == 1
    assert due_at(monday, Limit(1, WORK_HOUR), CITY) == local(3, 9, 9)
    assert not CITY.is_open(monday) and CITY.is_open(local(3, 9, 8))


def test_a_redispatch_to_another_unit_starts_anew():
    first = replay(
        [
            started(THURSDAY, THREE_DAYS),
            entry("pause", local(3, 6, 9)),  # returned, waiting for the dispatcher
            entry("stop", local(3, 6, 15), judged=False),  # given to another unit
        ]
    )
    second = replay([started(local(3, 6, 15), THREE_DAYS)])
    assert first.verdict == "none"
    assert second.due_at == due_at(local(3, 6, 15), THREE_DAYS, CITY) == local(3, 11, 15)


def test_a_redispatch_to_the_same_unit_resumes():
    ledger = [
        started(THURSDAY, THREE_DAYS),
        entry("pause", local(3, 6, 9)),
        entry("resume", local(3, 6, 15)),
    ]
    # One work day was used; two are left.
    assert replay(ledger).due_at == due_at(local(3, 6, 15), Limit(2, WORK_DAY), CITY)


def test_a_rework_goes_on_with_what_was_left():
    handled = [started(THURSDAY, THREE_DAYS), entry("pause", local(3, 9, 18))]
    waiting = replay(handled)
    assert waiting.remaining == timedelta(hours=1)
    sent_back = replay([*handled, entry("resume", local(3, 12, 10))])
    assert sent_back.due_at == local(3, 12, 11)
