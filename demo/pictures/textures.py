"""Cached grey textures: what makes a drawn surface look photographed.

Every texture is an 8-bit grey image around 128, tinted when it is used. Making one takes up to a
tenth
of a second, so each is made once a process and then only cropped at random.
"""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

FLAT = 512  # side of a flat, repeating ground texture
GROUND_SIZE = (
    1500,
    1300,
)  # a ground plane seen in perspective: wide and deep enough for every camera
FOCUS_ROW = 420  # the row below the horizon at which one texture pixel is one canvas pixel


def random_source(name):
    """A generator that depends on the name alone, so that textures are the same in every
    process."""
    return np.random.default_rng(list(name.encode()))


def fractal(name, height, width, octaves=(4, 8, 16, 32, 64), decay=0.7):
    """Smooth noise with detail at several scales, mean 0 and deviation 1."""
    source = random_source(name)
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for octave in octaves:
        # Two cells are repeated beyond each edge, so that the noise tiles without a seam.
        cells = np.pad(source.normal(size=(octave, octave)).astype(np.float32), 2, mode="wrap")
        share = (2, 2, octave + 2, octave + 2)
        grown = Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC, box=share)
        total += weight * np.asarray(grown)
        weight *= decay
    return (total - total.mean()) / total.std()


def _joints(rows, columns, shift):
    """Brightness of a paved surface: each stone its own grey, dark joints between them."""
    y, x = np.mgrid[0:FLAT, 0:FLAT]
    height, width = FLAT // rows, FLAT // columns
    row = y // height
    moved = (x + (row % 2) * shift * width).astype(int) % FLAT
    stone = random_source(f"stones{rows}.{columns}").normal(0, 11, (rows, columns))
    grey = stone[row % rows, (moved // width) % columns]
    edge = np.minimum(
        np.minimum(y % height, height - 1 - y % height),
        np.minimum(moved % width, width - 1 - moved % width),
    )
    return grey - 38 * (edge < 1) - 20 * (edge == 1) + 5 * (edge == 2)


def _flat_grey(material):
    """The grey of one material seen from straight above, as floats."""
    grain = random_source(material).normal(size=(FLAT, FLAT))
    mottle = fractal(material, FLAT, FLAT)
    if material == "slabs":
        return _joints(8, 8, 0.0) + 3 * grain + 5 * mottle
    if material == "bricks":
        return _joints(16, 8, 0.5) + 4 * grain + 5 * mottle
    if material == "tiles":
        return _joints(16, 16, 0.0) + 4 * grain + 4 * mottle
    if material == "concrete":
        return _joints(2, 2, 0.0) * 0.5 + 5 * grain + 11 * mottle
    if material == "grass":
        return 15 * grain + 12 * mottle
    if material == "soil":
        return 9 * grain + 14 * mottle + 26 * (grain > 2.3)
    return 8 * grain + 7 * mottle + 24 * (grain > 2.6) - 18 * (grain < -2.5)  # asphalt


@lru_cache(maxsize=16)
def _levels(material):
    """The flat texture at halving resolutions, so that distance does not flicker."""
    grey = _flat_grey(material).astype(np.float32)
    levels = [grey]
    for _ in range(3):
        grey = grey.reshape(grey.shape[0] // 2, 2, grey.shape[1] // 2, 2).mean(axis=(1, 3))
        levels.append(grey)
    return levels


@lru_cache(maxsize=40)
def ground(material, yaw_degrees):
    """The material as an endless floor; row 0 is the horizon."""
    width, height = GROUND_SIZE
    rows = np.arange(1, height + 1, dtype=np.float32)
    depth = FOCUS_ROW / rows
    angle = np.radians(yaw_degrees)
    across = (np.arange(width, dtype=np.float32) - width / 2)[None, :] * depth[:, None]
    along = (FOCUS_ROW * depth * 1.6)[:, None]
    u = across * np.cos(angle) - along * np.sin(angle)
    v = across * np.sin(angle) + along * np.cos(angle)
    out = np.zeros((height, width), np.float32)
    level_of_row = np.clip(np.log2(depth * 1.5).astype(int), 0, 3)
    for level, flat in enumerate(_levels(material)):
        chosen = level_of_row == level
        scale = 2**level
        out[chosen] = flat[
            (v[chosen] / scale).astype(int) % flat.shape[0],
            (u[chosen] / scale).astype(int) % flat.shape[1],
        ]
    out *= np.clip(rows / 90, 0.15, 1)[:, None]
    # No lens is as sharp as the texture, and a soft one makes a file a fifth smaller.
    sharp = Image.fromarray(np.clip(128 + out, 0, 255).astype(np.uint8))
    return sharp.filter(ImageFilter.BoxBlur(0.7))


def _wall_grey(material, height, width):
    grain = random_source("wall" + material).normal(size=(height, width))
    mottle = fractal("wall" + material, height, width)
    if material == "plaster":
        streak = np.asarray(
            Image.fromarray(
                random_source("streak").normal(size=(1, width // 14)).astype(np.float32)
            ).resize((width, height))
        )
        return 3 * grain + 9 * mottle + 5 * streak
    if material == "metal":
        return 14 * np.sign(np.sin(np.arange(width) / 5.0))[None, :] + 3 * grain + 3 * mottle
    reps = (height // FLAT + 1, width // FLAT + 1)
    pattern = {
        "brick": _joints(16, 8, 0.5),
        "block": _joints(8, 4, 0.5),
        "panel": _joints(4, 4, 0.0),
    }[material]
    return np.tile(pattern, reps)[:height, :width] + 4 * grain + 6 * mottle


@lru_cache(maxsize=12)
def wall(material):
    """An upright surface: brick, block, panel, plaster or corrugated metal."""
    sharp = np.clip(128 + _wall_grey(material, 900, 1400), 0, 255).astype(np.uint8)
    return Image.fromarray(sharp).filter(ImageFilter.BoxBlur(0.7))


@lru_cache(maxsize=1)
def grain():
    """Sensor noise, larger than any picture it is added to; around 128."""
    noise = random_source("grain").normal(0, 1, (900, 1300)).astype(np.float32)
    return Image.fromarray(np.clip(128 + 1.1 * noise, 0, 255).astype(np.uint8))


@lru_cache(maxsize=1)
def mottle():
    """Uneven brightness of real surfaces at all scales; multiplied over the whole picture."""
    field = fractal("mottle", 1000, 1500, octaves=(12, 24, 48, 96), decay=0.8)
    return Image.fromarray(np.clip(236 + 9 * field, 0, 255).astype(np.uint8))


@lru_cache(maxsize=8)
def foliage(kind):
    """A clump of leaves as (grey, mask), 256 pixels square; eight kinds."""
    source = random_source(f"leaves{kind}")
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    edge = fractal(f"edge{kind}", 256, 256, octaves=(5, 10, 22, 45, 80), decay=0.85)
    mask = np.hypot(x, y * 1.05) + 0.13 * edge < 0.8
    grey = np.zeros((256, 256), np.float32)
    for _ in range(26):
        cx, cy, r = source.uniform(-0.6, 0.6), source.uniform(-0.6, 0.6), source.uniform(0.18, 0.4)
        ball = np.clip(1 - np.hypot(x - cx, y - cy) / r, 0, 1)
        grey += ball * (0.6 - cy)
    grey = 84 + 44 * grey / grey.max() + 17 * edge + 10 * source.normal(size=(256, 256)) - 26 * y
    soft = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.BoxBlur(1))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)), soft


@lru_cache(maxsize=400)
def foliage_sized(kind, width, height):
    """A clump at one size. Sizes come in few steps: scaling the same leaves again is what costs."""
    grey, mask = foliage(kind)
    size, bicubic = (width, height), Image.Resampling.BILINEAR
    return grey.resize(size, bicubic, reducing_gap=2.0), mask.resize(
        size, bicubic, reducing_gap=2.0
    )


@lru_cache(maxsize=1)
def puff():
    """A soft round mask for shadows, smoke and light."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    return Image.fromarray((255 * np.clip(1 - np.hypot(x, y), 0, 1) ** 1.2).astype(np.uint8))


@lru_cache(maxsize=600)
def spot(kind, width, height, percent):
    """A soft mask at one size and strength; sizes come in few steps, as with foliage."""
    mask = (puff() if kind == "puff" else cloud()).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    return mask.point([level * percent // 100 for level in range(256)])


@lru_cache(maxsize=1)
def cloud():
    """A ragged soft mask for smoke, dust and stains."""
    y, x = np.mgrid[-1:1:128j, -1:1:128j]
    field = np.clip(1.05 - np.hypot(x, y) + 0.16 * fractal("cloud", 128, 128), 0, 1)
    field *= np.clip(3 - 3 * np.hypot(x, y), 0, 1)
    return Image.fromarray((255 * np.clip(field, 0, 1)).astype(np.uint8))
