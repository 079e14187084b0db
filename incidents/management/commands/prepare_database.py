"""Bring a database up to date in one go; run as the owner of the tables."""

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, give the web's role its rights, and copy the table of moves."

    def handle(self, **options):
        for command in ("migrate", "grant_web", "sync_moves"):
            call_command(command, verbosity=0)
