"""Every page in both languages, at desktop and phone width, as docs/screens/*.png.

Run by scripts/screens on a running demo city. Says what is wrong with a page: a failed request, a
word of the console, a part that sticks out, a fault that axe finds.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.play import FLAGS, faults_of, sticks_out

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
WIDTHS = {"desktop": (1440, 900), "phone": (375, 760)}
# name, role, address; `{case}` is the first case of the role's own board.
PAGES = (
    ("sign-in", None, "/"),
    ("start", "dispatcher", "/"),
    ("board-dispatch", "dispatcher", "/board/"),
    ("board-intake", "intake", "/board/"),
    ("board-handling", "handler", "/board/"),
    ("cases", "chief", "/cases/"),
    ("case", "chief", "/cases/{case}/"),
    ("report", "worker", "/report/"),
    ("report-hotline", "intake", "/report/"),
    ("approval", "supervisor", "/approvals/"),
    ("map", "dispatcher", "/map/"),
    ("calendars", "sysadmin", "/calendars/"),
    ("admin", "sysadmin", "/admin/"),
)


def main(address):
    """Take them all; the number of complaints."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    complaints = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width_name, (width, height) in WIDTHS.items():
            for language_name, language in LANGUAGES.items():
                for name, role, path in PAGES:
                    file = FOLDER / f"{name}-{language_name}-{width_name}.png"
                    context = chromium.new_context(viewport={"width": width, "height": height})
                    context.add_cookies(
                        [{"name": "django_language", "value": language, "url": address}]
                    )
                    for words in _take(context.new_page(), address, role, path, file):
                        complaints.append(f"{file.name}: {words}")
                        print(complaints[-1], flush=True)
                    context.close()
        chromium.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {len(complaints)} complaints")
    return len(complaints)


def _take(page, address, role, path, file):
    """One picture; what was wrong with the page."""
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.goto(address)
    if role:
        page.locator(f"button[name=role][value={role}]").click()
    if "{case}" in path:
        page.goto(f"{address}/cases/")
        number = page.locator("[data-number]").first.get_attribute("data-number")
        path = path.replace("{case}", number)
    page.goto(address + path)
    # Maps draw after the page has loaded; the event stream keeps the network busy for good.
    page.wait_for_function("!document.querySelector('[data-map]:not([data-drawn])')", timeout=8000)
    page.wait_for_timeout(600)
    page.screenshot(path=file)
    if not path.startswith("/admin/"):
        wrong += faults_of(page)
        over = sticks_out(page)
        wrong += [f"sticks out by {over} px"] if over > 0 else []
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1].rstrip("/")) else 0)
