"""The database as the web's own role sees it, and the cast."""

import gc

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate

from demo import catalogue
from lib import now
from tests import cast

# Their files take longest: a worker that came to them last would leave the other idle meanwhile.
FIRST = ("browser", "concurrency")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Several workers begin with the files that take longest; in one the order is Django's."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.parent.name not in FIRST)


def pytest_collection_finish():
    """What was imported and collected stays to the end: looking at it for garbage again and again
    took a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After the tables are made: the grants, the table of moves, the formulas. A test that really
    commits empties every table when it ends; both are back before anything else can ask for
    them."""
    with django_db_blocker.unblock():
        call_command("grant_web")
        _lay_again()
    emptied = apps.get_app_config("assessment")
    post_migrate.connect(_lay_again, sender=emptied, weak=False)


def _lay_again(**_said):
    call_command("sync_moves")
    catalogue.add_formulas()


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
