"""What people leave lying: rubbish, heaps, goods, fire, foul water."""

from .canvas import outline, shade
from .hues import BAGS
from .marks import board, box, confetti
from .traffic import person


def bag(c, hue):
    c.soft(-12 * c.sun, 0, 74, 12, strength=0.75)
    c.fill(
        outline("-60,0 -68,-36 -50,-74 -14,-96 -22,-116 0,-104 22,-118 14,-94 52,-70 68,-34 58,0"),
        hue,
        "round",
    )
    for x in (-26, 8, 30):
        c.line([(x * 0.3, -88), (x, -54), (x * 1.3, -22)], shade(hue, 1.5), 2.5)


def rubbish(c, wrong, count=9):
    """A heap of rubbish bags and scraps."""
    if not wrong:
        return
    c.soft(0, 10, 280, 50, strength=0.6)
    for i in range(count):
        row = i % 3
        x = c.rng.uniform(-190, 190) * (1 - 0.15 * (2 - row))
        bag(
            c.at(x, -34 + row * 30, c.rng.uniform(0.9, 1.35), c.rng.uniform(-12, 12)),
            c.rng.choice(BAGS),
        )
    confetti(
        c,
        0,
        40,
        280,
        40,
        110,
        ((236, 234, 226), (220, 60, 50), (50, 110, 190), (236, 190, 50), (150, 120, 80)),
        9,
    )
    for _ in range(4):
        x = c.rng.uniform(-210, 210)
        c.at(x, 50, 1, c.rng.uniform(-40, 40)).fill(
            outline("-40,0 40,0 34,-40 -34,-34"), (186, 148, 100), "down"
        )


def heap(
    c,
    wrong,
    colour=(140, 112, 84),
    lumps=((120, 116, 112), (170, 90, 70), (190, 186, 178)),
    wide=1.0,
    word=None,
):
    """A heap of spoil, sand, rubble."""
    if not wrong:
        return
    c.soft(0, 14, 330 * wide, 44, strength=0.7)
    c.fill(
        [
            (-290 * wide, 24),
            (-200 * wide, -70),
            (-110 * wide, -120),
            (-20, -170),
            (70 * wide, -150),
            (150 * wide, -90),
            (240 * wide, -40),
            (300 * wide, 24),
        ],
        colour,
        "across",
    )
    for _ in range(34):
        x = c.rng.gauss(0, 130) * wide
        y = -max(0, 120 - abs(x) * 0.5) * c.rng.random()
        c.rough(x, y, 34, 20, shade(colour, c.rng.uniform(0.7, 1.2)), "down", 0.35, 9)
    for _ in range(40):
        x = c.rng.gauss(0, 140) * wide
        y = 20 - max(0, 150 - abs(x) * 0.5) * c.rng.random()
        t = c.at(x, y, c.rng.uniform(0.6, 1.3), c.rng.uniform(-50, 50))
        t.rect(-16, -9, 16, 9, c.rng.choice(lumps), "down")
    if word:
        board(c, -60, -230, 60, -180, (246, 246, 240), lines=(word,), ink=(190, 30, 30), size=30)


def materials(c, wrong):
    """Bricks, pipes, planks, cement bags standing about."""
    if not wrong:
        return
    c.soft(0, 10, 320, 34, strength=0.7)
    for row in range(6):
        for i in range(5):
            c.rect(
                -290 + i * 36,
                -24 - row * 20,
                -256 + i * 36,
                -7 - row * 20,
                shade((182, 92, 66), c.rng.uniform(0.8, 1.15)),
                "down",
            )
    for i, (x, y) in enumerate(((-20, -16), (24, -16), (68, -16), (2, -52), (46, -52), (24, -88))):
        c.oval(x, y, 22, 21, (150, 154, 158), "round")
        c.oval(x, y, 14, 13, (40, 42, 46))
        del i
    for row in range(4):
        for i in range(2):
            c.rough(
                170 + i * 96,
                -16 - row * 28,
                52,
                17,
                shade((196, 192, 180), c.rng.uniform(0.85, 1.1)),
                "down",
                0.07,
                12,
            )
            c.words(170 + i * 96, -16 - row * 28, "水泥", 19, (60, 90, 150))
    for i in range(6):
        c.at(-40 + i * 8, 46 + i * 5, 1, -7 + i * 4).rect(-190, -6, 190, 6, (196, 152, 98), "down")


