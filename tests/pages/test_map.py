"""The map of open cases: its tiles, its legend, the table behind it, and who sees what."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from grids.tiles import Tile
from incidents import workflow
from incidents.models import Case, Words
from incidents.tiles import POINTS, cases_tile
from incidents.views.map import shades_of
from lib import now
from staff.models import Member
from tests.cast import MORNING, make_city
from tests.grids.mvt import layers_of
from tests.grids.play import address, signed_in
from tests.incidents import play


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    """Photos of a test lie where nobody finds them."""
    settings.HOME = tmp_path


def cases_of(member, query=""):
    """What a member's tile of cases shows: {number: attributes}."""
    answer = signed_in(member).get(address("cases") + query)
    assert answer.status_code in (200, 204)
    found = layers_of(answer.content).get("cases", [])
    return {properties["number"]: properties for properties, _point in found}


def test_a_case_shows_its_number_stage_light_and_category(town):
    case = play.filed(town)
    assert cases_of(town.dispatcher) == {
        case.number: {
            "number": case.number,
            "stage": "filed",
            "light": "green",
            "name": "Exposed rubbish",
        }
    }


def test_the_category_speaks_the_readers_language(town):
    play.filed(town)
    answer = signed_in(town.dispatcher, "zh-hans").get(address("cases"))
    ((properties, _point),) = layers_of(answer.content)["cases"]
    assert properties["name"] == "暴露垃圾"


@pytest.mark.parametrize(("minutes", "light"), [(0, "green"), (13, "yellow"), (16, "red")])
def test_the_light_is_that_of_the_moment(town, minutes, light):
    case = play.filed(town)
    now.set_to(MORNING + timedelta(minutes=minutes))
    assert cases_of(town.dispatcher)[case.number]["light"] == light
    assert cases_of(town.dispatcher, f"?light={light}")


def test_a_suspended_case_shows_as_paused(town):
    case = play.dispatched(town, town.slow)
    until = (MORNING + timedelta(days=5)).isoformat()
    workflow.move(case, "ask_suspend", town.handler, reason="x", until=until)
    workflow.move(Case.objects.get(pk=case.pk), "grant", town.dispatcher)
    assert cases_of(town.dispatcher)[case.number]["light"] == "paused"


def test_a_closed_case_is_not_on_the_map(town):
    play.closed(town)
    assert cases_of(town.dispatcher) == {}
    assert cases_of(town.dispatcher, "?stage=closed") == {}


def test_a_supervisor_sees_the_community_and_no_other(town):
    case = play.filed(town)
    assert set(cases_of(town.supervisor)) == {case.number}
    assert cases_of(town.far_supervisor) == {}


def test_another_citys_cases_stay_unseen(town):
    play.filed(town)
    assert cases_of(make_city("OC").dispatcher) == {}


def test_a_unit_does_not_see_where_a_case_went_that_left_it(town):
    case = play.dispatched(town)
    assert set(cases_of(town.handler)) == {case.number}
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    case = workflow.move(Case.objects.get(pk=case.pk), "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit=town.gardens.code)
    assert cases_of(town.handler) == {}
    assert set(cases_of(town.dispatcher)) == {case.number}


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?stage=filed", True),
        ("?stage=reported,accepted", False),
        ("?category=E-01-13", True),
        ("?category=C-01-03", False),
        ("?area=420902001001", True),
        ("?area=420902001002", False),
    ],
)
def test_filters_narrow_map_table_and_tile_alike(town, query, seen):
    play.filed(town)
    assert bool(cases_of(town.dispatcher, query)) is seen
    for page in ("/map/", "/map/table/"):
        answer = signed_in(town.dispatcher).get(page + query)
        assert answer.context["total"] == int(seen)


@pytest.mark.parametrize("query", ["?light=blue", "?stage=nowhere", "?colour=red", "?text=%00"])
def test_a_tile_with_a_filter_that_cannot_be_is_refused(town, query):
    assert signed_in(town.dispatcher).get(address("cases") + query).status_code == 400


@pytest.mark.parametrize("wrong", ["15/x/1", "2/4/0", "23/1/1"])
def test_an_impossible_tile_is_refused(town, wrong):
    assert signed_in(town.dispatcher).get(f"/tiles/cases/{wrong}.mvt").status_code == 400


