"""Cars, bicycles, trucks, boats and people."""

import math

from .canvas import outline, shade

PAINTS = (
    (206, 210, 214),
    (44, 46, 52),
    (160, 34, 38),
    (40, 70, 130),
    (236, 236, 234),
    (112, 116, 120),
)
SKIN, TYRE = (214, 168, 136), (24, 24, 26)


def _wheel(c, x, y, r):
    c.oval(x, y, r, r, TYRE)
    c.oval(x, y, r * 0.58, r * 0.58, (150, 154, 158), "down")


def car(c, wrong=True, colour=None, word=None, wreck=False):
    """A car from the side; a wreck is flat, dusty and rusty."""
    hue = colour or c.rng.choice(PAINTS)
    hue = (128, 118, 104) if wreck else hue
    c.soft(0, 0, 215, 20, strength=0.9)
    body = outline("-190,-22 -186,-74 -126,-90 -76,-138 64,-138 120,-92 182,-80 192,-24")
    c.fill(body, hue, "down")
    c.fill(outline("-112,-90 -70,-130 -8,-130 -8,-90"), (42, 52, 62), "across")
    c.fill(outline("2,-130 58,-130 102,-92 2,-90"), (52, 62, 72), "across")
    c.line([(-3, -86), (-3, -26)], shade(hue, 0.6), 2)
    c.rect(-186, -40, 190, -26, shade(hue, 0.62))
    c.rect(168, -76, 190, -60, (250, 240, 200))
    c.rect(-190, -72, -174, -56, (190, 30, 30))
    for x in (-118, 116):
        c.oval(x, -24, 42, 42, (16, 16, 18))
        if wreck:
            c.oval(x, -10, 36, 14, TYRE)
        else:
            _wheel(c, x, -24, 33)
    if word:
        c.words(-60, -62, word, 30, (40, 40, 40) if sum(hue) > 380 else (250, 250, 250))
    if wreck:
        c.fill(outline("2,-130 58,-130 102,-92 2,-90"), (24, 24, 26))
        for _ in range(9):
            c.soft(c.rng.uniform(-170, 170), c.rng.uniform(-120, -30), 34, 20, (116, 66, 38), 0.95)
        for i in range(6):
            c.line([(30, -110), (30 + c.rng.uniform(-30, 50), -130 + i * 8)], (200, 206, 210), 2)
        c.words(-60, -62, "僵尸车", 26, (60, 50, 44))


def bike(c, wrong=True, colour=None, fallen=False):
    """A shared bicycle, standing or lying."""
    hue = colour or c.rng.choice(((250, 200, 40), (40, 130, 220), (60, 180, 110), (240, 110, 40)))
    if fallen:
        c = c.at(0, -8, 1, c.rng.choice((-62, 66)), squash=0.7)
    c.soft(0, 0, 92, 9, strength=0.5)
    for x in (-58, 58):
        c.ring(x, -36, 36, 36, TYRE, 6)
        for i in range(4):
            a = i * 0.785
            c.line(
                [
                    (x - 34 * math.cos(a), -36 - 34 * math.sin(a)),
                    (x + 34 * math.cos(a), -36 + 34 * math.sin(a)),
                ],
                (170, 172, 174),
                1,
            )
    c.line(outline("-58,-36 -22,-92 38,-92 0,-36 -58,-36"), hue, 7)
    c.line([(0, -36), (-26, -106)], hue, 7)
    c.line([(58, -36), (36, -120)], hue, 7)
    c.rect(-46, -114, -8, -104, (30, 30, 32))
    c.line([(36, -120), (60, -124)], (40, 40, 42), 6)
    c.fill(outline("40,-104 86,-104 80,-74 46,-74"), shade(hue, 0.8), "down")


def bikes(c, wrong):
    """Bicycles: heaped over the pavement, or in a row inside a marked bay."""
    for a, b in (
        ((-300, -40), (300, -40)),
        ((-330, 40), (330, 40)),
        ((-300, -40), (-330, 40)),
        ((300, -40), (330, 40)),
    ):
        c.line([a, b], (236, 236, 230), 6)
    c.at(0, 62, 1, squash=0.6).words(0, 0, "非机动车停放区", 40, (236, 236, 230))
    if wrong:
        for i in range(10):
            x, y = -240 + i * 55 + c.rng.uniform(-30, 30), c.rng.uniform(-50, 76)
            bike(c.at(x, y, 1, flip=c.rng.random() < 0.5), fallen=i % 3 != 0)
    else:
        hue = c.rng.choice(((250, 200, 40), (40, 130, 220), (60, 180, 110)))
        for i in range(5):
            bike(c.at(-210 + i * 105, 10, 1), colour=hue)


