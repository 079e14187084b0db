"""What happens to scores by the clock; each task is safe to run twice."""

from celery import shared_task

from assessment import publishing, rankings, rollups


@shared_task(name="assessment.tasks.roll_up")
def roll_up():
    """Bring the roll-ups of every city up to date, and then the rankings that are made of them."""
    for city in rollups.all_cities():
        rollups.roll_up(city)
        rankings.draw_ahead(city)


@shared_task(name="assessment.tasks.recount")
def recount():
    """Prove that the roll-ups equal a recount from the steps, and keep where they do not."""
    for city in rollups.all_cities():
        rollups.roll_up(city)
        rollups.check(city)


@shared_task(name="assessment.tasks.publish")
def publish():
    """Evaluate the day that is over, and freeze the periods whose grace has passed."""
    for city in rollups.all_cities():
        publishing.publish_due(city)
