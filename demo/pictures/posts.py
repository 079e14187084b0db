"""Things on posts: poles, lamps, signs, lights, rails, bollards, frames."""

import math

from .canvas import outline, shade
from .marks import board, cracks, post, rust, slips

STEEL, CONCRETE, DARK = (150, 154, 158), (176, 172, 164), (62, 66, 72)
GLOW = (255, 244, 200)


def pole(c, wrong, word="电力", arms=2, colour=CONCRETE, number="0273"):
    """A tall pole with cross-arms and its owner's plate; leaning and cracked when wrong."""
    c = c.at(0, 0, 1, c.rng.choice((-15, 15)) if wrong else 0)
    post(c, 0, -420, 0, 22, colour)
    for i in range(arms):
        y = -330 + i * 52
        c.rect(-78, y, 78, y + 9, DARK, "down")
        for x in (-68, -30, 30, 68):
            c.rect(x - 5, y - 16, x + 5, y, (190, 120, 90), "round")
            for side in (-1, 1):
                c.line(
                    [(x, y - 14), (x + side * 480, y - 40 + side * 26 + x * 0.2)], (30, 30, 32), 1.6
                )
    c.rect(-46, -230, 46, -106, (240, 238, 228))
    c.rect(-46, -230, 46, -184, (30, 80, 150))
    c.words(0, -207, word, 34, (250, 250, 250), limit=84)
    c.words(0, -163, "杆号", 22, (40, 40, 40))
    c.words(0, -130, number, 27, (180, 30, 30))
    if wrong:
        slips(c, -20, -100, 20, -30, 5, 13)
        cracks(c, 0, -20, 46, 6)
        c.rough(0, 2, 60, 16, (92, 76, 60), "down", 0.3)


def lamp(c, wrong, double=False):
    """A street lamp; bent over and dark when wrong, burning after."""
    post(c, 0, -70, 0, 26, DARK)
    t = c.at(0, -70, 1, 22 if wrong else 0)
    t.rect(-8, -330, 8, 4, STEEL, "round")
    for side in (-1, 1) if double else (c.rng.choice((-1, 1)),):
        t.line([(0, -322), (side * 50, -350), (side * 92, -348)], STEEL, 9)
        head = [(side * 80, -358), (side * 168, -350), (side * 160, -336), (side * 82, -338)]
        t.fill(head, (96, 100, 106), "down")
        if wrong:
            t.fill(
                [(side * 96, -338), (side * 150, -337), (side * 142, -326), (side * 104, -326)],
                (38, 40, 44),
            )
            t.line([(side * 120, -330), (side * 126, -286)], (20, 20, 22), 2.5)
        else:
            t.soft(side * 122, -330, 120, 90, GLOW, 0.75)
            t.fill(
                [(side * 92, -338), (side * 154, -337), (side * 142, -322), (side * 104, -322)],
                (255, 252, 232),
            )
    c.rect(-9, -58, 9, -26, (40, 42, 46) if wrong else shade(DARK, 1.3))
    if wrong:
        for x in (-6, 4, 12):
            c.line(
                [(0, -40), (x, -18), (x * 3, -4)], c.rng.choice(((180, 40, 40), (40, 60, 160))), 2.4
            )


def low_lamp(c, wrong, kind="ground"):
    """A lamp in the ground, or a garden lamp on a short post."""
    if kind == "ground":
        c.oval(0, 0, 92, 56, (150, 150, 150), "across")
        c.oval(0, 0, 72, 42, (40, 44, 50) if wrong else (255, 250, 220))
        for i in range(6):
            x, y = 81 * math.cos(i * 1.047), 49 * math.sin(i * 1.047)
            c.oval(x, y, 6, 4, (70, 70, 72))
        if wrong:
            for i in range(12):
                c.line(
                    [(8, 4), (70 * math.cos(i * 0.52), 41 * math.sin(i * 0.52))],
                    (200, 206, 210),
                    1.6,
                )
            c.rough(8, 4, 22, 12, (10, 10, 12), None, 0.5)
        else:
            c.soft(0, -50, 200, 190, GLOW, 0.65)
        return
    t = c.at(0, 0, 1, 26 if wrong else 0)
    post(t, 0, -200, 0, 20, (58, 52, 46))
    t.fill(
        outline("-34,-206 34,-206 44,-296 -44,-296"),
        (70, 74, 78) if wrong else (255, 246, 210),
        "across",
    )
    for x in (-39, 0, 39):
        t.line([(x * 0.85, -206), (x * 1.1, -296)], (52, 46, 40), 4)
    t.fill([(-56, -294), (56, -294), (0, -336)], (58, 52, 46), "across")
    if wrong:
        t.rough(6, -250, 24, 30, (18, 18, 20), None, 0.5, 9)
    else:
        t.soft(0, -250, 150, 140, GLOW, 0.7)


