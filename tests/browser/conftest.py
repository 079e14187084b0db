"""A real browser before a real server, with the cast's accounts."""

import contextlib
import os

import pytest
from playwright.sync_api import TimeoutError, sync_playwright

from tests import cast
from tests.browser.play import FLAGS, SECRET

# Django refuses queries where Playwright's event loop runs, though nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
ROLES = ("intake", "chief", "dispatcher", "handler", "worker", "supervisor", "auditor")
QUIET = {"content_type": "text/event-stream", "body": "retry: 600000\n\n"}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def town_of_browsers(settings):
    """The cast's city of now, each role with an account of its name."""
    settings.DEMO = True
    town = cast.make_city()
    for role in ROLES:
        member = getattr(town, role)
        member.username = role
        member.set_password(SECRET)
        member.save()
    return town


@pytest.fixture
def house(live_server, town_of_browsers):
    """The address of a running city."""
    return live_server.url


@pytest.fixture
def open_page(browser):
    """A function: a fresh page in a language, width and theme. What the browser complains of fails
    the test, but for what it says of an answer with the `expected` status."""
    contexts, complaints = [], []

    def fresh(language="en", width=1440, expected=(), theme="light"):
        statuses = (expected,) if isinstance(expected, str) else expected
        context = browser.new_context(
            locale=language, viewport={"width": width, "height": 800}, color_scheme=theme
        )
        contexts.append(context)
        page = context.new_page()
        # The test server serves no event streams (gridcity/asgi.py does): a quiet one instead.
        page.route("**/live/**", lambda route: route.fulfill(**QUIET))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def listen(said):
            if said.type == "error" and not any(status in said.text for status in statuses):
                complaints.append(f"{said.text} {said.location['url']}")

        page.on("console", listen)
        return page

    yield fresh
    for context in contexts:
        for page in context.pages:
            # The server should have answered before the tables are emptied; a page that goes on
            # asking has nothing to do with what was tested.
            with contextlib.suppress(TimeoutError):
                page.wait_for_load_state("networkidle", timeout=5000)
        context.close()
    assert complaints == []
