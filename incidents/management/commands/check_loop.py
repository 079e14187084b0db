"""Assert over all cases that none is forgotten: the no-orphan check."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from incidents import orphans
from incidents.models import Case, Clock, Demand
from staff.models import City


class Command(BaseCommand):
    help = (
        "Check that every open case has one party, one running clock and an exit, every demand one"
        " owner, clock and exit, and that every cache says what its steps and ledger say. Exits"
        " with 1 if anything was found."
    )

    def add_arguments(self, parser):
        parser.add_argument("--city", metavar="SLUG", help="By default all cities.")
        parser.add_argument(
            "--stopped", action="store_true", help="Replay the ledgers of stopped clocks too."
        )

    def handle(self, *, city, stopped, **options):
        began = time.monotonic()
        chosen = _city(city)
        self._counts(chosen)
        finds = []
        for found in orphans.look(chosen):
            finds.append(found)
            self._tell(found)
        replayed = orphans.replay_clocks(chosen, stopped=stopped, say=self._progress)
        self._tell(replayed)
        wrong = sum(found.count for found in [*finds, replayed])
        self.stdout.write(f"{time.monotonic() - began:.1f} s")
        if wrong:
            raise CommandError(_("%(count)s offenders were found.") % {"count": wrong})
        self.stdout.write(_("Nothing is forgotten."))

    def _counts(self, city):
        inside = {} if city is None else {"case__city": city}
        cases = Case.objects.all() if city is None else Case.objects.filter(city=city)
        words = _(
            "%(cases)s cases, %(open)s open; %(clocks)s open clocks; %(demands)s open demands."
        )
        self.stdout.write(
            words
            % {
                "cases": cases.count(),
                "open": cases.open().count(),
                "clocks": Clock.objects.open().filter(**inside).count(),
                "demands": Demand.objects.open().filter(**inside).count(),
            }
        )

    def _tell(self, found):
        mark = self.style.ERROR(f"{found.count:>9}") if found.count else f"{found.count:>9}"
        self.stdout.write(f"{mark}  {found.rule.key:<13} {found.rule.says}")
        for name, wrong in found.shown:
            self.stdout.write(f"{'':>11}{name}  {wrong}")
        if found.count > len(found.shown):
            more = found.count - len(found.shown)
            self.stdout.write(f"{'':>11}" + _("… and %(count)s more") % {"count": more})

    def _progress(self, done):
        self.stdout.write(_("… %(count)s clocks replayed") % {"count": done})


def _city(slug):
    if slug is None:
        return None
    found = City.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError("--city: " + _("There is no city “%(slug)s”.") % {"slug": slug})
    return found
