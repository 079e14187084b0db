"""The standard formulas, also after a test that really committed emptied every table."""

from importlib import import_module

import pytest
from django.apps import apps

from assessment.models import Formula


@pytest.fixture(autouse=True)
def standard_formulas(request):
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        if not Formula.objects.exists():
            import_module("assessment.migrations.0002_formulas").write(apps, None)
