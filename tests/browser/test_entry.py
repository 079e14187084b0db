"""The page at `/` in a browser: signing in, the demo's one click, both languages, small screens."""

import pytest

from staff.models import Member
from tests.browser.play import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_signing_in_says_who_i_am_and_what_runs(house, open_page):
    page = open_page()
    sign_in(page, house, "dispatcher")
    page.goto(house)
    assert page.get_by_role("heading", level=1).inner_text() == "Hello, dispatcher"
    assert "Gives each case" in page.get_by_role("region", name="My posts today").inner_text()
    assert "Redis" in page.get_by_role("region", name="What runs").inner_text()
    page.get_by_role("link", name="Cases and administration").click()
    assert page.url.endswith("/admin/")


def test_signing_out_leads_back_to_the_sign_in(house, open_page):
    page = open_page()
    sign_in(page, house, "dispatcher")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"


def test_a_wrong_password_is_said_and_five_lock_the_name(house, open_page):
    page = open_page(expected="429")
    for _attempt in range(4):
        sign_in(page, house, "dispatcher", "wrong")
        assert "correct" in page.get_by_role("alert").inner_text()
    sign_in(page, house, "dispatcher", "wrong")
    assert "locked for 15 minutes" in page.get_by_role("alert").inner_text()
    sign_in(page, house, "dispatcher")
    assert "locked" in page.get_by_role("alert").inner_text()


def test_one_click_signs_in_as_a_role_of_the_demo(house, open_page):
    page = open_page()
    page.goto(house)
    page.get_by_role("button", name="Intake officer").click()
    page.goto(house)
    assert page.get_by_role("heading", level=1).inner_text() == "Hello, intake"


def test_a_real_city_offers_no_such_click(house, open_page, settings, client):
    settings.DEMO = False
    page = open_page()
    page.goto(house)
    assert page.get_by_role("button", name="Intake officer").count() == 0
    assert client.post("/enter/", {"role": "intake"}).status_code == 404


def test_a_superuser_is_never_one_click_away(house, client):
    Member.objects.filter(username="intake").update(is_superuser=True)
    assert client.post("/enter/", {"role": "intake"}).status_code == 404


def test_the_language_changes_and_stays(house, open_page):
    page = open_page()
    page.goto(house)
    page.get_by_role("button", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert page.get_by_role("heading", level=1).inner_text() == "登录"
    page.goto(house)
    assert page.get_by_role("heading", level=1).inner_text() == "登录"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_nothing_sticks_out_and_the_page_has_its_landmarks(house, open_page, language):
    page = open_page(language)
    for who in (None, "dispatcher"):
        if who:
            page.goto(house)
            page.locator(f"button[value={who}]").click()
        for width in (320, 375, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(house)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("h1").count() == 1
            for landmark in ("banner", "main", "contentinfo"):
                assert page.get_by_role(landmark).count() == 1


def test_the_keyboard_skips_to_the_content_and_every_field_has_a_label(house, open_page):
    page = open_page()
    page.goto(house)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    for field in page.locator("input:not([type=hidden])").all():
        assert page.locator(f"label[for={field.get_attribute('id')}]").count() == 1


def test_where_i_wanted_to_go_is_where_i_come_but_never_elsewhere(house, client):
    there = client.post("/enter/", {"role": "intake", "next": "/admin/"})
    assert there["Location"] == "/admin/"
    client.logout()
    there = client.post("/enter/", {"role": "intake", "next": "https://example.com/"})
    assert there["Location"] == "/start/"