def sign(
    c,
    wrong,
    lines=("路名",),
    colour=(30, 84, 160),
    wide=150,
    tall=80,
    height=290,
    ink=(250, 250, 250),
    shape="board",
    legs=1,
):
    """A sign on posts; bent, faded and pasted over when wrong."""
    xs = (0,) if legs == 1 else (-wide * 0.36, wide * 0.36)
    for x in xs:
        post(c, x, -height + tall * 0.5, 0, 14, STEEL)
    t = c.at(0, -height + tall / 2, 1, c.rng.choice((-24, 20)) if wrong else 0)
    hue = tuple(int(v * 0.55 + 80) for v in colour) if wrong else colour
    if shape == "round":
        t.oval(0, 0, tall / 2, tall / 2, (206, 30, 34), "across")
        t.oval(0, 0, tall * 0.39, tall * 0.39, hue)
        t.words(0, 0, lines[0], tall * 0.36, ink)
    elif shape == "triangle":
        t.fill(
            [(-tall * 0.6, tall * 0.45), (tall * 0.6, tall * 0.45), (0, -tall * 0.55)], (24, 24, 24)
        )
        t.fill(
            [(-tall * 0.5, tall * 0.39), (tall * 0.5, tall * 0.39), (0, -tall * 0.43)], hue, "down"
        )
        t.words(0, tall * 0.12, lines[0], tall * 0.36, ink)
    else:
        board(
            t, -wide / 2, -tall / 2, wide / 2, tall / 2, hue, lines=lines, ink=ink, size=tall * 0.5
        )
    if wrong:
        slips(t, -wide * 0.35, -tall * 0.1, wide * 0.35, tall * 0.4, 4, 13)
        rust(t, -wide * 0.4, -tall * 0.4, wide * 0.4, tall * 0.4, 6, 12)


def traffic_light(c, wrong):
    """Three lights on an arm: dark and hanging, or green."""
    post(c, 0, -400, 0, 20, STEEL)
    c.rect(-14, -396, 190, -384, STEEL, "down")
    t = c.at(150, -384, 1, 32 if wrong else 0)
    t.rect(-36, 4, 36, 196, (32, 34, 36), "across")
    lit = (
        ((70, 26, 26), (66, 58, 24), (24, 52, 36))
        if wrong
        else ((90, 24, 24), (80, 70, 24), (70, 250, 150))
    )
    for i, hue in enumerate(lit):
        t.oval(0, 38 + i * 60, 25, 25, (14, 14, 14))
        t.oval(0, 40 + i * 60, 21, 21, hue)
    if wrong:
        t.rough(4, 42, 14, 14, (8, 8, 8), None, 0.5)
        t.line([(0, 4), (-30, -10), (-44, 40)], (20, 20, 20), 3)
    else:
        t.soft(0, 160, 54, 54, (120, 255, 180), 0.7)


def camera(c, wrong):
    """A surveillance camera on an arm, hanging by its cable when wrong."""
    post(c, 0, -380, 0, 20, (214, 216, 218))
    c.rect(0, -370, 110, -360, (214, 216, 218), "down")
    c.rect(-24, -270, 24, -200, (220, 222, 224), "across")
    c.words(0, -246, "监控", 16, (30, 60, 140))
    c.words(0, -220, "公安", 16, (30, 60, 140))
    if wrong:
        c.line([(108, -362), (120, -310), (116, -280)], (20, 20, 20), 3)
    t = c.at(112, -262, 1.25, 70) if wrong else c.at(104, -344, 1.25, 10)
    t.rect(-36, -24, 62, 18, (236, 238, 240), "down")
    t.rect(-44, -32, 72, -22, (200, 204, 208), "down")
    t.oval(64, -3, 9, 20, (20, 22, 26))
    t.oval(66, -5, 4, 9, (80, 100, 140))


def lattice(c, wrong):
    """A high-voltage tower with lines; torn guy and rust when wrong."""
    hue = (92, 66, 50) if wrong else (104, 108, 112)

    def half(y):
        return 12 + 88 * ((420 + y) / 420) ** 1.5

    levels = [-420, -372, -324, -270, -210, -146, -76, 0]
    for top, low in zip(levels, levels[1:], strict=False):
        a, b = half(top), half(low)
        for side in (-1, 1):
            c.line([(side * a, top), (side * b, low)], hue, 5)
            c.line([(side * a, top), (-side * b, low)], hue, 2.6)
        c.line([(-b, low), (b, low)], hue, 2.6)
    for y, reach in ((-384, 120), (-330, 150), (-276, 120)):
        c.fill([(-reach, y), (0, y - 14), (reach, y), (0, y + 8)], hue)
        for side in (-1, 1):
            c.rect(side * reach - 3, y, side * reach + 3, y + 24, (120, 70, 50))
            c.line([(side * reach, y + 22), (side * (reach + 420), y - 10)], (40, 40, 44), 1.8)
    board(c, -34, -70, 34, -26, (244, 206, 40), lines=("高压危险",), ink=(30, 30, 30), size=17)
    if wrong:
        c.line([(-100, 0), (-150, -60), (-40, -146)], (60, 50, 46), 6)
        c.line(outline("150,-308 170,-180 240,-40 330,10"), (24, 24, 26), 3.5)


