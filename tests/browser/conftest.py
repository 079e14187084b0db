"""A real browser before a real server, with the cast's accounts."""

import contextlib
import os
from threading import Lock

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import sync_playwright

from tests import cast
from tests.browser.looks import FLAGS, SHELL
from tests.browser.play import SECRET
from tests.concurrency.private import wait_for

# Django refuses queries where Playwright's event loop runs, though nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
ROLES = ("intake", "chief", "dispatcher", "handler", "worker", "supervisor", "auditor")
QUIET = {"content_type": "text/event-stream", "body": "retry: 600000\n\n"}


@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=SHELL, args=FLAGS)
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


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """The test server, begun after the database and so ended before it."""
    return live_server


@pytest.fixture
def house(live_server, town_of_browsers):
    """The address of a running city."""
    return live_server.url


class Traffic:
    """What the pages have asked and the server has not answered yet."""

    def __init__(self):
        self.asked, self.at_work, self.lock = set(), 0, Lock()
        self.is_over = False
        request_started.connect(self.began)
        request_finished.connect(self.ended)

    def began(self, **_said):
        with self.lock:
            self.at_work += 1

    def ended(self, **_said):
        with self.lock:
            self.at_work -= 1

    def watch(self, context):
        context.on("request", lambda request: self.asked.add(request))
        context.on("requestfinished", lambda request: self.asked.discard(request))
        context.on("requestfailed", lambda request: self.asked.discard(request))

    def stop(self, contexts):
        """Let nobody ask any more and every answer come, also those that no page waits for: after
        the test the tables are emptied, and who still reads them would be in the way."""
        self.is_over = True
        for context in contexts:
            context.route("**/*", lambda route: route.abort())
        # An answer that never comes has nothing to do with what was tested.
        with contextlib.suppress(AssertionError):
            wait_for(lambda: self.is_quiet(contexts), 5)
        request_started.disconnect(self.began)
        request_finished.disconnect(self.ended)

    def is_quiet(self, contexts):
        # Playwright hears what the browser says when it asks something itself.
        for context in contexts:
            context.cookies()
        return not self.asked and self.at_work <= 0


@pytest.fixture
def open_page(browser):
    """A function: a fresh page in a language, width and theme. What the browser complains of fails
    the test, but for what it says of an answer with the `expected` status."""
    contexts, complaints, traffic = [], [], Traffic()

    def fresh(language="en", width=1440, expected=(), theme="light"):
        statuses = (expected,) if isinstance(expected, str) else expected
        context = browser.new_context(
            locale=language, viewport={"width": width, "height": 800}, color_scheme=theme
        )
        contexts.append(context)
        traffic.watch(context)
        page = context.new_page()
        # The test server serves no event streams (gridcity/asgi.py does): a quiet one instead.
        page.route("**/live/**", lambda route: route.fulfill(**QUIET))
        page.on("pageerror", lambda error: traffic.is_over or complaints.append(str(error)))

        def listen(said):
            if traffic.is_over or any(status in said.text for status in statuses):
                return
            if said.type == "error":
                complaints.append(f"{said.text} {said.location['url']}")

        page.on("console", listen)
        return page

    yield fresh
    traffic.stop(contexts)
    for context in contexts:
        context.close()
    assert complaints == []
