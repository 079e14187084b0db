"""The places. Each paints its background and says where the subject stands: x, y of its foot,
and its size."""

from .backdrop import (
    BOTTOM,
    GREENS,
    LEFT,
    RIGHT,
    TOP,
    facade,
    ground,
    hedge,
    kerb,
    shopfront,
    sky,
    skyline,
    tree,
    wall,
)
from .canvas import mix, shade


def _spot(c, low=350, high=420, size=(0.9, 1.15)):
    return c.rng.uniform(230, 410), c.rng.uniform(low, high), c.rng.uniform(*size)


def floor(c, materials=("asphalt", "asphalt", "slabs", "bricks", "concrete", "tiles")):
    """Looking down at the ground; sometimes a kerb and grass across the top."""
    horizon = c.rng.uniform(-330, -120)
    ground(c, horizon, c.rng.choice(materials))
    edge = c.rng.random()
    slope = c.rng.uniform(-70, 70)
    if edge < 0.65:
        y = c.rng.uniform(30, 130)
        top = [(LEFT, y - slope), (RIGHT, y + slope)]
        ground(
            c,
            horizon,
            c.rng.choice(("grass", "slabs", "bricks")),
            points=[(LEFT, TOP), (RIGHT, TOP), top[1], top[0]],
        )
        kerb(c, top, 15)
    elif edge < 0.85:
        x, lean = (
            c.rng.choice((c.rng.uniform(20, 120), c.rng.uniform(520, 620))),
            c.rng.uniform(-90, 90),
        )
        c.fill(
            [(x, TOP), (x + 14, TOP), (x + lean + 22, BOTTOM), (x + lean, BOTTOM)], (214, 212, 204)
        )
    return c.rng.uniform(240, 400), c.rng.uniform(240, 330), c.rng.uniform(0.9, 1.2)


def roadway(c):
    """Looking down at asphalt."""
    return floor(c, ("asphalt",))


def roadside(c):
    """The same road, seen by one who stands on the pavement."""
    return street(c, kerbside=True)


def street(c, kerbside=False):
    """A road running away, pavement on one side, houses and trees behind."""
    horizon = c.rng.uniform(110, 200)
    sky(c, horizon)
    skyline(c, horizon, c.rng.uniform(0.7, 1.4))
    ground(c, horizon, "asphalt")
    side = c.rng.choice((-1, 1))
    vanish = c.rng.uniform(180, 460)
    near = 320 + side * (c.rng.uniform(-190, -90) if kerbside else c.rng.uniform(40, 200))
    far_x = RIGHT if side > 0 else LEFT
    ground(
        c,
        horizon,
        c.rng.choice(("slabs", "bricks", "tiles", "concrete")),
        points=[(vanish, horizon), (near, BOTTOM), (far_x, BOTTOM), (far_x, horizon)],
    )
    kerb(c, [(vanish, horizon + 1), (near, BOTTOM)], 8)
    for i in range(6):
        t0, t1 = (i / 6) ** 1.8, ((i + 0.5) / 6) ** 1.8
        x = near - side * 320
        a, b = horizon + (BOTTOM - horizon) * t0, horizon + (BOTTOM - horizon) * t1
        xa, xb = vanish + (x - vanish) * t0, vanish + (x - vanish) * t1
        c.fill(
            [(xa - 7 * t0, a), (xa + 7 * t0, a), (xb + 9 * t1, b), (xb - 9 * t1, b)],
            (222, 220, 210),
        )
    _row_of_trees(c, horizon, vanish, side)
    x, y, size = _spot(c)
    return (320 + side * c.rng.uniform(0, 70), y, size) if kerbside else (x, y, size)


def _row_of_trees(c, horizon, vanish, side):
    """Trees or houses getting larger along the pavement's outer edge."""
    hue = c.rng.choice(GREENS)
    house = c.rng.random() < 0.4
    if house:
        reach = c.rng.uniform(60, 240)
        edge = RIGHT if side > 0 else LEFT
        inner = edge - side * reach
        c.fill(
            [
                (edge, TOP),
                (inner, c.rng.uniform(TOP, 90)),
                (inner, horizon + 20),
                (edge, horizon + 70),
            ],
            c.rng.choice(((176, 168, 156), (150, 138, 128), (188, 180, 170))),
            "across",
        )
    for t in (0.12, 0.2, 0.36):
        if c.rng.random() < 0.75:
            x = vanish + side * (40 + 620 * t)
            tree(c, x, horizon + (BOTTOM - horizon) * t, 900 * t * c.rng.uniform(0.8, 1.1), hue)


