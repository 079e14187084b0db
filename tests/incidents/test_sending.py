"""Messages go out by e-mail and browsers: in the reader's language, once each, and again when it
failed; text messages have a file of their own (tests/concurrency/test_gateway.py)."""

import base64
import json
import re
from datetime import timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from py_vapid import Vapid02

from grids.models import Post
from incidents import sending, ways
from incidents.letters import Message, PushDevice
from incidents.models import Reporter
from lib import now
from tests import cast
from tests.incidents import play, post
from tests.servers import answering, mail_server

pytestmark = pytest.mark.django_db


def later(**span):
    now.set_to(now.now() + timedelta(**span))


@pytest.fixture
def handler(town):
    post.reach(town.handler)
    town.handler.language = "en"
    town.handler.save(update_fields=["language"])
    return town.handler


def your_turn(town):
    case = play.dispatched(town, town.urgent)
    post.told()
    return case


@pytest.fixture
def server(settings):
    """The city's mail server."""
    with mail_server() as made:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield made


# --- e-mail --------------------------------------------------------------------------------------


def test_an_e_mail_is_in_the_reader_s_language_and_names_its_case(town, handler, settings):
    settings.SITE_URL = "https://grid.example.org"
    case = your_turn(town)
    assert post.send() == 1
    letter = mail.outbox[0]
    message = Message.objects.get(member=handler, channel="email")
    assert letter.to == [handler.email]
    assert letter.subject == f"A case waits for you (urgent) · {case.number}"
    assert letter.extra_headers["Message-ID"] == f"<{message.key}@grid.example.org>"
    link = f"https://grid.example.org/notices/{message.key}/"
    html = letter.alternatives[0].content
    for text in (letter.body, html):
        assert case.number in text and "Stormwater manhole cover" in text and link in text
        assert "due 3 Mar, 11:00" in text
    assert message.state == "sent" and message.sent_at == now.now()
    assert post.send() == 0


def test_no_e_mail_says_who_reported(town, handler):
    case = play.workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category=town.cover.code,
        description="at the door of Zhang San",
        reporter={"name": "Zhang San", "phone": "13800000000"},
    )
    play.workflow.move(case, "accept", town.intake, category=town.cover.code)
    play.workflow.move(case, "file", town.chief, condition=town.urgent.code)
    play.workflow.move(case, "dispatch", town.dispatcher, unit="WATER")
    post.told()
    post.send()
    sent = mail.outbox[0].body + mail.outbox[0].alternatives[0].content
    assert "Zhang San" not in sent and "13800000000" not in sent


def test_several_are_one_e_mail_with_each_of_them(town, handler):
    cases = [play.dispatched(town, town.urgent) for _each in range(25)]
    post.told()
    later(minutes=2)
    assert post.send() == 1
    letter = mail.outbox[0]
    assert letter.subject == "25 notices"
    assert sum(case.number in letter.body for case in cases) == 20
    assert "and 5 more" in letter.body and "and 5 more" in letter.alternatives[0].content


def test_what_one_may_not_see_any_more_is_not_sent(town, handler):
    your_turn(town)
    Post.objects.filter(member=handler).update(valid_until=cast.BEGAN)
    post.send()
    assert mail.outbox == []
    assert Message.objects.get(member=handler, channel="email").state == "gone"


def test_a_mail_server_that_is_away_is_tried_again_with_growing_pauses(town, handler, server):
    post.reach(town.water_leader)
    your_turn(town)
    server.is_away = True
    message = Message.objects.get(member=handler, channel="email")
    pauses = []
    for _time in range(len(sending.PAUSES)):
        began = now.now()
        post.send()
        message.refresh_from_db()
        pauses.append(message.send_at - began)
        now.set_to(message.send_at)
    assert pauses == sending.PAUSES and server.tries == len(pauses)
    post.send()
    message.refresh_from_db()
    assert (message.state, message.error) == ("dead", "Connection unexpectedly closed")
    later(days=9)
    assert post.send() == 0


def test_while_it_is_away_one_is_tried_and_the_others_lose_no_try(town, handler, server):
    play.dispatched(town, town.urgent)
    play.dispatched(town, town.urgent)
    post.told()
    server.is_away = True
    post.send()
    assert server.tries == 1
    assert sorted(Message.objects.filter(channel="email").values_list("tries", flat=True)) == [0, 1]
    server.is_away = False
    later(seconds=31)
    assert post.send() == 2 and len(server.letters) == 2


def test_an_address_that_is_refused_is_given_up_at_once(town, handler, server):
    your_turn(town)
    server.refuses = True
    post.send()
    message = Message.objects.get(member=handler, channel="email")
    assert message.state == "dead" and "no such user" in message.error


