"""What stands behind and below the subject: sky, ground, houses, shops, trees."""

from PIL import Image, ImageDraw

from . import textures
from .canvas import MARGIN_X, MARGIN_Y, SCALE, mix, shade, tint

LEFT, RIGHT, TOP, BOTTOM = -MARGIN_X, 640 + MARGIN_X, -MARGIN_Y, 480 + MARGIN_Y
SKIES = (
    ((122, 166, 214), (214, 228, 240)),
    ((165, 178, 192), (216, 220, 222)),
    ((150, 180, 205), (238, 226, 208)),
    ((104, 146, 200), (190, 212, 232)),
)
HOUSES = (
    (196, 186, 170),
    (178, 184, 190),
    (206, 192, 176),
    (168, 150, 136),
    (188, 200, 206),
    (200, 172, 150),
    (158, 164, 168),
)
GREENS = ((84, 122, 56), (96, 130, 62), (70, 108, 58), (108, 132, 70), (64, 100, 48))
GREYS = {
    "asphalt": ((96, 97, 100), (84, 85, 90), (112, 111, 110), (74, 75, 80)),
    "slabs": ((168, 162, 152), (150, 150, 150), (178, 166, 150), (140, 142, 146)),
    "bricks": ((158, 104, 86), (150, 120, 104), (172, 128, 104), (138, 136, 134)),
    "tiles": ((176, 168, 156), (160, 132, 120), (150, 152, 154)),
    "concrete": ((168, 166, 160), (150, 150, 146), (182, 178, 168)),
    "grass": ((104, 138, 66), (92, 124, 58), (122, 144, 78), (86, 128, 62)),
    "soil": ((150, 122, 92), (136, 108, 82), (164, 138, 108)),
}
WORDS_SHOPS = (
    "便利店",
    "兰州拉面",
    "药房",
    "水果店",
    "五金建材",
    "理发店",
    "房产中介",
    "早餐",
    "打印复印",
    "手机维修",
    "干洗店",
    "茶叶",
    "文具",
    "烟酒",
    "包子铺",
    "花店",
)
WORDS_SIGN_COLOURS = (
    (178, 40, 36),
    (30, 84, 150),
    (36, 120, 72),
    (205, 120, 30),
    (92, 52, 110),
    (60, 60, 64),
    (200, 60, 90),
)


def sky(c, horizon):
    """From the top of the canvas to a little below the horizon, with soft clouds."""
    high, low = c.rng.choice(SKIES)
    c.fill(
        [(LEFT, TOP), (RIGHT, TOP), (RIGHT, horizon + 4), (LEFT, horizon + 4)], mix(high, low, 0.45)
    )
    for _ in range(4):
        c.soft(
            c.rng.uniform(LEFT, RIGHT),
            c.rng.uniform(horizon - 60, horizon + 10),
            c.rng.uniform(150, 340),
            90,
            low,
            0.8,
        )
    for _ in range(c.rng.randrange(4)):
        c.soft(
            c.rng.uniform(0, 640),
            c.rng.uniform(TOP, horizon - 40),
            c.rng.uniform(90, 190),
            c.rng.uniform(22, 50),
            (250, 250, 250),
            0.75,
            "cloud",
        )


def ground(c, horizon, material, colour=None, points=None, contrast=1.0):
    """The floor from the horizon down, or the part of it inside points."""
    texture = textures.ground(material, c.rng.choice((0, 0, 20, 45, 70)))
    colour = colour or c.rng.choice(GREYS[material])
    points = points or [
        (LEFT, max(TOP, horizon)),
        (RIGHT, max(TOP, horizon)),
        (RIGHT, BOTTOM),
        (LEFT, BOTTOM),
    ]
    placed = [c.place(x, y) for x, y in points]
    box = c.box_of(placed)
    if box is None:
        return
    first_row = max(0, round(box[1] - (horizon + MARGIN_Y) * SCALE))
    first_row = min(first_row, texture.height - (box[3] - box[1]))
    width = box[2] - box[0]
    left = c.rng.randrange(texture.width - width) if texture.width > width else 0
    crop = texture.crop((left, first_row, left + width, first_row + box[3] - box[1]))
    if c.rng.random() < 0.5:
        crop = crop.transpose(0)
    paste_polygon(c, tint(crop, colour, contrast), placed, box)


