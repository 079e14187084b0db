"""The demo city after a day of work, made once for all benches of pages and gone after them."""

import gc

import pytest
from django.db import connection, transaction
from django.template.base import Template
from django.test import override_settings
from django.test.utils import _TestState

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
        # A server has not made a city before: looking through all that it left for garbage fell on
        # the pages.
        gc.collect()
        gc.freeze()
        yield found
        transaction.set_rollback(True)


def _analyse():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.fixture(scope="package", autouse=True)
def as_served(django_test_environment):
    """Templates are rendered as a server renders them. A test runner has each template tell what it
    was given, every included one with a copy of it all, and that is nothing a page costs."""
    told = Template._render
    Template._render = _TestState.saved_data.template_render
    yield
    Template._render = told
