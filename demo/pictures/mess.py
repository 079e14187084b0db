"""What people leave, hang, burn, sell and paste where they should not."""

from . import textures
from .canvas import shade
from .marks import board, box, confetti, post, slips
from .traffic import person

BAGS = ((34, 34, 38), (120, 92, 66), (206, 206, 202), (60, 70, 100), (170, 40, 44))
GOODS = ((206, 60, 40), (236, 160, 40), (90, 150, 60), (236, 210, 60), (130, 50, 110))
CLOTHES = (
    (206, 60, 60),
    (60, 100, 180),
    (236, 236, 230),
    (230, 190, 60),
    (140, 70, 150),
    (60, 60, 66),
    (240, 160, 180),
)


def _bag(c, hue):
    c.soft(-12 * c.sun, 0, 74, 12, strength=0.75)
    c.fill(
        [
            (-60, 0),
            (-68, -36),
            (-50, -74),
            (-14, -96),
            (-22, -116),
            (0, -104),
            (22, -118),
            (14, -94),
            (52, -70),
            (68, -34),
            (58, 0),
        ],
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
        _bag(
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
            [(-40, 0), (40, 0), (34, -40), (-34, -34)], (186, 148, 100), "down"
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
    t.fill([(4, -244), (-70, -226), (-70, 10), (4, -6)], (186, 140, 90), "across")
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


def fumes(c, wrong, word="烧烤大排档"):
    """Kitchen exhaust from a duct in the wall."""
    c.rect(-40, -330, 40, -120, (170, 174, 176), "round")
    c.fill([(-40, -330), (40, -330), (120, -376), (120, -300), (60, -290)], (150, 154, 158), "down")
    board(c, -200, -120, 200, -50, (190, 44, 40), lines=(word,), size=48)
    if not wrong:
        c.rect(-70, -260, 70, -150, (206, 212, 214), "across")
        c.words(0, -205, "油烟净化器", 25, (30, 90, 150))
        return
    for _ in range(9):
        c.soft(c.rng.gauss(0, 50), c.rng.uniform(-300, -130), 40, 60, (60, 44, 26), 0.85, "cloud")
    for _ in range(34):
        t = c.rng.random()
        c.soft(
            130 + 190 * t + c.rng.gauss(0, 20),
            -340 - 60 * t + c.rng.gauss(0, 30 + 30 * t),
            60 + 60 * t,
            50 + 46 * t,
            (66, 62, 58),
            0.75,
            "cloud",
        )


def dust(c, wrong):
    """A cloud of dust over everything, with a digger in it."""
    _digger(c.at(0, 0, 1))
    if wrong:
        for _ in range(20):
            c.soft(
                c.rng.uniform(-330, 330),
                c.rng.uniform(-190, 60),
                190,
                100,
                (214, 192, 154),
                0.4,
                "cloud",
            )
    else:
        for _ in range(7):
            c.rough(
                c.rng.uniform(-300, 300),
                c.rng.uniform(20, 60),
                110,
                20,
                (66, 120, 76),
                "down",
                0.15,
                14,
            )
        c.words(60, 50, "防尘网", 26, (30, 70, 40))


def _digger(c):
    c.soft(0, 4, 190, 20, strength=0.8)
    hue = (240, 176, 40)
    c.rough(0, -22, 130, 24, (40, 40, 42), "down", 0.03, 18)
    c.rect(-110, -120, 60, -42, hue, "down")
    c.rect(-20, -190, 60, -110, hue, "across")
    c.rect(-8, -180, 48, -124, (60, 76, 86), "across")
    c.line([(50, -110), (150, -230), (240, -140)], shade(hue, 0.9), 24)
    c.fill([(214, -150), (266, -150), (270, -80), (230, -60), (200, -96)], (70, 70, 74), "down")


def stall(c, wrong, word="水果", mat=False, seller=True):
    """A street vendor's stall under an umbrella."""
    if not wrong:
        return
    if seller:
        person(c.at(130, -20, 1.15))
    if mat:
        c.fill([(-240, -30), (200, -30), (250, 60), (-280, 60)], (70, 90, 140), "down")
        for i in range(26):
            x, y = -220 + (i % 9) * 50, -14 + (i // 9) * 27
            t = c.at(x, y, 1, c.rng.uniform(-16, 16))
            t.rect(-18, -12, 18, 12, c.rng.choice(GOODS + CLOTHES), "down")
        board(c, -240, -150, -90, -70, (244, 226, 120), lines=(word,), ink=(190, 30, 30), size=44)
        post(c, -165, -70, -20, 8, (120, 90, 60))
        return
    c.soft(-30, 6, 250, 30, strength=0.8)
    for x in (-170, 70):
        c.oval(x, -24, 32, 32, (24, 24, 26))
        c.oval(x, -24, 20, 20, (150, 154, 158), "down")
    c.fill([(-230, -96), (120, -96), (110, -40), (-220, -40)], (60, 110, 150), "down")
    for row in range(3):
        hue = c.rng.sample(GOODS, 3)
        for i in range(11):
            x = -208 + i * 29 + row * 5
            c.oval(x, -104 - row * 18, 16, 15, hue[i // 4 % 3], "round")
    board(c, -160, -86, 40, -44, (246, 226, 120), lines=(word,), ink=(190, 30, 30), size=36)
    post(c, -60, -330, -100, 9, (206, 206, 206))
    umbrella(c, -60, -300)


def umbrella(c, x, y, hues=((206, 50, 46), (240, 232, 214))):
    """A big striped parasol."""
    for i in range(6):
        a, b = x - 210 + i * 70, x - 140 + i * 70
        c.fill(
            [(a, y + 44), (b, y + 44), (x + (b - x) * 0.1, y - 50), (x + (a - x) * 0.1, y - 50)],
            hues[i % 2],
            "down",
        )
    c.line([(x - 210, y + 44), (x + 210, y + 44)], shade(hues[0], 0.7), 4)


def market(c, wrong):
    """A row of market stalls: over the road, or inside their tent."""
    for i, word in enumerate(("早点", "蔬菜", "水果")):
        x = (i - 1) * 250
        t = c.at(x, -30 if not wrong else c.rng.uniform(-30, 30), 0.85)
        if wrong:
            stall(t, True, word)
        else:
            box(t, -100, -80, 100, 0, (196, 206, 214), 20)
            for k in range(7):
                t.oval(-84 + k * 28, -86, 15, 13, GOODS[(k + i) % 5], "round")
            umbrella(t, 0, -230, ((40, 110, 170), (236, 240, 242)))
            for px in (-96, 96):
                t.rect(px - 4, -190, px + 4, 0, (206, 208, 210), "round")
            t.words(0, -40, word, 40, (30, 84, 150))
    if wrong:
        confetti(c, 0, 60, 330, 40, 110, ((90, 150, 60), (236, 234, 226), (220, 60, 50)), 9)
    else:
        board(c, -120, -330, 120, -274, (30, 110, 80), lines=("便民早市",), size=42)


def barbecue(c, wrong):
    """An open-air barbecue with smoke, tables and customers."""
    if not wrong:
        return
    person(c.at(150, -30, 1.1, flip=True), pose="reach", shirt=(236, 236, 230))
    c.soft(0, 4, 220, 26, strength=0.8)
    for x in (-150, 60):
        c.line([(x, -90), (x - 14, 0)], (60, 62, 66), 8)
    c.rect(-190, -120, 100, -84, (70, 72, 76), "down")
    c.rect(-180, -124, 90, -114, (240, 110, 40))
    for i in range(14):
        x = -172 + i * 19
        c.line([(x, -144), (x + 6, -108)], (210, 190, 150), 2.5)
        c.rect(x - 6, -142, x + 8, -124, (150, 70, 40), "down")
    board(c, -170, -78, 70, -24, (200, 40, 36), lines=("烧烤 羊肉串",), size=36)
    for _ in range(22):
        t = c.rng.random()
        c.soft(
            -40 + 120 * t + c.rng.gauss(0, 34),
            -130 - 260 * t,
            50 + 60 * t,
            44 + 46 * t,
            (214, 214, 214),
            0.6,
            "cloud",
        )
    c.oval(250, -66, 70, 16, (200, 60, 50), "down")
    c.rect(244, -66, 256, 10, (120, 120, 124))


def loudspeaker(c, wrong, words=("清仓甩卖",)):
    """A loudspeaker blaring before a shop."""
    if not wrong:
        return
    box(c, -90, -260, 60, 0, (34, 34, 38), 34)
    for y, r in ((-70, 56), (-190, 42)):
        c.oval(-15, y, r, r, (70, 72, 76))
        c.oval(-15, y, r * 0.75, r * 0.75, (22, 22, 24), "across")
        c.oval(-15, y, r * 0.25, r * 0.25, (120, 124, 128))
    for i in range(4):
        for side in (-1, 1):
            middle = 0.0 if side > 0 else 0.5
            start = (middle - 0.11) % 1
            c.ring(-15, -150, 130 + i * 40, 130 + i * 40, (250, 210, 60), 7, (start, start + 0.22))
    t = c.at(170, 0, 1, 4)
    board(
        t,
        -70,
        -200,
        90,
        -30,
        (216, 40, 40),
        lines=words + ("最后三天",),
        ink=(255, 236, 90),
        size=40,
    )


def waste_water(c, wrong):
    """A person tipping a bucket of dirty water into the road."""
    if not wrong:
        return
    c.rough(-80, 40, 250, 50, (74, 66, 48), "down", 0.18, 22)
    c.fill([(34, -120), (-10, -112), (-110, 36), (10, 44)], (92, 80, 50), "down")
    person(c.at(120, 0, 1.25, flip=True), pose="reach")
    t = c.at(30, -100, 1.2, -70)
    t.fill([(-34, -60), (34, -60), (26, 0), (-26, 0)], (206, 50, 46), "across")
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
        t.fill([(-58, -150), (58, -150), (48, 0), (-48, 0)], (38, 116, 66), "round")
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
        _bag(t, (240, 196, 40))
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


def laundry(c, wrong, bunting=False):
    """Washing on a line along the street, or strings of coloured flags."""
    if not wrong:
        return
    if bunting:
        for row in range(3):
            y = -330 + row * 92
            c.line([(-380, y), (0, y + 34), (380, y - 10)], (90, 90, 92), 2)
            for i in range(19):
                x = -370 + i * 41
                top = y + 34 * (1 - (x / 380) ** 2)
                hue = (
                    (220, 40, 40),
                    (250, 200, 40),
                    (40, 140, 70),
                    (40, 90, 190),
                    (230, 100, 160),
                )[(i + row) % 5]
                c.fill([(x - 17, top), (x + 17, top), (x, top + 52)], hue, "across")
        return
    for x in (-300, 300):
        post(c, x, -250, 0, 9, (150, 120, 84))
    c.line([(-300, -240), (0, -222), (300, -240)], (220, 220, 216), 3)
    for i, x in enumerate(range(-260, 280, 74)):
        hue, y = CLOTHES[i % len(CLOTHES)], -238 + 14 * (1 - (x / 300) ** 2)
        if i % 3 == 2:
            c.fill(
                [
                    (x - 26, y),
                    (x + 26, y),
                    (x + 30, y + 130),
                    (x + 4, y + 130),
                    (x, y + 44),
                    (x - 4, y + 130),
                    (x - 30, y + 130),
                ],
                hue,
                "across",
            )
        elif i % 3:
            c.rect(x - 34, y, x + 34, y + 150, hue, "across")
            for k in range(4):
                c.rect(x - 34, y + 14 + k * 36, x + 34, y + 24 + k * 36, shade(hue, 0.75))
        else:
            c.fill(
                [
                    (x - 28, y),
                    (x + 28, y),
                    (x + 54, y + 44),
                    (x + 34, y + 56),
                    (x + 28, y + 110),
                    (x - 28, y + 110),
                    (x - 34, y + 56),
                    (x - 54, y + 44),
                ],
                hue,
                "across",
            )


def balcony(c, wrong):
    """A balcony: crammed with junk and washing, or tidy with flowers."""
    c.rect(-230, -340, 230, -110, (60, 70, 80), "down")
    c.rect(-10, -340, 10, -110, (206, 206, 202))
    if wrong:
        for _ in range(12):
            x, y = c.rng.uniform(-200, 140), c.rng.uniform(-250, -150)
            c.rect(
                x,
                y,
                x + c.rng.uniform(40, 80),
                y + 70,
                c.rng.choice(BAGS + ((186, 146, 98), (170, 130, 86))),
                "down",
            )
        c.at(0, -236, 0.62).line([(-380, -40), (380, -40)], (220, 220, 220), 4)
        for i in range(7):
            x = -200 + i * 60
            c.rect(x, -300, x + 44, -220 + (i % 3) * 16, CLOTHES[i], "across")
    else:
        for i in range(7):
            x = -180 + i * 60
            c.leaves(x, -140, 30, 24, (84, 134, 62))
            for _ in range(5):
                c.oval(x + c.rng.gauss(0, 13), -146 + c.rng.gauss(0, 10), 5, 5, (226, 60, 90))
    c.rect(-250, -124, 250, -106, (206, 202, 194), "down")
    for x in range(-240, 250, 22):
        c.rect(x, -106, x + 8, -30, (196, 194, 188), "round")
    c.rect(-256, -34, 256, -12, (190, 186, 178), "down")
    c.cast([(-250, -12), (250, -12), (250, 10), (-250, 10)], 0.5)
    if wrong:
        for x in (-190, -60, 120):
            c.rough(x, -60, 34, 34, c.rng.choice(BAGS), "down", 0.2)


def wires(c, wrong):
    """A tangle of unauthorised cables between poles; a neat duct after."""
    for x in (-240, 240):
        post(c, x, -420, 0, 16, (150, 120, 90) if wrong else (176, 176, 172))
    for i in range(30 if wrong else 3):
        y, sag = (
            -410 + (c.rng.uniform(0, 200) if wrong else i * 10),
            c.rng.uniform(20, 190) if wrong else 12,
        )
        c.line(
            [
                (-240, y),
                (-120, y + sag * 0.8),
                (0, y + sag),
                (120, y + sag * 0.8),
                (240, y + c.rng.uniform(-20, 50) * wrong),
            ],
            c.rng.choice(((24, 24, 26), (40, 40, 44), (60, 60, 110))),
            3,
        )
    if wrong:
        for x in (-240, 230):
            for r in (26, 34, 44):
                c.ring(x, -260, r, r * 1.3, (26, 26, 28), 4)
        c.rect(-270, -230, -210, -150, (206, 206, 200), "across")
        c.words(-240, -190, "私拉", 24, (190, 30, 30))


def fallen_cable(c, wrong):
    """A cable down across the road."""
    for x in (-300, 300):
        post(c, x, -420, 0, 18, (176, 172, 164))
        c.rect(x - 50, -400, x + 50, -390, (60, 62, 66))
    if not wrong:
        for dy in (0, 14, 30):
            c.line([(-300, -402 + dy), (0, -372 + dy), (300, -402 + dy)], (26, 26, 28), 3)
        return
    c.line(
        [(-300, -400), (-180, -300), (-90, -120), (-30, 10), (60, 46), (150, 20), (210, 60)],
        (22, 22, 24),
        8,
    )
    c.line([(300, -396), (240, -200), (210, -40), (120, 60), (20, 76)], (22, 22, 24), 7)
    c.line([(-300, -390), (-120, -200), (20, -60), (110, 20)], (40, 40, 44), 5)
    for x, y in ((210, 60), (20, 76)):
        for _ in range(7):
            c.line(
                [(x, y), (x + c.rng.uniform(-26, 26), y + c.rng.uniform(-26, 16))],
                (220, 150, 60),
                3,
            )
    board(c, -80, -190, 90, -120, (246, 208, 40), lines=("有电危险",), ink=(190, 20, 20), size=36)
    post(c, 5, -120, 20, 8, (120, 90, 60))


def air_unit(c, wrong):
    """An air-conditioner's outdoor unit: at head height over the pavement, or high up."""
    t = c.at(0, -110 if wrong else -270, 1.35 if wrong else 0.9)
    t.cast([(-90, -100), (110, -100), (120, 26), (-80, 26)], 0.5)
    t.rect(-100, -116, 100, 16, (226, 228, 226), "down")
    t.oval(-30, -50, 54, 54, (60, 64, 68))
    for r in (50, 38, 26, 14):
        t.ring(-30, -50, r, r, (160, 164, 168), 2.5)
    for y in range(-100, 10, 13):
        t.rect(40, y, 88, y + 5, (176, 180, 182))
    for x in (-70, 60):
        t.rect(x, 16, x + 12, 36, (90, 92, 96))
    t.line([(100, -20), (124, -10), (124, 90)], (196, 194, 188), 8)
    if wrong:
        for _ in range(6):
            t.soft(-70 + c.rng.gauss(0, 20), 60 + c.rng.uniform(0, 60), 22, 44, (60, 50, 40), 0.7)
        person(c.at(190, 30, 1.1))


def stains(c, wrong):
    """Streaks of dirt down a facade."""
    if wrong:
        for _ in range(26):
            x, y = c.rng.uniform(-330, 330), c.rng.uniform(-400, -120)
            h = c.rng.uniform(60, 170)
            c.soft(x, y + h * 0.5, c.rng.uniform(14, 44), h, (46, 40, 32), 0.9, "cloud")
        for _ in range(8):
            x, y = c.rng.uniform(-300, 300), c.rng.uniform(-330, -60)
            c.rough(x, y, 46, 38, (150, 144, 134), None, 0.35)


def pasted(c, wrong):
    """Illegal small advertisements all over a wall."""
    if wrong:
        slips(c, -290, -330, 290, -60, 54, 24)
        for _ in range(5):
            t = c.at(c.rng.uniform(-240, 240), c.rng.uniform(-300, -90), 1, c.rng.uniform(-6, 6))
            t.words(
                0, 0, c.rng.choice(("办证 13988", "开锁 13512", "疏通 13866")), 44, (30, 40, 110)
            )


def banner(c, wrong, words="热烈庆祝 盛大开业", hue=(206, 34, 34), y=-240):
    """A banner across a front."""
    if not wrong:
        return
    t = c.at(0, y, 1, c.rng.uniform(-5, 5))
    t.cast([(-320, -36), (330, -36), (330, 56), (-320, 56)], 0.4)
    t.fill([(-330, -46), (330, -46), (322, 46), (0, 54), (-322, 44)], hue, "down")
    t.words(0, 2, words, 62, (255, 236, 130), limit=600)
    for side in (-1, 1):
        t.line([(side * 330, 0), (side * 400, -40)], (220, 220, 216), 3)


def leaflets(c, wrong):
    """People handing out leaflets, which cover the ground."""
    if not wrong:
        return
    confetti(c, 0, 50, 330, 50, 60, ((246, 226, 120), (240, 236, 226), (240, 160, 160)), 15)
    person(c.at(-60, 10, 1.3), pose="reach", shirt=(206, 40, 40), hat=(206, 40, 40))
    person(c.at(130, 4, 1.28, flip=True), pose="reach")
    for i in range(3):
        t = c.at(44, -170 - i * 8, 1, -12 + i * 12)
        t.rect(-22, -32, 22, 32, (250, 230, 110), "down")
        t.words(0, -10, "优惠", 19, (200, 30, 30))
    t = c.at(-150, 70, 1, 12, squash=0.6)
    t.rect(-60, -46, 60, 46, (250, 226, 110))
    t.words(0, 0, "健身优惠", 28, (200, 30, 30))


def beggar(c, wrong):
    """A person sitting on the pavement with a bowl and bedding."""
    if not wrong:
        return
    c.rough(-20, 20, 230, 36, (86, 96, 74), "down", 0.1, 20)
    person(c.at(-40, 10, 1.55), pose="sit", shirt=(104, 96, 84), trousers=(76, 70, 64))
    _bag(c.at(-210, 16, 1.0), (96, 100, 110))
    c.oval(150, 30, 44, 16, (196, 198, 196), "down")
    c.oval(150, 25, 38, 11, (70, 70, 72))
    for i in range(6):
        c.oval(136 + i * 6, 25, 5, 3, (226, 200, 90))
    board(c, 80, -70, 210, 0, (196, 160, 110), lines=("求助", "回家"), ink=(30, 26, 22), size=40)


def scrap(c, wrong):
    """Scrap collection: bundles of cardboard, bottles and a sign on a tricycle."""
    if not wrong:
        return
    c.soft(0, 8, 330, 30, strength=0.7)
    for x, y, h in ((-250, 0, 120), (-150, 10, 150), (140, 0, 130), (230, 14, 100)):
        for k in range(int(h // 12)):
            c.rect(
                x - 54 + c.rng.uniform(-6, 6),
                y - 12 - k * 12,
                x + 54 + c.rng.uniform(-6, 6),
                y - 2 - k * 12,
                shade((186, 146, 98), c.rng.uniform(0.75, 1.15)),
                "down",
            )
        c.line([(x, y - h), (x, y)], (230, 230, 226), 3)
    for x in (-60, 70):
        c.ring(x, -26, 30, 30, (24, 24, 26), 8)
    c.fill([(-90, -100), (90, -100), (80, -40), (-80, -40)], (60, 100, 140), "down")
    for _ in range(40):
        c.at(c.rng.uniform(-80, 80), c.rng.uniform(-150, -100), 1, c.rng.uniform(-60, 60)).rect(
            -7,
            -18,
            7,
            14,
            c.rng.choice(((120, 190, 210), (90, 170, 100), (220, 226, 230))),
            "round",
        )
    board(c, -80, -94, 80, -46, (246, 226, 120), lines=("高价收废品",), ink=(190, 30, 30), size=34)
    confetti(c, 0, 50, 300, 20, 50, ((120, 190, 210), (186, 146, 98)), 8)


def outside(c, wrong):
    """A shop's goods put out over the pavement."""
    if not wrong:
        return
    for i in range(4):
        t = c.at(-270 + i * 180, (i % 2) * 20, 1)
        box(t, -72, -70, 72, 0, (166, 122, 76), 20)
        for k in range(12):
            t.oval(-58 + k % 6 * 23, -78 - k // 6 * 15, 13, 12, GOODS[i % 5], "round")
        board(
            t,
            -34,
            -56,
            34,
            -24,
            (250, 236, 140),
            lines=(("特价", "3元", "5元/斤", "甩卖")[i],),
            ink=(190, 30, 30),
            size=26,
        )
    for x in (-180, 10, 190):
        c.rect(x - 60, -180, x + 60, -174, (150, 154, 158))
        for k in range(4):
            c.rect(x - 54 + k * 28, -174, x - 32 + k * 28, -104, CLOTHES[(k + x) % 7], "across")


def slaughter(c, wrong):
    """Meat on hooks and a block in the street."""
    if not wrong:
        return
    c.rough(30, 46, 230, 36, (120, 22, 18), "down", 0.2, 22)
    for x in (-220, 160):
        post(c, x, -280, 0, 12, (120, 124, 128))
    c.rect(-226, -284, 166, -272, (120, 124, 128), "down")
    for x in (-160, -70, 20, 110):
        c.line([(x, -272), (x, -246)], (190, 194, 198), 4)
        c.fill(
            [
                (x - 24, -246),
                (x + 24, -246),
                (x + 34, -150),
                (x + 12, -96),
                (x - 18, -96),
                (x - 34, -150),
            ],
            (196, 72, 66),
            "across",
        )
        for dx in (-12, 2, 14):
            c.line([(x + dx, -236), (x + dx, -120)], (240, 214, 200), 4)
    box(c, -130, -76, 110, 0, (150, 104, 66), 26)
    c.rough(-50, -88, 66, 22, (204, 84, 76), "down", 0.2)
    c.fill([(50, -80), (100, -108), (106, -98), (60, -72)], (214, 218, 222))
    board(c, -70, -62, 60, -18, (246, 236, 150), lines=("现宰活羊",), ink=(190, 20, 20), size=30)
    person(c.at(230, 6, 1.15, flip=True), pose="reach", shirt=(236, 236, 232))


def shack(c, wrong):
    """A lean-to of sheets and planks put up against a building."""
    if not wrong:
        return
    c.soft(0, 6, 300, 24, strength=0.7)
    c.surface(
        [(-250, -240), (220, -240), (220, 0), (-250, 0)],
        textures.wall("metal"),
        (70, 120, 170),
        0.8,
    )
    c.fill([(-290, -236), (260, -250), (230, -306), (-250, -290)], (150, 60, 50), "down")
    for x in range(-270, 250, 26):
        c.line([(x, -240), (x + 18, -296)], (120, 46, 40), 4)
    c.rect(-60, -170, 60, 0, (120, 88, 58), "across")
    c.rect(100, -170, 190, -90, (40, 46, 52))
    c.rough(-170, -100, 60, 50, (186, 150, 100), "down", 0.1, 8)
    for x in (-200, -60, 90, 200):
        c.rough(x, -310, 30, 14, (170, 90, 70), "down", 0.2)
    c.words(-168, -100, "违建", 44, (200, 30, 30))


def refit(c, wrong):
    """A shop front torn open: scaffold, sheeting, rubble."""
    if not wrong:
        return
    c.rect(-260, -290, 260, 0, (56, 50, 46), "down")
    for x in (-250, -90, 90, 250):
        c.rect(x - 5, -330, x + 5, 0, (206, 170, 60), "round")
    for y in (-300, -170):
        c.rect(-260, y, 260, y + 9, (206, 170, 60), "down")
        c.rect(-260, y + 9, 260, y + 20, (150, 110, 66))
    c.fill([(-250, -296), (-20, -296), (-60, -40), (-230, -60)], (90, 150, 110), "across")
    person(c.at(120, -150, 0.8), pose="reach", hat=(244, 190, 40))
    board(c, 20, -100, 220, -40, (240, 236, 220), lines=("店面装修",), ink=(190, 30, 30), size=40)
    heap(c.at(-60, 30, 0.6), True)


def works(c, wrong):
    """Roadworks taking the road: barriers, digger, sign; or barriers gone."""
    if not wrong:
        return
    _digger(c.at(-40, -10, 1.1))
    for i in range(-2, 3):
        x = i * 134
        for px in (-46, 46):
            c.line([(x + px, -80), (x + px + 6, 60)], (206, 208, 210), 6)
        for k in range(6):
            c.rect(
                x - 60 + k * 20,
                -70,
                x - 40 + k * 20,
                -36,
                (220, 50, 40) if k % 2 else (244, 244, 240),
            )
    board(
        c,
        170,
        -240,
        320,
        -130,
        (244, 190, 40),
        lines=("前方施工", "车辆绕行"),
        ink=(20, 20, 20),
        size=38,
    )
    post(c, 245, -130, 20, 10, (150, 150, 150))


def night_works(c, wrong):
    """A site noisy at night: floodlights, a breaker, a scale of noise."""
    if wrong:
        for x in (-250, 250):
            post(c, x, -330, 0, 12, (150, 154, 158))
            c.rect(x - 40, -360, x + 40, -330, (255, 252, 230))
            c.soft(x, -345, 170, 150, (255, 250, 220), 0.85)
        _digger(c.at(-190, 0, 1))
        person(c.at(120, 10, 1.2), pose="reach", hat=(244, 190, 40), shirt=(240, 120, 40))
        c.rect(190, -110, 214, 16, (70, 72, 76), "round")
        for i in range(4):
            c.ring(200, 10, 40 + i * 22, 22 + i * 12, (250, 220, 90), 5)
    board(
        c,
        -90,
        -300,
        150,
        -230,
        (24, 26, 30),
        lines=("噪声 86dB" if wrong else "噪声 42dB",),
        ink=(255, 70, 50) if wrong else (90, 240, 120),
        size=46,
    )
    post(c, 30, -226, 0, 10, (150, 154, 158))


def touts(c, wrong):
    """A van and a man calling for passengers."""
    if not wrong:
        return
    c.soft(-40, 0, 270, 22, strength=0.9)
    c.fill(
        [
            (-290, -30),
            (-286, -150),
            (-230, -196),
            (120, -196),
            (190, -116),
            (214, -100),
            (214, -30),
        ],
        (206, 208, 206),
        "down",
    )
    for x in (-220, -100, 20):
        c.rect(x, -180, x + 100, -116, (50, 60, 70), "across")
    c.fill([(130, -180), (180, -116), (130, -116)], (50, 60, 70))
    for x in (-190, 130):
        c.oval(x, -30, 40, 40, (22, 22, 24))
        c.oval(x, -30, 22, 22, (150, 154, 158))
    board(
        c,
        -120,
        -100,
        60,
        -52,
        (246, 226, 120),
        lines=("火车站 上车就走",),
        ink=(190, 30, 30),
        size=32,
    )
    person(c.at(260, 30, 1.35, flip=True), pose="reach")
    person(c.at(-250, 50, 1.3), pose="reach")


def books(c, wrong):
    """Pirated books and discs on a sheet."""
    if not wrong:
        return
    person(c.at(150, -20, 1.2, flip=True), pose="sit")
    c.fill([(-260, -30), (220, -30), (270, 80), (-310, 80)], (206, 204, 196), "down")
    for i in range(24):
        row, col = divmod(i, 8)
        x, y = -232 + col * 60 + row * -8, -12 + row * 32
        t = c.at(x, y, 1, c.rng.uniform(-6, 6))
        if i % 3 == 0:
            t.oval(0, 0, 22, 12, (206, 214, 226), "across")
            t.oval(0, 0, 6, 3, (120, 124, 130))
        else:
            t.rect(-22, -14, 22, 14, c.rng.choice(GOODS + CLOTHES), "down")
            t.words(0, 0, c.rng.choice(("小说", "秘籍", "畅销", "算命")), 14, (250, 250, 240))
    board(
        c,
        -230,
        -150,
        -60,
        -70,
        (246, 226, 120),
        lines=("盗版书", "光盘5元"),
        ink=(190, 30, 30),
        size=38,
    )


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
