"""Queries that are put together once: they give what the queryset gives, and refuse what they could
not keep."""

from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Upper

from grids.models import Area, Post
from incidents.models import Case
from incidents.scope import visible
from lib import now
from staff.kept import KeptQuery
from staff.models import Unit
from tests.incidents import play

pytestmark = pytest.mark.django_db


def of_unit(unit, city):
    return Unit.objects.filter(pk=unit, city=city).select_related("city", "parent")


def test_it_gives_what_the_queryset_gives_with_what_is_read_along(town, django_assert_num_queries):
    kept = KeptQuery(of_unit, unit=int, city=int)
    for unit in (town.water, town.street_office, town.water):
        (row,) = kept(unit=unit.pk, city=town.city.pk)
        (same,) = of_unit(unit.pk, town.city.pk)
        names = [field.attname for field in Unit._meta.concrete_fields]
        assert [getattr(row, n) for n in names] == [getattr(same, n) for n in names]
        with django_assert_num_queries(0):
            assert row.parent == same.parent and row.city == same.city
    assert kept(unit=town.water.pk, city=0) == []
    with django_assert_num_queries(1):
        kept(unit=town.water.pk, city=town.city.pk)


def test_values_of_one_kind_are_not_mixed_up(town):
    case = play.dispatched(town)
    steps = KeptQuery(lambda case, last: case_steps(case).filter(seq__lte=last), case=int, last=int)
    assert [step.seq for step in steps(case=case.pk, last=2)] == [1, 2]
    assert [step.seq for step in steps(case=case.pk, last=9)] == [1, 2, 3, 4]


def case_steps(case):
    return Case.steps.rel.related_model.objects.filter(case=case).order_by("seq")


def test_places_and_moments_come_back_as_what_they_are(town):
    case = play.reported(town)
    kept = KeptQuery(lambda number: Case.objects.filter(number=number), number=str)
    (row,) = kept(number=case.number)
    assert row.point.srid == 4326 and row.point.coords == case.point.coords
    assert row.reported_at == now.now()


def test_a_further_condition_narrows_it(town):
    case = play.reported(town)
    kept = KeptQuery(lambda number: Case.objects.filter(number=number), number=str)
    for reader, seen in ((town.worker, 1), (town.gardener, 0)):
        also = visible(reader).of(Case._meta.db_table)
        assert len(kept(number=case.number, also=also)) == seen


@pytest.mark.parametrize(
    "build",
    [
        lambda number: Case.objects.filter(number=number).newest(),
        lambda number: Case.objects.filter(number=number)[:1],
        lambda number: Case.objects.filter(number=number).select_for_update(),
        lambda number: Case.objects.filter(number=number).union(Case.objects.none()),
    ],
)
def test_nothing_is_added_to_what_ends_with_something_else(town, build):
    kept = KeptQuery(build, number=str)
    with pytest.raises(ValueError, match="ends"):
        kept(number="XN-1", also=("false", ()))


def on_day(moment):
    return Post.objects.filter(valid_from=moment.date())


def in_year(moment):
    return Case.objects.filter(reported_at__lte=moment, reported_at__year=moment.year)


def named(change):
    return lambda code: Area.objects.filter(code=change(code))


@pytest.mark.parametrize(
    ("build", "kinds", "why"),
    [
        (on_day, {"moment": datetime}, "makes something of a value"),
        (in_year, {"moment": datetime}, "makes something of a value"),
        (named(str.upper), {"code": str}, "makes something of a value"),
        (named(str.strip), {"code": str}, "makes something of a value"),
        (named(lambda code: code % 2), {"code": int}, "makes something of a value"),
        (lambda code: Area.objects.filter(code__in=[code]), {"code": str, "x": int}, "asked for"),
        (lambda code: Area.objects.filter(code=code)[: code % 7], {"code": int}, "shape"),
        (
            lambda code: Area.objects.annotate(u=Upper("name")).filter(u=code),
            {"code": str},
            "annot",
        ),
    ],
)
def test_what_could_not_be_kept_is_refused(build, kinds, why):
    given = {str: "1", int: 1, datetime: now.now() - timedelta(days=1)}
    built = {name: build for name in kinds if name != "x"}
    kept = KeptQuery(lambda **values: build(*[values[name] for name in built]), **kinds)
    with pytest.raises(ValueError, match=why):
        kept(**{name: given[kind] for name, kind in kinds.items()})
