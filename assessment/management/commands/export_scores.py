"""Write what every score of a period was made of, for docs/recompute_scores.py."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessment.measures import KINDS
from assessment.periods import Period
from assessment.publishing import export_lines
from staff.models import City


class Command(BaseCommand):
    help = "Export the counts, formulas and scores of a period (2026-11, 2026-Q4, …) as JSON lines."

    def add_arguments(self, parser):
        parser.add_argument("period")
        parser.add_argument("file")
        parser.add_argument("--city", metavar="SLUG")

    def handle(self, *, period, file, city, **options):
        found = City.objects.filter(**({"slug": city} if city else {})).order_by("pk").first()
        if found is None:
            raise CommandError(_("There is no such city."))
        try:
            chosen = Period.read(period, found.time_zone)
        except ValueError as error:
            raise CommandError(str(error)) from None
        with Path(file).open("w", encoding="utf-8") as out:
            number = 0
            for line in export_lines(found, KINDS, chosen):
                out.write(line + "\n")
                number += 1
        self.stdout.write(str(number))
