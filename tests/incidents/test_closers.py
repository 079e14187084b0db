"""Invariant 3's rule of who closes stands in Python for one member, in SQL for a board and for whom
to tell: all say the same, whoever leads, is absent or has verified."""

from datetime import timedelta
from itertools import product

import pytest

from grids.models import Absence, Post
from incidents import checks, workflow
from incidents.models import Case, Message
from lib import now
from staff.models import Member
from tests import cast
from tests.incidents import play, post
from tests.incidents.conftest import fresh

pytestmark = pytest.mark.django_db
LEADS = ("water", "community_office")
ABSENT = ((), ("supervisor",), ("deputy",), ("supervisor", "deputy"))
VERIFIERS = ("worker", "deputy")


def joined(town, name, **posts):
    """A member more, on posts of some roles at places."""
    member = Member.objects.create(username=f"tc_{name}", name=name)
    for role, place in posts.items():
        column = "duty_grid" if role == "worker" else "area"
        Post.objects.create(
            member=member, role=role, city=town.city, valid_from=cast.BEGAN, **{column: place}
        )
    setattr(town, name, member)


def verified(town, lead, verifier):
    by = {"water": town.handler, "community_office": town.neighbour}[lead]
    case = play.handle(town, play.dispatched(town, unit=getattr(town, lead)), by)
    return play.verify(town, case, by=getattr(town, verifier))


def told(case):
    """Who hears that it is their turn to close."""
    post.told()
    step = case.steps.get(move="verify")
    rows = Message.objects.filter(outbox__step=step, channel="page", notice="your_turn")
    return {message.member for message in rows.select_related("member")}


def leave(town, *names):
    """They are absent now."""
    for name in names:
        Absence.objects.create(
            member=getattr(town, name),
            starts_at=now.now() - timedelta(hours=1),
            ends_at=now.now() + timedelta(hours=1),
        )


def closers(case, away):
    """Who may close a case and is there: everybody who is asked says the same."""
    case = Case.objects.select_related("community", "city").get(pk=case.pk)
    posts = Post.objects.with_role("supervisor").select_related("member", "deputy")
    people = {one for post in posts for one in (post.member, post.deputy) if one}
    may = {one for one in people if checks.closings_of([case], fresh(one))}
    offered = {one for one in people if "close" in _moves(case, one)}
    mine = {one for one in people if Case.objects.waiting_on(fresh(one)).exists()}
    assert may == offered == mine
    # Who is away hears of it with the others and may close from there; who verified may not.
    assert told(case) - away - {case.verified_by} == may - away
    return may - away


def _moves(case, member):
    return {offer.move for offer in workflow.moves(case, fresh(member))}


@pytest.mark.parametrize(("lead", "absent", "verifier"), list(product(LEADS, ABSENT, VERIFIERS)))
def test_who_is_told_to_close_is_who_may(town, lead, absent, verifier):
    joined(town, "deputy", supervisor=town.community, worker=town.duty_grid)
    joined(town, "street_deputy", supervisor=town.street)
    leave(town, *absent)
    case, away = verified(town, lead, verifier), {getattr(town, name) for name in absent}
    free = {town.supervisor, town.deputy} - away - {case.verified_by}
    if lead == "community_office" or not free:
        free = {town.street_supervisor, town.street_deputy}
    assert closers(case, away) == free


def test_of_three_in_a_community_one_has_had_no_hand_in_it(town):
    for name in ("deputy", "third"):
        joined(town, name, supervisor=town.community)
    case = verified(town, "water", "worker")
    assert closers(case, set()) == {town.supervisor, town.deputy, town.third}


@pytest.mark.parametrize("both", [False, True])
def test_a_deputy_closes_for_who_is_absent_and_the_street_where_both_are(town, both):
    joined(town, "deputy")
    Post.objects.filter(member=town.supervisor).update(deputy=town.deputy)
    leave(town, "supervisor", *["deputy"][: int(both)])
    away = {town.supervisor, town.deputy} if both else {town.supervisor}
    expected = town.street_supervisor if both else town.deputy
    assert closers(play.verified(town), away) == {expected}


def test_an_absence_that_is_over_counts_no_more(town):
    Absence.objects.create(
        member=town.supervisor, starts_at=now.now() - timedelta(hours=1), ends_at=now.now()
    )
    assert told(play.verified(town)) == {town.supervisor}
