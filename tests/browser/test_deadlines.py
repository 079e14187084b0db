"""The pages of deadlines and undertakings in a browser: no fault of axe in any language, theme or
width, and an arrival that takes the phone's position along."""

from datetime import timedelta

import pytest

from incidents import joint, workflow
from incidents.models import Milestone, Plan
from lib import now
from tests.browser.looks import faults_of, sticks_out, walk_in_every_width
from tests.browser.play import SECRET, enter, sign_in
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("time", "warnings", "orders", "ladder", "plans", "plans/new", "joint", "health")


@pytest.fixture
def busy(town_of_browsers):
    """A town with something on every page, and accounts for the leader and the street."""
    town = town_of_browsers
    for name in ("leader", "street_handler"):
        member = getattr(town, name)
        member.username = name
        member.set_password(SECRET)
        member.save()
    moment = now.now()
    with now.at(moment - timedelta(days=2)):
        for _each in range(2):
            case = play.dispatched(town)
            due = (now.now() + timedelta(hours=2)).isoformat()
            workflow.move(case, "supervise", town.leader, words="by tonight", due=due)
        play.reported(town)
        play.closed(town)
    town.plan = Plan.objects.create(
        city=town.city,
        name="Clean streets",
        goal="No rubbish on any street.",
        area=town.whole,
        unit=town.street_office,
        target=4,
        starts=(moment - timedelta(days=3)).date(),
        ends=(moment + timedelta(days=9)).date(),
        made_by=town.leader,
        made_at=moment,
    )
    Milestone.objects.create(
        plan=town.plan, day=(moment - timedelta(days=1)).date(), percent=50, name="half of it"
    )
    town.task = joint.call(
        town.street_handler,
        units=[town.water, town.gardens],
        due_at=moment + timedelta(hours=1),
        subject="burst pipe under a tree",
        place="the north gate",
    )
    joint.arrive(town.task.calls.get(unit=town.gardens), town.gardener)
    return town


def paths(town):
    return [
        *(f"{name}/" for name in LISTS),
        f"plans/{town.plan.pk}/",
        f"plans/{town.plan.pk}/edit/",
        f"joint/{town.task.pk}/",
    ]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_axe_finds_nothing_and_nothing_sticks_out(house, busy, open_page, language, theme):
    page = open_page(language, theme=theme)
    enter(page, house, "leader")
    walk_in_every_width(page, house, paths(busy))


def test_an_arrival_takes_the_position_along(house, busy, open_page):
    page = open_page(width=375)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 113.9005, "latitude": 30.9005})
    sign_in(page, house, "handler")
    page.get_by_role("link", name="Joint tasks").first.click()
    page.get_by_role("link", name="burst pipe under a tree").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="We are here").press("Enter")
    page.get_by_text("Your arrival is recorded.").wait_for()
    call = busy.task.calls.get(unit=busy.water)
    assert call.arrived_by == busy.handler and round(call.position.x, 4) == 113.9005


def test_a_street_rates_by_keys(house, busy, open_page):
    page = open_page(width=375, expected="422")
    enter(page, house, "street_handler")
    page.goto(f"{house}/joint/{busy.task.pk}/")
    assert faults_of(page) == [] and sticks_out(page) <= 0
    page.get_by_label("Rating").first.select_option("2")
    page.get_by_label("In words").first.press("Enter")
    page.get_by_text("Say why the rating is this low.").wait_for()
    page.get_by_label("In words").first.fill("no tools")
    page.get_by_label("In words").first.press("Enter")
    page.get_by_text("Rated 2 of 5").wait_for()
