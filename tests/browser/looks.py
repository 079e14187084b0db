"""What is asked of every page in a browser: that axe finds nothing and nothing sticks out."""

import contextlib
from pathlib import Path

from django.conf import settings

from tests.concurrency.private import wait_for

# Debian's Chromium without the windows round it: a page costs half.
SHELL = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
# Of what is no fault, axe keeps one example a rule instead of a description of every element.
ASK_AXE = """async (rules) => {
  const asked = {resultTypes: ["violations"]};
  if (rules.length) asked.runOnly = {type: "rule", values: rules};
  return (await axe.run(asked)).violations;
}"""
# Those of axe's rules on colour that run unless one asks for more.
RULES_OF_COLOUR = ("color-contrast", "link-in-text-block")
# A colour that fades to another has arrived; what goes round for ever cannot be finished.
END_FADES = """() => document.getAnimations().forEach((each) => {
  if (each instanceof CSSTransition) each.finish();
})"""


def faults_of(page, rules=()):
    """What axe-core finds on a page: one line a fault, empty when it finds none. Asked of certain
    rules, or of all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(ASK_AXE, list(rules))
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]


def faults_in_the_dark(page):
    """The same of a page that was asked for in the light, turned dark. Only colours change with the
    theme (the rules under prefers-color-scheme in static/css, and what is drawn on a canvas, into
    which axe does not look): the elements are those that all rules have seen."""
    page.emulate_media(color_scheme="dark")
    page.evaluate(END_FADES)
    found = faults_of(page, RULES_OF_COLOUR)
    page.emulate_media(color_scheme="light")
    page.evaluate(END_FADES)
    return found


def sticks_out(page):
    """By how many pixels the page is wider than its window, once what is drawn by a script has
    followed the window."""
    with contextlib.suppress(AssertionError):
        wait_for(lambda: _overhang(page) <= 0, 2)
    return _overhang(page)


def _overhang(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def walk_in_every_width(page, house, paths):
    """Go to each address: axe finds nothing, and nothing sticks out in the narrowest window, a
    middling and the widest one."""
    for path in paths:
        page.goto(f"{house}/{path}")
        assert faults_of(page) == [], path
        for width in (320, 600, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert sticks_out(page) <= 0, (path, width)
        page.set_viewport_size({"width": 1440, "height": 800})
