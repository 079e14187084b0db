"""From the canvas to the photograph: where the camera stands, where the light falls, what the
sensor adds.

This is also what keeps two photographs apart for the perceptual hash, which sees nothing but
large soft
shapes: shade of trees and houses, the hour, the framing.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops

from . import textures
from .canvas import MARGIN_X, MARGIN_Y, SCALE

FIELD = (32, 24)  # the light is worked out on a coarse grid and smoothed


@dataclass(frozen=True)
class Shot:
    """One pressing of the shutter."""

    pan_x: float
    pan_y: float
    roll: float
    zoom: float
    warmth: float
    exposure: float
    shade: float


def aim(place, moment, looser):
    """The camera: the place's own view, moved a little for each photograph."""
    roll = place.uniform(-2.2, 2.2) + moment.uniform(-1.6, 1.6) * looser
    zoom = place.uniform(0.92, 0.99) * moment.uniform(0.93, 1.0)
    lean = abs(math.sin(math.radians(roll)))
    # The canvas ends: pan no farther than what the zoom leaves and the roll needs.
    room_x = max(0, MARGIN_X + 320 * (1 - zoom) - 240 * lean - 2)
    room_y = max(0, MARGIN_Y + 240 * (1 - zoom) - 320 * lean - 2)
    pan_x = place.uniform(-26, 26) + moment.uniform(-16, 16) * looser
    pan_y = place.uniform(-14, 14) + moment.uniform(-12, 12) * looser
    return Shot(
        pan_x=max(-room_x, min(room_x, pan_x)),
        pan_y=max(-room_y, min(room_y, pan_y)),
        roll=roll,
        zoom=zoom,
        warmth=moment.gauss(0.0, 0.035),
        exposure=moment.uniform(0.9, 1.12),
        shade=moment.uniform(0.2, 0.46),
    )


def expose(canvas_image, shot, size):
    """Crop, turn and scale the canvas to the picture in one step."""
    width, height = size
    step = SCALE * 640 * shot.zoom / width
    angle = math.radians(shot.roll)
    cos, sin = math.cos(angle) * step, math.sin(angle) * step * (640 * height) / (480 * width)
    rise = step * (480 * width) / (640 * height) * math.cos(angle)
    centre_x = (MARGIN_X + 320 + shot.pan_x) * SCALE
    centre_y = (MARGIN_Y + 240 + shot.pan_y) * SCALE
    matrix = (
        cos,
        -sin,
        centre_x - cos * width / 2 + sin * height / 2,
        math.sin(angle) * step,
        rise,
        0,
    )
    matrix = (*matrix[:5], centre_y - matrix[3] * width / 2 - rise * height / 2)
    return canvas_image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


@lru_cache(maxsize=1)
def _grid():
    y, x = np.mgrid[0 : 1 : FIELD[1] * 1j, 0 : 1 : FIELD[0] * 1j]
    return x, y


def _light_field(moment, shot):
    """Brightness over the picture, 1 in full light."""
    x, y = _grid()
    source = np.random.default_rng(moment.randrange(2**32))
    leaves = np.zeros((FIELD[1], FIELD[0]), np.float32)
    for rows, columns, weight in ((4, 5, 1.0), (7, 9, 0.9)):
        cells = Image.fromarray(source.normal(size=(rows, columns)).astype(np.float32))
        leaves += weight * np.asarray(cells.resize(FIELD, Image.Resampling.BICUBIC))
    field = 1 - shot.shade * (1 / (1 + np.exp(-3.0 * leaves)))
    angle = moment.uniform(0, 2 * math.pi)
    along = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)
    field *= 1 - moment.uniform(0.05, 0.3) * (0.5 + along)
    if moment.random() < 0.45:  # the edge of a building's shadow
        angle, edge = moment.uniform(0, 2 * math.pi), moment.uniform(-0.2, 0.3)
        across = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle) - edge
        field *= 1 - moment.uniform(0.2, 0.38) / (1 + np.exp(-22 * across))
    far = np.hypot(x - moment.uniform(0.3, 0.7), y - moment.uniform(0.3, 0.7))
    return field * (1 - moment.uniform(0.05, 0.3) * far**2)


def develop(image, moment, shot):
    """Light, colour, unevenness and grain."""
    field = _light_field(moment, shot)
    field = field / np.percentile(field, 60)
    mask = Image.fromarray(np.clip(field * 200, 20, 255).astype(np.uint8)).resize(
        image.size, Image.Resampling.BICUBIC
    )
    mask = ImageChops.multiply(mask, _crop(textures.mottle(), image.size, moment))
    warm = (1 + shot.warmth, 1.0, 1 - shot.warmth)
    bands = []
    for band, gain in zip(image.split(), warm, strict=True):
        lit = ImageChops.multiply(band, mask).point(_tone(round(100 * gain * shot.exposure)))
        bands.append(ImageChops.add(lit, _crop(textures.grain(), image.size, moment), 1, -128))
    return Image.merge("RGB", bands)


def _crop(texture, size, moment):
    """A random part of a cached texture, stretched only when the picture is larger than it."""
    if size[0] > texture.width or size[1] > texture.height:
        texture = texture.resize((max(size[0], texture.width), max(size[1], texture.height)))
    left, top = (
        moment.randrange(texture.width - size[0] + 1),
        moment.randrange(texture.height - size[1] + 1),
    )
    return texture.crop((left, top, left + size[0], top + size[1]))


@lru_cache(maxsize=256)
def _tone(percent):
    """Gain with a soft shoulder; 1.4 undoes the mean of light field and unevenness."""
    table = []
    for level in range(256):
        value = level / 255 * 1.5 * percent / 100
        value = value if value < 0.7 else 0.7 + 0.3 * math.tanh((value - 0.7) / 0.3)
        table.append(round(255 * min(1, value)))
    return table
