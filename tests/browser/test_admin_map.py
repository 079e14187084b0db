"""Borders and places of the administration are moved on the map; the text below follows, and is
followed."""

import pytest

from staff.models import Member
from tests.browser.looks import faults_of
from tests.browser.play import SECRET, enter

pytestmark = pytest.mark.django_db(transaction=True)
SQUARE = "(113.9 30.9, 113.901 30.9, 113.901 30.901, 113.9 30.901, 113.9 30.9)"


@pytest.fixture
def add(house, town_of_browsers, open_page):
    """A function: the page on which a row of a table is added, its map up."""
    boss = Member(username="boss", name="boss", is_superuser=True)
    boss.set_password(SECRET)
    boss.save()

    def opened(table):
        page = open_page()
        enter(page, house, "boss")
        page.goto(f"{house}/admin/grids/{table}/add/")
        page.locator(".map[data-up]").wait_for()
        page.locator("[data-draw]").scroll_into_view_if_needed()
        return page

    return opened


def dragged(page, box, by):
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + by[0], middle[1] + by[1], steps=5)
    page.mouse.up()


def test_a_corner_that_is_dragged_changes_the_text(add):
    page = add("areaversion")
    text = page.locator("#id_geometry")
    text.fill(f"MULTIPOLYGON (({SQUARE}))")
    corner = page.locator(".leaflet-editing-icon").first
    corner.wait_for()
    dragged(page, corner.bounding_box(), (30, 20))
    page.wait_for_function(
        "before => document.getElementById('id_geometry').value !== before",
        arg=f"MULTIPOLYGON (({SQUARE}))",
    )
    assert text.input_value().startswith("MULTIPOLYGON (((113.9")
    text.fill("MULTIPOLYGON (((113.9")
    page.get_by_text("The text is not whole").wait_for()
    assert faults_of(page) == []


def test_a_place_is_put_where_the_map_is_clicked(add):
    page = add("component")
    page.get_by_role("button", name="Draw anew").click()
    box = page.locator(".map").bounding_box()
    dragged(page, box, (0, 0))
    page.wait_for_function("document.getElementById('id_point').value.startsWith('POINT (113.9')")
