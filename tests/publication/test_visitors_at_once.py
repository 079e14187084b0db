"""Requests of one address at the same moment are all counted."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from lib import now
from publication.visitors import seconds_to_wait
from tests.cast import MORNING


class TwoReadBeforeEitherWrites(LocMemCache):
    """A cache as slow as two requests can meet it: whoever reads waits until the other has read."""

    both = Barrier(2)

    def get(self, *args, **kwargs):
        value = super().get(*args, **kwargs)
        with suppress(BrokenBarrierError):
            self.both.wait(timeout=2)
        return value


@pytest.fixture
def one_a_minute(settings):
    settings.PUBLIC_RATE = "1/min"
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": f"{__name__}.TwoReadBeforeEitherWrites", "LOCATION": "visitors"}
    }
    cache.clear()


def test_two_at_once_count_as_two(one_a_minute, rf):
    def ask(_number):
        with now.at(MORNING):
            return seconds_to_wait(rf.get("/public/"))

    with ThreadPoolExecutor(2) as pool:
        waits = list(pool.map(ask, range(2)))
    assert sorted(wait is None for wait in waits) == [False, True]


def test_the_next_minute_is_a_new_one(one_a_minute, rf):
    with now.at(MORNING):
        assert seconds_to_wait(rf.get("/public/")) is None
        assert seconds_to_wait(rf.get("/public/")) == 60
    with now.at(MORNING.replace(second=59)):
        assert seconds_to_wait(rf.get("/public/")) == 1
    with now.at(MORNING.replace(minute=1)):
        assert seconds_to_wait(rf.get("/public/")) is None
