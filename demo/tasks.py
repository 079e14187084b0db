"""Keeps the demo city alive: its month is filled in in the background, and it goes on living."""

from celery import shared_task
from django.conf import settings

from demo.living import alone, go_on


@shared_task(ignore_result=True)
def fill_month(seed=1):
    """Let the city live for a minute, then play the newest day of its month that is missing. Beat
    calls it again and again, so that a run that was cut goes on by itself."""
    if settings.DEMO:
        with alone() as nobody_else:
            if nobody_else:
                go_on(seed)
