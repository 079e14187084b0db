"""Notices in a browser: one arrives in the open page by its stream; the pages by keys, without a
fault of axe in any language, theme or width."""

import asyncio
import threading

import pytest
import uvicorn
from django.db import connections

from gridcity.asgi import streams as streaming
from incidents import telling
from incidents.letters import Gateway, Message
from tests.browser.looks import faults_of, walk_in_every_width
from tests.browser.play import SECRET, enter, sign_in
from tests.incidents import play, post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def streams():
    """The event streams as the city serves them, on a port of their own: its address. The test
    server, which serves the pages, has none."""
    config = uvicorn.Config(streaming, port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)

    def run():
        asyncio.run(server.serve())
        connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = server.force_exit = True
    thread.join(10)


@pytest.fixture
def told(town_of_browsers):
    """A town in which the handler and the administrator find something on each page."""
    town = town_of_browsers
    town.sysadmin.username = "sysadmin"
    town.sysadmin.set_password(SECRET)
    town.sysadmin.save()
    post.reach(town.handler)
    gateway = post.gateway(town)
    town.case = play.dispatched(town, town.urgent)
    play.dispatched(town)
    post.told()
    Message.objects.filter(channel="sms").update(state="dead", tries=9, error="HTTP 503")
    Gateway.objects.filter(pk=gateway.pk).update(down_since="2026-03-03T01:00Z")
    return town


def at(page, streams):
    """Streams of the page are those of the other server."""

    def pass_on(route):
        path = route.request.url.split("/", 3)[3]
        route.continue_(url=f"{streams}/{path}")

    page.route("**/live/**", pass_on)


def test_a_notice_arrives_in_the_open_page(house, town_of_browsers, streams, open_page):
    town = town_of_browsers
    page = open_page(expected="404")  # the cast's photos have no files
    at(page, streams)
    enter(page, house, "handler")
    page.goto(f"{house}/notices/")
    bell = page.get_by_role("link", name="Notices, not read:")
    bell.wait_for()
    assert page.locator("[data-unread]").get_attribute("data-unread") == "0"
    case = play.dispatched(town)
    telling.tell()
    page.locator('[data-unread="1"]').wait_for()
    assert page.locator("#live-words").inner_text() == "New notices: 1"
    page.get_by_role("link", name="New notices have come: show them").click()
    page.get_by_role("link", name="A case waits for you").press("Enter")
    page.wait_for_url(f"**/cases/{case.number}/")
    page.locator('[data-unread="0"]').wait_for(state="attached")
    page.goto("about:blank")  # and the stream ends


def test_everything_is_read_by_keys(house, told, open_page):
    page = open_page()
    sign_in(page, house, "handler")
    page.get_by_role("link", name="Notices, not read: 2").press("Enter")
    page.get_by_role("button", name="Mark all as read").press("Enter")
    page.get_by_role("link", name="Notices, not read: 0").wait_for()
    page.get_by_role("link", name="Not read", exact=True).press("Enter")
    page.get_by_text("You have read everything").wait_for()


def test_how_i_am_told_is_kept(house, told, open_page):
    page = open_page(expected="422", width=375)
    enter(page, house, "handler")
    page.goto(f"{house}/notices/settings/")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_text("Quiet hours have both a beginning and an end.").wait_for()
    assert faults_of(page) == []
    page.get_by_label("Quiet until").fill("07:00")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_text("This is how you are told from now on.").wait_for()
    assert page.get_by_label("Quiet from").input_value() == "22:00"


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_axe_finds_nothing_and_nothing_sticks_out(house, told, open_page, language, theme):
    several = Message.objects.filter(member=told.handler, channel="page").first()
    pages = {
        "handler": ("notices/", f"notices/{several.key}/", "notices/settings/"),
        "sysadmin": ("notices/undelivered/", "notices/"),
    }
    Message.objects.filter(pk=several.pk).update(notice="several", outbox=None)
    for who, paths in pages.items():
        page = open_page(language, theme=theme)
        enter(page, house, who)
        walk_in_every_width(page, house, paths)
