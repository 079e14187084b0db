"""Trees, lawns, and what happens to them."""

from .backdrop import GREENS, hedge
from .backdrop import tree as grown
from .canvas import outline, shade
from .marks import board, confetti, post, tape

BARK = (98, 78, 60)


def street_tree(c, wrong, state="fallen", old=False):
    """A tree: upright in its pit, or fallen, dead, felled to a stump, or eaten."""
    height = 380 if old else 330
    c.rect(-66, -14, 66, 16, (96, 76, 58), "down")
    c.line(outline("-66,-14 66,-14 66,16 -66,16 -66,-14"), (170, 168, 160), 6)
    mode = state if wrong else "upright"
    if mode == "fallen":
        c.rough(0, 0, 52, 22, (70, 54, 40), None, 0.4)
        t = c.at(20, -10, 1, c.rng.choice((-68, 68)))
        grown(t, 0, 0, height)
        tape(c, -180, -60, 190, -70)
    elif mode == "dead":
        grown(c, 0, 0, height, bare=True)
        confetti(c, 0, 30, 170, 26, 60, ((150, 110, 60), (120, 86, 48)), 8)
    elif mode == "felled":
        _stump(c)
    elif mode == "eaten":
        grown(c, 0, 0, height, (146, 124, 58))
        for _ in range(110):
            x, y = c.rng.gauss(0, 90), -230 + c.rng.gauss(0, 56)
            c.oval(x, y, 6, 5, c.rng.choice(((92, 60, 30), (214, 196, 110), (250, 248, 240))))
        confetti(c, 0, 30, 170, 30, 90, ((170, 140, 60), (130, 96, 48)), 8)
    else:
        grown(c, 0, 0, height)
    if old:
        board(c, 84, -150, 216, -70, (40, 100, 60), lines=("古树名木", "树龄320年"), size=24)
        post(c, 150, -66, 0, 10, (150, 150, 146))


def _stump(c):
    """A fresh stump, sawn logs and sawdust."""
    c.fill(outline("-44,8 44,8 36,-58 -36,-58"), BARK, "round")
    c.oval(0, -58, 38, 16, (222, 184, 128), "across")
    for r in (28, 18, 8):
        c.ring(0, -58, r, r * 0.42, (176, 132, 84), 2)
    for i, (x, y) in enumerate(((150, 10), (196, 22), (-170, 20), (172, -22))):
        t = c.at(x, y, 1, -12 + i * 7)
        t.rect(-80, -36, 70, 0, BARK, "down")
        t.oval(70, -18, 11, 18, (224, 188, 132), "down")
    confetti(c, 0, 18, 180, 34, 170, ((232, 204, 150), (214, 180, 122)), 5)
    for x in (-100, 110):
        c.leaves(x, 44, 90, 34, GREENS[0])


def tree_guard(c, wrong):
    """A tree with its props and grate, broken when wrong."""
    grown(c, 0, 0, 330)
    c.rect(-80, -16, 80, 24, (70, 72, 74), "down")
    for i in range(-3, 4):
        if not (wrong and i in (0, 1, 2)):
            c.line([(i * 22, -14), (i * 24, 22)], (120, 122, 124), 6)
    if wrong:
        c.rect(0, -14, 60, 22, (34, 26, 20))
        c.at(130, 26, 1, 34).rect(-60, -8, 60, 8, (70, 72, 74), "down")
    wood = (186, 146, 96)
    for side in (-1, 1):
        if wrong and side > 0:
            c.at(170, 10, 1, -10).rect(-110, -8, 90, 6, wood, "down")
        else:
            c.line([(side * 6, -170), (side * 120, 6)], wood, 13)
    if not wrong:
        c.rect(-50, -120, 50, -106, wood, "down")
    c.rect(-16, -176, 16, -160, (60, 120, 60))


def lawn(c, wrong, notice=True):
    """A lawn bed with a border and a flower rim; trodden bare when wrong."""
    c.fill(outline("-330,-90 330,-90 400,60 -400,60"), (88, 132, 58), "down")
    if wrong:
        for _ in range(12):
            c.soft(c.rng.gauss(0, 150), c.rng.gauss(-10, 28), 96, 30, (156, 124, 86), 0.95)
        confetti(c, 0, -10, 300, 60, 70, ((236, 234, 226), (200, 60, 50), (120, 90, 60)), 7)
    else:
        confetti(c, 0, -14, 330, 60, 500, ((70, 118, 46), (110, 156, 70), (130, 170, 84)), 6)
        hedge(c, -330, 330, -70, 46, (76, 124, 56))
        confetti(c, 0, 44, 380, 10, 160, ((226, 60, 90), (250, 206, 60), (240, 240, 236)), 7)
    c.rect(-400, 58, 400, 72, (190, 188, 180), "down")
    if notice:
        t = c.at(-170, 20, 1, 26 if wrong else 0)
        post(t, 0, -80, 0, 9, BARK)
        board(t, -78, -140, 78, -76, (50, 116, 66), lines=("爱护绿地", "请勿践踏"), size=26)


