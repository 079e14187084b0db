"""What a command says is compared in one language, whichever is the default."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english():
    """English for the test; the translations themselves are another test's matter."""
    with translation.override("en"):
        yield
