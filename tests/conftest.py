"""The database as the web's own role sees it, and the cast."""

import fcntl
import gc
import pickle
from contextlib import ExitStack
from itertools import groupby

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.utils import translation

from demo import catalogue
from lib import now
from tests import cast

# Their files take longest: a worker that came to them last would leave the other idle meanwhile.
FIRST = ("browser", "concurrency")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Several workers begin with the files that take longest; in one the order is Django's. In a
    file, tests without the town come before those that share one."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.parent.name not in FIRST)
    files = groupby(list(items), key=lambda item: item.path)
    items[:] = [item for _file, those in files for item in sorted(those, key=_wants_town)]


def pytest_collection_finish():
    """What was imported and collected stays to the end: looking at it for garbage again and again
    took a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, tmp_path_factory, worker_id):
    """The tables with the grants, the table of moves and the formulas: made once, and copied for
    each worker. A test that really commits empties every table when it ends; moves and formulas
    are back before anything else can ask for them. The server goes with its databases."""
    with django_db_blocker.unblock():
        if worker_id == "master":
            _make_database()
        else:
            _copy_database(tmp_path_factory.getbasetemp().parent, worker_id)
    emptied = apps.get_app_config("assessment")
    post_migrate.connect(_lay_again, sender=emptied, weak=False)


def _make_database():
    connection.creation.create_test_db(verbosity=0, serialize=False)
    call_command("grant_web")
    _lay_again()


def _copy_database(folder, worker):
    """The first worker makes the database that all of them copy."""
    creation, made = connection.creation, folder / "database-made"
    name = creation._get_test_db_name()
    with (folder / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make_database()
            made.touch()
        # Nobody may be connected to what is copied.
        connection.close()
        connection.settings_dict["NAME"] = name
        creation.clone_test_db(worker, verbosity=0)
    connection.settings_dict.update(creation.get_test_db_clone_settings(worker))
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"]


def _lay_again(**_said):
    call_command("sync_moves")
    catalogue.add_formulas()


@pytest.fixture(autouse=True)
def language():
    """The project's own language at the beginning of each test, whatever page the last one read."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="module")
def town_of_file(request, django_db_setup, django_db_blocker):
    """The cast's city as bytes, made once for the tests of a file that ask for it, which come last,
    and gone after them; None where a test of the file commits."""
    if any(_commits(item) for item in request.session.items if item.path == request.path):
        yield None
        return
    with django_db_blocker.unblock(), ExitStack() as setting_up:
        setting_up.enter_context(transaction.atomic())
        with now.at(cast.MORNING):
            made = cast.make_city()
        # What is put off to the end of a transaction would be looked at in every test's.
        connection.check_constraints()
        stands = setting_up.pop_all()
    yield pickle.dumps(made)
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        stands.close()


def _wants_town(item):
    return "town" in item.fixturenames


def _commits(item):
    marked = item.get_closest_marker("django_db")
    return bool(marked and (marked.args or marked.kwargs))


@pytest.fixture
def town(town_of_file, db):
    """The cast's city, at nine on a Tuesday morning. What a test does to it is undone in the
    database; in memory each has its own."""
    for cache in caches.all():
        cache.clear()
    with now.at(cast.MORNING):
        yield pickle.loads(town_of_file) if town_of_file else cast.make_city()


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
