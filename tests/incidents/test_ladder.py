"""Who must answer for what is handed up and for a case reworked too often: the right head of
the ladder, with those levels passed over that have none."""

from datetime import timedelta

import pytest

from grids.models import Area, Post
from incidents import workflow
from incidents.facts import Conflict
from incidents.models import Demand
from lib import now
from tests.incidents import play

pytestmark = pytest.mark.django_db


def asked(case):
    """The place of the head who owes an answer, and the level of the case."""
    demand = Demand.objects.open().get(case=case, kind="answer")
    case.refresh_from_db()
    return demand.owner_area or demand.owner_unit or demand.owner_duty_grid, case.level


def hand_up(case, by):
    return workflow.move(case, "hand_up", by, reason="too large for us")


def reworked(town, times=3, **given):
    case = play.dispatched(town, town.slow, **given)
    by = {"WATER": town.handler, "CM1": town.neighbour, "ST1": town.street_handler}[case.unit.code]
    for _time in range(times):
        case = play.rework(town, play.handle(town, case, by))
    return case


def no_posts(*members):
    Post.objects.filter(member__in=members).delete()


def test_a_community_that_leads_hands_up_to_the_street(town):
    case = play.dispatched(town, unit=town.community_office)
    assert asked(hand_up(case, town.neighbour)) == (town.street, 2)


def test_a_worker_who_is_to_confirm_hands_up_to_the_community(town):
    case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    assert asked(hand_up(case, case.worker)) == (town.community, 1)


def test_a_worker_who_is_to_verify_hands_up_to_the_community_not_to_the_unit_s_head(town):
    case = play.handled(town)
    assert asked(hand_up(case, case.worker)) == (town.community, 1)


def test_what_is_handed_up_and_not_answered_goes_on_by_the_areas(town):
    case = play.handled(town, town.endless)
    hand_up(case, case.worker)
    now.set_to(now.now() + timedelta(days=1))
    workflow.settle_case(case)
    owners = Demand.objects.filter(case=case, kind="answer").order_by("pk")
    # The grid head is asked for the verification that is overdue.
    assert [d.owner_area or d.owner_duty_grid for d in owners] == [
        town.community,
        town.duty_grid,
        town.street,
    ]


def test_a_level_without_a_head_is_passed_over(town):
    no_posts(town.community_leader, town.street_leader)
    case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    # Nobody heads the district of this town either.
    assert asked(hand_up(case, case.worker))[0] == town.whole


def test_handing_up_again_waits_for_the_answer_and_goes_one_level_further(town):
    case = play.handled(town)
    case = hand_up(case, case.worker)
    assert "hand_up" not in [offer.move for offer in workflow.moves(case, case.worker)]
    with pytest.raises(Conflict):
        hand_up(case, case.worker)
    case = workflow.move(case, "answer", town.community_leader, words="x")
    case = hand_up(case, case.worker)
    owners = Demand.objects.filter(case=case, kind="answer").order_by("pk")
    assert [demand.owner_area for demand in owners] == [town.community, town.street]
    assert case.level == 2


def test_where_nobody_is_above_it_says_so(town):
    Area.objects.filter(pk=town.whole.pk).update(level="district")
    no_posts(town.community_leader, town.street_leader)
    case = workflow.move(play.reported(town), "ask_confirm", town.intake)
    with pytest.raises(Conflict):
        hand_up(case, case.worker)


@pytest.mark.parametrize(
    ("unit", "head", "level"),
    [("water", "water", 1), ("community_office", "community", 1), ("street_office", "street", 2)],
)
def test_the_third_rework_asks_the_head_of_whose_work_it_is(town, unit, head, level):
    case = reworked(town, unit=getattr(town, unit))
    assert asked(case) == (getattr(town, head), level)


def test_the_second_rework_asks_nobody(town):
    case = reworked(town, times=2)
    assert not Demand.objects.filter(case=case, kind="answer").exists()


def test_the_third_rework_passes_over_a_unit_without_a_head(town):
    no_posts(town.water_leader)
    case = reworked(town)
    assert asked(case) == (town.whole, 3)
