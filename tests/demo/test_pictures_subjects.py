"""Every kind of case can be photographed, in every state, the same each time it is asked for."""

import csv
from pathlib import Path

import pytest

from demo.pictures import STATES, draw
from demo.pictures.picture import RECIPES

HERE = Path(__file__).resolve()


def catalogue():
    """The codes of the project's own table of categories, when it lies in the tree."""
    codes = set()
    for table in HERE.parents[2].glob("*/**/categories.csv"):
        if not {".venv", "node_modules"} & set(table.parts):
            with table.open(encoding="utf-8-sig") as lines:
                for row in csv.DictReader(lines):
                    kind = row["kind"][0].upper()
                    codes.add(f"{kind}-{row['class_code']}-{row['subclass_code']}")
    return codes


@pytest.mark.parametrize("state", STATES)
def test_every_subclass_is_drawn_in_every_state(state):
    """Small, so that all three states of all subclasses take seconds."""
    for code in sorted(catalogue() | set(RECIPES)):
        assert draw(code, state, 3, size=(64, 48)).size == (64, 48), code


def test_no_subclass_of_the_table_is_left_to_the_neutral_street():
    """The built-in table is covered: 113 components and 68 events."""
    assert catalogue() <= set(RECIPES)
    assert sum(code.startswith("C-") for code in RECIPES) == 113
    assert sum(code.startswith("E-") for code in RECIPES) == 68


def test_a_code_that_nobody_has_thought_of_is_a_street():
    """The catalogue is data: a new row must not stop the simulator."""
    before, after = (draw("C-77-99", state, 1) for state in ("before", "after"))
    assert before.mode == "RGB"
    assert before.size == (640, 480)
    assert before.tobytes() != after.tobytes()


def test_the_same_picture_comes_out_again():
    """Same arguments, same pixels, whatever was drawn in between."""
    first = draw("E-01-10", "before", 5).tobytes()
    draw("C-01-37", "after", 6)
    assert draw("E-01-10", "before", 5).tobytes() == first


def test_the_kind_matters_where_both_kinds_have_the_code():
    """C-01-10 is a heating cover, E-01-10 a heap of rubbish."""
    assert draw("C-01-10", "before", 1).tobytes() != draw("E-01-10", "before", 1).tobytes()


def test_a_state_that_does_not_exist_is_refused():
    """Rather than drawn as one of the others."""
    with pytest.raises(ValueError, match="state must be"):
        draw("C-01-03", "during", 1)


def test_without_a_chinese_font_things_go_unlettered(monkeypatch):
    """A machine without fonts still gets its pictures."""
    monkeypatch.setattr("demo.pictures.canvas.letters", lambda *_: None)
    assert draw("C-01-03", "after", 1).size == (640, 480)
