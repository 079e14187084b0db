"""Countdown plans: counted from the cases, green, yellow and red against their milestones."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from incidents import workflow
from incidents.models import Milestone, Plan
from incidents.plans import show_progress
from lib import now
from lib.lights import light_of, share_used
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db


def make(town, *, stones=(), **given):
    """A plan of ten days from Tuesday, over the rubbish of the street."""
    given = {
        "name": "Clean streets",
        "area": town.street,
        "unit": town.street_office,
        "category": town.rubbish,
        "target": 2,
        "starts": date(2026, 3, 3),
        "ends": date(2026, 3, 12),
        **given,
    }
    plan = Plan.objects.create(city=town.city, made_by=town.leader, made_at=cast.MORNING, **given)
    for day, percent in stones:
        Milestone.objects.create(plan=plan, day=day, percent=percent)
    return plan


def shown(plan, moment=None):
    return show_progress([Plan.objects.get(pk=plan.pk)], moment)[0]


def at(day, hour=12):
    """A local hour of Shanghai in March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC) - timedelta(hours=8)


# --- counting ------------------------------------------------------------------------------------


def test_the_cases_themselves_are_counted(town):
    plan = make(town)
    play.closed(town)
    play.dispatched(town)
    play.closed(town, town.slow)  # another subclass
    found = shown(plan)
    assert (found.count.filed, found.count.closed, found.reached, found.left) == (2, 1, 50, 1)
    wider = shown(make(town, category=None))
    assert (wider.count.filed, wider.count.closed, wider.reached) == (3, 2, 100)


def test_only_its_area_and_its_days_count(town):
    play.closed(town)
    elsewhere = make(town, area=town.other_community)
    later = make(town, starts=date(2026, 3, 4))
    assert shown(elsewhere).count.filed == 0 and shown(later).count.filed == 0
    for area in (town.whole, town.district, town.street, town.community, town.grids[0]):
        assert shown(make(town, area=area)).count.closed == 1, area.level


def test_without_a_target_every_filed_case_is_to_be_closed(town):
    plan = make(town, target=None)
    assert shown(plan).reached == 100 and shown(plan).light == "green"
    play.closed(town)
    play.dispatched(town)
    assert shown(plan).reached == 50


def test_nothing_presses_while_nothing_is_open(town):
    plan = make(town, target=None)
    assert shown(plan, at(12, 23)).light == "green"
    now.set_to(at(12, 9))
    play.dispatched(town)
    assert shown(plan, at(12, 23)).light == "yellow"


def test_a_reopened_case_counts_no_more_as_closed(town):
    plan = make(town)
    case = play.closed(town, by=town.intake, source="hotline")
    assert shown(plan).count.closed == 1
    workflow.move(case, "reopen", case.reported_by, reason="it is back")
    assert shown(plan).count.closed == 0


# --- lights --------------------------------------------------------------------------------------


def test_lights_of_a_span():
    begins, due = at(3, 0), at(13, 0)
    assert light_of(begins, due, at(10, 23)) == "green"
    assert light_of(begins, due, at(11, 0)) == "yellow"
    assert light_of(begins, due, due) == "yellow"
    assert light_of(begins, due, due + timedelta(seconds=1)) == "red"
    assert share_used(begins, begins, begins) == 1.0


def test_a_plan_goes_yellow_and_red_like_a_clock(town):
    plan = make(town, stones=[(date(2026, 3, 7), 50)])
    assert [shown(plan, at(day)).light for day in (3, 6, 7)] == ["green", "green", "yellow"]
    late = shown(plan, at(8))
    assert late.light == "red" and [mark.light for mark in late.marks] == ["red", "green"]
    now.set_to(at(9))
    play.closed(town)
    made_up = shown(plan, at(9, 13))
    assert made_up.marks[0].light == "red" and made_up.light == "green"
    assert shown(plan, at(12, 23)).light == "yellow" and shown(plan, at(13, 1)).light == "red"


def test_a_plan_that_is_reached_is_so_before_its_end(town):
    plan = make(town, target=1, stones=[(date(2026, 3, 7), 100)])
    play.closed(town)
    found = shown(plan, at(4))
    assert found.light == "met" and [mark.met for mark in found.marks] == [True, True]
    assert found.days_left == 9 and shown(plan, at(12)).days_left == 1
    assert shown(plan, at(13)).is_over and shown(plan, at(13)).light == "met"


