"""Assert over all cases that none is forgotten: the no-orphan check."""

import time

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from incidents import orphans
from incidents.management.finds import cities_of, conclude, write_found
from incidents.models import Case, Clock, Demand


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
        chosen = None if city is None else cities_of(city)[0]
        self._counts(chosen)
        finds = []
        for found in orphans.look(chosen):
            finds.append(found)
            write_found(self, found)
        replayed = orphans.replay_clocks(chosen, stopped=stopped, say=self._progress)
        write_found(self, replayed)
        wrong = sum(found.count for found in [*finds, replayed])
        conclude(self, wrong, seconds=time.monotonic() - began, sound=_("Nothing is forgotten."))

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

    def _progress(self, done):
        self.stdout.write(_("… %(count)s clocks replayed") % {"count": done})