def test_a_message_that_cannot_be_made_keeps_no_other_waiting(town, handler):
    """Whatever is wrong with one: here a reporter is to hear of a step that ends nothing."""
    cases = [play.dispatched(town, town.urgent) for _each in range(2)]
    post.told()
    poison = Message.objects.filter(channel="email").order_by("pk").first()
    poison.member, poison.reporter = None, Reporter.objects.create(name="Zhang San")
    poison.save(update_fields=["member", "reporter"])
    post.send()
    assert cases[1].number in mail.outbox[0].subject
    poison.refresh_from_db()
    assert (poison.state, poison.tries, poison.error) == ("waiting", 1, "'dispatched'")


def test_a_worker_that_died_while_sending_leaves_it_to_the_next_under_the_same_id(town, handler):
    your_turn(town)
    sending._claim("email", 10)  # and nothing comes after it
    assert post.send() == 0
    later(minutes=5)
    assert post.send() == 1
    key = str(Message.objects.get(channel="email").key)
    assert key in mail.outbox[0].extra_headers["Message-ID"]


def test_a_long_run_gives_back_what_it_does_not_come_to(town, handler, monkeypatch):
    your_turn(town)
    monkeypatch.setattr(sending, "LONGEST_SECONDS", -1)
    assert post.send() == 0
    assert Message.objects.get(channel="email").tries == 0


def test_dead_letters_go_again_under_their_old_id(town, handler):
    your_turn(town)
    Message.objects.filter(channel="email").update(state="dead", tries=9, error="x")
    key = Message.objects.get(channel="email").key
    assert sending.send_again(Message.objects.all()) == 1
    assert post.send() == 1
    assert str(key) in mail.outbox[0].extra_headers["Message-ID"]


def test_old_messages_are_swept_and_waiting_ones_are_not(town, handler):
    your_turn(town)
    later(days=181)
    old = Message.objects.exclude(state="waiting").count()
    assert old > 0 and sending.sweep() == old
    assert set(Message.objects.values_list("state", flat=True)) == {"waiting"}


# --- browsers ------------------------------------------------------------------------------------


class Browser:
    """A browser with its keys, reached at a push service of this machine."""

    def __init__(self, member, url):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.device = PushDevice.objects.create(
            member=member,
            endpoint=f"{url}/push/one",
            p256dh=base64.urlsafe_b64encode(point).rstrip(b"=").decode(),
            auth=base64.urlsafe_b64encode(self.auth).rstrip(b"=").decode(),
            made_at=now.now(),
        )

    def read(self, body):
        """What it decrypts."""
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth))


@pytest.fixture
def push_service(settings):
    settings.PUSH_HOSTS = ["127.0.0.1"]
    with answering() as server:
        yield server


def test_a_browser_alone_can_read_its_notice(town, handler, push_service):
    browser = Browser(handler, push_service.url)
    case = your_turn(town)
    assert post.send("push") == 1
    asked = push_service.asked[0]
    shown = browser.read(asked.body)
    message = Message.objects.get(channel="push")
    assert shown["title"] == "A case waits for you (urgent)" and case.number in shown["body"]
    assert (shown["url"], shown["tag"]) == (f"/notices/{message.key}/", str(message.key))
    assert case.number.encode() not in asked.body
    assert asked.headers["urgency"] == "high"
    token, key = re.fullmatch(r"vapid t=([^,]+),k=(.+)", asked.headers["authorization"]).groups()
    assert key == ways.push_public_key()
    assert Vapid02.verify(asked.headers["authorization"])
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == push_service.url


def test_a_browser_that_is_gone_is_forgotten(town, handler, push_service):
    Browser(handler, push_service.url)
    your_turn(town)
    push_service.answers = [410]
    post.send("push")
    assert not PushDevice.objects.exists()
    assert Message.objects.get(channel="push").state == "gone"


def test_a_push_service_that_fails_is_tried_again(town, handler, push_service):
    Browser(handler, push_service.url)
    your_turn(town)
    push_service.answers = [503]
    assert post.send("push") == 0
    later(seconds=31)
    assert post.send("push") == 1
    assert len(push_service.asked) == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.org/push",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example.org/x",
        "https://169.254.169.254/",
        "file:///etc/passwd",
    ],
)
def test_no_address_outside_the_known_push_services_is_called(town, handler, address):
    assert not ways.may_push_to(address)


def test_known_push_services_are(settings):
    assert ways.may_push_to("https://fcm.googleapis.com/fcm/send/x")
    assert ways.may_push_to("https://updates.push.services.mozilla.com/wpush/v2/x")