def paste_polygon(c, filler, placed, box):
    """Paste a filler the size of the box through the polygon."""
    mask = Image.new("L", filler.size)
    ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in placed], fill=255)
    c.image.paste(filler, box[:2], mask)


def wall(c, top, bottom, material=None, colour=None, left=LEFT, right=RIGHT, contrast=0.9):
    """A frontal wall between two heights."""
    material = material or c.rng.choice(("brick", "block", "panel", "plaster", "plaster"))
    colour = colour or c.rng.choice(
        ((176, 112, 90), (190, 178, 160), (196, 190, 180), (204, 190, 160), (170, 172, 172))
        if material != "brick"
        else ((172, 108, 88), (186, 168, 142), (150, 100, 84))
    )
    c.surface(
        [(left, top), (right, top), (right, bottom), (left, bottom)],
        textures.wall(material),
        colour,
        contrast,
    )


def tree(c, x, base, height, colour=None, bare=False):
    """A broad-leaved tree with trunk, crown and shadow."""
    colour = colour or c.rng.choice(GREENS)
    t = c.at(x, base, height / 100)
    t.soft(14 * -c.sun, 0, 44, 8, strength=0.5)
    t.fill([(-4, 0), (4, 0), (2.4, -48), (-2.4, -48)], (92, 74, 58), "round")
    for dx in (-16, 13):
        t.line([(0, -40), (dx, -62)], (84, 68, 54), 2.4)
    if bare:
        for dx, top in ((-26, -84), (-8, -92), (10, -88), (28, -80)):
            t.line([(dx / 3, -50), (dx, top)], (84, 68, 54), 1.3)
        return
    for dx, dy, r in ((-20, -62, 22), (20, -60, 22), (0, -58, 24), (-10, -80, 22), (13, -80, 20)):
        t.leaves(
            dx + t.rng.uniform(-4, 4),
            dy + t.rng.uniform(-4, 4),
            r,
            r * 0.86,
            shade(colour, t.rng.uniform(0.86, 1.12)),
        )


def hedge(c, x0, x1, base, height, colour=None):
    """A row of bushes."""
    colour = colour or c.rng.choice(GREENS)
    step = height * 0.9
    x = x0
    while x < x1 + step / 2:
        c.leaves(
            x,
            base - height / 2,
            height * 0.75,
            height * 0.62,
            shade(colour, c.rng.uniform(0.85, 1.1)),
        )
        x += step


def skyline(c, horizon, tall=1.0):
    """Distant houses of uneven height along the horizon, then a line of far trees."""
    x = LEFT + c.rng.uniform(-60, 0)
    while x < RIGHT:
        width = c.rng.uniform(50, 170)
        height = c.rng.uniform(20, 150) * tall
        if c.rng.random() < 0.85:
            _far_house(c, x, horizon, width, height)
        x += width * c.rng.uniform(0.8, 1.5)
    if c.rng.random() < 0.75:
        hedge(
            c,
            LEFT,
            RIGHT,
            horizon + 5,
            c.rng.uniform(16, 40),
            mix(c.rng.choice(GREENS), (150, 165, 165), 0.35),
        )


def _far_house(c, x, horizon, width, height):
    hue = mix(c.rng.choice(HOUSES), (185, 195, 205), c.rng.uniform(0.1, 0.5))
    hue = shade(hue, c.rng.uniform(0.75, 1.1))
    c.rect(x, horizon - height, x + width, horizon + 3, hue, "across")
    floor, column = c.rng.uniform(9, 13), c.rng.uniform(9, 16)
    y = horizon - height + 6
    while y < horizon - 10:
        if c.rng.random() < 0.5:
            c.rect(x + 4, y, x + width - 4, y + floor * 0.45, shade(hue, 0.68))
        else:
            px = x + 5
            while px < x + width - column * 0.6:
                c.rect(px, y, px + column * 0.55, y + floor * 0.5, shade(hue, 0.62))
                px += column
        y += floor


