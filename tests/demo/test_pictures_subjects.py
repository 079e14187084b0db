"""Every kind of case can be photographed in every state, and no photograph looks like another.

One set of pictures serves both: all subclasses in all states, small, for the hash sees only 32 x 32
points of a picture whatever its size.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from demo.pictures import STATES, Album, canvas, draw, phash
from demo.pictures.hashing import distances
from demo.pictures.picture import RECIPES

TABLE = Path(__file__).resolve().parents[2] / "demo/standards/categories.csv"
SIZE = (192, 144)


def catalogue():
    """The codes of the project's own table of categories."""
    with TABLE.open(encoding="utf-8-sig") as lines:
        return {
            f"{row['kind'][0].upper()}-{row['class_code']}-{row['subclass_code']}"
            for row in csv.DictReader(lines)
        }


@pytest.fixture(scope="module")
def album():
    """All subclasses in all states: one case each, one place each."""
    album = Album()
    album.given = {
        (code, state): album.picture(code, state, seed, size=SIZE)
        for seed, code in enumerate(sorted(catalogue()))
        for state in STATES
    }
    return album


def alike(values, bits=12):
    """The pairs at most so many bits apart."""
    array = np.array(values, np.uint64)
    near = (np.flatnonzero(distances(v, array[:i]) <= bits) for i, v in enumerate(values))
    return {(int(j), i) for i, found in enumerate(near) for j in found}


def test_every_subclass_is_drawn_in_every_state(album):
    assert len(album.given) == 3 * len(catalogue())
    assert {image.size for image, _ in album.given.values()} == {SIZE}


def test_every_subclass_of_the_table_has_a_recipe_of_its_own():
    assert catalogue() <= set(RECIPES)


def test_only_the_planted_reuses_are_alike(album):
    pictures = [image for image, _ in album.given.values()]
    assert len(pictures) >= 400
    planted = {(n, len(pictures) + k) for k, n in enumerate(range(0, len(pictures), 25))}
    values = [phash(image) for image in pictures + pictures[::25]]
    assert alike(values) == planted


def test_pictures_are_found_unlike_at_the_first_or_second_try(album):
    assert album.tries <= 2 * len(album.given)


def test_the_album_knows_what_it_was_told(album):
    values = [value for _, value in album.given.values()]
    later = Album(values)
    assert len(later) == len(values)
    _, again = later.picture("C-01-01", "before", 0, size=SIZE)
    assert int(distances(again, np.array(values, np.uint64)).min()) > 12


def test_the_album_gives_the_same_pictures_again(album):
    first = next(iter(album.given))
    image, value = Album().picture(*first, 0, size=SIZE)
    assert (image.tobytes(), value) == (
        album.given[first][0].tobytes(),
        album.given[first][1],
    )


def test_signed_hashes_as_a_database_keeps_them_are_understood(album):
    value = max(value for _, value in album.given.values())
    assert value >= 2**63
    assert Album([value - 2**64]).nearest(value) == 0


def test_a_code_that_nobody_has_thought_of_is_a_street():
    before, after = (draw("C-77-99", state, 1) for state in ("before", "after"))
    assert (before.mode, before.size) == ("RGB", (640, 480))
    assert before.tobytes() != after.tobytes()


def test_the_same_picture_comes_out_again():
    first = draw("E-01-10", "before", 5).tobytes()
    draw("C-01-37", "after", 6)
    assert draw("E-01-10", "before", 5).tobytes() == first


def test_the_kind_matters_where_both_kinds_have_the_code():
    assert draw("C-01-10", "before", 1).tobytes() != draw("E-01-10", "before", 1).tobytes()


def test_a_state_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="state must be"):
        draw("C-01-03", "during", 1)


def test_without_a_chinese_font_things_go_unlettered(monkeypatch):
    lettered = draw("C-01-03", "after", 1)
    monkeypatch.setattr(canvas, "FONT_HOMES", ())
    for known in (canvas.font, canvas.letters):
        known.cache_clear()
    try:
        plain = draw("C-01-03", "after", 1)
    finally:
        for known in (canvas.font, canvas.letters):
            known.cache_clear()
    assert plain.size == lettered.size and plain.tobytes() != lettered.tobytes()