def truck(c, wrong):
    """A tipper: heaped and open, dropping spoil, or covered."""
    c.soft(0, 4, 330, 26, strength=0.9)
    c.rect(-280, -70, 190, -48, (50, 52, 56))
    c.fill(outline("-290,-190 110,-190 90,-66 -276,-66"), (48, 110, 76), "down")
    for x in range(-250, 100, 60):
        c.rect(x, -188, x + 10, -68, (36, 86, 60))
    c.words(-90, -122, "渣土运输", 50, (244, 240, 226))
    if wrong:
        for x in (-220, -130, -40, 40):
            c.rough(x, -196, 82, 48, (128, 98, 70), "down", 0.25)
        for _ in range(60):
            c.rough(
                -300 - abs(c.rng.gauss(0, 40)),
                c.rng.uniform(-150, 20),
                9,
                7,
                (118, 90, 62),
                None,
                0.3,
                7,
            )
        for _ in range(10):
            c.soft(-300 + c.rng.gauss(0, 50), c.rng.uniform(-80, 10), 70, 40, (190, 166, 130), 0.55)
    else:
        c.fill(outline("-294,-190 114,-190 80,-222 -260,-222"), (34, 78, 120), "down")
    c.fill(outline("118,-60 118,-220 196,-220 236,-130 240,-60"), (206, 120, 34), "across")
    c.fill(outline("134,-206 188,-206 220,-134 134,-134"), (50, 62, 72), "across")
    for x in (-220, -130, 180):
        _wheel(c, x, -42, 44)


def boat(c, wrong, word="采砂"):
    """A boat on the water."""
    c.fill(outline("-210,-60 220,-60 180,0 -170,0"), (120, 66, 48), "down")
    c.fill(outline("-215,-66 225,-66 222,-54 -212,-54"), (206, 200, 188))
    c.rect(-120, -150, 10, -64, (206, 208, 204), "across")
    c.rect(-100, -136, -50, -100, (48, 60, 70))
    c.rect(-36, -136, -4, -100, (48, 60, 70))
    c.words(100, -34, word, 34, (244, 240, 230))
    c.line([(70, -64), (110, -190), (200, -90)], (180, 140, 50), 6)
    for _ in range(14):
        x = c.rng.uniform(-230, 220)
        c.line([(x, c.rng.uniform(0, 16)), (x + 50, c.rng.uniform(0, 16))], (220, 230, 234), 3)


def person(c, wrong=True, shirt=None, trousers=None, pose="stand", hat=None):
    """A figure: standing, reaching out, or sitting on the ground."""
    shirt = shirt or c.rng.choice(
        ((180, 60, 56), (60, 90, 150), (220, 220, 214), (90, 110, 80), (70, 70, 76), (210, 160, 70))
    )
    trousers = trousers or c.rng.choice(((50, 54, 66), (84, 78, 70), (40, 40, 44)))
    c.soft(-14 * c.sun, 0, 46, 9, strength=0.7)
    if pose == "sit":
        c.fill(outline("-26,0 70,0 72,-26 -20,-34"), trousers, "down")
        top = -26
    else:
        for x in (-15, 13):
            c.fill([(x - 11, -104), (x + 12, -104), (x + 11, -4), (x - 9, -4)], trousers, "round")
            c.oval(x + 3, -3, 16, 6, (30, 28, 28))
        top = -98
    c.fill(
        [(-34, top - 84), (-20, top - 94), (20, top - 94), (34, top - 84), (28, top), (-28, top)],
        shirt,
        "round",
    )
    c.line([(-32, top - 80), (-44, top - 34), (-34, top + 4)], shade(shirt, 0.8), 15)
    reach = (
        [(32, top - 80), (64, top - 52), (98, top - 64)]
        if pose in ("reach", "sit")
        else [(32, top - 80), (44, top - 34), (34, top + 4)]
    )
    c.line(reach, shade(shirt, 0.95), 15)
    c.oval(*reach[-1], 8, 8, SKIN)
    head = c.at(0, top - 120)
    head.rect(-7, 14, 7, 30, shade(SKIN, 0.85))
    head.oval(0, 0, 18, 22, SKIN, "across")
    head.fill(outline("-20,0 -16,-22 0,-27 17,-22 20,0 10,-12 -10,-12"), hat or (34, 28, 26))


def crowd(c, wrong, words="还我血汗钱", count=12):
    """Many people in the street with a banner."""
    if not wrong:
        return
    for i in range(count):
        x = -300 + i * 600 / count + c.rng.uniform(-16, 16)
        person(
            c.at(x, -50 + (i % 3) * 34, 0.95, flip=c.rng.random() < 0.5),
            pose=c.rng.choice(("stand", "reach")),
        )
    c.fill(outline("-250,-150 250,-158 250,-84 -250,-76"), (206, 34, 34), "down")
    c.words(0, -117, words, 52, (252, 240, 200), limit=460)
