"""Write the table of moves into the database, whose trigger on steps refuses everything else."""

from django.core.management.base import BaseCommand
from django.db import transaction

from incidents import workflow
from incidents.models import Transition


class Command(BaseCommand):
    help = "Bring the database's copy of the table of moves up to date (run as owner)."

    def handle(self, **options):
        wanted = workflow.transitions()
        with transaction.atomic():
            for row in Transition.objects.all():
                if (row.move, row.from_stage, row.to_stage) not in wanted:
                    row.delete()
            Transition.objects.bulk_create(
                (Transition(move=m, from_stage=f, to_stage=t) for m, f, t in sorted(wanted)),
                ignore_conflicts=True,
            )
