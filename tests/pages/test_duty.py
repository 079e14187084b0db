"""Who is on duty now: from the roster, less the absent, with names masked."""

from datetime import timedelta

import pytest

from grids.models import Absence, Post, Roster
from lib import now
from tests.cast import client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def page(member, query=""):
    return client_of(member).get(f"/duty/{query}")


def test_each_community_with_who_is_there(town, django_assert_max_num_queries):
    client = client_of(town.chief)
    with django_assert_max_num_queries(MOST_QUERIES):
        shown = client.get("/duty/")
    assert shown.status_code == 200
    there = sum(len(place.there) for place in shown.context["places"])
    assert there == Roster.objects.on_duty(now.now(), town.city).count() > 0
    for row in shown.context["places"][0].there:
        name = row.post.member.get_full_name()
        assert not name or name not in shown.text


def test_too_few_are_named_and_the_absent_do_not_count(town):
    before = page(town.intake).context["there"]
    someone = Roster.objects.on_duty(now.now(), town.city).first().post.member
    Absence.objects.create(
        member=someone, starts_at=now.now(), ends_at=now.now() + timedelta(hours=2)
    )
    after = page(town.intake, "?few=1")
    assert after.context["there"] < before
    assert all(place.few for place in after.context["places"])
    assert "too few" in after.text


def test_who_has_left_their_post_is_not_on_duty_though_the_roster_names_them(town):
    today = town.city.today()
    Post.objects.filter(member__in=[town.worker, town.mate]).update(valid_until=today)
    shown = page(town.chief).context
    here = next(place for place in shown["places"] if place.area == town.community)
    assert here.there == [] and here.few


@pytest.mark.parametrize("role", ["handler", "worker", "supervisor", "assessor"])
def test_others_do_not_see_it(town, role):
    assert page(getattr(town, role)).status_code == 403
