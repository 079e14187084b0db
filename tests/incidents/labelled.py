"""A labelled set of pictures: originals that were each taken by themselves, some of one place
before and after the work, and copies of them as people make them."""

import io
import random
from collections import Counter

from PIL import Image, ImageEnhance, ImageOps

from demo.pictures import Album
from demo.pictures.picture import RECIPES
from lib.likeness import GRAIN_BITS, MIRRORED, PRINT_BITS, WHOLE, bits_apart, likeness


def originals(subclasses, seeds=(1,), states=("before", "after")):
    """Pictures by Album: of each subclass, each place, before and after."""
    album, step = Album(), max(1, len(RECIPES) // subclasses)
    names = sorted(RECIPES)[::step][:subclasses]
    return [album.picture(n, state, seed)[0] for n in names for seed in seeds for state in states]


def saved_again(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    file.seek(0)
    return Image.open(file).convert("RGB")


def trimmed(image, rng, least, most):
    """Cut to a share of each side, wherever."""
    kept = rng.uniform(least, most)
    left, top = rng.uniform(0, 1 - kept), rng.uniform(0, 1 - kept)
    width, height = image.size
    box = (left * width, top * height, (left + kept) * width, (top + kept) * height)
    return image.crop(tuple(int(side) for side in box))


def brighter(image):
    lit = ImageEnhance.Brightness(image).enhance(1.35)
    return ImageEnhance.Contrast(lit).enhance(1.15)


COPIES = {
    "re-encoded": lambda image, rng: saved_again(image.resize((480, 360)), 45),
    "brightened": lambda image, rng: saved_again(brighter(image), 75),
    "darkened": lambda image, rng: saved_again(ImageEnhance.Brightness(image).enhance(0.65), 75),
    "cropped to 92-98 %": lambda image, rng: saved_again(trimmed(image, rng, 0.92, 0.98), 80),
    "cropped to 86-92 %": lambda image, rng: saved_again(trimmed(image, rng, 0.86, 0.92), 80),
    "cropped to 80-86 %": lambda image, rng: saved_again(trimmed(image, rng, 0.80, 0.86), 80),
    "mirrored": lambda image, rng: saved_again(ImageOps.mirror(image), 70),
    "mirrored and cropped": lambda image, rng: saved_again(
        trimmed(ImageOps.mirror(image), rng, 0.90, 0.97), 80
    ),
}


def alike(mine, theirs):
    """The rule of incidents.checks over (prints, grains) of two pictures."""
    return any(
        bits_apart(mine[0][side], each) <= PRINT_BITS
        and bits_apart(mine[1][side], grain) <= GRAIN_BITS
        for side in (WHOLE, MIRRORED)
        for each, grain in zip(*theirs, strict=True)
    )


def measured(pictures, seed=7):
    """({kind of copy: recall}, precision, pairs of different pictures that were held for one)."""
    rng = random.Random(seed)
    known = [likeness(image) for image in pictures]
    found, wrong, told = Counter(), 0, 0
    for place, image in enumerate(pictures):
        for kind, make in COPIES.items():
            mine = likeness(make(image, rng))
            hits = [other for other, theirs in enumerate(known) if alike(mine, theirs)]
            found[kind] += place in hits
            told += len(hits)
            wrong += sum(other != place for other in hits)
    pairs = sum(
        alike(mine, theirs)
        for place, mine in enumerate(known)
        for other, theirs in enumerate(known)
        if place != other
    )
    recall = {kind: found[kind] / len(pictures) for kind in COPIES}
    return recall, 1 - (wrong + pairs) / max(told + pairs, 1), pairs