def goods(c, wrong):
    """Cartons, crates and old goods piled up in disorder."""
    if not wrong:
        return
    for x, y, w, h in (
        (-230, 0, 120, 96),
        (-110, 0, 130, 110),
        (40, 0, 110, 88),
        (160, 0, 120, 104),
        (-200, -96, 100, 76),
        (-80, -110, 110, 80),
        (60, -88, 100, 74),
        (-150, 40, 100, 70),
        (100, 44, 110, 72),
    ):
        t = c.at(x, y, 1, c.rng.uniform(-7, 7))
        box(t, 0, -h, w, 0, shade((190, 150, 102), c.rng.uniform(0.8, 1.1)), 22)
        t.rect(w * 0.42, -h, w * 0.56, 0, (214, 190, 140))
        t.words(
            w * 0.3, -h * 0.3, c.rng.choice(("易碎", "向上", "货物", "日用品")), 18, (120, 60, 40)
        )
    confetti(c, 0, 50, 280, 24, 40, ((236, 234, 226), (190, 150, 102)), 8)


def furniture(c, wrong):
    """A discarded sofa, cupboard and television."""
    if not wrong:
        return
    c.soft(0, 10, 320, 30, strength=0.7)
    hue = (128, 64, 56)
    c.rect(-270, -150, 10, -40, hue, "down")
    c.rect(-270, -70, 10, -10, shade(hue, 1.15), "down")
    for x in (-290, 0):
        c.rough(x + 6, -60, 32, 56, shade(hue, 0.85), "down", 0.06, 16)
    c.rough(-140, -80, 40, 18, (226, 206, 160), None, 0.4, 9)
    t = c.at(120, 0, 1, 9)
    box(t, -60, -250, 70, 0, (166, 122, 76), 34)
    t.line([(4, -244), (4, -6)], (90, 62, 36), 4)
    t.fill(outline("4,-244 -70,-226 -70,10 4,-6"), (186, 140, 90), "across")
    t = c.at(240, 20, 1, -8)
    box(t, -60, -100, 60, 0, (60, 60, 64), 30)
    t.rect(-50, -90, 36, -16, (96, 110, 108), "across")
    t = c.at(-120, 60, 1, 80)
    t.rect(-10, -120, 10, 0, (170, 130, 86), "round")


def fire(c, wrong):
    """A smoking fire of leaves and rubbish."""
    if not wrong:
        c.soft(0, 0, 130, 34, (30, 28, 28), 0.45, "cloud")
        return
    c.rough(0, 6, 190, 40, (60, 48, 38), "down", 0.25, 18)
    confetti(c, 0, 0, 180, 34, 120, ((120, 84, 44), (50, 42, 36), (160, 116, 56)), 9)
    for _ in range(13):
        x = c.rng.gauss(0, 74)
        h = c.rng.uniform(50, 130) * (1 - abs(x) / 260)
        c.fill(
            [
                (x - 24, 4),
                (x + 24, 4),
                (x + 8, -h * 0.5),
                (x + c.rng.uniform(-14, 14), -h),
                (x - 12, -h * 0.45),
            ],
            (244, 130, 30),
        )
        c.fill([(x - 12, 4), (x + 12, 4), (x + c.rng.uniform(-6, 6), -h * 0.6)], (255, 220, 90))
    drift = c.rng.choice((-1, 1))
    for _ in range(34):
        t = c.rng.random()
        c.soft(
            drift * 150 * t + c.rng.gauss(0, 24 + 50 * t),
            -70 - 320 * t,
            60 + 90 * t,
            46 + 60 * t,
            (206, 206, 206),
            0.62,
            "cloud",
        )


