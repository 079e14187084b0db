"""Say of each indicator of the table whether a city has a figure for it, or what is missing."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessment.measures import MEASURES, MISSING
from assessment.periods import Period
from assessment.scorecards import indicators
from staff.models import City


class Command(BaseCommand):
    help = "List all indicators of a period: in how many subjects each is not nought. Exits with 1"
    help += " if one is nought everywhere and nothing says why."

    def add_arguments(self, parser):
        parser.add_argument("period", help="2026-11, 2026-Q4, …")
        parser.add_argument("--city", metavar="SLUG")

    def handle(self, *, period, city, **options):
        found = City.objects.filter(**({"slug": city} if city else {})).order_by("pk").first()
        if found is None:
            raise CommandError(_("There is no such city."))
        figures = indicators(found, Period.read(period, found.time_zone))
        for code, number in figures.items():
            why = f"– {MISSING[code]}" if code in MISSING else number
            self.stdout.write(f"{code:28} {MEASURES[code].name_en:40} {why}")
        if empty := [code for code, number in figures.items() if not number | (code in MISSING)]:
            raise CommandError(_("Nought everywhere: %(codes)s") % {"codes": ", ".join(empty)})
