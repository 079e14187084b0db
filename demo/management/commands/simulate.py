"""Play some more days of a city's life, up to now or to a named moment."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils.translation import gettext as _

from demo import bulk, tasks
from demo.simulator import simulate
from lib import now as clock
from staff.management.cities import add_city, city_named

BULK, YEAR_DAYS = 1_200_000, 365


class Command(BaseCommand):
    help = "Simulate days of cases through the loop itself; the same seed plays the same days."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, help="By default 1.")
        parser.add_argument("--seed", type=int, default=1)
        add_city(parser)
        parser.add_argument("--per-day", type=int, help="Reports a day; by default by population.")
        parser.add_argument(
            "--until", help="The moment it plays up to, in ISO 8601; by default now."
        )
        parser.add_argument(
            "--bulk",
            type=int,
            nargs="?",
            const=BULK,
            metavar="CASES",
            help="For measuring: copies of the simulated cases, by default 1,200,000, over the"
            " days (by default a year), written by SQL alone; check_loop --stopped proves them.",
        )
        parser.add_argument(
            "--fill", action="store_true", help="Let Celery fill in the month in the background."
        )

    def handle(self, *, days, seed, city, per_day, until, fill, **options):
        found = city_named(city)
        if days is not None and days < 1:
            raise CommandError(_("--days: at least one day."))
        if fill:
            tasks.fill_month.delay(seed)
            self.stdout.write(_("The month is being filled in."))
            return
        until, began = _moment(until, found), time.monotonic()
        if options["bulk"]:
            done = self._multiply(found, options["bulk"], days or YEAR_DAYS, seed, until)
        else:
            done = simulate(
                found,
                days=days or 1,
                seed=seed,
                until=until,
                per_day=per_day,
                go_on=True,
                show=options["verbosity"] > 0,
            )
        for name, number in sorted(done.items()):
            self.stdout.write(f"{name:>12}  {number}")
        self.stdout.write(f"{time.monotonic() - began:.1f} s")

    def _multiply(self, city, cases, days, seed, until):
        began = time.monotonic()

        def say(words):
            self.stdout.write(f"{time.monotonic() - began:7.1f} s  {words}")
            self.stdout.flush()

        try:
            return bulk.multiply(city, cases=cases, days=days, seed=seed, until=until, say=say)
        except bulk.TooFew:
            raise CommandError(
                _("There are no simulated cases to copy: simulate some days first.")
            ) from None
        except ProgrammingError as error:
            refused = _("Only the owner of the tables may do this (GRIDCITY_DB=owner): %s")
            raise CommandError(refused % error) from None


def _moment(words, city):
    """The time that was named; without an offset the city's own."""
    if words is None:
        return clock.now()
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise CommandError(_("--until: a time such as 2026-03-05T18:00 is expected.")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(city.time_zone))
