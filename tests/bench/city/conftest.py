"""The demo city after a day of work, made once for all benches of pages and gone after them."""

import pytest
from django.db import connection, transaction
from django.test import override_settings

from demo import loader
from demo.darkroom import Darkroom
from demo.generator import generate, load_profile
from demo.pictures import Album
from demo.simulator import simulate
from lib import now as clock

PER_DAY, WAITING = 150, 8


@pytest.fixture(scope="package")
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """Xiaonan with the cases of today and some that wait at each stage of the loop."""
    media = tmp_path_factory.mktemp("media")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=media),
        transaction.atomic(),
    ):
        found, _new = loader.load("xiaonan", lambda: generate(load_profile("xiaonan"), 1))
        _analyse()  # nobody does it within a transaction, and each report looks for its grid
        simulate(
            found,
            days=2,
            seed=1,
            until=clock.now(),
            per_day=PER_DAY,
            waiting=WAITING,
            darkroom=Darkroom(Album(), None),  # pictures are drawn in this process
        )
        _analyse()
        yield found
        transaction.set_rollback(True)


def _analyse():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
