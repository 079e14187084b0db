"""The bulletin in a browser: no fault of axe in any language, theme or width; by keys alone; two
pages of paper."""

from datetime import timedelta

import pytest

from assessment.models import Progress
from lib import now
from publication import publishing
from tests.browser.looks import faults_of, sticks_out
from tests.publication.conftest import full_day

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("", "{day}/", "archive/", "data/", "2020-01-01/")


@pytest.fixture
def told(town_of_browsers):
    """Two whole weeks before today are published."""
    town = town_of_browsers
    today = now.now().date()
    monday = today - timedelta(days=today.weekday() + 14)
    Progress.objects.create(city=town.city, rolled_at=now.now() + timedelta(days=1))
    publishing.open_schedule(town.city, monday)
    for number in range((today - monday).days + 1):
        full_day(town, monday + timedelta(days=number))
    publishing.publish_due(town.city)
    town.sunday = monday + timedelta(days=6)
    return town


@pytest.mark.parametrize("language", ["", "en/"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(house, told, open_page, language, theme):
    page = open_page(theme=theme, expected="404")
    for path in PAGES:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{house}/public/{language}{path.format(day=told.sunday)}")
        for summary in page.locator("summary").all():
            summary.click()
        assert faults_of(page) == [], path
        for width in (320, 600, 1024):
            page.set_viewport_size({"width": width, "height": 800})
            assert sticks_out(page) <= 0, (path, width)


def test_a_reader_goes_from_day_to_day_and_to_the_other_language_by_keys(house, told, open_page):
    page = open_page()
    page.goto(f"{house}/public/en/{told.sunday}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_role("link", name="The day after").press("Enter")
    page.wait_for_url(f"**/public/en/{told.sunday + timedelta(days=1)}/")
    page.get_by_role("link", name="中文").press("Enter")
    page.wait_for_url(f"**/public/{told.sunday + timedelta(days=1)}/")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.context.cookies() == []


def test_the_map_has_a_table_with_the_same_counts(house, told, open_page):
    page = open_page()
    page.goto(f"{house}/public/en/{told.sunday}/")
    assert page.locator(".drawn-map path").count() >= 2
    page.get_by_text("Table of the communities").press("Enter")
    table = page.get_by_role("region", name="Table of the communities")
    assert table.get_by_role("row").count() == 3
    table.get_by_role("row", name="书院社区").get_by_text("161").wait_for()


def test_on_paper_it_is_two_pages_with_the_hash(house, told, open_page, tmp_path):
    page = open_page()
    page.goto(f"{house}/public/en/{told.sunday}/")
    text = page.pdf(format="A4")
    assert text.count(b"/Type /Page\n") + text.count(b"/Type /Page ") <= 2
    page.emulate_media(media="print")
    assert page.locator(".files code").first.is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
