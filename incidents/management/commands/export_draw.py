"""Write down what a day's draw of spot checks depended on and what it gave."""

from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from incidents.drawing import export_text
from incidents.draws import Draw


class Command(BaseCommand):
    help = "Export a draw of spot checks; docs/recompute_draw.py draws it again from the file."

    def add_arguments(self, parser):
        parser.add_argument("day", help="The day whose closed cases were drawn, 2026-03-03.")
        parser.add_argument("file", type=Path)
        parser.add_argument("--city", help="Short name of the city; by default the only one.")

    def handle(self, *, day, file, city, **options):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            raise CommandError("DAY: a date such as 2026-03-03 is expected.") from None
        found = Draw.objects.filter(seal__day=day)
        if city:
            found = found.filter(seal__city__slug=city)
        draws = list(found.select_related("seal__city")[:2])
        if len(draws) != 1:
            raise CommandError("Name the city." if draws else "That day was not drawn.")
        file.write_text(export_text(draws[0]), encoding="utf-8")
        self.stdout.write(f"{file}: {draws[0].size} cases, {draws[0].population_hash}")
