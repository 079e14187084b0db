"""The cast's city after a busy day, with its figures counted."""

from copy import deepcopy

import pytest
from django.core.cache import caches
from django.db import transaction

from lib import now
from tests import cast
from tests.assessment import busy


@pytest.fixture(scope="module")
def busy_day(django_db_setup, django_db_blocker):
    """The cast's city after a busy day and the hour it then is, made once for all tests of a file
    and gone after them: a file that asks for `filled` cannot ask for `town` as well."""
    with django_db_blocker.unblock(), transaction.atomic():
        with now.at(cast.MORNING):
            town = cast.make_city()
            town.cases = busy.fill(town)
            moment = now.now()
        yield town, moment
        transaction.set_rollback(True)


@pytest.fixture
def filled(busy_day, db):
    """The cast's city after a busy day; its cases by name as `town.cases`. What a test does to it
    is undone in the database; in memory each has its own."""
    for cache in caches.all():
        cache.clear()
    town, moment = busy_day
    with now.at(moment):
        yield deepcopy(town)
