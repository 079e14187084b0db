"""Write what every score of a period was made of, for docs/recompute_scores.py."""

from pathlib import Path

from django.core.management.base import BaseCommand

from assessment.management.periods import period_named
from assessment.measures import KINDS
from assessment.publishing import export_lines
from staff.management.cities import add_city, city_named


class Command(BaseCommand):
    help = "Export the counts, formulas and scores of a period (2026-11, 2026-Q4, …) as JSON lines."

    def add_arguments(self, parser):
        parser.add_argument("period")
        parser.add_argument("file")
        add_city(parser)

    def handle(self, *, period, file, city, **options):
        found = city_named(city)
        chosen = period_named(period, found)
        with Path(file).open("w", encoding="utf-8") as out:
            number = 0
            for line in export_lines(found, KINDS, chosen):
                out.write(line + "\n")
                number += 1
        self.stdout.write(str(number))
