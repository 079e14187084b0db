"""Photographs for the demonstration city: drawn, lit, stamped with time and place, no two alike.

draw("C-01-03", "before", 7)      a picture of a stormwater manhole cover that is out of order
Album(seen).picture(...)          the same, but unlike every picture before it, with its hash
jpeg(image, taken_at=..., ...)    the file that a phone would send
phash(image)                      the 64-bit hash that finds a re-used photograph
"""

from .album import Album
from .exif import jpeg
from .hashing import phash
from .picture import STATES, draw

__all__ = ["STATES", "Album", "draw", "jpeg", "phash"]
