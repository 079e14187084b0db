"""Every page of every role in both languages, at desktop and phone width and once in the dark, as
docs/screens/*.png.

Run by scripts/screens on a running demo city. Says what is wrong with a page: a failed request, a
word of the console, a part that sticks out, a fault that axe finds. The README shows some of the
pictures; docs/screens/.gitignore names them.
"""

import sys
from itertools import groupby
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, sync_playwright

from tests.browser.looks import FLAGS, SHELL, faults_of, sticks_out

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
DESKTOP, PHONE = (1440, 900), (375, 760)
# name, language, window, colours
SETS = (
    ("zh-desktop", "zh-hans", DESKTOP, "light"),
    ("en-desktop", "en", DESKTOP, "light"),
    ("zh-phone", "zh-hans", PHONE, "light"),
    ("en-phone", "en", PHONE, "light"),
    ("zh-dark", "zh-hans", DESKTOP, "dark"),
)
# role, name, address, sorted by role; `{case}` is the first case of the role's own list.
PAGES = (
    (None, "bulletin", "/public/"),
    (None, "bulletin-archive", "/public/archive/"),
    (None, "sign-in", "/"),
    ("adjudicator", "board-adjudication", "/board/"),
    ("assessor", "appeals", "/appeals/?which=all"),
    ("assessor", "cases-closed", "/cases/?stage=closed"),
    ("assessor", "objections", "/scores/objections/"),
    ("assessor", "scores", "/scores/"),
    ("assessor", "scores-units", "/scores/?kind=unit"),
    ("assessor", "everydays", "/everydays/"),
    ("assessor", "spot-check-rule", "/spot-checks/rule/"),
    ("assessor", "spot-checks", "/spot-checks/"),
    ("auditor", "admin-audit", "/admin/"),
    ("chief", "board-filing", "/board/"),
    ("chief", "cases", "/cases/"),
    ("chief", "case-closed", "/cases/{case}/?stage=closed&unit=420902104"),
    ("chief", "case", "/cases/{case}/?stage=dispatched"),
    ("chief", "case-print", "/cases/{case}/print/?stage=closed"),
    ("dispatcher", "start", "/"),
    ("dispatcher", "board-dispatch", "/board/"),
    ("dispatcher", "board-open", "/board/?tab=open"),
    ("dispatcher", "board-nothing", "/board/?text=nothing-is-called-so"),
    ("dispatcher", "map", "/map/"),
    ("dispatcher", "map-table", "/map/table/"),
    ("dispatcher", "map-shaded", "/map/?shade=community"),
    ("dispatcher", "notices", "/notices/"),
    ("dispatcher", "notices-settings", "/notices/settings/"),
    ("dispatcher", "time", "/time/"),
    ("dispatcher", "warnings", "/warnings/"),
    ("handler", "appeals-handling", "/appeals/"),
    ("handler", "board-handling", "/board/"),
    ("handler", "case-handling", "/cases/{case}/?stage=dispatched"),
    ("intake", "board-intake", "/board/"),
    ("intake", "duty", "/duty/"),
    ("intake", "report-hotline", "/report/"),
    ("leader", "board-leader", "/board/"),
    ("leader", "joint", "/joint/"),
    ("leader", "ladder", "/ladder/"),
    ("leader", "orders", "/orders/"),
    ("leader", "plan-new", "/plans/new/"),
    ("leader", "plans", "/plans/"),
    ("leader", "reports", "/reports/"),
    ("secadmin", "admin-security", "/admin/"),
    ("supervisor", "approval", "/approvals/"),
    ("supervisor", "approvals-done", "/approvals/done/"),
    ("sysadmin", "calendars", "/calendars/"),
    ("sysadmin", "admin", "/admin/"),
    ("sysadmin", "admin-border", "/admin/grids/areaversion/add/"),
    ("sysadmin", "admin-matrix", "/admin/incidents/matrixrow/"),
    ("sysadmin", "health", "/health/"),
    ("sysadmin", "undelivered", "/notices/undelivered/"),
    ("worker", "board-tasks", "/board/"),
    ("worker", "my-score", "/scores/mine/"),
    ("worker", "report", "/report/"),
)
COLOURS = 192


def main(address, only=""):
    """Take them all, or those whose name holds `only`; the number of complaints."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    complaints = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=SHELL, args=FLAGS)
        for set_name, language, window, colours in SETS:
            for role, pages in groupby(PAGES, key=lambda page: page[0]):
                context = chromium.new_context(
                    viewport=dict(zip(("width", "height"), window, strict=True)),
                    color_scheme=colours,
                )
                cookie = {"name": "django_language", "value": language, "url": address}
                context.add_cookies([cookie])
                wanted = [p for p in pages if only in f"{p[1]}-{set_name}"]
                for words in _of_role(context, address, role, wanted, set_name):
                    complaints.append(words)
                    print(words, flush=True)
                context.close()
        chromium.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {len(complaints)} complaints")
    return len(complaints)


def _of_role(context, address, role, pages, set_name):
    """The pages of one role; what was wrong with them."""
    if role and pages:
        signed = context.new_page()
        signed.goto(address)
        token = signed.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
        answer = context.request.post(
            f"{address}/enter/",
            form={"role": role, "csrfmiddlewaretoken": token},
            headers={"Referer": address},
        )
        if not answer.ok:
            yield f"{role}: nobody to sign in as ({answer.status})"
            return
    for _role, name, path in pages:
        file = FOLDER / f"{name}-{set_name}.png"
        page = context.new_page()
        try:
            for words in _take(page, address, path, file):
                yield f"{file.name}: {words}"
        except Error as error:
            yield f"{file.name}: {error.message.splitlines()[0]}"
        page.close()


def _take(page, address, path, file):
    """One picture; what was wrong with the page."""
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    if "{case}" in path:
        path, _mark, query = path.partition("?")
        page.goto(f"{address}/cases/?{query}")
        links = page.locator("a.case-number")
        if not links.count():
            return ["no case to show"]
        path = path.replace("{case}", links.first.inner_text())
    page.goto(address + path)
    # Maps are brought up after the page has loaded and draw then; the event stream keeps the
    # network busy for good.
    page.wait_for_function("!document.querySelector('[data-map]:not([data-up])')", timeout=8000)
    page.wait_for_timeout(1200)
    page.screenshot(path=file)
    _shrink(file)
    if not path.startswith("/admin/"):
        wrong += faults_of(page)
        over = sticks_out(page)
        wrong += [f"sticks out by {over} px"] if over > 0 else []
    return wrong


def _shrink(file):
    """So many colours are enough for flat areas and letters, in a third of the bytes."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1].rstrip("/"), *sys.argv[2:]) else 0)
