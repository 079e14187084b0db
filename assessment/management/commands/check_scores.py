"""Prove that the roll-ups equal a recount from the steps, to the case."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessment import rollups
from assessment.management.periods import period_named
from assessment.publishing import differences_of

MOST_TOLD = 50


class Command(BaseCommand):
    help = "Compare the roll-ups of all days with a recount. Exits with 1 if any differ."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="Count every day anew first.")
        parser.add_argument(
            "--period", help="Compare also every figure of a period with the cases in its drawer."
        )

    def handle(self, **options):
        wrong = 0
        for city in rollups.all_cities():
            if options["all"]:
                rollups.roll_up(city, everything=True)
            found = rollups.check(city)
            if options["period"]:
                found += differences_of(city, period_named(options["period"], city))
            wrong += len(found)
            for row in found[:MOST_TOLD]:
                self.stdout.write("  ".join(str(cell) for cell in row))
        if wrong:
            raise CommandError(_("%(count)s figures differ.") % {"count": wrong})
        self.stdout.write(_("The roll-ups equal the recount."))
