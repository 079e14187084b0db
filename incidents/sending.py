"""Messages go out: claimed by a lease, sent, and tried again with growing pauses until they are
sent or given up.

At least once, each with its stable id: a worker that dies between sending and writing it down
leaves a lease that runs out, and the message goes again under the same id. A message that cannot be
made or sent never keeps another waiting; a destination that does not answer is left alone for a
while.
"""

import logging
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F

from incidents import ways, wording
from incidents.models import Gateway, Message
from lib import now as clock

log = logging.getLogger(__name__)

BATCH = 50
# A run ends then, so that the next begins in time; what it did not come to is given back.
LONGEST_SECONDS = 40
# Far longer than a run: nobody else sends what is being sent.
LEASE = timedelta(minutes=5)
# The pauses before the second, third … try: after about a day a message is given up.
PAUSES = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
]
ALONE_FOR = timedelta(seconds=30)  # a gateway that did not answer
# Nobody looks for an older one, and it names people (house rule).
KEPT_FOR = timedelta(days=180)
SWEPT_AT_ONCE = 5000

# `skip`: gateways that did not answer a moment ago.
_CLAIM = """
UPDATE incidents_message SET send_at = %(until)s, tries = tries + 1, collects = false
 WHERE id IN (SELECT id FROM incidents_message
               WHERE state = 'waiting' AND channel = %(channel)s AND send_at <= %(now)s
                 AND NOT (destination = ANY(%(skip)s))
               ORDER BY send_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING id, send_at
"""
_WITH = ("member", "reporter", "city")


def send_due(channel, batch=BATCH):
    """Send what is due by a way, the oldest first; how many were sent."""
    began, down, sent = time.monotonic(), set(), 0
    for key in _claim(channel, batch):
        message = Message.objects.select_related(*_WITH).get(pk=key)
        if message.destination in down or time.monotonic() - began > LONGEST_SECONDS:
            _give_back(message)
        elif _send(message) == "away":
            down.add(message.destination)
        else:
            sent += 1
    return sent


def _claim(channel, batch):
    moment = clock.now()
    skip = []
    if channel == "sms":
        alone = Gateway.objects.filter(try_again_at__gt=moment).values_list("pk", flat=True)
        skip = [str(pk) for pk in alone]
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "channel": channel,
                "now": moment,
                "until": moment + LEASE,
                "batch": batch,
                "skip": skip,
            },
        )
        return sorted(pk for pk, _until in cursor.fetchall())


def _give_back(message):
    """What was claimed and not tried has cost no try."""
    _write(message, tries=F("tries") - 1, send_at=clock.now() + PAUSES[0])


def _send(message):
    """Send one; "away" if nobody answers at its destination, else what became of it."""
    try:
        words = wording.words_of(message)
        if words is None:
            raise ways.Gone("may not see it any more")
        receipt = ways.SEND[message.channel](message, words)
    except ways.Gone as gone:
        return _write(message, state="gone", error=_short(gone))
    except ways.Refused as refused:
        return _write(message, state="dead", error=_short(refused))
    except ways.Away as away:
        _fail(message, away)
        _leave_alone(message)
        return "away"
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one keeps no other waiting
        log.exception("message %s cannot be sent", message.key)
        return _fail(message, error)
    if message.channel == "sms":
        down = Gateway.objects.filter(pk=message.destination, down_since__isnull=False)
        down.update(down_since=None, try_again_at=None)
    return _write(message, state="sent", sent_at=clock.now(), receipt=receipt, error="")


def _fail(message, error):
    """Another try after a pause, or the end of them."""
    if message.tries > len(PAUSES):
        return _write(message, state="dead", error=_short(error))
    pause = PAUSES[message.tries - 1]
    return _write(message, send_at=clock.now() + pause, error=_short(error))


def _leave_alone(message):
    if message.channel == "sms":
        gateway = Gateway.objects.filter(pk=message.destination)
        gateway.update(try_again_at=clock.now() + ALONE_FOR)
        gateway.filter(down_since__isnull=True).update(down_since=clock.now())


def _write(message, **what):
    """Unless somebody else has written already what became of it."""
    Message.objects.filter(pk=message.pk, state="waiting").update(**what)
    return what.get("state", "waiting")


def _short(error):
    return (str(error).replace("\x00", "") or type(error).__name__)[:200]


# --- receipts, dead letters, age -----------------------------------------------------------------


def receive(message, *, status, error=""):
    """What the gateway says became of a text message. The same receipt may come again, and an older
    one after a newer."""
    if status == "delivered":
        message.delivered_at = message.delivered_at or clock.now()
        message.state, message.error = "sent", ""
    elif message.delivered_at is None:
        message.state, message.error = "dead", _short(error or "not delivered")
    message.save(update_fields=["delivered_at", "state", "error"])


def send_again(messages):
    """Dead letters that wait anew, under the ids they had; how many."""
    return messages.filter(state="dead").update(
        state="waiting", tries=0, send_at=clock.now(), error=""
    )


def sweep():
    """Delete messages past the time for which they are kept; how many."""
    old = Message.objects.filter(made_at__lt=clock.now() - KEPT_FOR).exclude(state="waiting")
    deleted = 0
    while keys := list(old.values_list("pk", flat=True)[:SWEPT_AT_ONCE]):
        Message.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
    return deleted
