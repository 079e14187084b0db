"""A page's work on the server beside the SQL that it asks for, run bare, on the demo city:
processor time here and in the database (see measure.py). An empty page is the frame alone, and the
SQL that the frame asks for on every page is left out of the bare SQL.

What a page asks for is kept short by the query budgets of the suite; here it is what all the rest
costs: at most twice as much again, beside what an empty page takes.
"""

import pytest
from django.db.models import Count

from grids.models import Post
from incidents.models import Case
from tests.bench.measure import EMPTY, asked_by, over_budget, run
from tests.grids.play import signed_in

PAGES = (
    ("dispatcher", "/board/?tab=open"),
    ("intake", "/board/"),
    ("handler", "/board/"),
    ("chief", "/cases/{case}/"),
    ("dispatcher", "/cases/{case}/"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("role, path", PAGES)
def test_a_page_costs_at_most_three_times_its_bare_sql(city, role, path):
    client = signed_in(Post.objects.filter(city=city, role=role).first().member)
    cases = Case.objects.filter(city=city)
    longest = cases.annotate(length=Count("steps")).order_by("-length", "pk").first()
    path = path.format(case=longest.number)
    frame = {sql for sql, _params in asked_by(client, EMPTY)}
    asked = [each for each in asked_by(client, path) if each[0] not in frame]
    assert over_budget(client, path, lambda: run(asked)) <= 0
