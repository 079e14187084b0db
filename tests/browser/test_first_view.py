"""What a page weighs at its first view, with nothing in the cache: interface guide, section 9.

Static files count as the web server sends them, compressed; everything else as it comes."""

import gzip

import pytest
from playwright.sync_api import Error

from tests.browser.play import enter
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)
KB = 1000
# Pictures and fonts are compressed already.
PACKED = (".png", ".jpg", ".woff2")


def weighed(page, house, path):
    """{address: bytes over the wire} of the first view of a page in a fresh context."""
    found = []
    # The test server serves no event streams, and a stream is no part of a first view.
    page.route("**/live/**", lambda route: route.abort())
    page.on("response", lambda answer: found.append(answer))
    page.goto(f"{house}{path}")
    page.wait_for_load_state("networkidle")
    sizes = {}
    for answer in found:
        try:
            body = answer.body()
        except Error:  # a redirection has none
            continue
        packs = "/static/" in answer.url and not answer.url.endswith(PACKED)
        sizes[answer.url.removeprefix(house)] = len(gzip.compress(body, 6) if packs else body)
    return sizes


@pytest.mark.parametrize(
    ("role", "path", "width", "most"),
    [
        ("dispatcher", "/board/", 1440, 350 * KB),
        # Two thumbnails of at most 60 kB are part of the 450 kB; the cast's photos have no files.
        ("chief", "/cases/{case}/", 1440, 330 * KB),
        ("worker", "/report/", 375, 200 * KB),
    ],
    ids=["board", "case", "phone"],
)
def test_a_first_view_is_light(house, town_of_browsers, browser, role, path, width, most):
    case = play.filed(town_of_browsers, town_of_browsers.slow)
    for _each in range(20):
        play.filed(town_of_browsers, town_of_browsers.slow)
    fresh = browser.new_context(locale="en", viewport={"width": width, "height": 800})
    page = fresh.new_page()
    enter(page, house, role)
    sizes = weighed(page, house, path.format(case=case.number))
    fresh.close()
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    print(f"\n{path}: {sum(sizes.values()) / KB:.0f} kB", heaviest)
    assert sum(sizes.values()) <= most, heaviest
