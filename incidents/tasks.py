"""What happens to the loop by the clock; each task is safe to run twice."""

from celery import shared_task

from incidents import evidence


@shared_task(name="incidents.tasks.sweep_evidence")
def sweep_evidence():
    """Delete the photos that nobody named within a day."""
    evidence.sweep(evidence.yesterday())
