"""The first account of a real city: a superuser who sets up everything else."""

from django.core.management.base import BaseCommand
from django.db import transaction

from demo import accounts
from staff.models import Member

USERNAME = "admin"


class Command(BaseCommand):
    help = "Make the superuser 'admin' with a random password; does nothing if there is one."

    def handle(self, **options):
        if Member.objects.filter(username=USERNAME).exists():
            self.stdout.write(f"{USERNAME} is there already.")
            return
        # A password left by a run that was killed before its commit is used, not lost.
        password = accounts.read().get(USERNAME, {}).get("password") or accounts.new_password()
        with transaction.atomic():
            Member.objects.create_superuser(USERNAME, password=password, name="管理员")
            accounts.write({USERNAME: {"password": password, "role": "superuser"}})
        self.stdout.write(f"user name {USERNAME}, password {password}")
