"""What happens to the loop by the clock; each task is safe to run twice."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from incidents import division, drawing, evidence, orphans, sending, settling, telling
from lib import now as clock
from staff.models import City

# A worker may collect photos on a round without a signal; beyond a day nobody names them any more.
UNNAMED_FOR = timedelta(days=1)
# Of the demo's made-up past so much is told that its people find notices.
DEMO_NEWS = timedelta(hours=2)


@shared_task(name="incidents.tasks.sweep_evidence")
def sweep_evidence():
    """Delete the photos that nobody named within a day."""
    evidence.sweep(clock.now() - UNNAMED_FOR)


@shared_task(name="incidents.tasks.settle")
def settle():
    """Enforce the clocks: warn of and breach what is due, end suspensions."""
    settling.settle_due()


@shared_task(name="incidents.tasks.check_loop")
def check_loop():
    """Assert over all cases that none is forgotten, and keep what was found."""
    orphans.keep([*orphans.look(), orphans.replay_clocks()])


@shared_task(name="incidents.tasks.check_areas")
def check_areas():
    """Look whether every city's areas, staffing and matrix are whole, and keep what was found."""
    division.check()


@shared_task(name="incidents.tasks.draw_checks")
def draw_checks():
    """Draw the spot checks of the days that are over, and seal the seeds of those to come."""
    for city in City.objects.order_by("pk"):
        drawing.seal_ahead(city)
        drawing.draw_due(city)


@shared_task(name="incidents.tasks.tell")
def tell():
    """Make messages of what must be told."""
    if settings.DEMO:
        telling.hush(clock.now() - DEMO_NEWS)
    telling.close_folds()
    telling.tell_all()


@shared_task(name="incidents.tasks.send_messages", soft_time_limit=2 * sending.LONGEST_SECONDS)
def send_messages(channel):
    """Send what is due by one way."""
    sending.send_due(channel)


@shared_task(name="incidents.tasks.tell_of_plans")
def tell_of_plans():
    """Tell of the marks that plans have missed."""
    telling.tell_of_plans()


@shared_task(name="incidents.tasks.sweep_messages")
def sweep_messages():
    """Delete messages past the time for which they are kept."""
    sending.sweep()
