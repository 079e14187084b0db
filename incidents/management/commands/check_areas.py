"""Prove of a city that its areas and staffing are whole, or list what is not."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import division
from staff.models import City


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
        for each in _cities(city):
            self.stdout.write(f"{each.slug}  {each.today()}")
            for found in division.look(each, self.rules):
                wrong += found.count
                self._tell(found)
        self.stdout.write(f"{time.monotonic() - began:.1f} s")
        if wrong:
            raise CommandError(_("%(count)s offenders were found.") % {"count": wrong})
        self.stdout.write(str(self.sound))

    def _tell(self, found):
        mark = self.style.ERROR(f"{found.count:>9}") if found.count else f"{found.count:>9}"
        self.stdout.write(f"{mark}  {found.rule.key:<13} {found.rule.says}")
        for name, wrong in found.shown:
            self.stdout.write(f"{'':>11}{name}  {wrong}")
        if found.count > len(found.shown):
            more = found.count - len(found.shown)
            self.stdout.write(f"{'':>11}" + _("… and %(count)s more") % {"count": more})


def _cities(slug):
    found = City.objects.order_by("pk") if slug is None else City.objects.filter(slug=slug)
    if not found:
        raise CommandError("--city: " + _("There is no city “%(slug)s”.") % {"slug": slug})
    return found
