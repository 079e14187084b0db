"""A city's gateway for text messages, a real server: it fails, hangs, receives a message twice; and
workers at once tell and send each message once."""

import json
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from docs.examples import sms_receiver
from incidents import sending, telling, ways
from incidents.letters import Gateway, Message
from incidents.models import Case, Outbox
from lib import now
from tests import cast
from tests.concurrency.test_races import at_once, live_town  # noqa: F401 - a fixture
from tests.incidents import play, post
from tests.servers import answering

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(live_town):  # noqa: F811 - the fixture's name
    post.reach(live_town.handler, live_town.water_leader)
    return live_town


@pytest.fixture
def server(town, monkeypatch):
    """The city's gateway; what hangs is waited for a moment only."""
    monkeypatch.setattr(ways, "SECONDS", 0.3)
    with answering() as made:
        post.gateway(town, f"{made.url}/sms")
        yield made


def urgent(town, number=1):
    """So many text messages for the water bureau's handler."""
    for _each in range(number):
        play.dispatched(town, town.urgent)
    post.told()


def later(**span):
    now.set_to(now.now() + timedelta(**span))


def states():
    return sorted(Message.objects.filter(channel="sms").values_list("state", flat=True))


def test_a_text_message_is_posted_signed_and_named(town, server):
    urgent(town)
    assert post.send("sms") == 1
    asked = server.asked[0]
    body = json.loads(asked.body)
    message = Message.objects.get(channel="sms")
    assert body["id"] == asked.headers["webhook-id"] == str(message.key)
    assert body["to"] == town.handler.phone and body["urgent"] is True
    assert Case.objects.get().number in body["text"]
    assert body["text"].endswith(f"/notices/{message.key}/")
    assert ways.is_signed(post.SECRET, asked.headers, asked.body)
    assert not ways.is_signed(post.SECRET, asked.headers, asked.body + b" ")
    assert not ways.is_signed("whsec_" + "AAAA" * 8, asked.headers, asked.body)
    assert message.receipt == {"status": 201, "answer": "ok"}


def test_the_example_receiver_verifies_what_is_sent(town, server):
    urgent(town)
    post.send("sms")
    asked, moment = server.asked[0], now.now().timestamp()
    assert sms_receiver.is_genuine(post.SECRET, asked.headers, asked.body, moment)
    assert not sms_receiver.is_genuine(post.SECRET, asked.headers, asked.body, moment + 301)
    assert not sms_receiver.is_genuine(post.SECRET, asked.headers, b"{}", moment)


@pytest.mark.parametrize("failure", [500, 429, 302, "hang"])
def test_what_fails_comes_again_under_the_same_id(town, server, failure):
    urgent(town)
    server.answers = [failure]
    assert post.send("sms") == 0
    assert Gateway.objects.get().down_since == now.now()
    assert states() == ["waiting"]
    later(seconds=31)
    assert post.send("sms") == 1
    one, two = (asked.headers["webhook-id"] for asked in server.asked)
    assert one == two
    assert states() == ["sent"] and Gateway.objects.get().down_since is None


def test_a_gateway_that_nobody_answers_at_is_left_alone_for_a_while(town, server):
    urgent(town, 4)
    server.otherwise = 503
    for _time in range(5):
        post.send("sms")
    assert len(server.asked) == 1
    later(seconds=31)
    post.send("sms")
    assert len(server.asked) == 2
    server.otherwise = 200
    later(seconds=31)
    post.send("sms")
    later(minutes=10)
    post.send("sms")
    assert states() == ["sent"] * 4
    assert len({asked.headers["webhook-id"] for asked in server.asked}) == 4


def test_a_gateway_that_hangs_holds_no_other_city_up(town, server):
    other = cast.make_city("OC", lon=115.0)
    post.reach(other.handler)
    with answering() as well:
        Gateway.objects.create(city=other.city, url=f"{well.url}/sms", secret=post.SECRET)
        urgent(town, 3)
        urgent(other, 3)
        server.otherwise = "hang"
        assert post.send("sms") == 3
        assert len(well.asked) == 3 and len(server.asked) == 1


def test_what_the_gateway_refuses_is_a_dead_letter_at_once(town, server):
    urgent(town)
    server.answers = [422]
    post.send("sms")
    assert states() == ["dead"]
    assert sending.send_again(Message.objects.all()) == 1
    post.send("sms")
    assert states() == ["sent"]
    assert len({asked.headers["webhook-id"] for asked in server.asked}) == 1


def test_it_is_given_up_after_about_a_day(town, server):
    urgent(town)
    server.otherwise = 500
    began = now.now()
    for _time in range(40):
        post.send("sms")
        later(hours=1)
        if states() == ["dead"]:
            break
    assert timedelta(hours=20) < now.now() - began < timedelta(hours=40)
    assert len(server.asked) == len(sending.PAUSES) + 1


def test_four_workers_send_each_message_once(town, server):
    urgent(town, 5)
    step = Outbox.objects.first().step
    Outbox.objects.bulk_create(
        Outbox(step=step, notice="answer", made_at=now.now(), to_member=member)
        for member in (town.handler, town.water_leader)
        for _each in range(2)
    )
    post.told()
    waiting = Message.objects.filter(channel="sms").count()
    Message.objects.update(send_at=now.now(), collects=False)
    sent = at_once(*[lambda: sending.send_due("sms", batch=2)] * 4)
    while (more := post.send("sms")) > 0:
        sent.append(more)
    keys = [asked.headers["webhook-id"] for asked in server.asked]
    assert len(keys) == len(set(keys)) == waiting == sum(sent)


def test_four_workers_tell_each_notice_once_and_fold_into_one(town):
    step = play.dispatched(town).steps.last()
    post.quiet()
    for age in (timedelta(0), timedelta(hours=1)):
        Outbox.objects.bulk_create(
            Outbox(step=step, notice="warn", made_at=now.now() - age, to_member=town.handler)
            for _each in range(40)
        )

    def all_of_it():
        while telling.tell(batch=3):
            pass

    results = at_once(*[all_of_it] * 4)
    assert results == [None] * 4
    rows = Message.objects.filter(member=town.handler, channel="page")
    assert rows.filter(notice="warn").count() == 40
    fold = rows.get(notice="several")
    assert fold.number_of == fold.folded.count() == 40
    assert not Outbox.objects.not_told().exists()


def test_a_row_that_a_dying_worker_held_is_told_by_the_next(town):
    play.dispatched(town)
    waiting = Outbox.objects.not_told().count()

    def dies():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(telling._CLAIM, [100])
            # Others pass what it holds by.
            other = Thread(target=lambda: (telling.tell(), connection.close()))
            other.start()
            other.join(10)
        connection.close()  # and with it everything it had begun

    at_once(dies)
    with transaction.atomic():  # waits until the server has noticed and let go of the rows
        assert len(Outbox.objects.not_told().select_for_update()) == waiting
    post.told()
    assert not Outbox.objects.not_told().exists()
