"""A page's work on the server beside the SQL that it asks for, run bare, on the demo city:
processor time here and in the database (see measure.py). An empty page is the frame alone, and the
SQL that the frame asks for on every page is left out of the bare SQL.

What a page asks for is kept short by the query budgets of the suite; here it is what all the rest
costs: at most twice as much again, beside what an empty page takes. Planning has a bound of its own
(docs/decisions/0024): as a part of the SQL it would be seen by nobody.
"""

import pytest
from django.db.models import Count

from grids.models import Post
from incidents.models import Case
from tests.bench.measure import (
    EMPTY,
    as_on_a_server,
    asked_by,
    empty_page,
    over_budget,
    planning_of,
    run,
    work_of,
)
from tests.grids.play import signed_in

PAGES = (
    ("dispatcher", "/board/?tab=open"),
    ("intake", "/board/"),
    ("handler", "/board/"),
    ("chief", "/cases/{case}/"),
    ("dispatcher", "/cases/{case}/"),
)


# Where planning once took from 50 to 150 ms.
PLANNED = (
    ("supervisor", "/board/"),
    ("handler", "/board/"),
    ("chief", "/cases/{case}/"),
    ("chief", "/api/cases/{case}/"),
    ("supervisor", "/api/cases/?waiting_on=me"),
)


@pytest.fixture
def page(city):
    """Gives a browser of somebody in a role, and the path with the case that has most steps."""

    def of(role, path):
        client = signed_in(Post.objects.filter(city=city, role=role).first().member)
        cases = Case.objects.filter(city=city)
        longest = cases.annotate(length=Count("steps")).order_by("-length", "pk").first()
        return client, path.format(case=longest.number)

    return of


@pytest.mark.django_db
@pytest.mark.parametrize("role, path", PAGES)
def test_a_page_costs_at_most_three_times_its_bare_sql(page, role, path):
    client, path = page(role, path)
    frame = {sql for sql, _params in asked_by(client, EMPTY)}
    asked = [each for each in asked_by(client, path) if each[0] not in frame]
    assert over_budget(client, path, lambda: run(asked)) <= 0


@pytest.mark.django_db
@pytest.mark.parametrize("role, path", PLANNED)
def test_a_page_is_planned_in_less_than_an_empty_one_takes(page, role, path):
    client, path = page(role, path)
    asked = [each for each in asked_by(client, path) if _is_read(each[0])]
    page = empty_page(client)
    planned = planning_of(asked)
    empty = as_on_a_server(lambda: min(work_of(page) for _time in range(9)))
    print(f"\n{role} {path}: planned in {1000 * planned:.1f} ms, an empty page {1000 * empty:.1f}")
    assert planned < empty


def _is_read(sql):
    return sql.lstrip().startswith(("SELECT", "WITH"))
