"""What stands beside a case: merged reports, the like near by, joint tasks, orders, the load."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents import joint, workflow
from lib import now
from tests.incidents import play
from tests.pages.test_case_page import client_of, page, words_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def related(member, case, **given):
    return words_of(page(member, case, "case_related", **given))


def test_a_report_merged_into_it_and_the_like_near_by_are_named(town):
    case, other = play.reported(town), play.reported(town)
    workflow.move(other, "merge", town.intake, into=case.number)
    text = related(town.intake, case)
    assert "Reports merged into it" in text and other.number in text
    assert f"Merged into {case.number}" in related(town.intake, other)


def test_a_joint_task_about_it_is_named_to_who_may_see_it(town):
    case = play.dispatched(town)
    joint.call(
        town.street_handler,
        units=[town.water],
        due_at=now.now() + timedelta(hours=1),
        subject="burst pipe",
        place="the north gate",
        case=case,
    )
    text = related(town.dispatcher, case)
    assert "burst pipe" in text and "1 department" in text


def test_an_order_and_how_busy_the_unit_is_are_told(town):
    case = play.dispatched(town)
    due = (now.now() + timedelta(hours=2)).isoformat()
    workflow.move(case, "supervise", town.leader, words="by tonight", due=due)
    text = related(town.dispatcher, case)
    assert "1 / 0" in text and "Supervise orders given" in text


def test_a_stranger_finds_nothing_and_a_unit_that_the_case_left_is_told_nothing(town):
    case = play.dispatched(town)
    assert page(town.far_worker, case, "case_related").status_code == 404
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit=town.gardens.code)
    assert "What else happens here is not for your unit" in related(town.handler, case)


@pytest.mark.parametrize("who", ["dispatcher", "handler", "intake"])
def test_the_card_takes_few_queries(town, who, django_assert_max_num_queries):
    case = play.dispatched(town)
    client = client_of(getattr(town, who))
    client.get(reverse("cases"))
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(
            reverse("case_related", args=[case.number]), headers={"HX-Request": "true"}
        )
    assert answer.status_code == 200 and "<html" not in answer.text