def pavement(c):
    """A pavement before a row of shops, seen from the road."""
    base = c.rng.uniform(230, 300)
    horizon = base - c.rng.uniform(60, 120)
    wall(c, TOP, base)
    x, height = LEFT + c.rng.uniform(-100, 0), c.rng.uniform(190, 270)
    while x < RIGHT:
        width = c.rng.uniform(170, 260)
        shopfront(c, x, x + width - 6, base, height)
        x += width
    _pavement_floor(c, base, horizon)
    return _spot(c, 345, 415)


def _pavement_floor(c, base, horizon):
    ground(
        c,
        horizon,
        c.rng.choice(("slabs", "bricks", "tiles")),
        points=[(LEFT, base), (RIGHT, base), (RIGHT, BOTTOM), (LEFT, BOTTOM)],
    )
    c.cast([(LEFT, base - 6), (RIGHT, base - 6), (RIGHT, base + 10), (LEFT, base + 10)], 0.5)
    if c.rng.random() < 0.5:
        y, slope = c.rng.uniform(425, 470), c.rng.uniform(-14, 14)
        ground(
            c,
            horizon,
            "asphalt",
            points=[(LEFT, y - slope), (RIGHT, y + slope), (RIGHT, BOTTOM), (LEFT, BOTTOM)],
        )
        kerb(c, [(LEFT, y - slope), (RIGHT, y + slope)], 9)


def frontage(c):
    """A wall close by, with a strip of pavement."""
    base = c.rng.uniform(300, 360)
    wall(c, TOP, base)
    if c.rng.random() < 0.5:
        c.rect(
            LEFT,
            base - c.rng.uniform(20, 60),
            RIGHT,
            base,
            c.rng.choice(((120, 116, 110), (98, 90, 84), (150, 146, 140))),
            "down",
        )
    _pavement_floor(c, base, base - 130)
    return c.rng.uniform(260, 380), c.rng.uniform(base + 35, base + 80), c.rng.uniform(0.95, 1.15)


def flats(c):
    """The front of a block of flats."""
    base = c.rng.uniform(320, 390)
    facade(c, base, floor_height=c.rng.uniform(100, 130), column=c.rng.uniform(105, 145))
    _pavement_floor(c, base, base - 120)
    if c.rng.random() < 0.6:
        hedge(c, LEFT, c.rng.uniform(100, RIGHT), base + 8, c.rng.uniform(20, 40))
    return c.rng.uniform(250, 390), c.rng.uniform(base + 30, base + 70), c.rng.uniform(0.9, 1.1)


def plaza(c):
    """An open paved place with trees and houses far behind."""
    horizon = c.rng.uniform(120, 220)
    sky(c, horizon)
    skyline(c, horizon, c.rng.uniform(0.5, 1.3))
    ground(c, horizon, c.rng.choice(("slabs", "tiles", "bricks", "concrete")))
    for _ in range(c.rng.randrange(1, 5)):
        x, depth = c.rng.uniform(LEFT, RIGHT), c.rng.uniform(0.03, 0.18)
        if not 200 < x < 440:
            tree(c, x, horizon + 300 * depth, 150 + 500 * depth)
    return _spot(c)


def park(c):
    """Lawn, path, hedge and trees."""
    horizon = c.rng.uniform(110, 200)
    sky(c, horizon)
    hedge(
        c,
        LEFT,
        RIGHT,
        horizon + 6,
        c.rng.uniform(50, 110),
        mix(c.rng.choice(GREENS), (150, 170, 160), 0.25),
    )
    ground(c, horizon, "grass")
    if c.rng.random() < 0.7:
        x0, x1, w = c.rng.uniform(LEFT, 640), c.rng.uniform(LEFT, RIGHT), c.rng.uniform(120, 300)
        ground(
            c,
            horizon,
            c.rng.choice(("slabs", "bricks", "concrete")),
            points=[
                (x0, horizon + 10),
                (x0 + w / 8, horizon + 10),
                (x1 + w, BOTTOM),
                (x1 - w, BOTTOM),
            ],
        )
    for _ in range(c.rng.randrange(2, 6)):
        x, depth = c.rng.uniform(LEFT, RIGHT), c.rng.uniform(0.03, 0.3)
        if not 190 < x < 450:
            tree(c, x, horizon + 330 * depth, 150 + 560 * depth)
    return _spot(c)


