"""Signs of trouble and of order that go on any object: cracks, pasted slips, rust, cones, tape."""

from .canvas import outline, shade

INK = (40, 40, 42)
RUST = (122, 70, 40)
SLIPS = ("办证", "开锁", "疏通", "贷款", "刻章", "招工", "搬家", "收药", "回收", "租房")


def cracks(c, x, y, reach, branches=5, colour=(34, 34, 36), flat=0.5):
    """Cracks running outwards from a point."""
    for _ in range(branches):
        turn_x, turn_y = c.rng.uniform(-1, 1), c.rng.uniform(-1, 1) * flat
        points = [(x, y)]
        for _ in range(4):
            px, py = points[-1]
            points.append(
                (
                    px + reach * (turn_x * 0.3 + c.rng.uniform(-0.1, 0.1)),
                    py + reach * (turn_y * 0.3 + c.rng.uniform(-0.08, 0.08)),
                )
            )
        c.line(points, colour, 2.2)


def slips(c, x0, y0, x1, y1, count=8, size=15):
    """Small pasted advertisements with a trade and a number."""
    for _ in range(count):
        x, y = c.rng.uniform(x0, x1), c.rng.uniform(y0, y1)
        tilt = c.at(x, y, size / 15, c.rng.uniform(-14, 14))
        paper = c.rng.choice(((238, 236, 226), (246, 226, 120), (240, 190, 186), (190, 220, 240)))
        tilt.rect(-17, -12, 17, 12, paper)
        tilt.words(
            0, -4, c.rng.choice(SLIPS), 11, c.rng.choice(((190, 30, 30), (30, 40, 130), INK))
        )
        tilt.words(0, 6, f"13{c.rng.randrange(10)}-{c.rng.randrange(1000, 9999)}", 7, INK)


def rust(c, x0, y0, x1, y1, count=7, size=10):
    """Brown stains with runs below them."""
    for _ in range(count):
        x, y = c.rng.uniform(x0, x1), c.rng.uniform(y0, y1)
        r = size * c.rng.uniform(0.4, 1.2)
        c.soft(x, y + r * 0.6, r, r * 1.9, RUST, 0.9, "cloud")


def shards(c, x0, y0, x1, y1):
    """A broken pane: a dark star-shaped hole with white cracks."""
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    rx, ry = (x1 - x0) * 0.34, (y1 - y0) * 0.32
    c.rough(x, y, rx, ry, (22, 24, 26), None, 0.5, 11)
    for _ in range(9):
        px, py = c.rng.choice(
            (
                (x0, c.rng.uniform(y0, y1)),
                (x1, c.rng.uniform(y0, y1)),
                (c.rng.uniform(x0, x1), y0),
                (c.rng.uniform(x0, x1), y1),
            )
        )
        c.line([(x + (px - x) * 0.3, y + (py - y) * 0.3), (px, py)], (226, 232, 234), 1.2)


def cone(c, x, y, size=1.0):
    """A traffic cone."""
    t = c.at(x, y, size)
    t.soft(-8 * t.sun, 0, 30, 8, strength=0.6)
    t.fill(outline("-22,-3 22,-3 26,5 -26,5"), (196, 74, 24))
    t.fill(outline("-16,-3 16,-3 3,-62 -3,-62"), (232, 92, 32), "round")
    for low, high in ((-16, -28), (-38, -48)):
        w0, w1 = 3 + 13 * (62 + low) / 59, 3 + 13 * (62 + high) / 59
        t.fill([(-w0, low), (w0, low), (w1, high), (-w1, high)], (240, 240, 236), "round")


def tape(c, x0, y0, x1, y1):
    """Red and white warning tape sagging between two points."""
    for i in range(14):
        a, b = i / 14, (i + 1) / 14
        ya, yb = (y0 + (y1 - y0) * t + 30 * t * (1 - t) for t in (a, b))
        xa, xb = x0 + (x1 - x0) * a, x0 + (x1 - x0) * b
        c.fill(
            [(xa, ya), (xb, yb), (xb, yb + 8), (xa, ya + 8)],
            (210, 40, 36) if i % 2 else (244, 242, 238),
        )


def guarded(c, wrong, width=150):
    """Cones and tape round a spot: whatever is wrong there, somebody has noticed."""
    if wrong:
        for dx, dy in ((-width, 10), (width, 0), (0, 48)):
            cone(c, dx, dy, 1.1)
        tape(c, -width, -44, width, -54)


def confetti(c, x, y, rx, ry, count, colours, size=5.0):
    """Scraps scattered over the ground: litter, leaves, gravel."""
    for _ in range(count):
        # Denser towards the middle, as dropped things lie.
        px, py = x + c.rng.gauss(0, 0.45) * rx, y + c.rng.gauss(0, 0.45) * ry
        s = size * c.rng.uniform(0.5, 1.5)
        hue = shade(c.rng.choice(colours), c.rng.uniform(0.8, 1.15))
        c.fill(
            [
                (px - s, py - s * c.rng.random() * 0.6),
                (px + s * c.rng.random(), py - s * 0.5),
                (px + s, py + s * 0.3),
                (px - s * 0.4, py + s * 0.6),
            ],
            hue,
        )


def box(c, x0, y0, x1, y1, colour, depth=24, side=None):
    """An upright box: lit front, a darker side and a lighter top, standing on its shadow."""
    side = side or c.sun
    xe, dx, dy = (x1 if side > 0 else x0), depth * side, -depth * 0.4
    c.soft((x0 + x1) / 2 - c.sun * 20, y1, abs(x1 - x0) * 0.72, 14, strength=0.75)
    c.fill([(xe, y0), (xe + dx, y0 + dy), (xe + dx, y1 + dy), (xe, y1)], shade(colour, 0.6), "down")
    c.fill([(x0, y0), (x1, y0), (x1 + dx, y0 + dy), (x0 + dx, y0 + dy)], shade(colour, 1.2))
    c.rect(x0, y0, x1, y1, colour, "across")


def post(c, x, y0, y1, width, colour):
    """An upright round post."""
    c.soft(x - c.sun * 12, y1, width * 2.4 + 8, 6, strength=0.6)
    c.rect(x - width / 2, y0, x + width / 2, y1, colour, "round")


def board(c, x0, y0, x1, y1, colour, rim=(214, 214, 210), lines=(), ink=(250, 250, 246), size=22):
    """A flat board with a rim and lines of lettering."""
    c.rect(x0 - 3, y0 - 3, x1 + 3, y1 + 3, rim)
    c.rect(x0, y0, x1, y1, colour, "down")
    step = (y1 - y0) / max(1, len(lines))
    for i, line in enumerate(lines):
        c.words(
            (x0 + x1) / 2,
            y0 + step * (i + 0.5),
            line,
            min(size, step * 0.7),
            ink,
            limit=(x1 - x0) * 0.9,
        )
