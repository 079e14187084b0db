"""The database as the web's own role sees it, and the cast."""

import pytest
from django.core.management import call_command
from django.db import connection

from incidents.models import Transition
from lib import now
from tests import cast


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After the tables are made: the grants, the table of moves."""
    with django_db_blocker.unblock():
        call_command("grant_web")
        call_command("sync_moves")


@pytest.fixture(autouse=True)
def table_of_moves(request):
    """A test that really commits empties every table when it ends: the next one, whichever it is,
    gets the table of moves back."""
    names = set(request.fixturenames)
    if request.node.get_closest_marker("django_db") or names & {"db", "transactional_db"}:
        request.getfixturevalue("transactional_db" if "transactional_db" in names else "db")
        if not Transition.objects.exists():
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
