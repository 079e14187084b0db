"""The list of cases: within what one may see, narrowed by the address, in pages by key."""

import pytest
from django.urls import reverse

from incidents import workflow
from incidents.views import case as views
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db


def listed(member, **asked):
    answer = client_of(member).get(reverse("cases"), asked)
    assert answer.status_code == 200
    return [row.number for row in answer.context["rows"]]


def test_everybody_lists_what_they_may_see(town):
    case = play.dispatched(town)
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    assert listed(town.dispatcher) == [case.number]
    assert listed(town.gardener) == [] and listed(elsewhere.dispatcher) == []


def test_a_whole_number_goes_to_its_case(town):
    case = play.filed(town)
    answer = client_of(town.dispatcher).get(reverse("cases"), {"text": case.number.lower()})
    assert answer.status_code == 302 and answer["Location"] == reverse("case", args=[case.number])


def test_words_are_found_in_number_place_description_and_subclass(town):
    case = play.filed(town, description="bags near the school")
    for text in (case.number[-4:], "人民路", "school", "暴露", "rubbish"):
        assert listed(town.dispatcher, text=text) == [case.number], text
    assert listed(town.dispatcher, text="nothing of the kind") == []


def test_filters_come_from_the_address_and_a_wrong_one_is_left_out(town):
    filed, dispatched = play.filed(town), play.dispatched(town)
    assert listed(town.dispatcher, stage="filed") == [filed.number]
    assert listed(town.dispatcher, unit=town.water.code) == [dispatched.number]
    assert listed(town.dispatcher, waiting_on="me") == [filed.number]
    assert len(listed(town.dispatcher, stage="nonsense")) == 2
    assert len(listed(town.dispatcher, area=town.community.code)) == 2
    assert client_of(town.dispatcher).get(reverse("cases"), {"cursor": "x"}).status_code == 302


def test_pages_go_by_key(town, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)
    numbers = [play.reported(town).number for _each in range(5)]
    client, address, seen = client_of(town.dispatcher), reverse("cases"), []
    while address:
        answer = client.get(address)
        seen += [row.number for row in answer.context["rows"]]
        address = answer.context["next"] and reverse("cases") + answer.context["next"]
    assert seen == numbers[::-1]


def test_a_unit_reads_of_a_lost_case_what_it_was(town):
    case = play.dispatched(town)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit=town.gardens.code)
    text = client_of(town.handler).get(reverse("cases")).text
    assert case.number in text and "Gardens bureau</td>" not in text


@pytest.mark.parametrize("who", ["dispatcher", "handler", "worker", "leader"])
def test_the_list_takes_few_queries(town, who, django_assert_max_num_queries):
    for _each in range(3):
        play.dispatched(town)
    client = client_of(getattr(town, who))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("cases"), {"stage": "open"}).status_code == 200
