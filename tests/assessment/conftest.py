"""The standard formulas, also after a test that really committed emptied every table."""

from importlib import import_module

import pytest
from django.apps import apps

from assessment.models import Formula
from tests.assessment import busy

WRITTEN_BY = ("0002_formulas", "0004_everyday_formulas")


@pytest.fixture(autouse=True)
def standard_formulas(request):
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        write_formulas()


def write_formulas():
    """What the migrations wrote, if it is gone."""
    if not Formula.objects.exists():
        for name in WRITTEN_BY:
            import_module(f"assessment.migrations.{name}").write(apps, None)


@pytest.fixture
def filled(town):
    """The cast's city after a busy day; its cases by name as `town.cases`."""
    town.cases = busy.fill(town)
    return town
