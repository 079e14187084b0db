"""The preview of a matrix row counts what the rule of routing would say pair by pair, and saves
nothing."""

import random
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from grids.models import Area
from incidents import preview, routing
from incidents.models import Category, MatrixRow
from tests import cast
from tests.admin.conftest import client_of, page
from tests.incidents import play

pytestmark = pytest.mark.django_db

TODAY = cast.MORNING.date()


def places(town):
    """Every unit grid as `routing.route` sees a case in it."""
    for grid in Area.objects.filter(city=town.city, level="grid").select_related("parent__parent"):
        yield SimpleNamespace(
            city_id=town.city.pk,
            grid_id=grid.pk,
            community_id=grid.parent_id,
            street_id=grid.parent.parent_id,
            district_id=grid.parent.parent.parent_id,
        )


def winners(town, day):
    """{(category, grid): row} by the rule itself."""
    found = {}
    for category in Category.objects.of_city(town.city):
        for place in places(town):
            place.category, place.category_id = category, category.pk
            found[category.pk, place.grid_id] = routing.route(place, day).row
    return found


def rows_at_random(town, number, dice):
    areas = [town.whole, town.district, town.street, town.community, *town.grids]
    for _turn in range(number):
        what = dice.choice(["kind", "class", "subclass"])
        category = dice.choice([town.cover, town.rubbish])
        yield MatrixRow(
            city=town.city,
            kind=category.kind,
            class_code=category.class_code if what == "class" else "",
            category=category if what == "subclass" else None,
            area=dice.choice(areas),
            lead=dice.choice([town.water, town.gardens, town.street_office]),
            valid_from=TODAY - timedelta(days=dice.randrange(5)),
            valid_until=dice.choice([None, TODAY + timedelta(days=9)]),
        )


def is_taken(row):
    same = MatrixRow.objects.filter(
        city=row.city,
        kind=row.kind,
        class_code=row.class_code,
        category=row.category,
        area=row.area,
        valid_from=row.valid_from,
    )
    return same.exists()


@pytest.mark.parametrize("seed", range(12))
def test_pairs_won_and_rows_beaten_are_those_of_the_rule(town, seed):
    dice = random.Random(seed)
    for row in rows_at_random(town, 8, dice):
        if not is_taken(row):
            row.save()
    candidate = next(row for row in rows_at_random(town, 99, dice) if not is_taken(row))
    said = preview.effect_of(candidate)
    before = winners(town, said.day)
    candidate.save()
    after = winners(town, said.day)
    won = {pair for pair, row in after.items() if row == candidate}
    assert said.won == len(won)
    beaten = {}
    for pair in won:
        if before[pair] is not None:
            beaten[before[pair]] = beaten.get(before[pair], 0) + 1
    assert dict(said.beats) == beaten
    assert sum(each[2] for each in said.areas) == said.won
    if candidate.pk:
        # A saved row is judged against the others, as if it were not there yet.
        assert preview.effect_of(candidate).won == said.won


def test_cases_that_would_go_elsewhere_are_named(town):
    waiting, given = play.filed(town), play.dispatched(town)
    play.closed(town)
    row = MatrixRow(
        city=town.city,
        kind="event",
        category=town.rubbish,
        area=town.community,
        lead=town.gardens,
        valid_from=TODAY,
    )
    said = preview.effect_of(row)
    assert (said.moved, said.waiting) == (2, 1)
    assert {case.pk for case, _one, _other in said.cases} == {waiting.pk, given.pk}
    assert {(one, other) for _case, one, other in said.cases} == {
        (town.street_office, town.gardens)
    }
    row.lead = town.street_office
    assert preview.effect_of(row).moved == 0
    assert not MatrixRow.objects.filter(category=town.rubbish).exists()


def test_a_changed_row_lets_go_of_what_it_leaves(town):
    play.filed(town)
    row = MatrixRow.objects.create(
        city=town.city,
        kind="event",
        category=town.rubbish,
        area=town.community,
        lead=town.gardens,
        valid_from=TODAY,
    )
    row.area = town.other_community
    said = preview.effect_of(row)
    assert said.moved == 1
    assert said.cases[0][1:] == (town.gardens, town.street_office)


# --- its page -------------------------------------------------------------------------------------


def form_of(town, **changed):
    return {
        "city": town.city.pk,
        "kind": "event",
        "class_code": "",
        "category": town.rubbish.pk,
        "area": town.community.pk,
        "lead": town.gardens.pk,
        "valid_from": TODAY.isoformat(),
    } | changed


def test_the_page_shows_the_effect_and_saves_nothing(town):
    case = play.filed(town)
    client = client_of(town.sysadmin)
    address = page(MatrixRow, "effect")
    assert address in client.get(page(MatrixRow, "add")).text
    part = client.post(address, form_of(town), headers={"HX-Request": "true"})
    assert "<html" not in part.text and case.number in part.text and "Gardens bureau" in part.text
    assert "<html" in client.post(address, form_of(town)).text
    assert MatrixRow.objects.count() == 2


def test_a_row_that_contradicts_itself_says_so(town):
    client = client_of(town.sysadmin)
    text = client.post(page(MatrixRow, "effect"), form_of(town, kind="component")).text
    assert "other kind" in text
    answer = client.post(page(MatrixRow, "add"), form_of(town, valid_until="2026-01-01"))
    assert "valid_until" in answer.context["adminform"].form.errors
    answer = client.post(page(MatrixRow, "add"), form_of(town, category="", class_code="77"))
    assert "class_code" in answer.context["adminform"].form.errors


def test_whoever_may_not_save_a_row_may_not_try_one(town):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    row = MatrixRow.objects.filter(city=elsewhere.city).first()
    for member in (town.dispatcher, town.secadmin, town.auditor):
        client = client_of(member)
        assert client.post(page(MatrixRow, "effect"), form_of(town)).status_code == 403
    client = client_of(town.sysadmin)
    assert client.post(page(MatrixRow, "effect_of", row.pk), form_of(town)).status_code == 403
    assert client.get(page(MatrixRow, "effect")).status_code == 403


def test_a_step_says_its_facts_and_its_routing_in_words(town):
    case = play.dispatched(town)
    text = client_of(town.dispatcher).get(f"/admin/incidents/case/{case.pk}/change/").text
    assert "Lead unit" in text and "WATER Water bureau" in text
    assert "E-01-13-1 Condition" in text
    assert "event × 4209 试城" in text and "used: most specific" in text
    text = (
        client_of(town.dispatcher, "zh-hans").get(f"/admin/incidents/case/{case.pk}/change/").text
    )
    assert "WATER 水务局" in text


def test_the_day_counted_is_the_first_on_which_the_row_holds(town):
    row = MatrixRow(
        city=town.city,
        kind="event",
        area=town.street,
        lead=town.water,
        valid_from=date(2026, 5, 1),
    )
    assert preview.effect_of(row).day == date(2026, 5, 1)
