"""The perceptual hash that tells a re-used photograph: 64 bits from the low frequencies of a 32
x 32 picture.

The definition is that of ImageHash.phash (as in pHash): grey, 32 x 32, two-dimensional DCT-II,
the lowest
8 x 8 coefficients against their median, row by row, the first the highest bit.
"""

import numpy as np
from PIL import Image

SIDE, LOW = 32, 8
_row = np.arange(LOW)[:, None] * (2 * np.arange(SIDE)[None, :] + 1)
_COSINES = 2 * np.cos(np.pi * _row / (2 * SIDE))


def phash(image):
    """The hash as an unsigned 64-bit integer."""
    grey = np.asarray(
        image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS), dtype=float
    )
    low = _COSINES @ grey @ _COSINES.T
    bits = np.packbits((low > np.median(low)).ravel())
    return int.from_bytes(bits.tobytes(), "big")


def distances(one, many):
    """How many bits differ between one hash and each of an array of uint64."""
    return np.bitwise_count(many ^ np.uint64(one))
