"""The ways out of the house: e-mail, notices of the browser, a city's own gateway for texts.

Each takes a message with its words and returns a receipt, or raises what its sender must know.
Webhooks are signed as Standard Webhooks says (https://www.standardwebhooks.com): the signature
covers id, timestamp and body, so that none can be changed or sent again later.
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import smtplib
import urllib.error
import urllib.request
from functools import lru_cache
from urllib.parse import urlsplit

import pywebpush
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from py_vapid import Vapid02

from incidents.models import Gateway, PushDevice
from lib import now as clock

SECONDS = 10
# A receipt may be so old: longer, and it could be an old one sent again.
OLDEST_SECONDS = 300
# Answers that say: this very message is wrong, however often it comes.
NEVER = (400, 410, 413, 415, 422)
# Of a browser that the push service knows no more.
FORGOTTEN = (404, 410)
MOST_KEPT = 2000
DAY_SECONDS = 24 * 60 * 60


class Away(Exception):
    """Nobody answers there, or not as they should: it is tried again later."""


class Refused(Exception):
    """The other side wants none of this message."""


class Gone(Exception):
    """There is nobody at that destination any more."""


# --- e-mail --------------------------------------------------------------------------------------


def email(message, words):
    """The message in both plain and rich text; its id stays the same however often it is sent."""
    if not message.member.email:
        raise Gone("no address")
    host = urlsplit(settings.SITE_URL).hostname
    letter = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        to=[message.member.email],
        headers={"Message-ID": f"<{message.key}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    letter.attach_alternative(words.html, "text/html")
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        # 4xx is a mailbox that is full or busy, 5xx one that is not there.
        raise (Refused if code >= 500 else Away)(f"{code} {said!r}") from refused
    except (smtplib.SMTPException, OSError) as error:
        raise Away(str(error)) from error
    return {}


# --- browsers ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def push_key():
    """The city's key for browsers' push services, the same on every machine with the same
    SECRET_KEY. Another SECRET_KEY makes browsers ask their members anew."""
    derived = HKDF(hashes.SHA256(), 48, None, b"gridcity push").derive(settings.SECRET_KEY.encode())
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
    return ec.derive_private_key(int.from_bytes(derived) % (order - 1) + 1, ec.SECP256R1())


def push_public_key():
    """As browsers want it: the point, uncompressed, in base64 for addresses without padding."""
    point = (
        push_key()
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def may_push_to(endpoint):
    """True for an address of a push service that the settings name. A browser gives the address:
    without this the server would call whatever it is told to."""
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").lower()
    known = any(host == name or host.endswith(f".{name}") for name in settings.PUSH_HOSTS)
    return known and (parts.scheme == "https" or host in ("localhost", "127.0.0.1"))


def push(message, words):
    """Encrypted for that browser alone (RFC 8291): the push service reads none of it."""
    device = PushDevice.objects.filter(pk=message.destination, member=message.member_id).first()
    if device is None or not may_push_to(device.endpoint):
        raise Gone("no such browser")
    body = {"title": words.title, "body": words.first, "url": words.path, "tag": str(message.key)}
    keys = {"p256dh": device.p256dh, "auth": device.auth}
    try:
        answer = pywebpush.WebPusher(
            {"endpoint": device.endpoint, "keys": keys}, requests_session=_Straight()
        ).send(
            data=json.dumps(body),
            headers=_vapid_headers(device.endpoint)
            | {"Urgency": "high" if message.urgent else "normal"},
            ttl=DAY_SECONDS,
            timeout=SECONDS,
        )
    except requests.RequestException as error:
        raise Away(str(error)) from error
    except (pywebpush.WebPushException, ValueError, binascii.Error) as error:
        device.delete()
        raise Gone(f"keys of the browser: {error}") from error
    if answer.status_code in FORGOTTEN:
        device.delete()
        raise Gone(f"HTTP {answer.status_code}")
    return _accepted(answer.status_code, answer.text)


def _vapid_headers(endpoint):
    parts = urlsplit(endpoint)
    until = int(clock.now().timestamp()) + DAY_SECONDS // 2
    audience = f"{parts.scheme}://{parts.netloc}"
    return Vapid02(push_key()).sign({"aud": audience, "sub": settings.PUSH_CONTACT, "exp": until})


class _Straight(requests.Session):
    """Follows no address that an answer names."""

    def request(self, *args, **options):
        return super().request(*args, **options | {"allow_redirects": False})


# --- the city's gateway --------------------------------------------------------------------------


def sms(message, words):
    """POST to the gateway of the city; the phone number is read now and kept nowhere else."""
    gateway = Gateway.objects.filter(pk=message.destination, is_active=True).first()
    person = message.member or message.reporter
    if gateway is None or not person.phone or getattr(person, "erased_at", None):
        raise Gone("no gateway, or no number")
    body = {
        "id": str(message.key),
        "to": person.phone,
        "text": words.short,
        "language": words.language,
        "urgent": message.urgent,
        "made_at": message.made_at.isoformat(),
    }
    return _post(gateway.url, gateway.secret, str(message.key), body)


class _NoWayRound(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_caller = urllib.request.build_opener(_NoWayRound)


def _post(url, secret, key, body):
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = signed(secret, key, content) | {"Content-Type": "application/json; charset=utf-8"}
    asked = urllib.request.Request(url, data=content, headers=headers, method="POST")
    try:
        with _caller.open(asked, timeout=SECONDS) as answer:
            return _accepted(answer.status, answer.read1(MOST_KEPT).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            return _accepted(error.code, "")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Away(str(error)) from error


def _accepted(status, text):
    """The receipt of a 2xx; what any other answer means is raised."""
    if 200 <= status < 300:
        return {"status": status, "answer": text.replace("\x00", "")[:MOST_KEPT]}
    raise (Refused if status in NEVER else Away)(f"HTTP {status}")


# --- signatures ----------------------------------------------------------------------------------


def signed(secret, key, content):
    """The three headers of a webhook."""
    stamp = str(int(clock.now().timestamp()))
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_signature(secret, key, stamp, content)}",
    }


def is_signed(secret, headers, content):
    """True for a body that whoever holds the secret signed within the last five minutes."""
    key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        return False
    if abs(clock.now().timestamp() - int(stamp)) > OLDEST_SECONDS:
        return False
    wanted = _signature(secret, key, stamp, content).encode()
    given = [part.partition(",") for part in headers.get("webhook-signature", "").split()]
    return any(
        version == "v1" and hmac.compare_digest(wanted, value.encode())
        for version, _comma, value in given
    )


def _signature(secret, key, stamp, content):
    signed_part = f"{key}.{stamp}.".encode() + content
    return base64.b64encode(hmac.digest(_bytes_of(secret), signed_part, hashlib.sha256)).decode()


def _bytes_of(secret):
    """A secret "whsec_…" is the base64 of its bytes; any other is its own."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


SEND = {"email": email, "push": push, "sms": sms}