def river(c):
    """Water seen from the bank: far bank, water, near embankment."""
    horizon = c.rng.uniform(90, 160)
    sky(c, horizon)
    skyline(c, horizon, c.rng.uniform(0.4, 1.2))
    c.rect(LEFT, horizon, RIGHT, horizon + 14, (150, 148, 140), "down")
    bank, slope = c.rng.uniform(330, 390), c.rng.uniform(-35, 35)
    water(c, horizon + 12, 420)
    ground(
        c,
        horizon,
        c.rng.choice(("slabs", "bricks", "concrete")),
        points=[(LEFT, bank - slope), (RIGHT, bank + slope), (RIGHT, BOTTOM), (LEFT, BOTTOM)],
    )
    kerb(c, [(LEFT, bank - slope), (RIGHT, bank + slope)], 12)
    return c.rng.uniform(250, 390), bank + 40, c.rng.uniform(0.9, 1.1)


def water(c, top, bottom, colour=None):
    """A sheet of water with long ripples."""
    colour = colour or c.rng.choice(
        ((96, 124, 128), (104, 130, 116), (110, 132, 146), (88, 112, 110))
    )
    c.rect(LEFT, top, RIGHT, bottom, mix(colour, (150, 170, 180), 0.25), "down")
    for _ in range(7):
        c.soft(
            c.rng.uniform(LEFT, RIGHT),
            top + 10,
            c.rng.uniform(30, 90),
            c.rng.uniform(40, 110),
            shade(colour, 0.55),
            0.7,
        )
    for _ in range(150):
        t = c.rng.random() ** 1.8
        y = top + (bottom - top) * t
        x, w = c.rng.uniform(LEFT, RIGHT), (20 + 110 * t) * c.rng.uniform(0.5, 1.4)
        c.line(
            [(x, y), (x + w, y)], shade(colour, c.rng.choice((0.72, 0.85, 1.15, 1.4))), 1 + 2.2 * t
        )


def site(c):
    """Bare earth, a building going up, a crane."""
    horizon = c.rng.uniform(140, 210)
    sky(c, horizon)
    skyline(c, horizon, 0.5)
    x = c.rng.choice((c.rng.uniform(LEFT, 120), c.rng.uniform(400, 560)))
    for level in range(c.rng.randrange(3, 6)):
        y = horizon - level * 34
        c.rect(x, y - 34, x + 190, y - 29, (168, 164, 156))
        for i in range(6):
            c.rect(x + i * 36, y - 29, x + i * 36 + 7, y, (150, 146, 138))
    mast = x + c.rng.choice((-60, 240))
    c.line([(mast, horizon), (mast, TOP + 40)], (200, 160, 60), 5)
    c.line([(mast - 70, TOP + 46), (mast + 220, TOP + 40)], (200, 160, 60), 4)
    ground(c, horizon, "soil")
    return _spot(c)


def stairwell(c):
    """Steps going down between tiled walls, as to an underpass."""
    c.rect(LEFT, TOP, RIGHT, BOTTOM, (176, 174, 168), "down")
    wall(c, TOP, BOTTOM, "panel", c.rng.choice(((200, 196, 184), (184, 192, 196), (206, 190, 168))))
    vx, top = c.rng.uniform(270, 370), c.rng.uniform(150, 200)
    c.fill(
        [(vx - 110, top - 100), (vx + 110, top - 100), (vx + 110, top + 60), (vx - 110, top + 60)],
        (44, 46, 50),
        "down",
    )
    for i in range(12):
        t0, t1 = (i / 12) ** 1.4, ((i + 1) / 12) ** 1.4
        y0, y1 = top + 60 + (BOTTOM - top - 60) * t0, top + 60 + (BOTTOM - top - 60) * t1
        half0, half1 = 110 + 290 * t0, 110 + 290 * t1
        c.fill(
            [(vx - half0, y0), (vx + half0, y0), (vx + half1, y1), (vx - half1, y1)],
            (160, 156, 148),
        )
        c.fill(
            [
                (vx - half1, y1 - (y1 - y0) * 0.5),
                (vx + half1, y1 - (y1 - y0) * 0.5),
                (vx + half1, y1),
                (vx - half1, y1),
            ],
            (104, 102, 98),
        )
    return vx, 400, 1.0


SCENES = {
    f.__name__: f
    for f in (
        floor,
        roadway,
        street,
        roadside,
        pavement,
        frontage,
        flats,
        plaza,
        park,
        river,
        site,
        stairwell,
    )
}
