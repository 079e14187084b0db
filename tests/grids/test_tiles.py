"""Tiles of the base map: what is in them, who gets them, what is said about a wrong address."""

from datetime import date

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Polygon

from grids.models import AreaVersion, Component, LandFeature, Road
from tests.cast import make_city
from tests.grids.mvt import layers_of
from tests.grids.play import address, signed_in


@pytest.fixture
def ask(town):
    """A function: the layers of a tile as a member sees it."""

    def layers(layer, member=None, query="", zoom=15):
        answer = signed_in(member or town.dispatcher).get(address(layer, zoom) + query)
        assert answer.status_code in (200, 204)
        return layers_of(answer.content)

    return layers


@pytest.fixture
def landscape(town):
    """A wide road, a lane and a park in the town."""
    lon, lat = town.lon, town.lat
    for name, width in (("人民路", 36), ("书院一巷", 6)):
        line = LineString((lon, lat), (lon + 0.004, lat + 0.001))
        course = MultiLineString(line, srid=4326)
        Road.objects.create(city=town.city, name=name, kind="x", width_m=width, line=course)
    box = Polygon.from_bbox((lon, lat, lon + 0.001, lat + 0.001))
    LandFeature.objects.create(
        city=town.city, kind="park", name="人民公园", geometry=MultiPolygon(box, srid=4326)
    )


def attributes(features, name):
    return {properties[name] for properties, _point in features}


def test_one_request_brings_the_whole_base_map(ask, landscape):
    layers = ask("base")
    assert attributes(layers["roads"], "name") == {"人民路", "书院一巷"}
    assert attributes(layers["land"], "kind") == {"park"}
    assert attributes(layers["areas"], "level") == {"district", "street", "community"}
    assert {"书院社区", "北外社区", "书院街道", "人民公园"} == attributes(layers["names"], "name")


@pytest.mark.parametrize("layer", ["roads", "land", "areas"])
def test_each_layer_has_an_address_of_its_own(ask, landscape, layer):
    assert layer in ask(layer)


def test_lanes_show_only_near(ask, landscape):
    assert attributes(ask("roads", zoom=11)["roads"], "name") == {"人民路"}


def test_a_border_that_two_communities_share_is_drawn_once(ask):
    lines = [p for p, _at in ask("areas")["areas"] if p["level"] == "community"]
    assert len(lines) == 1


def test_unit_grids_bring_their_code_and_the_number_of_their_border(ask, town):
    found = ask("grids")["grids"]
    assert attributes(found, "code") == {grid.code for grid in town.grids}
    versions = AreaVersion.objects.filter(area__in=town.grids)
    assert attributes(found, "version") == {version.pk for version in versions}


def test_unit_grids_do_not_show_from_afar(ask):
    assert ask("grids", zoom=12) == {}


def test_only_the_borders_of_today_show(ask, town):
    AreaVersion.objects.filter(area=town.grids[0]).update(valid_until=date(2026, 2, 1))
    assert town.grids[0].code not in attributes(ask("grids")["grids"], "code")


def test_a_border_of_the_past_shows_when_asked_for_by_its_number(ask, town):
    version = AreaVersion.objects.get(area=town.grids[0])
    AreaVersion.objects.filter(pk=version.pk).update(valid_until=date(2026, 2, 1))
    found = ask("grids", query=f"?version={version.pk}")["grids"]
    assert attributes(found, "version") == {version.pk}


def test_duty_grids_are_the_union_of_their_unit_grids(ask, town):
    found = ask("duty_grids")["duty_grids"]
    assert attributes(found, "code") == {duty.code for duty in town.duty_grids}


def test_components_bring_category_and_state(ask, town):
    Component.objects.create(
        city=town.city, code="1", category_code="C-01-03", grid=town.grids[0], point=town.inside
    )
    ((properties, _point),) = ask("components")["components"]
    assert properties == {"code": "1", "category": "C-01-03", "state": "intact"}


def test_another_city_in_the_same_place_stays_unseen(ask, town):
    other = make_city("OC")
    version = AreaVersion.objects.get(area=other.grids[0])
    assert attributes(ask("grids")["grids"], "code") == {grid.code for grid in town.grids}
    assert len(ask("grids")["grids"]) == len(town.grids)
    assert ask("grids", query=f"?version={version.pk}") == {}
    assert len(ask("grids", other.dispatcher)["grids"]) == len(other.grids)


def test_where_there_is_nothing_the_answer_is_empty(town):
    answer = signed_in(town.dispatcher).get("/tiles/base/15/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("who", [None, "auditor"])
def test_without_the_right_to_see_areas_there_is_no_tile(town, who):
    answer = signed_in(getattr(town, who) if who else None).get(address("base"))
    assert (answer.status_code, answer.content) == (403, b"")


def test_there_is_no_other_layer(town):
    assert signed_in(town.dispatcher).get(address("reporters")).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    ["15/x/1", "15/-1/1", "2/4/0", "2/0/4", "23/1/1", "1.0/0/0", "999999999999/0/0", "٣/0/0"],
)
def test_an_impossible_tile_is_refused(town, wrong):
    assert signed_in(town.dispatcher).get(f"/tiles/base/{wrong}.mvt").status_code == 400


@pytest.mark.parametrize("wrong", ["x", "1.5", "9" * 19])
def test_an_impossible_border_is_refused_or_found_to_be_nothing(town, wrong):
    answer = signed_in(town.dispatcher).get(address("grids") + f"?version={wrong}")
    assert answer.status_code in (204, 400)


def test_a_browser_keeps_a_tile_and_nobody_else_does(town):
    client = signed_in(town.dispatcher)
    first = client.get(address("base"))
    assert first["Cache-Control"].startswith("private")
    assert first["Content-Type"] == "application/vnd.mapbox-vector-tile"
    again = client.get(address("base"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"].startswith("private")


def test_a_tile_can_only_be_read(town):
    assert signed_in(town.dispatcher).post(address("base")).status_code == 405


def test_a_tile_costs_one_query_beside_signing_in(town, django_assert_max_num_queries):
    client = signed_in(town.dispatcher)
    client.get(address("base"))
    with django_assert_max_num_queries(4):  # session, member, posts, tile
        client.get(address("base"))
