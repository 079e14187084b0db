"""Communities as shapes of a drawing: metres, whole numbers, corners that nobody would see left
out."""

from dataclasses import dataclass

from publication.querysets import outlines_on

# Corners nearer than this to the line without them are left out.
CORNER_M = 12
MARGIN_M = 120
# How many letters of a label would fill the drawing from side to side.
LETTERS = 44


@dataclass(frozen=True)
class Outlines:
    """[(code, path, x, y of its label, letters that fit)], the box around all of them, and the size
    of a letter in metres."""

    shapes: list
    box: str
    letter: int = 1


def outlines_of(city, day):
    """The communities of a city as their borders hold on a day."""
    rows = outlines_on(city, day, CORNER_M)
    if not rows:
        return Outlines([], "0 0 1 1")
    left, top = (min(row[i] for row in rows) - MARGIN_M for i in (4, 5))
    right, bottom = (max(row[i] for row in rows) + MARGIN_M for i in (6, 7))
    box = " ".join(str(round(n)) for n in (left, top, right - left, bottom - top))
    letter = max(right - left, bottom - top) / LETTERS
    shapes = [
        (code, path, int(x), int(y), (b - a) / letter if d - c > 1.4 * letter else 0)
        for code, path, x, y, a, c, b, d in rows
    ]
    return Outlines(shapes, box, round(letter))
