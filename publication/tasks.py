"""What is published by the clock; each task is safe to run twice."""

from celery import shared_task

from lib.each import each
from publication import binding, publishing
from staff.models import City


@shared_task(name="publication.tasks.publish_bulletins")
def publish_bulletins():
    """Publish what is due in every city, missed days in order."""
    each(City.objects.order_by("pk"), publishing.publish_due)


@shared_task(name="publication.tasks.make_digest")
def make_digest(key):
    """Make one digest that was asked for."""
    binding.make(key)


@shared_task(name="publication.tasks.make_forgotten_digests")
def make_forgotten_digests():
    """Make those whose message was lost or whose worker was killed."""
    for key in binding.forgotten():
        binding.make(key)
