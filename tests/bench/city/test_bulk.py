"""Copies by SQL cost as much each, however many there are."""

import time

from django.db import transaction

from demo import bulk
from lib import now as clock

FEW, MANY = 2_000, 20_000
MOST_TIMES = 1.5  # as much a copy, when there are ten times as many


def test_ten_times_the_copies_take_no_more_than_ten_times_as_long(city):
    seconds = {}
    for cases in (FEW, MANY):
        began = time.perf_counter()
        with transaction.atomic():
            made = bulk.multiply(city, cases=cases, days=30, seed=1, until=clock.now())
            transaction.set_rollback(True)
        seconds[cases] = (time.perf_counter() - began) / cases
        print(f"{cases:,} copies: {seconds[cases] * 1000:.2f} ms each, {sum(made.values()):,} rows")
    assert seconds[MANY] <= MOST_TIMES * seconds[FEW]
