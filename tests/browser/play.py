"""What a person does in a browser, and what is asked of every page."""

from pathlib import Path

from django.conf import settings

SECRET = "a long and plain sentence"
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


def sign_in(page, house, name, password=SECRET):
    """By name and password, at the entry page."""
    page.goto(house)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def faults_of(page):
    """What axe-core finds on a page: one line a fault, empty when it finds none."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then((said) => said.violations)")
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]


def sticks_out(page):
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def walk_in_every_width(page, house, paths, language="en"):
    """Go to each address, by default in the language in which one signed in: axe finds nothing, and
    nothing sticks out in the narrowest window, a middling and the widest one."""
    page.get_by_role("navigation", name="Pages").wait_for()
    if language != "en":
        page.get_by_role("button", name="中文").click()
    for path in paths:
        page.goto(f"{house}/{path}")
        assert faults_of(page) == [], path
        for width in (320, 600, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert sticks_out(page) <= 0, (path, width)
        page.set_viewport_size({"width": 1440, "height": 800})
