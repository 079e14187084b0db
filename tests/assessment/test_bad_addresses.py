"""Addresses that nobody of sound mind types: a page opens as if it had not been asked that."""

import pytest

from tests.cast import client_of

pytestmark = pytest.mark.django_db

TOO_LARGE = "9" * 23
# A digit to `str.isdigit`, and no number to `int`.
SQUARED = "\N{SUPERSCRIPT TWO}"


@pytest.mark.parametrize(
    "address",
    [
        f"/scores/?period={TOO_LARGE}",
        f"/scores/?period={TOO_LARGE}-W01",
        f"/scores/?period=2026-Q{TOO_LARGE}",
        f"/scores/?within={SQUARED}",
        f"/scores/?from={SQUARED}",
        f"/scores/?entry={SQUARED}",
        f"/scores/?entry={TOO_LARGE}",
        f"/scores/scores.csv?period={TOO_LARGE}",
        f"/scores/objections/?before={SQUARED}",
        f"/scores/objections/?before={TOO_LARGE}",
        f"/everydays/?period={TOO_LARGE}",
        f"/everydays/?from={SQUARED}",
    ],
)
def test_nonsense_in_an_address_breaks_no_page(town, address):
    assert client_of(town.assessor).get(address).status_code in (200, 302)


def test_nonsense_for_a_subject_is_no_subject(town):
    assert client_of(town.assessor).get(f"/scores/worker/{SQUARED}/").status_code == 404
