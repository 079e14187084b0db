"""Delivery receipts: who may give one is known by the signature alone, and the same receipt may
come any number of times and in any order."""

import json
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from incidents import ways
from incidents.letters import Message
from lib import now
from tests import cast
from tests.incidents import play, post
from tests.incidents.conftest import problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(town):
    """A text message that went out."""
    post.reach(town.handler)
    post.gateway(town)
    play.dispatched(town, town.urgent)
    post.told()
    Message.objects.filter(channel="sms").update(state="sent", sent_at=now.now())
    return Message.objects.get(channel="sms")


def give(message, secret=post.SECRET, **said):
    """POST a receipt, signed with a secret."""
    body = json.dumps({"id": str(message.key), "status": "delivered"} | said).encode()
    headers = ways.signed(secret, "receipt-1", body)
    return APIClient().post(
        "/api/receipts/", body, content_type="application/json", headers=headers
    )


def fresh(message):
    return Message.objects.get(pk=message.pk)


def test_what_was_delivered_is_written_down_once(message):
    assert give(message).status_code == 204
    first = fresh(message)
    assert first.delivered_at == now.now() and first.state == "sent"
    now.set_to(now.now() + timedelta(minutes=1))
    assert give(message).status_code == 204
    assert fresh(message).delivered_at == first.delivered_at


def test_what_failed_is_a_dead_letter(message):
    assert give(message, status="failed", error="no such number").status_code == 204
    dead = fresh(message)
    assert (dead.state, dead.error) == ("dead", "no such number")


def test_a_failure_that_arrives_after_the_delivery_changes_nothing(message):
    give(message)
    assert give(message, status="failed").status_code == 204
    assert fresh(message).state == "sent"


def test_nobody_else_s_signature_counts(town, message):
    elsewhere = cast.make_city("OC", lon=115.0)
    other = post.gateway(elsewhere)
    other.secret = "another secret of sixteen"
    other.save()
    for secret in (other.secret, "guess", ""):
        problem_of(give(message, secret=secret), 403)
    answer = APIClient().post(
        "/api/receipts/", {"id": str(message.key), "status": "delivered"}, format="json"
    )
    problem_of(answer, 403)
    assert fresh(message).delivered_at is None


def test_an_unknown_id_is_answered_like_a_bad_signature(town, message):
    told = problem_of(give(message, secret="guess"), 403)
    page = Message.objects.filter(channel="page").first()
    for other in (page, Message()):
        assert problem_of(give(other), 403)["detail"] == told["detail"]


def test_an_old_receipt_is_refused(message):
    body = json.dumps({"id": str(message.key), "status": "delivered"}).encode()
    headers = ways.signed(post.SECRET, "receipt-1", body)
    now.set_to(now.now() + timedelta(minutes=6))
    answer = APIClient().post(
        "/api/receipts/", body, content_type="application/json", headers=headers
    )
    problem_of(answer, 403)


@pytest.mark.parametrize("said", [{"status": "perhaps"}, {"id": "x"}, {"error": 5 * "long" * 50}])
def test_what_is_no_receipt_is_named(message, said):
    assert problem_of(give(message, **said), 400)["errors"]


def test_headers_that_are_nonsense_are_refused(message):
    body = json.dumps({"id": str(message.key), "status": "delivered"}).encode()
    for stamp in ("", "x", "²", "9" * 30):
        headers = ways.signed(post.SECRET, "receipt-1", body) | {"webhook-timestamp": stamp}
        assert not ways.is_signed(post.SECRET, headers, body)


def test_a_receipt_costs_three_queries(message, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        assert give(message).status_code == 204
