"""Celery as the application starts it, with the engine and the telling alone on the beat, and with
faster ticks."""

from datetime import timedelta

import django

django.setup()

from gridcity.celery import app  # noqa: E402 - after the set-up
from incidents import sending, telling  # noqa: E402

TICK_SECONDS = 0.5
# Many notices to one person are folded into one, which stays open for so long; and what a sender
# that died had in hand is taken up by another after that.
telling.FOLD_OPEN_FOR = timedelta(seconds=2)
sending.LEASE = timedelta(seconds=5)

app.conf.beat_schedule = {
    name: app.conf.beat_schedule[name] | {"schedule": TICK_SECONDS}
    for name in ("settle", "tell", "send-sms")
}
# So that a beat that was killed starts at once.
app.conf.beat_max_loop_interval = TICK_SECONDS
