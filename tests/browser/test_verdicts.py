"""Appeals, spot checks and reused photos in a browser: no fault of axe in any language, theme or
width, and the whole way of each by the keyboard."""

from datetime import timedelta

import pytest

from demo.pictures import draw
from incidents import drawing, workflow
from incidents.draws import DrawRule
from incidents.evidence import take_in
from lib import now
from tests.browser.looks import faults_of, sticks_out, walk_in_every_width
from tests.browser.play import SECRET, enter, sign_in
from tests.incidents import play
from tests.incidents.conftest import phone_photo, scene, upload

pytestmark = pytest.mark.django_db(transaction=True)
# The cast's own photos have no files: where they stand, the browser misses them ("404").


@pytest.fixture
def judged(town_of_browsers, tmp_path, settings):
    """A town with a late verdict, one that was objected to, a drawn day, and a photo used twice."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media", "base_url": None},
        }
    }
    town = town_of_browsers
    for name in ("assessor", "far_worker"):
        member = getattr(town, name)
        member.username = name
        member.set_password(SECRET)
        member.save()
    DrawRule.objects.create(city=town.city, share=100)
    moment = now.now()
    with now.at(moment - timedelta(days=2)):
        cases = [play.dispatched(town, town.urgent) for _each in range(2)]
    with now.at(moment - timedelta(days=1)):
        drawing.seal_ahead(town.city)
        for case in cases:
            case = play.verify(town, play.handle(town, case))
            workflow.move(case, "close", town.supervisor)
    town.objected, town.late = cases
    workflow.move(town.objected, "appeal", town.handler, reason="the gate was locked all day")
    drawing.seal_ahead(town.city)
    town.draw = drawing.draw_due(town.city)[-1]
    town.reused = reused(town)
    return town


def reused(town):
    """A verified case whose last photo shows the picture of another case."""
    taken = draw("E-01-13", "before", 7)
    photos = [photo(town.worker, town, taken), photo(town.mate, town, taken.resize((500, 375)))]
    workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        category=town.rubbish.code,
        evidence=[photos[0].pk],
    )
    case = play.handled(town)
    return workflow.move(case, "verify", town.mate, evidence=[photos[1].pk])


def photo(by, town, image):
    data = phone_photo(image, taken_at=now.now() - timedelta(minutes=1))
    return take_in(upload(data), by, city=town.city)


def paths_of(town):
    day = town.draw.seal.day.isoformat()
    return {
        "assessor": (
            "spot-checks/",
            f"spot-checks/{day}/",
            "spot-checks/rule/",
            "appeals/?which=all",
            f"appeals/{town.objected.number}/",
            f"cases/{town.objected.number}/",
        ),
        "handler": ("appeals/", f"appeals/{town.late.number}/"),
        "supervisor": (f"approvals/{town.reused.number}/",),
    }


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
@pytest.mark.parametrize("role", ["assessor", "handler", "supervisor"])
def test_axe_finds_nothing_and_nothing_sticks_out(house, judged, open_page, role, language, theme):
    page = open_page(language, theme=theme, expected="404")
    enter(page, house, role)
    walk_in_every_width(page, house, paths_of(judged)[role])


def test_a_unit_objects_and_a_dispatcher_opines_by_keys(house, judged, open_page):
    page = open_page(width=375)
    sign_in(page, house, "handler")
    page.get_by_role("link", name="Appeals").first.click()
    page.get_by_role("link", name=judged.late.number).press("Enter")
    page.get_by_label("Reason").fill("no key to the pump house")
    page.get_by_label("Reason").press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your objection is on its way to the dispatcher.").wait_for()
    page.get_by_text("no key to the pump house").wait_for()
    assert faults_of(page) == [] and sticks_out(page) <= 0
    page = open_page()
    enter(page, house, "dispatcher")
    page.goto(f"{house}/appeals/")
    page.get_by_role("link", name=judged.late.number).press("Enter")
    page.get_by_role("textbox", name="Opinion").fill("the key was with us")
    page.get_by_role("textbox", name="Opinion").press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your opinion is on its way to the intake officer.").wait_for()
    assert judged.late.demands.filter(kind="decide", outcome="").count() == 1


def test_a_worker_makes_a_drawn_check_on_the_phone(house, judged, open_page, tmp_path):
    file = tmp_path / "check.jpg"
    file.write_bytes(phone_photo(scene(seed=21), taken_at=now.now()))
    page = open_page(width=375, expected="404")
    enter(page, house, "far_worker")
    number = judged.draw.cases.select_related("case").first().case.number
    page.goto(f"{house}/cases/{number}/")
    assert faults_of(page) == [] and sticks_out(page) <= 0
    page.get_by_label("Found there?").select_option("true")
    page.get_by_label("Photos", exact=True).set_input_files(file)
    page.get_by_role("button", name="Spot check").press("Enter")
    page.wait_for_url("**/board/")
    row = judged.draw.cases.get(case__number=number)
    row.case.refresh_from_db()
    assert (row.case.stage, row.case.round) == ("filed", 2)


def test_the_rule_is_tried_and_kept_by_keys(house, judged, open_page):
    page = open_page(expected="422")
    sign_in(page, house, "assessor")
    page.get_by_role("link", name="Spot checks").first.press("Enter")
    page.get_by_role("link", name="Change the rule").press("Enter")
    page.get_by_label("share, per cent").fill("500")
    page.get_by_role("button", name="Keep the rule").press("Enter")
    page.get_by_text("is 100 at most").wait_for()
    page.get_by_label("share, per cent").fill("50")
    page.get_by_role("button", name="What would it draw?").press("Enter")
    page.get_by_text("this rule would draw 1").wait_for()
    page.get_by_role("button", name="Keep the rule").press("Enter")
    page.get_by_text("The rule is kept").wait_for()
    assert DrawRule.objects.get().share == 50


def test_a_reused_photo_is_explained_to_who_decides(house, judged, open_page):
    page = open_page(expected=("404", "422"))
    enter(page, house, "supervisor")
    page.goto(f"{house}/approvals/{judged.reused.number}/")
    page.get_by_text("the same picture saved again").wait_for()
    pictures = page.locator(".reuse-pair img")
    assert pictures.count() == 2
    assert pictures.evaluate_all("all => all.every((one) => one.naturalWidth > 0)")
    page.get_by_label("Why it can be closed all the same").fill("I was there myself")
    page.get_by_role("button", name="Approve closing").press("Enter")
    page.get_by_text("closing approved").wait_for()
    assert judged.reused.steps.get(move="close").facts["checks"] == ["reuse"]
