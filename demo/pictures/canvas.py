"""A drawing surface with a local frame: drawers work in their own units around their own origin.

Frames nest (`at`), may be turned and mirrored, and share one image. The outermost unit is a
pixel of a
640 x 480 picture; the image itself is larger and reaches beyond the picture, so that the camera
can move.
"""

import math
import random
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from . import textures

SCALE = 1.15  # canvas pixels to the unit: enough to smooth edges when the camera samples it
MARGIN_X, MARGIN_Y = 52, 40  # units drawn beyond each side of the 640 x 480 picture
WIDTH, HEIGHT = round((640 + 2 * MARGIN_X) * SCALE), round((480 + 2 * MARGIN_Y) * SCALE)
FONT_HOMES = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")
FONT_NAMES = (
    "NotoSansCJK*Bold*",
    "NotoSansSC*Bold*",
    "NotoSansCJK*",
    "NotoSansSC*",
    "SourceHanSans*",
    "wqy-*",
    "DroidSansFallback*",
    "*CJK*",
    "PingFang*",
)
LETTER_HEIGHT = 64
OUTERMOST = (SCALE, 0.0, MARGIN_X * SCALE, 0.0, SCALE, MARGIN_Y * SCALE)


@lru_cache(maxsize=1)
def font():
    """A font that has Chinese characters, or None: then nothing is lettered."""
    for home in FONT_HOMES:
        for name in FONT_NAMES:
            for path in sorted(Path(home).rglob(name)):
                if path.suffix.lower() in {".ttc", ".otf", ".ttf"}:
                    # The third face of Noto's collections is Simplified Chinese.
                    index = 2 if path.suffix == ".ttc" and "Noto" in path.name else 0
                    return ImageFont.truetype(str(path), LETTER_HEIGHT, index=index)
    return None


@lru_cache(maxsize=1024)
def letters(words, upright=False):
    """A mask of the words, one line or (upright) one column; None without a font."""
    if font() is None or not words:
        return None
    if upright:
        mask = Image.new("L", (LETTER_HEIGHT, LETTER_HEIGHT * len(words)))
        for row, sign in enumerate(words):
            ImageDraw.Draw(mask).text(
                (LETTER_HEIGHT / 2, (row + 0.5) * LETTER_HEIGHT), sign, 255, font(), anchor="mm"
            )
        return mask
    width = math.ceil(font().getlength(words)) + 4
    mask = Image.new("L", (width, round(LETTER_HEIGHT * 1.1)))
    ImageDraw.Draw(mask).text((width / 2, LETTER_HEIGHT * 0.54), words, 255, font(), anchor="mm")
    return mask


def shade(colour, factor):
    """The colour lighter (> 1) or darker (< 1)."""
    return tuple(max(0, min(255, int(channel * factor))) for channel in colour)


def mix(one, other, share):
    """A colour between two: share 0 is the first, 1 the second."""
    return tuple(int(a + (b - a) * share) for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=512)
def _ramp(colour, kind, sun):
    """A strip of one colour in changing light: round (a cylinder), across, or down."""
    steps = 24
    strip = []
    for step in range(steps):
        t = (step + 0.5) / steps
        if kind == "round":
            factor = 0.55 + 0.6 * max(0.0, math.cos((t - (0.33 if sun < 0 else 0.67)) * 2.6))
        elif kind == "across":
            factor = 1.1 - 0.3 * (t if sun < 0 else 1 - t)
        else:
            factor = 1.13 - 0.34 * t
        strip.append(shade(colour, factor))
    image = Image.new("RGB", (1, steps) if kind == "down" else (steps, 1))
    image.putdata(strip)
    return image


@lru_cache(maxsize=64)
def _circle(corners):
    return [
        (math.cos(2 * math.pi * i / corners), math.sin(2 * math.pi * i / corners))
        for i in range(corners)
    ]


def tint(grey, colour, contrast=1.0):
    """A grey texture around 128 in a colour."""
    gain = 1 + contrast * (np.arange(256) - 128) / 128
    table = np.clip(gain[:, None] * np.array(colour), 0, 255).astype(np.uint8)
    # A palette does in one step what a table for each channel does in four.
    tinted = grey.copy()
    tinted.putpalette(table.tobytes())
    return tinted.convert("RGB")


