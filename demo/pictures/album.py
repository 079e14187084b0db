"""Pictures none of which looks like another to the perceptual hash."""

import numpy as np

from .hashing import distances, phash
from .picture import draw

APART = 12  # bits: at or below this two photographs count as one re-used
PATIENCE = 60


class Album:
    """Hands out pictures; remembers what it was told and what it gave.

    The same pictures asked for in the same order from the same start are the same.
    """

    def __init__(self, seen=()):
        """Start from hashes that are in use already."""
        start = np.fromiter((int(value) & (2**64 - 1) for value in seen), dtype=np.uint64)
        self._count = len(start)
        self._hashes = np.zeros(max(1024, 2 * len(start)), np.uint64)
        self._hashes[: self._count] = start
        self.tries = 0

    def __len__(self):
        """How many hashes are known."""
        return self._count

    def nearest(self, value):
        """The distance in bits to the closest known picture; 65 when there is none."""
        return int(distances(value, self._hashes[: self._count]).min(initial=65))

    def remember(self, value):
        """Take note of a hash."""
        if self._count == len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
        self._hashes[self._count] = value
        self._count += 1

    def picture(self, subclass, state, seed, *, size=(640, 480), drawn=draw):
        """A picture more than 12 bits from every earlier one, with its hash.

        `drawn` has the arguments of `draw`: who draws elsewhere, or ahead, gives a way of its own.
        """
        for attempt in range(PATIENCE):
            self.tries += 1
            image = drawn(subclass, state, seed, size=size, attempt=attempt)
            value = phash(image)
            if self.nearest(value) > APART:
                self.remember(value)
                return image, value
        raise LookupError(f"{PATIENCE} pictures of {subclass} all look like one in use")