# --- the pages -----------------------------------------------------------------------------------


def form_of(town, **more):
    stones = {
        "milestones-TOTAL_FORMS": "2",
        "milestones-INITIAL_FORMS": "0",
        "milestones-0-day": "2026-03-07",
        "milestones-0-percent": "50",
        "milestones-1-day": "",
    }
    plan = {
        "name": "Clean streets",
        "area": town.street.pk,
        "unit": town.street_office.pk,
        "category": "",
        "target": "10",
        "starts": "2026-03-03",
        "ends": "2026-03-12",
    }
    return plan | stones | more


@pytest.mark.parametrize("who", ["leader", "sysadmin", "street_leader"])
def test_leaders_and_the_administrator_make_plans(town, who):
    member = getattr(town, who)
    answer = client_of(member).post(reverse("plan_new"), form_of(town))
    plan = Plan.objects.get()
    assert answer["Location"] == reverse("plan", args=[plan.pk])
    assert plan.made_by == member and plan.milestones.get().percent == 50
    assert LogEntry.objects.get().user == member
    assert "Clean streets" in client_of(member).get(reverse("plans")).text


def test_others_read_what_concerns_them_and_change_nothing(town):
    plan = make(town)
    for name in ("dispatcher", "chief", "street_handler", "supervisor"):
        client = client_of(getattr(town, name))
        assert client.get(reverse("plan_new")).status_code == 403
        assert client.get(reverse("plan_edit", args=[plan.pk])).status_code in (403, 404), name
    assert client_of(town.street_handler).get(reverse("plan", args=[plan.pk])).status_code == 200
    for member in (town.handler, cast.make_city(prefix="OC", lon=115.0).leader):
        assert client_of(member).get(reverse("plan", args=[plan.pk])).status_code == 404
        assert client_of(member).get(reverse("plans")).status_code == 200
    assert client_of(town.worker).get(reverse("plans")).status_code == 403


def test_a_street_plans_for_itself_alone(town):
    client = client_of(town.street_leader)
    answer = client.post(reverse("plan_new"), form_of(town, area=town.whole.pk))
    assert answer.status_code == 422 and "area" in answer.context["form"].errors
    whole = make(town, area=town.whole)
    assert client.get(reverse("plan_edit", args=[whole.pk])).status_code in (403, 404)


def test_wrong_days_and_milestones_are_said_and_kept(town):
    client = client_of(town.leader)
    answer = client.post(reverse("plan_new"), form_of(town, ends="2026-03-01"))
    assert answer.status_code == 422 and "ends" in answer.context["form"].errors
    second = {"milestones-1-day": "2026-03-09", "milestones-1-percent": "40"}
    for more in (second, {"milestones-0-day": "2026-04-01"}, {"milestones-0-percent": "120"}):
        answer = client.post(reverse("plan_new"), form_of(town, **more))
        assert answer.status_code == 422 and answer.context["stones"].is_valid() is False
    assert "Clean streets" in answer.text and not Plan.objects.exists()


def test_editing_changes_the_plan_and_its_milestones(town):
    plan = make(town, stones=[(date(2026, 3, 7), 50)])
    stone = plan.milestones.get()
    sent = form_of(town, target="4") | {
        "milestones-INITIAL_FORMS": "1",
        "milestones-0-id": stone.pk,
        "milestones-0-DELETE": "on",
        "milestones-1-day": "2026-03-10",
        "milestones-1-percent": "80",
    }
    answer = client_of(town.leader).post(reverse("plan_edit", args=[plan.pk]), sent)
    assert answer.status_code == 302
    plan.refresh_from_db()
    assert plan.target == 4 and [m.percent for m in plan.milestones.all()] == [80]


@pytest.mark.parametrize(
    ("who", "language"), [("leader", "en"), ("sysadmin", "zh-hans"), ("street_handler", "en")]
)
def test_pages_take_few_queries(town, who, language, django_assert_max_num_queries):
    for number in range(4):
        plan = make(town, name=f"plan {number}", stones=[(date(2026, 3, 7), 50)])
    client = client_of(getattr(town, who), language)
    for address in (reverse("plans"), reverse("plan", args=[plan.pk])):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_the_form_takes_few_queries(town, django_assert_max_num_queries):
    plan = make(town, stones=[(date(2026, 3, 7), 50)])
    client = client_of(town.leader)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("plan_edit", args=[plan.pk])).status_code == 200