def waste_water(c, wrong):
    """A person tipping a bucket of dirty water into the road."""
    if not wrong:
        return
    c.rough(-80, 40, 250, 50, (74, 66, 48), "down", 0.18, 22)
    c.fill(outline("34,-120 -10,-112 -110,36 10,44"), (92, 80, 50), "down")
    person(c.at(120, 0, 1.25, flip=True), pose="reach")
    t = c.at(30, -100, 1.2, -70)
    t.fill(outline("-34,-60 34,-60 26,0 -26,0"), (206, 50, 46), "across")
    for _ in range(26):
        c.soft(-80 + c.rng.gauss(0, 100), 40 + c.rng.gauss(0, 14), 22, 8, (206, 200, 176), 0.8)


def swill(c, wrong):
    """Kitchen-waste barrels overflowing and spilt."""
    if not wrong:
        for x in (-90, 90):
            box(c, x - 60, -150, x + 60, 0, (38, 126, 66), 20)
            c.words(x, -80, "餐厨垃圾", 27, (240, 240, 236))
        return
    c.rough(60, 40, 270, 50, (150, 110, 50), "down", 0.15, 22)
    for x, turn in ((-130, 0), (70, 82)):
        t = c.at(x, 6, 1.15, turn)
        t.soft(0, 0, 80, 12, strength=0.7)
        t.fill(outline("-58,-150 58,-150 48,0 -48,0"), (38, 116, 66), "round")
        t.words(0, -70, "餐厨垃圾", 25, (240, 240, 236))
        if not turn:
            t.rough(0, -158, 66, 30, (176, 130, 60), "down", 0.25)
    confetti(
        c,
        90,
        36,
        240,
        44,
        210,
        ((226, 200, 140), (120, 150, 60), (200, 80, 40), (240, 236, 220), (110, 74, 40)),
        10,
    )


def medical(c, wrong):
    """Syringes, drip bags and yellow medical-waste bags."""
    if not wrong:
        return
    for x, turn in ((-120, -6), (60, 10)):
        t = c.at(x, -10, 1.5, turn)
        bag(t, (240, 196, 40))
        t.words(0, -40, "医疗废物", 20, (190, 20, 20))
    for _ in range(14):
        t = c.at(c.rng.uniform(-230, 240), c.rng.uniform(10, 90), 1.2, c.rng.uniform(-60, 60))
        t.rect(-34, -6, 20, 6, (226, 236, 242), "down")
        t.rect(-6, -5, 16, 5, (206, 60, 60))
        t.rect(-50, -2, -34, 2, (200, 204, 208))
        t.line([(20, 0), (44, 0)], (150, 154, 158), 2)
    for _ in range(4):
        t = c.at(c.rng.uniform(-200, 200), c.rng.uniform(0, 80), 1.1, c.rng.uniform(-30, 30))
        t.rough(0, 0, 34, 22, (236, 240, 240), "down", 0.05)
        t.line([(30, 0), (60, 14), (90, -6)], (226, 232, 236), 3)
        t.rect(-12, -4, 12, 4, (60, 110, 190))


def oil(c, wrong):
    """Rubbish, algae and oil on water."""
    if not wrong:
        return
    for _ in range(26):
        c.soft(
            c.rng.uniform(-380, 380), c.rng.uniform(-90, 30), 120, 20, (96, 130, 50), 0.7, "cloud"
        )
    confetti(
        c,
        0,
        -30,
        380,
        56,
        170,
        ((236, 234, 226), (220, 60, 50), (50, 110, 190), (236, 190, 50), (60, 100, 50)),
        10,
    )
    for _ in range(7):
        x, y = c.rng.uniform(-260, 260), c.rng.uniform(-70, 20)
        c.at(x, y, 1, c.rng.uniform(60, 120)).rect(-9, -26, 9, 20, (150, 196, 210), "round")


def sewage(c, wrong):
    """A black discharge spreading over the water, with foam and dead fish."""
    if not wrong:
        return
    c.rough(0, -20, 380, 60, (38, 32, 26), None, 0.12, 26)
    for _ in range(50):
        c.soft(c.rng.gauss(0, 170), -20 + c.rng.gauss(0, 20), 26, 8, (206, 190, 150), 0.85)
    for _ in range(6):
        t = c.at(c.rng.uniform(-250, 250), c.rng.uniform(-40, 20), 1, c.rng.uniform(-20, 20))
        t.oval(0, 0, 30, 9, (214, 216, 214), "down")
        t.fill([(26, 0), (46, -10), (46, 10)], (190, 192, 190))
