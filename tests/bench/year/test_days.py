"""Bringing one day among 1,200,000 cases up to date beside the bare recount of that day: the
statements that count it, run and fetched. At most three times as long, whether nothing of the day
stands yet or nearly all does."""

from datetime import timedelta
from statistics import median

from django.db import transaction

from assessment import rollups
from assessment.measures import KINDS, count
from assessment.models import DayCount
from assessment.periods import Period
from lib import now as clock
from tests.bench.measure import asked_of, in_turns, run

MOST = 3
TURNS = 5


def test_a_day_is_brought_up_to_date(many):
    day = clock.now().date() - timedelta(days=40)
    period = Period.of("day", day, many.time_zone)

    def recount():
        for kind in KINDS:
            count(many, kind, period.start, period.end)

    statements = asked_of(recount)
    rows = DayCount.objects.filter(city=many, day=day)

    def write_whole():
        with transaction.atomic():
            rows.delete()
            assert rollups.count_day(many, day, clock.now())
            transaction.set_rollback(True)

    def write_little():
        with transaction.atomic():
            rows.filter(code="R_INST").update(amount=1)
            assert rollups.count_day(many, day, clock.now())
            transaction.set_rollback(True)

    works = (lambda: run(statements), write_whole, write_little)
    seconds = in_turns(*works, turns=TURNS)
    bare, whole, little = (median(column) for column in zip(*seconds, strict=True))
    print(
        f"\n{day}, {rows.count()} counts: bare recount {bare:.2f} s, {len(statements)} statements,"
        f" all written anew {whole:.2f} s ({whole / bare:.2f} ×), a part {little:.2f} s"
        f" ({little / bare:.2f} ×)"
    )
    assert whole <= MOST * bare and little <= MOST * bare
