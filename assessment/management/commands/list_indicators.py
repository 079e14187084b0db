"""Say of each indicator of the table whether a city has a figure for it, or what is missing."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessment.management.periods import period_named
from assessment.measures import MEASURES, MISSING
from assessment.scorecards import indicators
from staff.management.cities import add_city, city_named


class Command(BaseCommand):
    help = "List all indicators of a period: in how many subjects each is not nought. Exits with 1"
    help += " if one is nought everywhere and nothing says why."

    def add_arguments(self, parser):
        parser.add_argument("period", help="2026-11, 2026-Q4, …")
        add_city(parser)

    def handle(self, *, period, city, **options):
        found = city_named(city)
        figures = indicators(found, period_named(period, found))
        for code, number in figures.items():
            why = f"– {MISSING[code]}" if code in MISSING else number
            self.stdout.write(f"{code:28} {MEASURES[code].name_en:40} {why}")
        if empty := [code for code, number in figures.items() if not number | (code in MISSING)]:
            raise CommandError(_("Nought everywhere: %(codes)s") % {"codes": ", ".join(empty)})
