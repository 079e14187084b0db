"""What went wrong is seen where the eye and the keyboard are: the first fault of a refused form, a
move for several without its reason, a connection that dropped, a photo that did not come."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import faults_of
from tests.browser.play import enter
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = ("404", "422", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "htmx:")
PHONE = 375


def opened(open_page, house, who, path, **given):
    page = open_page(expected=REFUSED, **given)
    enter(page, house, who)
    page.goto(f"{house}{path}")
    return page


def test_a_phone_goes_to_the_first_fault_of_a_long_form(house, town_of_browsers, open_page):
    member = town_of_browsers.street_handler
    member.username = "street"
    member.save()
    page = opened(open_page, house, "street", "/joint/new/", width=PHONE)
    page.locator("[name=subject]").fill("Clear the road")
    page.locator("[name=place]").fill("at the bridge")
    page.get_by_role("button", name="Call them").click()
    said = page.get_by_text("Call at least one department.")
    said.wait_for()
    page.locator("[name=units]:focus").wait_for(state="attached")
    expect(said).to_be_in_viewport(ratio=1)
    assert faults_of(page) == []


def test_a_phone_goes_to_the_first_fault_of_a_move(house, town_of_browsers, open_page):
    case = play.filed(town_of_browsers)
    path = f"/cases/{case.number}/move/?move=correct"
    page = opened(open_page, house, "chief", path, width=PHONE)
    form = page.locator(".move-form")
    form.locator("[name=reason]").fill("moved")
    form.locator("[name=longitude]").fill("113.9005")
    form.locator("[name=latitude]").fill("99")
    form.locator(".send").click()
    said = page.get_by_text("“Latitude” lies between")
    said.wait_for()
    page.locator("[name=latitude]:focus").wait_for(state="attached")
    expect(said).to_be_in_viewport(ratio=1)
    assert faults_of(page) == []


def test_a_move_for_several_says_beside_its_field_that_a_reason_is_missing(
    house, town_of_browsers, open_page
):
    case = play.reported(town_of_browsers)
    page = opened(open_page, house, "intake", "/board/")
    page.locator(f'[data-row="{case.number}"] .tick input').check()
    said = page.get_by_text("Write the reason here")
    page.locator("#at-once").get_by_role("button", name="Dismiss").click()
    said.wait_for()
    reason = page.locator("#at-once [name=reason]")
    assert reason.get_attribute("aria-invalid") == "true" and faults_of(page) == []
    reason.fill("nothing there")
    said.wait_for(state="hidden")
    case.refresh_from_db()
    assert case.stage == "reported" and reason.get_attribute("aria-invalid") is None


def test_the_board_says_at_once_that_the_connection_dropped(house, town_of_browsers, open_page):
    page = opened(open_page, house, "intake", "/board/")
    page.locator("#live-state[data-state=polling]").wait_for()
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('gridcity:live', {detail: {live: true}}))"
    )
    assert page.locator("#live-state").get_attribute("data-state") == "live"
    page.context.set_offline(True)
    page.locator("#live-state[data-state=polling]").wait_for(timeout=1000)
    page.locator("#bar-stale").wait_for()
    page.context.set_offline(False)


def test_a_photo_that_does_not_come_leaves_words(house, town_of_browsers, open_page):
    case = play.handled(town_of_browsers)
    page = opened(open_page, house, "chief", f"/cases/{case.number}/")
    page.get_by_text("Photo not loaded").first.wait_for()
    assert page.locator(".shot img:visible").count() == 0 and faults_of(page) == []
