"""The page of monthly and quarterly reports in a browser: asked for by keys, ready by itself, no
fault of axe."""

import pytest

from publication.models import Digest
from tests.browser.looks import faults_of, sticks_out
from tests.browser.play import SECRET, enter, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leading(town_of_browsers):
    member = town_of_browsers.leader
    member.username = "leader"
    member.set_password(SECRET)
    member.save()
    return town_of_browsers


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_leader_asks_for_a_report_and_fetches_it(
    house, leading, open_page, theme, settings, tmp_path
):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    page = open_page(theme=theme)
    enter(page, house, "leader")
    page.goto(f"{house}/reports/")
    page.get_by_text("No report has been made yet").wait_for()
    assert faults_of(page) == []
    page.get_by_label("Language", exact=True).last.select_option("en")
    page.get_by_role("button", name="Make a report").press("Enter")
    page.get_by_role("link", name="PDF").wait_for(timeout=120_000)
    assert faults_of(page) == []
    for width in (320, 600, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert sticks_out(page) <= 0, width
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Excel").click()
    assert fetched.value.suggested_filename.endswith("-v1.xlsx")
    assert Digest.objects.get().state == "done"


def test_the_page_is_sound_in_chinese(house, leading, open_page):
    page = open_page()
    sign_in(page, house, "leader")
    page.get_by_role("navigation", name="Pages").wait_for()
    page.get_by_role("button", name="中文").click()
    page.locator("html[lang^=zh]").wait_for()
    page.goto(f"{house}/reports/")
    assert page.locator("html").get_attribute("lang").startswith("zh")
    assert faults_of(page) == [] and sticks_out(page) <= 0
