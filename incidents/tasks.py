"""What happens to the loop by the clock; each task is safe to run twice."""

from datetime import timedelta

from celery import shared_task

from incidents import drawing, evidence, orphans
from lib import now as clock
from staff.models import City

# A worker may collect photos on a round without a signal; beyond a day nobody names them any more.
UNNAMED_FOR = timedelta(days=1)


@shared_task(name="incidents.tasks.sweep_evidence")
def sweep_evidence():
    """Delete the photos that nobody named within a day."""
    evidence.sweep(clock.now() - UNNAMED_FOR)


@shared_task(name="incidents.tasks.check_loop")
def check_loop():
    """Assert over all cases that none is forgotten, and keep what was found."""
    orphans.keep([*orphans.look(), orphans.replay_clocks()])


@shared_task(name="incidents.tasks.draw_checks")
def draw_checks():
    """Draw the spot checks of the days that are over, and seal the seeds of those to come."""
    for city in City.objects.order_by("pk"):
        drawing.seal_ahead(city)
        drawing.draw_due(city)
