"""The case page in a browser: photos compared by keys, a name that goes away by itself, words that
outlive a session, and no fault of axe."""

import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from incidents import evidence, workflow
from tests.browser.looks import faults_in_the_dark, faults_of, sticks_out
from tests.browser.play import enter
from tests.concurrency.private import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    stores = {**settings.STORAGES}
    stores["default"] = {**stores["default"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = stores


def photo(member, town, colour):
    file = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(file, "JPEG")
    return evidence.take_in(ContentFile(file.getvalue(), "photo.jpg"), member, city=town.city).pk


@pytest.fixture
def told(town_of_browsers):
    """A case told on the phone, and dispatched."""
    town = town_of_browsers
    case = workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category="E-01-13",
        description="bags on the pavement",
        reporter={"name": "Zhang San", "phone": "13812345678"},
        evidence=[photo(town.intake, town, "gray")],
    )
    workflow.move(case, "accept", town.intake, category="E-01-13")
    workflow.move(case, "file", town.chief, condition="E-01-13-1")
    return workflow.move(case, "dispatch", town.dispatcher, unit=town.water.code)


@pytest.fixture
def new_page(open_page):
    """A function: a page as `open_page` gives it, whose stream says hello and no more: the test's
    server has one thread a stream and none to spare."""

    def fresh(*args, **options):
        page = open_page(*args, **options)
        hello = {"content_type": "text/event-stream", "body": "event: hello\ndata: {}\n\n"}
        page.route("**/live/", lambda route: route.fulfill(**hello))
        return page

    return fresh


def at(page, house, case, who):
    enter(page, house, who)
    page.goto(f"{house}/cases/{case.number}/")


def test_photos_are_compared_by_keys(house, town_of_browsers, told, new_page):
    town = town_of_browsers
    after = [photo(town.handler, town, "green")]
    workflow.move(told, "handle", town.handler, result="swept", evidence=after)
    page = new_page()
    at(page, house, told, "dispatcher")
    page.get_by_role("button", name="Slide").press("Enter")
    slider = page.get_by_role("slider")
    slider.press("ArrowLeft")
    assert slider.input_value() == "48"
    clip = page.locator(".shot.after").evaluate("(shot) => getComputedStyle(shot).clipPath")
    assert "48%" in clip
    page.get_by_role("button", name="Blink").press("Enter")
    assert page.locator(".shot:visible").count() >= 1
    page.get_by_role("button", name="Side by side").press("Enter")
    assert not slider.is_visible()


def test_a_name_is_shown_for_a_minute(house, told, new_page):
    page = new_page()
    page.clock.install()
    at(page, house, told, "dispatcher")
    page.get_by_text("See the full values…").click()
    page.get_by_label("Reason for looking").fill("ask for the exact place")
    page.get_by_role("button", name="Look for 60 seconds").click()
    page.get_by_text("Zhang San").wait_for()
    page.clock.fast_forward(61_000)
    page.get_by_text("See the full values…").wait_for()
    assert "Zhang San" not in page.content()


def test_words_outlive_a_session(house, told, new_page):
    page = new_page(expected="401")
    at(page, house, told, "handler")
    page.get_by_role("link", name="Ask to extend").click()
    page.get_by_label("Reason").fill("the ground is wet")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Ask to extend").click()
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("User name").fill("handler")
    page.get_by_label("Password").fill("a long and plain sentence")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("What you typed before is back.").wait_for()
    assert page.get_by_label("Reason").input_value() == "the ground is wet"
    page.get_by_role("button", name="Ask to extend").click()
    page.get_by_text("An extension is asked for").wait_for()
    kept = "Object.keys(sessionStorage).some((key) => key.includes('draft'))"
    wait_for(lambda: not page.evaluate(kept))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_axe_finds_nothing(house, told, new_page, language):
    page = new_page(language)
    enter(page, house, "dispatcher")
    for path in (f"cases/{told.number}/", f"cases/{told.number}/print/", "cases/"):
        page.goto(f"{house}/{path}")
        assert faults_of(page) == []
        assert faults_in_the_dark(page) == []


def test_nothing_sticks_out_on_a_phone(house, told, new_page):
    page = new_page(width=375)
    enter(page, house, "worker")
    for path in (f"cases/{told.number}/", "cases/"):
        page.goto(f"{house}/{path}")
        assert sticks_out(page) <= 0


def test_a_case_that_somebody_moves_is_shown_as_it_is(house, town_of_browsers, told, new_page):
    page = new_page()
    at(page, house, told, "dispatcher")
    workflow.move(told, "ask_extend", town_of_browsers.handler, reason="the ground is wet")
    page.evaluate(
        "(number) => document.dispatchEvent(new CustomEvent('gridcity:stale',"
        " {detail: {names: ['queue'], numbers: [number]}}))",
        told.number,
    )
    page.get_by_text("An extension is asked for").wait_for()