def cuttings(c, wrong):
    """A heap of cut branches and leaves."""
    if not wrong:
        return
    c.soft(0, 0, 260, 40, strength=0.7)
    for i in range(14):
        x, y = c.rng.gauss(0, 95), -abs(c.rng.gauss(0, 46))
        c.leaves(x, y - 10, 74, 44, shade(c.rng.choice(GREENS), c.rng.uniform(0.7, 1.2)))
        if i % 2:
            t = c.at(x, y, 1, c.rng.uniform(-40, 40))
            t.rect(-100, -5, 100, 5, BARK, "down")
            t.oval(100, 0, 4, 6, (222, 186, 130))
    confetti(c, 0, 20, 280, 30, 120, ((110, 128, 56), (150, 120, 60)), 8)


def hung_tree(c, wrong):
    """A tree with washing, bags and wires hung on it."""
    grown(c, 0, 0, 390)
    if not wrong:
        return
    c.line([(-250, -170), (0, -200), (250, -160)], (230, 230, 226), 3)
    for x in (-200, -130, -70, 60, 130, 200):
        hue = c.rng.choice(
            ((206, 60, 60), (60, 100, 180), (236, 236, 230), (230, 190, 60), (140, 70, 150))
        )
        y = -172 - (30 - abs(x) * 0.13)
        c.fill([(x - 30, y), (x + 30, y), (x + 26, y + 84), (x - 26, y + 84)], hue, "across")
        c.fill([(x - 30, y), (x - 52, y + 30), (x - 34, y + 38)], shade(hue, 0.8))
        c.fill([(x + 30, y), (x + 52, y + 30), (x + 34, y + 38)], shade(hue, 0.8))
    for _ in range(4):
        c.rough(
            c.rng.uniform(-80, 80), c.rng.uniform(-300, -230), 20, 26, (236, 80, 70), "down", 0.3
        )


def wildlife(c, wrong, kind="hen"):
    """Hens behind a pen, or a dead cat on the road."""
    if not wrong:
        return
    if kind == "carcass":
        c.soft(0, 10, 150, 34, strength=0.6)
        c.rough(60, 16, 84, 24, (112, 20, 18), None, 0.25)
        c.rough(0, -14, 100, 38, (150, 122, 90), "down", 0.08, 22)
        c.oval(-108, -12, 36, 27, (158, 130, 96), "down")
        for x in (-132, -96):
            c.fill([(x - 10, -30), (x + 10, -32), (x - 3, -56)], (136, 108, 78))
        for x in (-60, -20, 40, 76):
            c.line([(x, 10), (x - 26, 38)], (140, 112, 82), 14)
        c.line([(96, -14), (160, -34), (196, -10)], (136, 108, 78), 14)
        c.line([(-126, -14), (-116, -6)], (20, 20, 20), 3)
        c.line([(-116, -14), (-126, -6)], (20, 20, 20), 3)
        for _ in range(8):
            c.oval(c.rng.uniform(-90, 90), c.rng.uniform(-90, -40), 3.4, 2.6, (20, 20, 20))
        return
    for x in range(-230, 240, 20):
        c.line([(x, -190), (x, -60)], (150, 120, 84), 2.5)
    for y in (-190, -125, -60):
        c.line([(-230, y), (230, y)], (150, 120, 84), 6)
    for i, x in enumerate((-160, -50, 70, 180, 10)):
        _hen(
            c.at(x, 30 if i < 4 else 70, 1.05, flip=bool(i % 2)),
            (196, 110, 52) if i % 2 else (240, 236, 226),
        )
    confetti(c, 0, 40, 280, 40, 60, ((230, 200, 120), (240, 240, 230)), 5)


def _hen(c, hue):
    c.soft(0, 2, 52, 10, strength=0.6)
    for x in (-8, 10):
        c.line([(x, -22), (x, 0)], (226, 170, 50), 4)
    c.oval(0, -46, 48, 33, hue, "down")
    c.fill([(-34, -56), (-78, -98), (-60, -40)], shade(hue, 0.7))
    c.fill(outline("20,-60 32,-100 54,-98 46,-48"), hue, "down")
    c.oval(44, -102, 18, 16, hue)
    c.fill(outline("30,-114 38,-130 46,-116 54,-128 58,-110"), (214, 30, 30))
    c.fill([(60, -104), (78, -98), (60, -94)], (236, 180, 50))
    c.oval(48, -105, 3, 3, (10, 10, 10))
    c.oval(-6, -46, 24, 17, shade(hue, 0.8), "down")