def test_a_tile_of_cases_is_asked_for_anew_each_time(town):
    play.filed(town)
    client = signed_in(town.dispatcher)
    first = client.get(address("cases"))
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(address("cases"), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_strangers_and_the_auditor_see_no_case(town):
    play.filed(town)
    assert signed_in(None).get(address("cases")).status_code == 403
    assert signed_in(None).get("/map/").status_code == 302
    for page in ("/map/", "/map/table/", address("cases")):
        assert signed_in(town.auditor).get(page).status_code == 403


def test_page_and_table_say_the_same_numbers(town):
    play.filed(town)
    play.reported(town)
    client = signed_in(town.dispatcher)
    page, table = client.get("/map/"), client.get("/map/table/")
    assert page.context["total"] == table.context["total"] == len(cases_of(town.dispatcher)) == 2
    assert page.context["by_light"] == table.context["by_light"]
    ((code, _name, counts, total),) = table.context["rows"]
    assert (code, dict(counts)["green"], total) == (town.community.code, 2, 2)


def test_the_table_alone_comes_to_htmx(town):
    play.filed(town)
    answer = signed_in(town.dispatcher).get("/map/table/", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "书院社区" in answer.content.decode()


def test_an_empty_map_says_so(town):
    assert "No open case here." in signed_in(town.dispatcher).get("/map/").content.decode()


def test_the_page_keeps_to_the_content_policy(town):
    html = signed_in(town.dispatcher).get("/map/").content.decode()
    assert not re.search(r'\sstyle="|\son\w+="|<style', html)
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in s or "application/json" in s or "nonce=" in s for s in scripts)
    assert "/static/leaflet/leaflet.js" in html


@pytest.mark.parametrize("page", ["/map/", "/map/table/"])
def test_a_page_costs_few_queries(town, page, django_assert_max_num_queries):
    play.filed(town)
    client = signed_in(town.dispatcher)
    with django_assert_max_num_queries(12):
        client.get(page)


@pytest.fixture
def crowd(town):
    """A function: so many cases spread over the first grid, put there without their steps, which
    the database would not let stand: it is all taken back at the end."""

    def gather(count):
        person = Member.objects.get(pk=town.worker.pk)
        words = Words.objects.create(text="x")
        lon, lat = town.lon, town.lat
        rows = [
            Case(
                city=town.city,
                number=f"TC-20260303-{index:04}",
                category=town.rubbish,
                description=words,
                point=f"SRID=4326;POINT({lon + index % 50 / 6e4} {lat + index // 50 / 6e4})",
                reported_by=person,
                source=Case.Source.PATROL,
                reported_at=MORNING,
            )
            for index in range(count)
        ]
        Case.objects.bulk_create(rows)
        _tiles, zoom, x, y = address("cases", 15).removesuffix(".mvt").rsplit("/", 3)
        return Tile.at(zoom, x, y)

    with transaction.atomic():
        yield gather
        transaction.set_rollback(True)


def test_as_many_points_as_are_drawn_one_by_one_fit_into_100_kb(crowd):
    body = cases_tile(Case.objects.all(), crowd(POINTS), now.now())
    assert len(layers_of(body)["cases"]) == POINTS
    assert len(body) <= 100_000


def test_more_points_than_that_become_counts(crowd):
    layers = layers_of(cases_tile(Case.objects.all(), crowd(POINTS + 1), now.now()))
    assert set(layers) == {"clusters"}
    assert sum(properties["count"] for properties, _at in layers["clusters"]) == POINTS + 1
    for _properties, (x, y) in layers["clusters"]:
        assert 0 < x < 4096 and 0 < y < 4096


def test_communities_are_shaded_by_what_is_open_in_them():
    rows = [("a", "A", [], 1), ("b", "B", [], 7), ("c", "C", [], 12), ("", "", [], 3)]
    shades = shades_of(rows)
    assert shades["of"] == {"a": 1, "b": 2, "c": 3}
    assert shades["classes"] == [
        (0, 0, 0, None),
        (1, 1, 1, 1),
        (2, 2, 7, 1),
        (3, 8, 12, 1),
    ]
    assert shades_of([])["classes"] == [(0, 0, 0, None)]
    assert shades_of([("a", "A", [], 1)])["classes"] == [(0, 0, 0, None), (1, 1, 1, 1)]


def test_the_shades_stay_with_the_filters_and_have_their_legend(town):
    play.filed(town)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(town.dispatcher)
    shown = client.get("/map/?shade=community&light=green")
    assert shown.status_code == 200 and "communities" in shown.text
    assert f'"{town.community.code}": 1' in shown.text
    assert 'name="shade" value="community"' in shown.text
    assert "Open in the community" in shown.text
    assert "map-shades" not in client.get("/map/").text
    answer = client.get(address("communities"))
    layer = layers_of(answer.content)["communities"]
    assert town.community.code in str(layer)
