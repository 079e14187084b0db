"""The page of a case: what it says, to whom, and how few queries it takes."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from incidents import workflow
from incidents.models import Case, Look
from lib import now
from tests import cast
from tests.cast import client_of, photo_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def page(member, case, name="case", language="en"):
    return client_of(member, language).get(reverse(name, args=[case.number]))


def words_of(answer):
    """The text of a page without tags, white space made one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def told(town):
    """A case told on the phone by somebody with a name."""
    return workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category="E-01-13",
        description="bags on the pavement",
        reporter={"name": "Zhang San", "phone": "13812345678"},
    )


@pytest.fixture
def asked(town):
    """A case whose unit asks for more time, an hour after it was given the case."""
    case = play.dispatched(town)
    with now.at(now.now() + timedelta(hours=1)):
        workflow.move(case, "ask_extend", town.handler, reason="rain")
        yield Case.objects.get(pk=case.pk)


@pytest.mark.parametrize(
    "language, words",
    [
        ("en", "Decision on the request not made, lapsed"),
        ("zh-hans", "逾期无人决定，已失效"),
    ],
)
def test_a_request_that_lapsed_was_not_decided_on_time(town, language, words):
    case = play.dispatched(town, town.urgent)
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    with now.at(now.now() + timedelta(hours=3)):
        workflow.settle_case(case)
        text = words_of(page(town.dispatcher, case, language=language))
    assert words in text and "Decision on the request ended" not in text


def test_the_page_says_number_stage_place_steps_and_whose_turn_it_is(town):
    case = play.dispatched(town)
    text = words_of(page(town.dispatcher, case))
    for words in (case.number, "Exposed rubbish", "Being handled", "Handling clock starts"):
        assert words in text
    assert "Next: Water bureau handles it" in text


def test_the_page_speaks_chinese(town):
    text = words_of(page(town.dispatcher, play.dispatched(town), language="zh-hans"))
    assert "暴露垃圾" in text and "水务局" in text


@pytest.mark.parametrize("stage", ["reported", "accepted", "filed", "dispatched", "handled"])
@pytest.mark.parametrize(
    "who", ["intake", "chief", "dispatcher", "handler", "worker", "supervisor", "leader"]
)
def test_a_page_takes_few_queries(town, stage, who, django_assert_max_num_queries):
    case = getattr(play, stage)(town)
    client = client_of(getattr(town, who))
    client.get(reverse("cases"))  # a session is written back once a minute, not on every page
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(reverse("case", args=[case.number]))
    assert answer.status_code in (200, 404)


def test_a_page_with_a_request_takes_few_queries(town, asked, django_assert_max_num_queries):
    client = client_of(town.dispatcher)
    client.get(reverse("cases"))
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(reverse("case", args=[asked.number])).status_code == 200


def test_a_stranger_finds_no_case_no_print_no_form_no_reporter(town, told):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    for name in ("case", "case_print", "case_move", "unmask"):
        assert page(elsewhere.dispatcher, told, name).status_code == 404


def test_nobody_without_signing_in(town, told):
    answer = Client().get(reverse("case", args=[told.number]))
    assert answer.status_code == 302 and f"next=/cases/{told.number}/" in answer["Location"]
    partial = Client().get(reverse("case", args=[told.number]), headers={"HX-Request": "true"})
    assert partial.status_code == 401


def test_a_request_says_what_either_decision_means_for_the_due_time(town, asked):
    text = words_of(page(town.dispatcher, asked))
    # Four working hours from Tuesday 09:00 with a break from 12 to 14: 15:00; twice that: 09:00.
    assert "4 working h → 8 working h, due 4 Mar" in text
    assert "due 3 Mar, 15:00, the clock goes on" in text or "due 3 Mar" in text


def test_the_bar_counts_returns_and_reworks(town):
    case = play.rework(town, play.handled(town))
    text = words_of(page(town.dispatcher, case))
    assert "reworked 1 time" in text
    assert len(re.findall(r'<li class="cell ', page(town.dispatcher, case).text)) == 5


