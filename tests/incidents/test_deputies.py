"""Who is absent is stood in for by the deputy of the post: with its rights, told of what it is
told, asked what it is asked; without one the next level is (domain rule: staffing)."""

from datetime import timedelta

import pytest

from grids.backends import posts_of
from grids.models import Absence, Post
from incidents import ladder, settling, telling, workflow
from incidents.checks import NOBODY_THERE, OWN, closings_of
from incidents.models import Case, Clock, Demand, Message
from lib import now
from staff.models import Member
from tests.cast import MORNING
from tests.incidents import play

pytestmark = pytest.mark.django_db


@pytest.fixture
def deputy(town):
    """A member without any post of their own."""
    return Member.objects.create(username="tc_deputy", name="deputy")


def anew(member):
    return Member.objects.get(pk=member.pk)


def stands_in_for(deputy, member):
    """Somebody is absent for a day, and a deputy is named on their post."""
    Post.objects.filter(member=member).update(deputy=deputy)
    is_absent(member)


def is_absent(member):
    Absence.objects.create(
        member=member, starts_at=MORNING - timedelta(hours=1), ends_at=MORNING + timedelta(days=1)
    )


def told(case, move):
    telling.tell_all()
    step = case.steps.filter(move=move).latest("seq")
    rows = Message.objects.filter(outbox__step=step, channel="page")
    return set(rows.values_list("member__username", flat=True))


def test_a_deputy_holds_the_post_while_its_holder_is_absent_and_no_longer(town, deputy):
    Post.objects.filter(member=town.supervisor).update(deputy=deputy)
    assert not posts_of(anew(deputy))
    is_absent(town.supervisor)
    assert anew(deputy).has_perm("incidents.close_case")
    now.set_to(MORNING + timedelta(days=1))
    assert not posts_of(anew(deputy))


def test_a_deputy_closes_is_told_and_has_it_on_the_board(town, deputy):
    stands_in_for(deputy, town.supervisor)
    case = play.verified(town)
    assert "tc_deputy" in told(case, "verify")
    assert closings_of([case], anew(deputy)) == {case.pk: OWN}
    assert case in Case.objects.waiting_on(anew(deputy))
    # The street's does not, for somebody of the community is there.
    assert not closings_of([case], anew(town.street_supervisor))
    assert "tc_street_supervisor" not in told(case, "verify")
    assert workflow.move(case, "close", anew(deputy)).closed_by == deputy


def test_where_the_deputy_is_absent_too_the_street_closes(town, deputy):
    stands_in_for(deputy, town.supervisor)
    is_absent(deputy)
    case = play.verified(town)
    street = anew(town.street_supervisor)
    assert closings_of([case], street) == {case.pk: NOBODY_THERE}
    assert case in Case.objects.waiting_on(street)
    assert "tc_street_supervisor" in told(case, "verify")


def test_a_deputy_of_the_other_axis_stands_in_for_nothing(town):
    """Invariant 3: a dispatcher named as the deputy of a shift chief does not come to file."""
    stands_in_for(town.dispatcher, town.chief)
    dispatcher = anew(town.dispatcher)
    assert [post.role for post in posts_of(dispatcher)] == ["dispatcher"]
    assert not dispatcher.has_perm("incidents.file_case")


@pytest.mark.parametrize("how", ["door", "engine"])
def test_an_absent_heads_deputy_is_asked_to_answer_and_does(town, deputy, how):
    stands_in_for(deputy, town.grid_head)
    case = play.handled(town, source="patrol")
    now.set_to(Clock.objects.get(case=case, kind="verify").due_at + timedelta(minutes=1))
    {"door": lambda: workflow.settle_case(case), "engine": settling.settle_due}[how]()
    demand = Demand.objects.get(case=case, kind="answer")
    assert demand.owner_role == "grid_head"
    assert "tc_deputy" in told(case, "breach")
    workflow.move(Case.objects.get(pk=case.pk), "answer", anew(deputy), words="seen to")
    demand.refresh_from_db()
    assert demand.outcome != ""


def test_an_absent_head_without_a_deputy_is_passed_over(town):
    is_absent(town.grid_head)
    clock = Clock.objects.get(case=play.handled(town), kind="verify")
    head = ladder.heads_of([clock.pk], now.now())[clock.pk]
    assert (head.role, head.area) == ("leader", town.community.pk)
