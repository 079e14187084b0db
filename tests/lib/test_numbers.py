"""What a text of an address says as a number."""

import pytest

from lib.numbers import in_thousands, whole


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("17", 17), ("007", 7), ("9" * 18, 10**18 - 1)]
)
def test_plain_digits_are_a_number(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1.5",
        " 1",
        "1_0",
        "\N{SUPERSCRIPT TWO}",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "9" * 19,
        "9" * 5000,
    ],
)
def test_all_else_is_none(text):
    assert whole(text) is None


@pytest.mark.parametrize(
    ("number", "places", "read"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (4456, 0, "4\u202f456"),
        (1234567.5, 2, "1\u202f234\u202f567.50"),
    ],
)
def test_thousands_stand_apart_by_one_thin_space_that_no_line_breaks(number, places, read):
    assert in_thousands(number, places) == read
