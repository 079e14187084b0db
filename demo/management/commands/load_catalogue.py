"""The shared catalogue and formulas from the standard tables, and the two members without a
password."""

from django.core.management.base import BaseCommand

from demo import catalogue


class Command(BaseCommand):
    help = "Add what is missing of the shared catalogue and formulas; what is there stays as it is."

    def handle(self, **options):
        for what, count in catalogue.load().items():
            self.stdout.write(f"{what}: {count} added")
