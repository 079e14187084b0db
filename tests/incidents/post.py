"""Telling and sending in tests: what the tasks do by the clock, and what has become of it."""

import base64

from incidents import sending, telling
from incidents.models import Gateway, Message, Outbox

SECRET = "whsec_" + base64.b64encode(b"a secret of the city's gateway").decode()


def told():
    """Everything in the outbox becomes messages."""
    while telling.tell():
        pass


def quiet():
    """What was to be told so far is forgotten: a test looks at what comes next."""
    Outbox.objects.update(told_at="2026-01-01T00:00Z")


def messages(member, channel="page"):
    """[(notice, number of notices)] to a member by a way, in their order."""
    rows = Message.objects.filter(member=member, channel=channel).order_by("pk")
    return list(rows.values_list("notice", "number_of"))


def kinds(member, channel="page"):
    return [notice for notice, _number in messages(member, channel)]


def gateway(town, url="http://127.0.0.1:9/sms"):
    return Gateway.objects.create(city=town.city, url=url, secret=SECRET)


def reach(*members):
    """They have an e-mail address and a phone."""
    for member in members:
        member.email, member.phone = f"{member.username}@example.org", f"138{member.pk:08}"
        member.save(update_fields=["email", "phone"])


def send(channel="email"):
    return sending.send_due(channel)
