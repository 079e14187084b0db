"""The map in a browser: it draws, opens a case by keys, picks a place, says what is missing."""

import pytest

from incidents import workflow
from incidents.models import Case
from tests.browser.looks import faults_in_the_dark, faults_of, sticks_out
from tests.browser.play import enter
from tests.cast import photo_of

pytestmark = pytest.mark.django_db(transaction=True)

DRAWN = """() => [...document.querySelectorAll(".map canvas.leaflet-tile")].some((canvas) => {
  if (!canvas.width) return false;
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size > 3;
})"""
# Every map of the page is brought up and has put its first tiles in their places.
ALL_UP = """() => [...document.querySelectorAll("[data-map]")].every(
  (map) => map.dataset.up && map.querySelector(".leaflet-tile-loaded"))"""
IN_THE_MIDDLE = """async () => {
  const {caseMap} = await import("gridcity/map.js");
  const shown = caseMap(document.getElementById("map"));
  return shown.under(shown.map.getCenter()).length;
}"""
PICKER = """async () => {
  const {caseMap} = await import("gridcity/map.js");
  const element = document.createElement("div");
  element.className = "map";
  element.id = "picker";
  element.dataset.map = "";
  element.dataset.pick = "true";
  element.dataset.lon = "113.9005";
  element.dataset.lat = "30.9005";
  document.querySelector("main").prepend(element);
  window.picked = [];
  document.addEventListener("map:picked", (event) => window.picked.push(event.detail));
  caseMap(element);
}"""


@pytest.fixture
def case(town_of_browsers):
    town = town_of_browsers
    return workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        category=town.rubbish.code,
        evidence=[photo_of(town.worker, town).pk],
    )


@pytest.fixture
def at_the_case(house, open_page, case):
    """A page with the map, the case in the middle."""
    page = open_page()
    enter(page, house, "dispatcher")
    page.goto(f"{house}/map/#16/{case.point.y}/{case.point.x}")
    page.wait_for_function(DRAWN)
    return page


def test_the_map_draws_what_the_city_is(at_the_case):
    assert "1 case" in at_the_case.get_by_role("heading", level=1).inner_text()
    assert at_the_case.locator(".leaflet-control-attribution").inner_text()


def test_a_case_is_opened_by_keys_alone(at_the_case, case):
    page = at_the_case
    page.wait_for_function(IN_THE_MIDDLE)
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    link = page.locator(".map-cases a")
    link.wait_for()
    assert link.get_attribute("href") == f"/cases/{case.number}/"
    assert case.number in page.locator(".map-cases").inner_text()
    assert page.evaluate("document.activeElement.matches('.map-cases a')")


def test_a_place_is_picked_by_a_click_and_by_keys(at_the_case):
    page = at_the_case
    page.evaluate(PICKER)
    page.wait_for_function(ALL_UP)
    page.locator("#picker").click(position={"x": 200, "y": 100})
    page.locator("#picker").focus()
    page.keyboard.press("Enter")
    clicked, centre = page.evaluate("window.picked")
    assert clicked != centre
    assert abs(centre["lon"] - 113.9005) < 1e-4
    assert abs(centre["lat"] - 30.9005) < 1e-4
    assert page.locator("#picker .map-pin").count() == 1


def test_a_part_that_does_not_come_is_said_and_had_again(house, open_page, case):
    page = open_page(expected="ERR_FAILED")
    enter(page, house, "dispatcher")
    page.route("**/tiles/cases/**", lambda route: route.abort())
    page.goto(f"{house}/map/")
    box = page.locator(".map-trouble")
    box.wait_for()
    page.unroute("**/tiles/cases/**")
    box.get_by_role("button").click()
    page.wait_for_function(DRAWN)
    assert box.count() == 0


def test_the_map_of_a_case_moves_away_with_its_page(at_the_case):
    page = at_the_case
    page.evaluate("document.getElementById('map').remove()")
    page.evaluate("document.dispatchEvent(new Event('htmx:afterSettle'))")
    assert page.locator(".leaflet-container").count() == 0


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("path", ["/map/", "/map/table/"])
def test_axe_finds_nothing(house, open_page, case, path, language):
    page = open_page(language)
    enter(page, house, "dispatcher")
    page.goto(house + path)
    page.wait_for_function(ALL_UP)
    assert faults_of(page) == []
    assert faults_in_the_dark(page) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_nothing_sticks_out(house, open_page, case, language):
    page = open_page(language)
    enter(page, house, "dispatcher")
    assert Case.objects.count() == 1
    for width in (320, 375, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/map/", "/map/table/"):
            page.goto(house + path)
            page.wait_for_function(ALL_UP)
            assert sticks_out(page) <= 0, (path, width)
