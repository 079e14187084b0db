"""Whether two photos are one picture: hashes that survive saving again, other light, mirroring and
trimming, and the keys by which an index finds them among millions.

Of every photo the whole and ten trimmed views are hashed, twice each: the `prints` find, the
`grains` confirm. A copy that was trimmed looks like one of its original's views; a mirrored one
like the whole in a mirror, which is hashed too. The numbers were chosen on a labelled set
(docs/decisions/0015).
"""

from itertools import combinations

import numpy as np
from PIL import Image, ImageOps

# Copies differ in at most so many of the 64 bits; hashes have half their bits set, so that two of
# them always differ in an even number.
PRINT_BITS = 8
GRAIN_BITS = 18
# So near are two pictures of the same spot only if one was made of the other: of one case, before
# and after look alike by nature.
SAME_SPOT_BITS, SAME_SPOT_GRAIN_BITS = 4, 10

WHOLE, MIRRORED = 0, 1
_SMALL = 160  # pixels; views are cut from a small grey picture, of which 32 x 32 is asked
# Grey levels: a picture that varies less shows nothing (a covered lens, the night), and two such
# are alike without being one.
_FLAT = 3


def _trimmed(kept, across, down):
    """A view that keeps a share of each side; what is cut lies as `across` and `down` (0 to 1)
    say: 0 keeps the left or upper edge, 1 the right or lower one."""
    left, top = (1 - kept) * across, (1 - kept) * down
    return left, top, left + kept, top + kept


# (left, top, right, bottom) as shares of the sides, after the whole and its mirror.
VIEWS = (
    _trimmed(0.95, 0.5, 0.5),
    _trimmed(0.90, 0.5, 0.5),
    *(_trimmed(0.92, across, down) for across in (0, 1) for down in (0, 1)),
    *(_trimmed(0.90, across, 0.5) for across in (0, 1)),
    *(_trimmed(0.90, 0.5, down) for down in (0, 1)),
)

# 64 bits as ImageHash.phash defines them: grey, 32 x 32, two-dimensional DCT-II, the lowest 8 x 8
# coefficients against their median, row by row, the first the highest bit.
_angles = np.arange(8)[:, None] * (2 * np.arange(32)[None, :] + 1)
_COSINES = 2 * np.cos(np.pi * _angles / 64)


def phash(image):
    """The perceptual hash as the signed 64-bit integer that a bigint holds."""
    grey = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    return _prints(np.asarray(grey, dtype=float)[None])[0]


def likeness(image):
    """(prints, grains) of a picture: signed 64-bit integers, in the order whole, mirrored, VIEWS;
    the first print is its `phash`. None of a picture that shows nothing."""
    small = image.convert("L")
    whole = small.resize((32, 32), Image.Resampling.LANCZOS)
    small.thumbnail((_SMALL, _SMALL), Image.Resampling.LANCZOS)
    squares = [whole, ImageOps.mirror(whole), *(_cut(small, view) for view in VIEWS)]
    stack = np.stack([np.asarray(square, dtype=float) for square in squares])
    if np.std(stack[0]) < _FLAT:
        return [], []
    return _prints(stack), _grains(stack)


def _cut(small, view):
    left, top, right, bottom = view
    width, height = small.size
    box = (left * width, top * height, right * width, bottom * height)
    return small.resize((32, 32), Image.Resampling.LANCZOS, box=box)


def _prints(squares):
    low = _COSINES @ squares @ _COSINES.T
    low = low.reshape(len(squares), 64)
    return _packed(low > np.median(low, axis=1)[:, None])


def _grains(squares):
    """Of 8 x 8 patches, whether each is lighter than its neighbour on the left."""
    patches = squares.reshape(len(squares), 8, 4, 8, 4).mean(axis=(2, 4))
    return _packed((patches > np.roll(patches, 1, axis=2)).reshape(len(squares), 64))


def _packed(bits):
    return [int.from_bytes(row.tobytes(), "big", signed=True) for row in np.packbits(bits, axis=1)]


# --- the keys of an index ------------------------------------------------------------------------
# A print is cut into three bands. Two prints that differ in at most eight bits differ in at most
# two bits of one of the bands: whoever looks up a band and all its neighbours within two bits finds
# every such print, and an index over the bands is asked instead of every photo of all time.

# (lowest bit, bits); the number of the band stands above the 22 bits of the widest.
_BANDS = ((0, 22), (22, 21), (43, 21))
_TAG = 22
_NEIGHBOURS = PRINT_BITS // len(_BANDS)


def _flips(width):
    """All patterns of at most _NEIGHBOURS bits within a width, none of them first."""
    bits = [1 << place for place in range(width)]
    return [sum(some) for n in range(_NEIGHBOURS + 1) for some in combinations(bits, n)]


_FLIPS = [_flips(width) for _low, width in _BANDS]


def keys_of(prints):
    """The sorted keys under which a picture's prints are found, each once. The mirrored one has
    none: who looks for a mirrored copy comes with the mirror of theirs."""
    kept = [each for place, each in enumerate(prints) if place != MIRRORED]
    return sorted({key for each in kept for key in _bands(each)})


def keys_near(prints):
    """The sorted keys to look up for a picture, as it is and mirrored: every band within two bits
    of theirs."""
    near = {
        key ^ flip
        for each in prints[: MIRRORED + 1]
        for key, flips in zip(_bands(each), _FLIPS, strict=True)
        for flip in flips
    }
    return sorted(near)


def _bands(each):
    return [
        number << _TAG | (each >> low) & ((1 << width) - 1)
        for number, (low, width) in enumerate(_BANDS)
    ]


def bits_apart(one, other):
    """In how many bits two hashes differ."""
    return ((one ^ other) & (2**64 - 1)).bit_count()
