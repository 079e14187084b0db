"""A member with posts in two cities has in each the rights of the posts there, and no others."""

import pytest
from django.urls import reverse

from assessment.periods import Period
from assessment.publishing import entries
from grids.models import Post
from tests import cast
from tests.assessment.busy import MONTH
from tests.cast import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(filled):
    """Another city, begun before the busy one's posts are given: `of` gives a post there."""
    return cast.make_city(prefix="OC", lon=115.0)


def give_post(member, town, role, **place):
    Post.objects.create(member=member, role=role, city=town.city, valid_from=cast.BEGAN, **place)
    member.__dict__.pop("_posts", None)


def answer_of(member, name, *args, **asked):
    return client_of(member).get(reverse(name, args=args), {"period": MONTH, **asked})


def test_who_only_finds_problems_here_reads_the_scores_of_the_city_they_lead(filled, other):
    give_post(filled.worker, other, "leader", area=other.whole)
    page = answer_of(filled.worker, "scores")
    assert page.status_code == 200
    assert page.context["asked"].city == other.city
    # The codes of areas are those of both cities: what is shown is the one that they may read.
    file = answer_of(filled.worker, "subject", "community", filled.community.code)
    assert file.context["asked"].city == other.city


def test_no_right_of_one_city_opens_a_person_of_the_other(filled, other):
    give_post(filled.mate, other, "assessor")
    assert answer_of(filled.mate, "subject", "worker", filled.worker.pk).status_code == 404
    assert answer_of(filled.mate, "subject", "worker", other.worker.pk).status_code == 200
    assert answer_of(filled.mate, "subject", "worker", filled.mate.pk).status_code == 200


def test_only_the_city_of_which_somebody_assesses_is_published(filled, other):
    give_post(filled.assessor, other, "leader", area=other.whole)
    browser, address = client_of(filled.assessor), reverse("publish_scores")
    sent = {"kind": "street", "period": "2026-02"}
    period = Period.read("2026-02", filled.city.time_zone)
    assert browser.get(reverse("scores"), {"city": other.city.slug}).status_code == 200
    assert browser.post(address, sent).status_code == 403
    assert not entries(other.city, "street", period).exists()
    browser.get(reverse("scores"), {"city": filled.city.slug})
    assert browser.post(address, sent).status_code == 302
    assert entries(filled.city, "street", period).exists()


def test_what_is_frozen_is_the_city_of_the_page_whatever_another_page_has_chosen(filled, other):
    give_post(filled.assessor, other, "assessor")
    browser, shown = client_of(filled.assessor), {"kind": "street", "period": "2026-02"}
    page = browser.get(reverse("scores"), shown).content.decode()
    assert f'name="city" value="{filled.city.slug}"' in page
    browser.get(reverse("scores"), {"city": other.city.slug})
    browser.post(reverse("publish_scores"), shown | {"city": filled.city.slug})
    period = Period.read("2026-02", filled.city.time_zone)
    assert entries(filled.city, "street", period).exists()
    assert not entries(other.city, "street", period).exists()


def test_a_choice_of_cities_stands_where_there_are_two(filled, other):
    assert b"city=" not in answer_of(filled.leader, "scores").content
    give_post(filled.leader, other, "leader", area=other.whole)
    page = answer_of(filled.leader, "scores", city=other.city.slug)
    assert page.context["asked"].city == other.city
    assert f"city={filled.city.slug}".encode() in page.content
    assert answer_of(filled.leader, "scores", city="none").context["asked"].city == filled.city


def test_objections_are_those_of_the_city_that_somebody_answers_for(filled, other):
    give_post(filled.chief, other, "assessor")
    assert answer_of(filled.chief, "objections").status_code == 200
    assert answer_of(filled.dispatcher, "objections").status_code == 403
