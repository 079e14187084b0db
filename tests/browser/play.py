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
