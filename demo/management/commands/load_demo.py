"""The demo city: its map, offices, people and matrix, then some days of its life."""

import time

from django.core.management.base import BaseCommand

from demo import loader, simulator
from demo.cast import give_accounts
from demo.generator import generate, load_profile, profile_names
from lib import now as clock

WAITING = 2  # cases that a first visitor finds at each stage


class Command(BaseCommand):
    help = "Load a demo city; does nothing to a city that is there."

    def add_arguments(self, parser):
        parser.add_argument("--profile", choices=profile_names(), default="xiaonan")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--days", type=int, default=0, help="Days of cases that the simulator plays, up to now."
        )

    def handle(self, *, profile, seed, days, **options):
        self.began = time.monotonic()
        city, is_new = loader.load(
            profile, lambda: self._plan(profile, seed), seed=seed, say=self.say
        )
        self.say("city loaded" if is_new else "city is there already")
        if accounts := give_accounts(city):
            self.say(f"{len(accounts)} demo accounts")
        if days > 0:  # days that are there already are passed over
            simulator.simulate(
                city, days=days, seed=seed, until=clock.now(), waiting=WAITING, show=True
            )
            self.say("cases simulated")

    def _plan(self, profile, seed):
        self.say("drawing the map")
        return generate(load_profile(profile), seed)

    def say(self, words):
        """A line of progress with the seconds so far."""
        self.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {words}")
