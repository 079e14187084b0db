"""The database as the web's own role sees it, and the cast."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate

from lib import now
from tests import cast


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After the tables are made: the grants, the table of moves. A test that really commits empties
    every table when it ends; the table of moves is back before anything else can ask for it."""
    with django_db_blocker.unblock():
        call_command("grant_web")
        call_command("sync_moves")
    emptied = apps.get_app_config("incidents")
    post_migrate.connect(_lay_table_of_moves, sender=emptied, weak=False)


def _lay_table_of_moves(**_said):
    call_command("sync_moves")


@pytest.fixture
def town(db):
    """The cast's city, at nine on a Tuesday morning."""
    with now.at(cast.MORNING):
        yield cast.make_city()


@pytest.fixture
def as_web(db):
    """Raw SQL as the web's own role, which owns no table; back to the owner afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE gridcity_web")
        try:
            yield cursor
        finally:
            if not connection.needs_rollback:
                cursor.execute("RESET ROLE")
