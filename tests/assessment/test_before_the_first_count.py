"""A city that nobody has counted yet."""

import pytest

from tests.assessment.test_pages import get

pytestmark = pytest.mark.django_db


def test_before_the_first_count_the_page_says_that_figures_are_being_counted(town):
    said = get(town.assessor, "scores", kind="community").content.decode()
    assert "The figures are being counted" in said
    assert "Nothing was counted" not in said
