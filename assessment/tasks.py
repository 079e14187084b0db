"""What happens to scores by the clock; each task is safe to run twice."""

from celery import shared_task

from assessment import publishing, rankings, rollups
from lib.each import each


@shared_task(name="assessment.tasks.roll_up")
def roll_up():
    """Bring the roll-ups of every city up to date, and then the rankings that are made of them."""
    each(rollups.all_cities(), _roll_up)


def _roll_up(city):
    rollups.roll_up(city)
    rankings.draw_ahead(city)


@shared_task(name="assessment.tasks.recount")
def recount():
    """Prove that the roll-ups equal a recount from the steps, and keep where they do not."""
    each(rollups.all_cities(), _recount)


def _recount(city):
    rollups.roll_up(city)
    rollups.check(city)


@shared_task(name="assessment.tasks.publish")
def publish():
    """Evaluate the day that is over, and freeze the periods whose grace has passed."""
    each(rollups.all_cities(), publishing.publish_due)