@lru_cache(maxsize=1024)
def outline(text):
    """The points of a fixed outline, written as "x,y x,y ..." because a drawing has so many."""
    return tuple(tuple(float(n) for n in pair.split(",")) for pair in text.split())


class Canvas:
    """One frame on the shared image. `rng` is the drawer's own; `sun` is -1 (from the left) or
    1."""

    def __init__(self, image, rng, sun, matrix=OUTERMOST):
        """Start with the outermost frame unless a matrix says otherwise."""
        self.image, self.rng, self.sun, self.matrix = image, rng, sun, matrix
        self.pen = ImageDraw.Draw(image)
        self.k = math.sqrt(abs(matrix[0] * matrix[4] - matrix[1] * matrix[3]))

    def at(self, x, y, size=1.0, turn=0.0, flip=False, rng=None, squash=1.0):
        """A frame with its origin at (x, y), scaled, turned clockwise by degrees, mirrored,
        flattened."""
        a, b, _, d, e, _ = self.matrix
        angle = math.radians(turn)
        cos, sin = math.cos(angle) * size, math.sin(angle) * size
        p, q, r, s = (-cos if flip else cos), -sin * squash, (-sin if flip else sin), cos * squash
        ox, oy = self.place(x, y)
        frame = Canvas.__new__(Canvas)
        frame.image, frame.pen, frame.sun = self.image, self.pen, self.sun
        frame.rng = rng or self.rng
        frame.matrix = (a * p + b * r, a * q + b * s, ox, d * p + e * r, d * q + e * s, oy)
        m = frame.matrix
        frame.k = math.sqrt(abs(m[0] * m[4] - m[1] * m[3]))
        return frame

    def place(self, x, y):
        """Where a point of this frame lies on the image."""
        a, b, c, d, e, f = self.matrix
        return a * x + b * y + c, d * x + e * y + f

    def fill(self, points, colour, light=None):
        """A polygon, flat or lit along `round`, `across` or `down`."""
        placed = [self.place(x, y) for x, y in points]
        if light is None:
            self.pen.polygon(placed, fill=colour)
            return
        box = self.box_of(placed)
        if box is None:
            return
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in placed], fill=255)
        self.image.paste(
            _ramp(tuple(colour), light, self.sun).resize(mask.size, Image.Resampling.BILINEAR),
            box,
            mask,
        )

    def rect(self, x0, y0, x1, y1, colour, light=None):
        """A rectangle by two corners."""
        self.fill([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour, light)

    def oval(self, x, y, rx, ry, colour, light=None):
        """An ellipse about (x, y)."""
        corners = 40 if rx * self.k > 25 else 18
        self.fill([(x + rx * cx, y + ry * cy) for cx, cy in _circle(corners)], colour, light)

    def line(self, points, colour, width=2.0):
        """A stroke through points, its width in units."""
        placed = [self.place(x, y) for x, y in points]
        self.pen.line(placed, fill=colour, width=max(1, round(width * self.k)), joint="curve")

    def ring(self, x, y, rx, ry, colour, width=2.0, part=(0.0, 1.0)):
        """An ellipse's outline, or a part of it in turns."""
        first, last = (round(40 * p) for p in part)
        circle = _circle(40)
        self.line(
            [
                (x + rx * circle[i % 40][0], y + ry * circle[i % 40][1])
                for i in range(first, last + 1)
            ],
            colour,
            width,
        )

    def rough(self, x, y, rx, ry, colour, light="down", roughness=0.2, corners=14):
        """A lump with an uneven outline."""
        points = []
        for cx, cy in _circle(corners):
            reach = 1 + self.rng.uniform(-roughness, roughness)
            points.append((x + rx * reach * cx, y + ry * reach * cy))
        self.fill(points, colour, light)

    def words(self, x, y, text, height, colour, upright=False, stretch=1.0, limit=None):
        """Lettering centred on (x, y): height is that of one character; limit caps the whole
        width."""
        mask = letters(text, upright)
        if mask is None:
            return
        a, b, _, d, e, _ = self.matrix
        tall = height * math.hypot(b, e) * (len(text) if upright else 1.1)
        wide = height * math.hypot(a, d) * stretch * mask.width / LETTER_HEIGHT
        if limit:
            wide = min(wide, limit * math.hypot(a, d))
        mask = mask.resize(
            (max(1, round(wide)), max(1, round(tall))), Image.Resampling.BILINEAR, reducing_gap=2.0
        )
        # Real letters are never mirrored: a mirrored frame only moves them.
        angle = math.degrees(math.atan2(-d, -a) if a < 0 else math.atan2(d, a))
        if abs(angle) > 0.3:
            mask = mask.rotate(-angle, Image.Resampling.BILINEAR, expand=True)
        px, py = self.place(x, y)
        self.image.paste(
            tuple(colour), (round(px - mask.width / 2), round(py - mask.height / 2)), mask
        )

    def soft(self, x, y, rx, ry, colour=(18, 18, 24), strength=0.6, kind="puff"):
        """A soft spot, round (`puff`) or ragged (`cloud`): shadow, smoke, stain, glow."""
        px, py = self.place(x, y)
        step = 4 if rx * self.k < 40 else 12
        wide, tall = (max(step, round(2 * r * self.k / step) * step) for r in (rx, ry))
        mask = textures.spot(kind, wide, tall, round(strength * 20) * 5)
        self.image.paste(colour, (round(px - wide / 2), round(py - tall / 2)), mask)

    def cast(self, points, strength=0.45, blur=5):
        """A soft shadow with the outline of a polygon."""
        placed = [self.place(x, y) for x, y in points]
        pad = blur * 3
        box = self.box_of(placed, pad)
        if box is None:
            return
        small = ((box[2] - box[0]) // 4 + 1, (box[3] - box[1]) // 4 + 1)
        mask = Image.new("L", small)
        ImageDraw.Draw(mask).polygon(
            [((x - box[0]) / 4, (y - box[1]) / 4) for x, y in placed], fill=round(255 * strength)
        )
        mask = mask.filter(ImageFilter.BoxBlur(blur / 3)).resize(
            (box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR
        )
        self.image.paste((16, 17, 26), box, mask)

    def surface(self, points, texture, colour, contrast=1.0):
        """A polygon filled with an upright texture, cropped at random."""
        placed = [self.place(x, y) for x, y in points]
        box = self.box_of(placed)
        if box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        left = self.rng.randrange(max(1, texture.width - size[0]))
        top = self.rng.randrange(max(1, texture.height - size[1]))
        crop = texture.crop((left, top, left + size[0], top + size[1]))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in placed], fill=255)
        self.image.paste(tint(crop, colour, contrast), box, mask)

    def leaves(self, x, y, rx, ry, colour, contrast=1.0):
        """A clump of foliage."""
        step = 4 if rx * self.k < 40 else 12
        wide, tall = (max(step, round(2.3 * r * self.k / step) * step) for r in (rx, ry))
        grey, mask = textures.foliage_sized(self.rng.randrange(8), wide, tall)
        px, py = self.place(x, y)
        corner = (round(px - wide / 2), round(py - tall / 2))
        self.image.paste(tint(grey, colour, contrast), corner, mask)

    def box_of(self, placed, pad=0):
        """The part of the image a polygon may touch, or None when it lies outside."""
        xs, ys = [p[0] for p in placed], [p[1] for p in placed]
        box = (
            max(0, int(min(xs)) - pad),
            max(0, int(min(ys)) - pad),
            min(self.image.width, int(max(xs)) + pad + 2),
            min(self.image.height, int(max(ys)) + pad + 2),
        )
        return box if box[2] > box[0] and box[3] > box[1] else None


def blank():
    """A fresh image for the outermost frame."""
    return Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128))


def stream(*parts):
    """A random stream that depends on its name alone."""
    return random.Random("|".join(map(str, parts)))
