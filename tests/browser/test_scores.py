"""The pages of scores in a browser: drawers by mouse and keys, the chart and the table behind it,
no fault of axe in either language and theme, nothing that sticks out."""

from datetime import timedelta

import pytest

from assessment import rollups
from lib import now
from tests.browser.looks import faults_of, sticks_out
from tests.browser.play import SECRET, enter
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scored(town_of_browsers):
    """A city with cases of yesterday, counted; accounts for the assessor and a head. `asked` is the
    month of that day: on the first of a month it is not the one that runs."""
    town = town_of_browsers
    for name in ("assessor", "grid_head"):
        member = getattr(town, name)
        member.username = name
        member.set_password(SECRET)
        member.save()
    yesterday = now.now() - timedelta(days=1)
    with now.at(yesterday):
        play.closed(town)
        play.dispatched(town, town.urgent)
        play.verified(town, town.slow)
    rollups.roll_up(town.city)
    town.asked = f"period={town.city.local_date(yesterday):%Y-%m}"
    return town


@pytest.fixture
def assessor(house, scored, open_page):
    page = open_page("en")
    enter(page, house, "assessor")
    return page


def paths(town):
    worker = town.worker.pk
    return [
        f"scores/?kind=street&{town.asked}",
        f"scores/?kind=unit&{town.asked}",
        f"scores/?kind=worker&{town.asked}",
        f"scores/street/{town.street.code}/?{town.asked}",
        f"scores/worker/{worker}/?{town.asked}",
        f"scores/unit/{town.water.code}/D_CLOSE_RATE/?{town.asked}",
        "scores/objections/",
        "everydays/?kind=managing",
    ]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_axe_finds_nothing_and_nothing_sticks_out(house, scored, open_page, language, theme):
    page = open_page(language, theme=theme)
    enter(page, house, "assessor")
    for path in paths(scored):
        page.goto(f"{house}/{path}")
        figures = page.locator(".scores-main a.figure:visible")
        if figures.count():
            figures.first.click()
            page.locator("#drawer .equation").wait_for()
        assert faults_of(page) == [], path
        for width in (320, 600, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert sticks_out(page) <= 0, (path, width)


def test_a_figure_opens_its_drawer_and_the_address_says_so(house, scored, assessor):
    page = assessor
    page.goto(f"{house}/scores/?kind=street&{scored.asked}")
    figure = page.get_by_role("row", name="书院街道").locator("a.figure").nth(3)
    figure.click()
    drawer = page.get_by_role("complementary")
    drawer.get_by_text("agrees with").wait_for()
    assert "open=street" in page.url
    page.reload()
    drawer.get_by_text("agrees with").wait_for()
    page.go_back()
    page.wait_for_function("document.getElementById('drawer').hidden")


def test_the_drawer_works_from_the_keyboard(house, scored, assessor):
    page = assessor
    page.goto(f"{house}/scores/?kind=street&{scored.asked}")
    figure = page.get_by_role("row", name="书院街道").locator("a.figure").first
    figure.focus()
    page.keyboard.press("Enter")
    page.locator("#drawer-title:focus").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("document.getElementById('drawer').hidden")
    assert figure.evaluate("element => element === document.activeElement")
    assert "open=" not in page.url


def test_a_term_of_the_equation_opens_its_own_cases(house, scored, assessor):
    page = assessor
    page.goto(f"{house}/scores/street/{scored.street.code}/?{scored.asked}")
    page.locator(".score-big a.figure").click()
    drawer = page.get_by_role("complementary")
    drawer.locator(".equation a.figure").first.click()
    drawer.get_by_text("÷").wait_for()
    drawer.locator(".equation a.figure").nth(1).click()
    drawer.get_by_text("agrees with").wait_for()
    assert drawer.locator(".drawer-cases > li").count() > 0


def test_the_trend_is_drawn_and_its_table_has_the_same_numbers(house, scored, assessor):
    page = assessor
    page.goto(f"{house}/scores/street/{scored.street.code}/?{scored.asked}")
    page.locator("#trend[data-up] canvas").wait_for()
    page.get_by_text("See the table").click()
    score = page.locator(".score-big a.figure").inner_text()
    rows = page.get_by_role("region", name="Trend", exact=True).get_by_role("row")
    assert rows.count() == 13
    days = page.evaluate("JSON.parse(document.getElementById('trend-data').textContent)")
    assert len(days["labels"]) == 12 and float(score) > 0
    drawn = [value for value in days["lines"][0]["values"] if value is not None]
    told = [cell for cell in rows.locator("td:nth-of-type(2)").all_inner_texts() if cell != "–"]
    assert [f"{value:.2f}" for value in reversed(drawn)] == told


def test_without_scripts_a_figure_is_a_page(house, scored, browser, assessor):
    state = assessor.context.storage_state()
    context = browser.new_context(locale="en", java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{house}/scores/?kind=street&{scored.asked}")
    page.locator("tbody a.figure").nth(3).click()
    page.get_by_text("What counts").wait_for()
    assert page.get_by_role("heading", level=1).count() == 1
    context.close()
