"""There is one source of time, and only a block of `at` changes what it says."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from lib.now import at, day_begins, local_date, now, set_to

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def test_now_is_the_real_time_in_utc():
    before = datetime.now(UTC)
    moment = now()
    assert before <= moment <= datetime.now(UTC)
    assert moment.utcoffset() == timedelta(0)


def test_time_stands_still_inside_a_block_and_goes_on_after_it():
    with at(NOON):
        assert now() == NOON
        assert now() == NOON
    assert now() > NOON + timedelta(days=-1) and now() != NOON


def test_set_to_moves_the_time_of_the_block_forwards_and_back():
    with at(NOON):
        set_to(NOON + timedelta(hours=2))
        assert now() == NOON + timedelta(hours=2)
        set_to(NOON - timedelta(days=1))
        assert now() == NOON - timedelta(days=1)


def test_the_end_of_an_inner_block_restores_the_outer_time():
    with at(NOON):
        with at(NOON + timedelta(days=1)):
            set_to(NOON + timedelta(days=2))
            assert now() == NOON + timedelta(days=2)
        assert now() == NOON


def test_the_time_comes_back_after_an_error():
    with pytest.raises(KeyError), at(NOON):
        raise KeyError
    assert now() != NOON


def test_any_zone_comes_out_as_utc():
    with at(datetime(2026, 3, 5, 20, 0, tzinfo=timezone(timedelta(hours=8)))):
        assert now() == NOON
        assert now().utcoffset() == timedelta(0)


def test_another_thread_keeps_the_real_time():
    seen = []
    with at(NOON):
        thread = threading.Thread(target=lambda: seen.append(now()))
        thread.start()
        thread.join()
    assert seen and seen[0] != NOON


def test_real_time_cannot_be_set():
    with pytest.raises(RuntimeError):
        set_to(NOON)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError), at(datetime(2026, 3, 5, 12, 0)):
        pass
    with at(NOON), pytest.raises(ValueError):
        set_to(datetime(2026, 3, 5, 12, 0))


def test_a_day_begins_at_midnight_where_its_clocks_are():
    begins = day_begins(date(2026, 3, 3), "Asia/Shanghai")
    assert begins == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert local_date(begins, "Asia/Shanghai") == date(2026, 3, 3)
    assert local_date(begins - timedelta(microseconds=1), "Asia/Shanghai") == date(2026, 3, 2)
