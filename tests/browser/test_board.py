"""The board in a browser: keys all the way, news that moves no row, somebody who was first, a
server that goes away and comes back, and no fault of axe."""

import pytest

from incidents import workflow
from incidents.models import Case, Category
from tests.browser.looks import faults_of, sticks_out
from tests.browser.play import enter
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(town_of_browsers):
    town = town_of_browsers
    return [play.filed(town, town.slow), play.filed(town, town.slow)]


def board(open_page, house, who="dispatcher", path="/board/", **given):
    page = open_page(**given)
    # The test server knows no streams: the page asks by itself, as where one drops.
    page.route("**/live/", lambda route: route.abort())
    enter(page, house, who)
    page.goto(f"{house}{path}")
    return page


def heard(page):
    """As if the stream had said that something moved."""
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('gridcity:stale',"
        " {detail: {names: ['*'], numbers: []}}))"
    )


def test_a_case_is_dispatched_by_keys_alone(house, two, open_page):
    page = board(open_page, house, expected="Failed to load resource")
    page.locator(f'[data-preview="{two[0].number}"]').wait_for()
    page.keyboard.press("j")
    page.locator(f'[data-preview="{two[1].number}"]').wait_for()
    assert f"case={two[1].number}" in page.url
    page.keyboard.press("Enter")
    page.locator(f'[data-row="{two[1].number}"]').wait_for(state="detached")
    assert Case.objects.get(pk=two[1].pk).stage == "dispatched"
    page.locator(f'[data-preview="{two[0].number}"]').wait_for()


def test_keys_rest_while_somebody_types(house, two, open_page):
    page = board(open_page, house, expected="Failed to load resource")
    note = page.locator(".move-form textarea")
    note.press_sequentially("jxsg")
    assert note.input_value() == "jxsg"
    assert page.locator(".tick input:checked").count() == 0


def test_news_waits_above_and_moves_no_row(house, two, town_of_browsers, open_page):
    page = board(open_page, house, expected="Failed to load resource")
    page.locator("[data-preview]").wait_for()
    play.filed(town_of_browsers, town_of_browsers.urgent)
    workflow.move(two[1], "dispatch", town_of_browsers.second_dispatcher, unit="WATER")
    heard(page)
    page.locator("#fresh").wait_for()
    assert "1 new" in page.locator("#fresh").inner_text()
    assert page.locator(".queue-row").count() == 2
    assert "moved on" in page.locator(f'[data-row="{two[1].number}"]').inner_text()
    page.keyboard.press("g")
    page.locator("#fresh").wait_for(state="hidden")
    assert page.locator(".queue-row").count() == 2


def test_several_at_once_and_who_was_first(house, two, town_of_browsers, open_page):
    page = board(open_page, house, expected="Failed to load resource")
    page.locator("[data-preview]").wait_for()
    for row in page.locator(".tick input").all():
        row.check()
    workflow.move(two[1], "dispatch", town_of_browsers.second_dispatcher, unit="GARDENS")
    page.keyboard.press("Shift+Enter")
    page.locator("[data-results]").wait_for()
    said = page.locator("#results").inner_text()
    assert "was first" in said
    page.locator(f'[data-row="{two[0].number}"]').wait_for(state="detached")
    assert page.locator(f'[data-row="{two[1].number}"] .tick input').is_checked()
    assert Case.objects.get(pk=two[1].pk).unit == town_of_browsers.gardens


def test_a_server_that_is_away_is_said_and_comes_back(house, two, open_page):
    page = board(open_page, house, expected="Failed to load resource")
    page.locator(".move-form textarea").fill("half a sentence")
    page.route("**/board/rows/*", lambda route: route.abort())
    heard(page)
    page.locator("#bar-stale").wait_for()
    assert "until the connection is back" in page.locator("#bar-stale").inner_text()
    page.unroute("**/board/rows/*")
    heard(page)
    page.locator("#bar-stale").wait_for(state="hidden")
    assert page.locator(".move-form textarea").input_value() == "half a sentence"


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
@pytest.mark.parametrize("width", [1440, 375])
def test_axe_finds_nothing(house, two, open_page, language, theme, width):
    page = open_page(width=width, theme=theme, expected="Failed to load resource")
    page.route("**/live/", lambda route: route.abort())
    enter(page, house, "dispatcher")
    page.context.set_extra_http_headers({"Accept-Language": language})
    for path in ("/board/", f"/board/{two[0].number}/", "/board/?stage=suspended"):
        page.goto(f"{house}{path}")
        page.wait_for_load_state("networkidle")
        assert faults_of(page) == []
        assert sticks_out(page) <= 0


@pytest.mark.parametrize("width", [1440, 320])
def test_the_longest_name_stays_within_its_row(house, two, open_page, width):
    name = "Unauthorised bunting and advertisements on the fronts of street buildings"
    Category.objects.filter(pk=two[0].category_id).update(name_zh=name, name_en=name)
    page = board(open_page, house, width=width, expected="Failed to load resource")
    page.get_by_role("link", name=name).first.wait_for()
    assert sticks_out(page) <= 0
    row = page.locator(".row-first").first
    assert row.evaluate("p => p.scrollWidth - p.clientWidth") <= 0