def frame(c, wrong):
    """A height-limit frame over the road."""
    for x in (-210, 210):
        post(c, x, -300, 0, 22, (214, 170, 40))
    t = c.at(-210, -290, 1, 13 if wrong else 0)
    for i in range(14):
        t.rect(i * 30, -14, i * 30 + 30, 14, (34, 34, 36) if i % 2 else (238, 190, 40), "down")
    t.oval(210, 44, 38, 38, (206, 30, 34), "across")
    t.oval(210, 44, 29, 29, (244, 244, 240))
    t.words(210, 44, "3.5m", 20, (20, 20, 20))
    board(t, 270, 24, 400, 62, (30, 84, 160), lines=("限高3.5米",), size=24)
    if wrong:
        t.fill(outline("170,-22 230,-26 214,24 186,18"), (90, 80, 70))


def bollards(c, wrong, kind="stone"):
    """A row of bollards, or of orange flexible posts; one knocked over when wrong."""
    hues = {"stone": (178, 174, 166), "steel": (206, 208, 210), "flexible": (234, 88, 30)}
    for i in range(-2, 3):
        down = wrong and i in (0, 1)
        t = c.at(i * 112, abs(i) * -4, 1, (78 if i else 60) if down else 0)
        width = 40 if kind == "stone" else 26
        post(t, 0, -128, 0, width, hues[kind])
        if kind == "stone":
            t.oval(0, -132, 24, 18, shade(hues[kind], 1.1), "across")
        for y in (-104, -72) if kind != "stone" else (-96,):
            t.rect(
                -width / 2,
                y,
                width / 2,
                y + 15,
                (240, 240, 238) if kind == "flexible" else (200, 50, 40),
                "round",
            )
        if down:
            c.rough(i * 112, 4, 38, 14, (50, 46, 42), None, 0.4)


def railing(c, wrong, kind="traffic"):
    """A run of railing: white traffic fence, green lawn fence, or river balustrade."""
    hue = {"traffic": (236, 238, 240), "lawn": (60, 124, 84), "river": (186, 184, 178)}[kind]
    tall = {"traffic": 118, "lawn": 84, "river": 130}[kind]
    for section in range(-2, 2):
        bad = wrong and section in (-1, 0)
        t = c.at(section * 190, 0, 1, (14 if section else -34) if bad else 0)
        for x in (0, 190):
            post(t, x, -tall - 10, 0, 14 if kind != "river" else 24, shade(hue, 0.9))
        for y in (-tall, -tall * 0.22) if kind != "river" else (-tall, -tall * 0.6, -tall * 0.25):
            t.rect(0, y, 190, y + 9, hue, "down")
        for i in range(1, 10) if kind != "river" else range(0):
            if bad and i % 4 == 1:
                t.line([(i * 19, -tall * 0.6), (i * 19 + 26, -tall * 0.1)], hue, 5)
            else:
                t.rect(i * 19 - 2.5, -tall, i * 19 + 2.5, -tall * 0.22, hue, "round")
        if kind == "traffic" and not bad:
            t.rect(60, -tall - 3, 130, -tall + 11, (206, 40, 40))
    if wrong:
        rust(c, -180, -100, 180, -20, 8, 14)


def noise_wall(c, wrong):
    """A road noise barrier: green and clear panels between posts."""
    for i in range(-3, 3):
        x = i * 130
        gone = wrong and i == 0
        if not gone:
            c.rect(x, -250, x + 126, -140, (164, 190, 200), "across")
            c.rect(x, -140, x + 126, 0, (70, 124, 92), "down")
            for y in range(-136, 0, 12):
                c.line([(x, y), (x + 126, y)], (46, 92, 66), 2.4)
            c.fill(
                [(x + 60, -294), (x + 126, -294), (x + 126, -250), (x, -250), (x, -272)],
                (184, 206, 214),
            )
        post(c, x, -296, 4, 14, (206, 210, 214))
    if wrong:
        c.at(20, 50, 1, 12).rect(-30, -20, 130, 40, (64, 116, 86), "down")
        cracks(c, -70, -200, 120, 7, (240, 246, 248), 1)
        cracks(c, 190, -200, 100, 6, (240, 246, 248), 1)


def screen(c, wrong):
    """A road information display over the road: dark, or speaking."""
    for x in (-150, 150):
        post(c, x, -220, 0, 20, STEEL)
    c.rect(-210, -360, 210, -206, (34, 36, 40), "across")
    c.rect(-196, -346, 196, -220, (12, 12, 14))
    if wrong:
        for _bar in range(26):
            x, y = c.rng.uniform(-190, 180), c.rng.uniform(-340, -230)
            c.rect(
                x,
                y,
                x + c.rng.uniform(6, 40),
                y + 5,
                c.rng.choice(((60, 255, 60), (255, 60, 40), (50, 50, 54))),
            )
        c.words(-60, -300, "前方", 34, (90, 30, 20))
        cracks(c, 90, -280, 120, 7, (120, 120, 124), 1)
    else:
        c.words(0, -312, "前方道路畅通", 44, (255, 196, 40), limit=370)
        c.words(0, -256, "请保持车距", 40, (70, 250, 100), limit=370)
