"""The ranking among 1,200,000 cases beside the one statement over the roll-ups that yields its
counts: every subject's sums over the period's days, and the city's. Of each the fastest of the
turns: whatever else the machine does only adds. Time is processor time here and in the database
(see measure.py; what Redis works is not in it), a page's what it takes beyond an empty one.

- *First look*: a day of the period was dirty, the roll-up has counted it, and the task has drawn
  the ranking ahead, as it does each minute for every month, quarter and year. Nobody has looked
  since. At most half as long again as the bare sums. What the drawing takes is not in it, for
  nobody waits for it; it is printed. The store is the Redis beside the database, as in the running
  application.
- *Nothing kept*: the store is empty, and the page draws the ranking itself. So it is within the
  minute after a count has changed or Redis was emptied, and where a ranking is narrowed to the
  places of one area. It is printed and has no bound here: the markup of such a page outweighs its
  few short statements.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import F
from django.test import override_settings

from assessment import rankings
from assessment.models import CountedDay
from assessment.periods import Period
from assessment.querysets import APPEALS
from assessment.rankings import Wanted
from grids.models import Post
from lib import now as clock
from tests.bench.measure import asked_by, empty_page, run, work_of
from tests.grids.play import signed_in

MOST_FIRST = 1.5
TURNS = 11
STOCKS = ("R_OVERDUE_OPEN", "D_OVERDUE_OPEN", "D_TO_DISPOSE", "D_OVERTIME_TO_DISPOSE")
BARE = """
    SELECT kind, subject, code, sum(amount) FROM assessment_daycount
     WHERE city_id = %s AND kind = ANY(%s) AND day >= %s AND day < %s
       AND (code <> ALL(%s) OR day = %s) AND code <> ALL(%s)
     GROUP BY kind, subject, code"""


@pytest.fixture(autouse=True)
def shared_store():
    """The Redis of the large city's state directory; a database of it that nobody else uses."""
    if "GRIDCITY_BENCH_MANY" not in os.environ:
        yield
        return
    place = Path(os.environ["GRIDCITY_BENCH_MANY"]).parent / "redis.sock"
    backend = "django.core.cache.backends.redis.RedisCache"
    store = {"BACKEND": backend, "LOCATION": f"unix://{place}?db=9"}
    own = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    with override_settings(CACHES={"default": own, "tiles": own, "tables": store}):
        yield
        caches["tables"].clear()


def months(city):
    """Every month of which anything was counted, the newest first."""
    days = CountedDay.objects.days_of(city)
    return sorted({Period.of("month", d, city.time_zone) for d in days}, key=str, reverse=True)


def periods(city):
    """The month that is over, one in the middle and the first whole one, the quarter and the year
    that the first of them lies in."""
    last = Period.of("month", clock.now().date(), city.time_zone).before()
    whole = [each for each in months(city) if each.until <= last.until][:-1]
    more = [Period.of(kind, last.first, city.time_zone) for kind in ("quarter", "year")]
    return [whole[0], whole[len(whole) // 2], whole[-1], *more]


@pytest.mark.parametrize("kind", ["community", "unit"])
def test_a_page_of_scores_beside_the_bare_sums(many, kind):
    client = signed_in(Post.objects.filter(city=many, role="leader", area__level="city")[0].member)
    faults = []
    for period in periods(many):
        kinds = [kind, "city"] if kind == "community" else [kind]
        path = f"/scores/?kind={kind}&period={period}"
        last = min(period.until - timedelta(days=1), clock.now().date())
        values = (many.pk, kinds, period.first, period.until, *_codes_left_out(last))
        client.get(path)  # the first look of a session writes to it
        caches["tables"].clear()
        own = asked_by(client, path)
        with transaction.atomic():
            rows = [
                _turn(client, path, Wanted(many, kind, period), values, own) for _ in range(TURNS)
            ]
            transaction.set_rollback(True)
        ahead, first, drawn, bare, sql, empty = (
            1000 * min(column) for column in zip(*rows[1:], strict=True)
        )
        ratios = (first - empty) / bare, (drawn - empty) / sql
        print(
            f"\n{kind} {period}: first look {first:.1f} ms, nothing kept {drawn:.1f}, an empty page"
            f" {empty:.1f}, bare sums {bare:.1f}, its own SQL {sql:.1f}, drawing ahead {ahead:.1f};"
            f" first look {ratios[0]:.2f} × the sums, nothing kept {(drawn - empty) / bare:.1f} ×"
            f" the sums and {ratios[1]:.2f} × its own SQL"
        )
        if ratios[0] > MOST_FIRST:
            faults.append((str(period), ratios))
    assert faults == []


def _turn(client, path, wanted, values, own):
    """Seconds of work of (drawing ahead, first look, page with nothing kept, bare sums, own SQL,
    empty page)."""
    day = wanted.period.first
    CountedDay.objects.filter(city=wanted.city, day=day).update(changes=F("changes") + 1)
    return (
        work_of(lambda: rankings.freshen(wanted)),
        work_of(lambda: client.get(path)),
        work_of(lambda: drawn_anew(client, path)),
        work_of(lambda: run([(BARE, values)])),
        work_of(lambda: run(own)),
        work_of(empty_page(client)),
    )


def test_who_looks_first_asks_for_no_counts(many):
    """What is measured as the first look is served from what was drawn ahead, in every language."""
    client = signed_in(Post.objects.filter(city=many, role="leader", area__level="city")[0].member)
    rankings.draw_ahead(many)
    for period in (*months(many), *periods(many)):
        path = f"/scores/?kind=community&period={period}"
        assert not any("daycount" in sql for sql, _params in asked_by(client, path))


def drawn_anew(client, path):
    caches["tables"].clear()
    client.get(path)


def _codes_left_out(last):
    """Parameters: the codes that are no flows, the day of which they count, those of appeals."""
    return list(STOCKS), last, list(APPEALS.values())


def test_the_bare_sums_are_those_of_the_page(many):
    """The statement that is measured yields what the page is made of."""
    period = periods(many)[0]
    last = period.until - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            BARE, (many.pk, ["community"], period.first, period.until, *_codes_left_out(last))
        )
        sums = {(subject, code): int(total) for _kind, subject, code, total in cursor.fetchall()}
    client = signed_in(Post.objects.filter(city=many, role="leader", area__level="city")[0].member)
    lines = client.get(f"/scores/?kind=community&period={period}").context["found"].lines
    shown = {(n.row.subject, code): many for n in lines for code, many in n.row.counts.items()}
    assert {key: total for key, total in shown.items() if key[1] != "grids"} == sums
