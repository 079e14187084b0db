"""Buying and selling in the street, and other people in it."""

from .canvas import outline, shade
from .hues import CLOTHES, GOODS
from .marks import board, box, confetti, post
from .mess import bag
from .traffic import person


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


def stall(c, wrong, word="水果", mat=False, seller=True):
    """A street vendor's stall under an umbrella."""
    if not wrong:
        return
    if seller:
        person(c.at(130, -20, 1.15))
    if mat:
        c.fill(outline("-240,-30 200,-30 250,60 -280,60"), (70, 90, 140), "down")
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
    c.fill(outline("-230,-96 120,-96 110,-40 -220,-40"), (60, 110, 150), "down")
    for row in range(3):
        hue = c.rng.sample(GOODS, 3)
        for i in range(11):
            x = -208 + i * 29 + row * 5
            c.oval(x, -104 - row * 18, 16, 15, hue[i // 4 % 3], "round")
    board(c, -160, -86, 40, -44, (246, 226, 120), lines=(word,), ink=(190, 30, 30), size=36)
    post(c, -60, -330, -100, 9, (206, 206, 206))
    umbrella(c, -60, -300)


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
    bag(c.at(-210, 16, 1.0), (96, 100, 110))
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
    c.fill(outline("-90,-100 90,-100 80,-40 -80,-40"), (60, 100, 140), "down")
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
    c.fill(outline("50,-80 100,-108 106,-98 60,-72"), (214, 218, 222))
    board(c, -70, -62, 60, -18, (246, 236, 150), lines=("现宰活羊",), ink=(190, 20, 20), size=30)
    person(c.at(230, 6, 1.15, flip=True), pose="reach", shirt=(236, 236, 232))


def touts(c, wrong):
    """A van and a man calling for passengers."""
    if not wrong:
        return
    c.soft(-40, 0, 270, 22, strength=0.9)
    c.fill(
        outline("-290,-30 -286,-150 -230,-196 120,-196 190,-116 214,-100 214,-30"),
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
    c.fill(outline("-260,-30 220,-30 270,80 -310,80"), (206, 204, 196), "down")
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
