"""Prove of a city that its areas and staffing are whole, or list what is not."""

import time

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy

from incidents import division
from incidents.management.finds import cities_of, conclude, write_found


class Command(BaseCommand):
    help = (
        "Check that a city is divided without gaps and overlaps into grids of the right size, that"
        " each has a duty grid and a worker, and that enough are on duty. Exits with 1 if anything"
        " was found."
    )
    rules = division.AREAS
    sound = gettext_lazy("Every area is whole.")

    def add_arguments(self, parser):
        parser.add_argument("--city", metavar="SLUG", help="By default all cities.")

    def handle(self, *, city, **options):
        began, wrong = time.monotonic(), 0
        for each in cities_of(city):
            self.stdout.write(f"{each.slug}  {each.today()}")
            for found in division.look(each, self.rules):
                wrong += found.count
                write_found(self, found)
        conclude(self, wrong, seconds=time.monotonic() - began, sound=self.sound)
