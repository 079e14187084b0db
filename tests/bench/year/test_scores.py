"""The ranking among 1,200,000 cases beside the one statement over the roll-ups that yields its
counts: every subject's sums over the period's days, and the city's.

A page whose table is kept, as all are but the first after a count has changed, takes at most half
as long again as that statement, beside an empty page. One that is drawn anew keeps the budget of
all pages: three times the SQL that it asks for itself, and an empty page. Of each the fastest of
the turns: whatever else the machine does only adds.
"""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection

from assessment.periods import Period
from grids.models import Post
from lib import now as clock
from tests.bench.measure import asked_by, empty_page, in_turns, run
from tests.grids.play import signed_in

MOST_KEPT, MOST_DRAWN = 1.5, 3
TURNS = 11
STOCKS = ("R_OVERDUE_OPEN", "D_OVERDUE_OPEN", "D_TO_DISPOSE", "D_OVERTIME_TO_DISPOSE")
BARE = """
    SELECT kind, subject, code, sum(amount) FROM assessment_daycount
     WHERE city_id = %s AND kind = ANY(%s) AND day >= %s AND day < %s
       AND (code <> ALL(%s) OR day = %s)
     GROUP BY kind, subject, code"""


def periods(city):
    """The month that is over, the one before, and the quarter and year that the first lies in."""
    today = clock.now().date()
    last = Period.of("month", today, city.time_zone).before()
    day = last.first
    return [last, last.before(), *(Period.of(k, day, city.time_zone) for k in ("quarter", "year"))]


@pytest.mark.parametrize("kind", ["community", "unit"])
def test_a_page_of_scores_beside_the_bare_sums(many, kind):
    client = signed_in(Post.objects.filter(city=many, role="leader", area__level="city")[0].member)
    faults = []
    for period in periods(many):
        kinds = [kind, "city"] if kind == "community" else [kind]
        path = f"/scores/?kind={kind}&period={period}"
        last = min(period.until - timedelta(days=1), clock.now().date())
        values = (many.pk, kinds, period.first, period.until, list(STOCKS), last)
        client.get(path)  # the first look of a session writes to it
        caches["tables"].clear()
        asked = asked_by(client, path)
        works = (
            lambda path=path: client.get(path),
            lambda path=path: drawn_anew(client, path),
            lambda values=values: run([(BARE, values)]),
            lambda asked=asked: run(asked),
            empty_page(client),
        )
        kept, drawn, bare, own, empty = (
            1000 * min(column) for column in zip(*in_turns(*works, turns=TURNS), strict=True)
        )
        ratios = (kept - empty) / bare, (drawn - empty) / own
        print(
            f"\n{kind} {period}: kept {kept:.1f} ms, drawn anew {drawn:.1f}, an empty page"
            f" {empty:.1f}, bare sums {bare:.1f}, its own SQL {own:.1f};"
            f" kept {ratios[0]:.2f} × the sums (drawn {(drawn - empty) / bare:.1f} ×),"
            f" drawn {ratios[1]:.2f} × its own SQL"
        )
        if ratios[0] > MOST_KEPT or ratios[1] > MOST_DRAWN:
            faults.append((str(period), ratios))
    assert faults == []


def drawn_anew(client, path):
    caches["tables"].clear()
    client.get(path)


def test_the_bare_sums_are_those_of_the_page(many):
    """The statement that is measured yields what the page is made of."""
    period = periods(many)[0]
    last = period.until - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            BARE, (many.pk, ["community"], period.first, period.until, list(STOCKS), last)
        )
        sums = {(subject, code): int(total) for _kind, subject, code, total in cursor.fetchall()}
    client = signed_in(Post.objects.filter(city=many, role="leader", area__level="city")[0].member)
    lines = client.get(f"/scores/?kind=community&period={period}").context["found"].lines
    shown = {(n.row.subject, code): many for n in lines for code, many in n.row.counts.items()}
    assert {key: total for key, total in shown.items() if key[1] != "grids"} == sums