def test_a_unit_that_a_case_has_left_reads_no_later_step(town):
    case = play.dispatched(town)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit=town.gardens.code)
    workflow.move(
        case, "handle", town.gardener, result="swept", evidence=[photo_of(town.gardener, town).pk]
    )
    text = words_of(page(town.handler, case))
    assert "not ours" in text and "has left your unit" in text
    assert "swept" not in text and "Gardens" not in text


# --- the reporter --------------------------------------------------------------------------------


def test_the_reporter_is_masked(town, told):
    for who in (town.intake, town.chief, town.dispatcher, town.assessor):
        answer = page(who, told)
        assert "138****5678" in answer.text
        assert "Zhang San" not in answer.text and "13812345678" not in answer.text


def test_a_handling_unit_never_receives_the_reporter(town, told):
    workflow.move(told, "accept", town.intake, category="E-01-13")
    workflow.move(told, "file", town.chief, condition="E-01-13-1")
    workflow.move(told, "dispatch", town.dispatcher, unit=town.water.code)
    for who in (town.handler, town.water_leader):
        for name in ("case", "case_print"):
            text = page(who, told, name).text
            assert "Zhang" not in text and "Z**" not in text
            assert "13812345678" not in text and "138****5678" not in text
        assert page(who, told, "unmask").status_code == 403
    address = reverse("unmask", args=[told.number])
    assert client_of(town.handler).post(address, {"reason": "curious"}).status_code == 403
    assert not Look.objects.exists()


def test_a_look_needs_a_reason_is_recorded_and_ends(town, told):
    client, address = client_of(town.dispatcher), reverse("unmask", args=[told.number])
    refused = client.post(address, {"reason": " "})
    assert "Zhang San" not in refused.text and not Look.objects.exists()
    shown = client.post(address, {"reason": "ask where the cover is"})
    assert "Zhang San" in shown.text and "13812345678" in shown.text
    assert shown["Refresh"].startswith("60") and "no-store" in shown["Cache-Control"]
    look = Look.objects.get()
    assert (look.case_id, look.by_id) == (told.pk, town.dispatcher.pk)
    assert look.reason == "ask where the cover is" and look.fields == ["name", "phone"]
    assert "Zhang San" not in client.get(address).text


def test_who_has_no_such_permission_does_not_look(town, told):
    address = reverse("unmask", args=[told.number])
    for who in (town.assessor, town.adjudicator, town.leader):
        assert client_of(who).post(address, {"reason": "because"}).status_code == 403
    assert not Look.objects.exists()


def test_a_look_is_never_changed_or_deleted(town, told, as_web):
    Look.objects.create(case=told, by=town.intake, at=now.now(), reason="why", fields=["name"])
    with pytest.raises(DatabaseError), transaction.atomic():
        as_web.execute("UPDATE incidents_look SET reason = ''")
    with pytest.raises(DatabaseError), transaction.atomic():
        as_web.execute("DELETE FROM incidents_look")


# --- photos and print ----------------------------------------------------------------------------


def test_a_missing_photo_says_who_owes_it(town):
    assert "Water bureau owes the photo after the work." in words_of(
        page(town.dispatcher, play.dispatched(town))
    )


def test_a_photo_of_another_case_is_not_served(town, told):
    case = play.handled(town)
    photo = case.evidence.first()
    address = reverse("case_photo", args=[told.number, photo.pk, "shown"])
    assert client_of(town.dispatcher).get(address).status_code == 404


def test_the_print_says_who_printed_it(town):
    case = play.closed(town)
    text = words_of(page(town.dispatcher, case, "case_print"))
    assert "Printed by dispatcher" in text and "on time" in text


def test_stages_that_the_finder_spared_the_case_are_not_said_to_come(town):
    photos = [photo_of(town.worker, town).pk for _side in range(2)]
    case = workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        move="self_handle",
        condition=town.quick.code,
        evidence=photos[:1],
        after=photos[1:],
    )
    said = words_of(page(town.chief, case))
    assert said.count("not gone through") == 4
    assert "not begun" not in said
