"""One case from report to closing by six people at six browsers, and what they meet on the way."""

import io

import pytest
from PIL import Image

from incidents.models import Case
from tests.browser.looks import faults_in_the_dark, faults_of, sticks_out
from tests.browser.play import enter
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)

# The cast's photos are rows without a file.
NO_FILE = ("404",)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    stores = {**settings.STORAGES}
    stores["default"] = {**stores["default"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = stores


def picture(name):
    file = io.BytesIO()
    Image.effect_noise((320, 240), 80).convert("RGB").save(file, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


def move(page, house, number, name, **fields):
    """Make one move from the page of a case, as its form asks; waits until it was made."""
    page.goto(f"{house}/cases/{number}/")
    form = page.locator(f".move-form:has(input[name=move][value={name}])")
    for field, value in fields.items():
        place = form.locator(f"[name={field}]")
        if isinstance(value, dict):
            place.set_input_files(value)
        elif place.evaluate("element => element.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)
    before = Case.objects.get(number=number).version
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        form.locator(".send").click()
    page.wait_for_load_state()
    assert Case.objects.get(number=number).version > before, page.locator(".moves").inner_text()


def test_one_case_from_report_to_closing_by_six_people(house, town_of_browsers, open_page):
    town = town_of_browsers
    pages = {}
    for name in ("intake", "chief", "dispatcher", "handler", "worker", "supervisor"):
        pages[name] = open_page()
        enter(pages[name], house, name)
    at = pages["intake"]
    at.goto(f"{house}/report/")
    at.get_by_text("Longitude and latitude by hand").click()
    at.get_by_label("Longitude").fill(str(town.inside.x))
    at.get_by_label("Latitude").fill(str(town.inside.y))
    at.get_by_label("What is wrong, in words").press_sequentially("rubbish")
    at.get_by_role("option", name="Exposed rubbish").first.click()
    at.get_by_role("button", name="Send the report").click()
    at.wait_for_url("**/report/sent/**")
    number = Case.objects.get().number
    assert number in at.get_by_role("main").inner_text()
    where = f"{town.inside.x}, {town.inside.y}"
    move(pages["intake"], house, number, "accept", category="E-01-13")
    move(pages["chief"], house, number, "file", condition="E-01-13-1")
    move(pages["dispatcher"], house, number, "dispatch", unit=town.water.code)
    move(pages["handler"], house, number, "handle", result="Swept.", photo=picture("after.jpg"))
    move(pages["worker"], house, number, "verify", photo=picture("seen.jpg"), position=where)
    at = pages["supervisor"]
    at.goto(f"{house}/approvals/")
    assert number in at.get_by_role("main").inner_text()
    at.get_by_role("button", name="Approve").click()
    at.wait_for_load_state()
    case = Case.objects.get(number=number)
    assert case.stage == "closed"
    people = list(case.steps.order_by("seq").values_list("by__username", flat=True))
    assert people == ["intake", "intake", "chief", "dispatcher", "handler", "worker", "supervisor"]


def test_of_two_dispatchers_one_wins_and_the_other_is_told(house, town_of_browsers, open_page):
    town = town_of_browsers
    case = play.filed(town)
    slow, fast = open_page(expected=NO_FILE), open_page(expected=NO_FILE)
    enter(slow, house, "dispatcher")
    enter(fast, house, "dispatcher")
    slow.goto(f"{house}/cases/{case.number}/")
    slow.locator(".move-form [name=note]").fill("Fence it off first.")
    move(fast, house, case.number, "dispatch", unit=town.water.code)
    slow.locator(".move-form .send").click()
    told = slow.locator(".conflict")
    told.wait_for()
    assert "dispatcher" in told.inner_text().lower()
    assert slow.locator(".move-form [name=note]").input_value() == "Fence it off first."
    # The page hears that the case has moved: all else is replaced, this stays.
    slow.evaluate(
        "document.dispatchEvent(new CustomEvent('gridcity:stale',"
        " {detail: {names: ['*'], numbers: []}}))"
    )
    slow.locator(f".case-head[data-version='{case.version + 1}']").wait_for()
    slow.locator(".case-map .map[data-stage=dispatched][data-up]").wait_for()
    assert told.is_visible()
    assert slow.locator(".move-form [name=note]").input_value() == "Fence it off first."
    assert Case.objects.get(pk=case.pk).version == case.version + 1


# The pages are looked at from the narrowest window to the widest, those beside the two that axe
# looks at by widening the window.
OTHER_WIDTHS = {1440: (1000, 1920), 375: (320, 768)}
PAGES = (
    ("intake", "/board/"),
    ("dispatcher", "/board/"),
    ("handler", "/board/"),
    ("worker", "/board/"),
    ("intake", "/report/"),
    ("worker", "/report/"),
    ("supervisor", "/approvals/"),
    ("supervisor", "/approvals/done/"),
    ("chief", "/cases/"),
    ("chief", "/cases/{case}/"),
    ("chief", "/cases/{case}/print/"),
    ("chief", "/cases/{case}/related/"),
    ("chief", "/duty/"),
    ("dispatcher", "/map/"),
    ("dispatcher", "/map/table/"),
    ("dispatcher", "/"),
)


@pytest.mark.parametrize("width", [1440, 375])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_page_has_a_fault_that_axe_finds(house, town_of_browsers, open_page, language, width):
    town = town_of_browsers
    case = play.dispatched(town)
    play.filed(town)
    play.reported(town)
    found = []
    page, who = None, None
    for name, path in PAGES:
        if name != who:
            page, who = open_page(language, width, NO_FILE), name
            enter(page, house, name)
        page.goto(house + path.replace("{case}", case.number))
        page.wait_for_load_state("domcontentloaded")
        found += [f"{name} {path} {fault}" for fault in faults_of(page)]
        found += [f"dark {name} {path} {fault}" for fault in faults_in_the_dark(page)]
        for wide in (width, *OTHER_WIDTHS[width]):
            page.set_viewport_size({"width": wide, "height": 800})
            if (over := sticks_out(page)) > 0:
                found.append(f"{wide} {name} {path} sticks out by {over} px")
        page.set_viewport_size({"width": width, "height": 800})
    assert found == []
