"""Board, case page and API list cost among 1,200,000 cases at most 1.3 times what they cost among
12,000: processor time here and in the database (see measure.py). Both cities are asked in turns,
each page several times in a row on its own connection. A board shows ten rows in both: among 12,000
an intake officer has no twenty waiting, and a page of half as many rows costs less for that."""

from statistics import median

import pytest
from django.db.models import Count

from grids.models import Post
from incidents.models import Case
from incidents.views import queue
from staff.models import City
from tests.bench.measure import as_on_a_server, work_of
from tests.bench.year.conftest import led_to
from tests.grids.play import signed_in

MOST = 1.3
TURNS, IN_A_ROW = 9, 5
ROWS = 10
PAGES = (
    ("dispatcher", "/board/?tab=open"),
    ("intake", "/board/"),
    ("handler", "/board/"),
    ("chief", "/cases/{case}/"),
    ("dispatcher", "/api/cases/"),
    ("handler", "/api/cases/?waiting_on=me"),
)


@pytest.mark.parametrize("role, path", PAGES)
def test_a_page_costs_as_much_among_many_as_among_few(django_db_blocker, monkeypatch, role, path):
    monkeypatch.setattr(queue, "PAGE", ROWS)
    taken = {"GRIDCITY_BENCH_FEW": [], "GRIDCITY_BENCH_MANY": []}
    cases, rows = {}, {}
    with django_db_blocker.unblock():
        for turn in range(TURNS + 1):
            for name in sorted(taken, reverse=turn % 2):
                with led_to(name):
                    seconds, cases[name], rows[name] = _look(role, path)
                    taken[name] += [seconds] if turn else []
    few, many = (1000 * median(taken[name]) for name in taken)
    print(
        f"\n{role} {path}: {few:.1f} ms among {cases['GRIDCITY_BENCH_FEW']:,} cases,"
        f" {many:.1f} ms among {cases['GRIDCITY_BENCH_MANY']:,}, ratio {many / few:.2f}"
    )
    assert len(set(rows.values())) == 1, rows
    assert many <= MOST * few


def _look(role, path):
    """(median seconds of work a page, how many cases there are, how many rows of a board are
    shown); the first look does not count."""
    city = City.objects.get()
    client = signed_in(Post.objects.filter(city=city, role=role).order_by("pk")[0].member)
    path = path.format(case=_case_of(city).number)
    rows = client.get(path).content.count(b' data-row="')
    works = [lambda: _answer(client, path)] * IN_A_ROW
    seconds = as_on_a_server(lambda: [work_of(work) for work in works])
    return median(seconds), Case.objects.count(), rows


def _answer(client, path):
    assert client.get(path).status_code == 200


def _case_of(city):
    """A closed case with as many steps in either city."""
    cases = Case.objects.filter(city=city, stage="closed").order_by("-pk")[:500]
    found = Case.objects.filter(pk__in=[case.pk for case in cases])
    return found.annotate(length=Count("steps")).filter(length=8).order_by("-pk").first()
