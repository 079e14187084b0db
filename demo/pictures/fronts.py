"""What people put on, in front of and between houses."""

from . import textures
from .canvas import outline, shade
from .hues import BAGS, CLOTHES
from .marks import board, post, slips
from .mess import heap
from .traffic import person


def fumes(c, wrong, word="烧烤大排档"):
    """Kitchen exhaust from a duct in the wall."""
    c.rect(-40, -330, 40, -120, (170, 174, 176), "round")
    c.fill(outline("-40,-330 40,-330 120,-376 120,-300 60,-290"), (150, 154, 158), "down")
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


def laundry(c, wrong, bunting=False):
    """Washing on a line along the street, or strings of coloured flags."""
    if not wrong:
        return
    if bunting:
        _flags(c)
        return
    for x in (-300, 300):
        post(c, x, -250, 0, 9, (150, 120, 84))
    c.line([(-300, -240), (0, -222), (300, -240)], (220, 220, 216), 3)
    for i, x in enumerate(range(-260, 280, 74)):
        hue = CLOTHES[i % len(CLOTHES)]
        t = c.at(x, -238 + 14 * (1 - (x / 300) ** 2))
        if i % 3 == 2:
            t.fill(outline("-26,0 26,0 30,130 4,130 0,44 -4,130 -30,130"), hue, "across")
        elif i % 3:
            t.rect(-34, 0, 34, 150, hue, "across")
            for y in range(14, 150, 36):
                t.rect(-34, y, 34, y + 10, shade(hue, 0.75))
        else:
            shirt = outline("-28,0 28,0 54,44 34,56 28,110 -28,110 -34,56 -54,44")
            t.fill(shirt, hue, "across")


def _flags(c):
    """Strings of coloured flags across a front."""
    hues = ((220, 40, 40), (250, 200, 40), (40, 140, 70), (40, 90, 190), (230, 100, 160))
    for row in range(3):
        y = -330 + row * 92
        c.line([(-380, y), (0, y + 34), (380, y - 10)], (90, 90, 92), 2)
        for i in range(19):
            x = -370 + i * 41
            top = y + 34 * (1 - (x / 380) ** 2)
            c.fill([(x - 17, top), (x + 17, top), (x, top + 52)], hues[(i + row) % 5], "across")


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
    c.cast(outline("-250,-12 250,-12 250,10 -250,10"), 0.5)
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
        outline("-300,-400 -180,-300 -90,-120 -30,10 60,46 150,20 210,60"),
        (22, 22, 24),
        8,
    )
    c.line(outline("300,-396 240,-200 210,-40 120,60 20,76"), (22, 22, 24), 7)
    c.line(outline("-300,-390 -120,-200 20,-60 110,20"), (40, 40, 44), 5)
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
    t.cast(outline("-90,-100 110,-100 120,26 -80,26"), 0.5)
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
    t.cast(outline("-320,-36 330,-36 330,56 -320,56"), 0.4)
    t.fill(outline("-330,-46 330,-46 322,46 0,54 -322,44"), hue, "down")
    t.words(0, 2, words, 62, (255, 236, 130), limit=600)
    for side in (-1, 1):
        t.line([(side * 330, 0), (side * 400, -40)], (220, 220, 216), 3)


def shack(c, wrong):
    """A lean-to of sheets and planks put up against a building."""
    if not wrong:
        return
    c.soft(0, 6, 300, 24, strength=0.7)
    c.surface(
        outline("-250,-240 220,-240 220,0 -250,0"),
        textures.wall("metal"),
        (70, 120, 170),
        0.8,
    )
    c.fill(outline("-290,-236 260,-250 230,-306 -250,-290"), (150, 60, 50), "down")
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
    c.fill(outline("-250,-296 -20,-296 -60,-40 -230,-60"), (90, 150, 110), "across")
    person(c.at(120, -150, 0.8), pose="reach", hat=(244, 190, 40))
    board(c, 20, -100, 220, -40, (240, 236, 220), lines=("店面装修",), ink=(190, 30, 30), size=40)
    heap(c.at(-60, 30, 0.6), True)