def facade(c, bottom, left=LEFT, right=RIGHT, colour=None, floor_height=86, column=92):
    """A frontal block of flats reaching out of the picture; returns the windows as (x, y, w, h)."""
    colour = colour or c.rng.choice(HOUSES)
    wall(c, TOP, bottom, c.rng.choice(("plaster", "panel", "brick")), colour, left, right, 0.7)
    windows = []
    start = left + c.rng.uniform(0, column * 0.5)
    y = bottom - floor_height * c.rng.uniform(0.86, 1.0)
    tall, wide = floor_height * c.rng.uniform(0.5, 0.64), column * c.rng.uniform(0.5, 0.66)
    while y > TOP - tall:
        x = start
        while x < right - wide * 0.4:
            window(c, x, y, wide, tall)
            windows.append((x, y, wide, tall))
            x += column
        c.rect(left, y + tall + 5, right, y + tall + 8, shade(colour, 0.8))
        y -= floor_height
    return windows


def window(c, x, y, wide, tall):
    """One window with a frame and a reflection."""
    glass = c.rng.choice(((70, 84, 98), (92, 108, 120), (58, 66, 76), (120, 134, 142)))
    c.rect(x - 2, y - 2, x + wide + 2, y + tall + 4, (206, 206, 202))
    c.rect(x, y, x + wide, y + tall, glass)
    c.fill(
        [(x, y), (x + wide * 0.5, y), (x + wide * 0.15, y + tall), (x, y + tall)],
        shade(glass, 1.22),
    )
    c.rect(x + wide / 2 - 1.5, y, x + wide / 2 + 1.5, y + tall, (210, 210, 206))


def shopfront(c, x0, x1, bottom, height, name=None, colour=None, closed=None):
    """A shop: pillar, fascia with its name, window or roller shutter, door."""
    name = name or c.rng.choice(WORDS_SHOPS)
    colour = colour or c.rng.choice(WORDS_SIGN_COLOURS)
    top = bottom - height
    closed = c.rng.random() < 0.25 if closed is None else closed
    c.rect(x0, top, x1, bottom, (150, 142, 132), "down")
    c.rect(x0 + 6, top + height * 0.3, x1 - 6, bottom - 3, (52, 58, 64))
    if closed:
        for y in range(int(top + height * 0.3), int(bottom) - 4, 6):
            c.rect(x0 + 6, y, x1 - 6, y + 4, (166, 168, 170), "down")
    else:
        c.fill(
            [
                (x0 + 6, bottom - 3),
                (x0 + 6, top + height * 0.3),
                (x0 + (x1 - x0) * 0.5, top + height * 0.3),
            ],
            (84, 94, 100),
        )
        for i in range(5):
            px = x0 + 14 + (x1 - x0 - 40) * i / 5
            c.rect(
                px,
                bottom - height * 0.22,
                px + 12,
                bottom - 8,
                c.rng.choice(((190, 150, 90), (170, 70, 60), (90, 130, 90), (210, 200, 170))),
            )
        c.rect(x1 - 52, top + height * 0.33, x1 - 12, bottom, (110, 116, 120), "across")
        c.rect(x1 - 46, top + height * 0.38, x1 - 18, bottom - 10, (140, 156, 164))
    c.rect(x0, top + 4, x1, top + height * 0.27, colour, "down")
    c.words(
        (x0 + x1) / 2,
        top + height * 0.155,
        name,
        height * 0.15,
        (250, 246, 232),
        limit=(x1 - x0) * 0.85,
    )


def kerb(c, points, thick=9):
    """A kerb of light stone along points, with its shaded face."""
    c.line([(x, y + thick * 0.7) for x, y in points], (112, 112, 108), thick)
    c.line(points, (190, 188, 180), thick * 0.8)
