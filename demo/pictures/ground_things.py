"""What lies in or on the ground: covers, grates, holes, patches, puddles, markings."""

from .backdrop import ground
from .canvas import mix, outline, shade
from .marks import cone, confetti, cracks

IRON, PIT = (82, 80, 80), (12, 12, 14)
LITTER = (
    (236, 234, 226),
    (200, 60, 50),
    (60, 110, 180),
    (230, 190, 60),
    (90, 140, 80),
    (150, 120, 90),
)
LEAVES = ((150, 110, 50), (120, 100, 44), (176, 132, 58), (104, 112, 54))


def _lid(c, word, colour=IRON, square=False, broken=False):
    """A cast cover with ribs and its word, in a frame whose origin is the cover's middle."""
    if square:
        c.rect(-104, -64, 104, 70, shade(colour, 0.5))
        c.rect(-104, -68, 104, 64, colour, "across")
        for i in range(-4, 5):
            c.line([(i * 24, -62), (i * 24, 58)], shade(colour, 0.75), 3)
            c.line([(i * 24 + 2.4, -62), (i * 24 + 2.4, 58)], shade(colour, 1.3), 1.5)
    else:
        c.oval(0, 5, 112, 66, shade(colour, 0.45))
        c.oval(0, 0, 112, 66, colour, "across")
        c.ring(0, 0, 101, 59, shade(colour, 1.35), 2)
        c.ring(0, 1.6, 101, 59, shade(colour, 0.6), 2)
        for row in range(-4, 5):
            if abs(row) > 1:
                half = 88 * (1 - (row / 5) ** 2) ** 0.5
                n = int(half // 12)
                for i in range(-n, n + 1):
                    x = i * 12 + (row % 2) * 6
                    c.line(
                        [(x - 4, row * 11 + 3), (x, row * 11 - 2), (x + 4, row * 11 + 3)],
                        shade(colour, 1.38),
                        1.8,
                    )
    if broken:
        c.rough(34, 10, 52, 36, PIT, None, 0.4, 10)
        cracks(c, 20, 5, 100, 5, shade(colour, 0.3), 0.5)
    if square:
        c.rect(-50, -18, 50, 18, shade(colour, 0.86))
    c.words(0, 2, word, 30, shade(colour, 0.45), stretch=1.35, limit=120)
    c.words(0, 0, word, 30, shade(colour, 1.75), stretch=1.35, limit=120)


def cover(c, wrong, word="雨水", square=False, colour=IRON):
    """A manhole cover, in place or missing, shifted, broken."""
    c = c.at(0, 0, 1.05, c.rng.uniform(-4, 4))
    if square:
        c.rect(-122, -80, 122, 84, (112, 110, 106), "down")
    else:
        c.oval(0, 2, 128, 78, (112, 110, 106), "down")
    mode = c.rng.choice(("aside", "aside", "broken", "tilted")) if wrong else "closed"
    if mode in ("closed", "broken"):
        _lid(c, word, colour, square, mode == "broken")
        if mode == "broken":
            cone(c, c.rng.choice((-165, 165)), -20, 1.25)
        return
    if square:
        c.rect(-106, -68, 106, 70, PIT)
        c.rect(-106, -68, 106, -40, (70, 66, 62), "down")
    else:
        c.oval(0, 0, 114, 68, (58, 54, 52), "down")
        c.oval(0, 10, 106, 58, PIT)
        c.ring(0, 3, 110, 63, (92, 88, 84), 3, (0.5, 1.0))
    side = c.rng.choice((-1, 1))
    if mode == "aside":
        c.soft(side * 128, 62, 150, 88, strength=0.8)
        _lid(c.at(side * 122, 50, 0.98, side * 10), word, colour, square)
    else:
        c.soft(side * 60, 30, 120, 60, strength=0.8)
        _lid(c.at(side * 62, 8, 0.98, side * -24), word, colour, square)
    cone(c, -side * 170, -40, 1.2)
    cone(c, -side * 120, 96, 1.5)


def grate(c, wrong):
    """A storm drain grate at the kerb: bars, or a hole full of leaves."""
    c.rect(-140, -58, 140, 62, (118, 116, 110), "down")
    c.rect(-126, -48, 126, 52, PIT)
    for i in range(12):
        x = -120 + i * 21
        gone = wrong and 4 <= i <= 8
        if not gone:
            c.rect(x, -48, x + 11, 52, IRON, "round")
    for y in (-48, 0, 45):
        for x0, x1 in ((-126, -38), (66, 126)) if wrong else ((-126, 126),):
            c.rect(x0, y, x1, y + 8, shade(IRON, 1.15))
    if wrong:
        confetti(c, -30, 40, 150, 40, 130, LEAVES + LITTER[:2], 8)
        c.at(120, 76, 1.0, 30).rect(-60, -6, 60, 6, IRON, "down")
        cone(c, -190, 20, 1.3)


def trench(c, wrong):
    """A line of trench cover plates, one broken."""
    for i in range(-4, 5):
        x = i * 84
        c.fill([(x - 40, -44), (x + 40, -44), (x + 40, 44), (x - 40, 44)], (164, 160, 152), "down")
        c.rect(x - 40, 44, x + 40, 50, (90, 88, 84))
        c.rect(x - 12, -3, x + 12, 3, (60, 58, 56))
    if wrong:
        c.rect(-44, -46, 44, 48, PIT)
        c.at(14, 14, 1, 18).rect(-48, -20, 20, 34, (150, 146, 138), "down")
        cracks(c, 84, 0, 60)
        cone(c, -150, 90, 1.5)


def hole(c, wrong, deep=False):
    """A pothole with gravel and cracks; afterwards a square patch of new asphalt."""
    if not wrong:
        c.fill(outline("-190,-56 150,-74 205,60 -160,84"), (52, 52, 55), "down")
        c.line(outline("-190,-56 150,-74 205,60 -160,84 -190,-56"), (34, 34, 36), 3)
        return
    size = 1.55 if deep else 1.15
    c = c.at(0, 0, size)
    c.rough(0, 0, 138, 62, (120, 112, 100), None, 0.12, 22)
    c.rough(0, 4, 122, 52, (58, 52, 46), "down", 0.16, 22)
    if deep:
        c.rough(0, 10, 104, 42, PIT, None, 0.15, 20)
        for x in (-70, 20, 66):
            c.rough(x, 16, 26, 12, (88, 84, 80), "down", 0.3, 8)
    else:
        confetti(c, 0, 6, 110, 44, 90, ((150, 146, 138), (110, 104, 98), (180, 176, 168)), 5)
    for x, y in ((-130, 0), (130, -10), (20, 55), (-40, -50)):
        cracks(c, x, y, 105, 3)
    for x in (-160, 150, 0) if deep else (-190, 170):
        cone(c, x, 60 if x else 84, 1.1)


def puddle(c, wrong, colour=(120, 138, 150), wide=1.0, foam=False):
    """Standing water that mirrors the sky."""
    if not wrong:
        c.soft(0, 10, 190, 60, (30, 30, 34), 0.25, "cloud")
        return
    c.rough(0, 14, 290 * wide, 96, shade(colour, 0.55), None, 0.1, 26)
    c.rough(0, 18, 282 * wide, 88, colour, "down", 0.1, 26)
    for _ in range(16):
        x, y = c.rng.uniform(-210, 150) * wide, c.rng.uniform(-40, 80)
        c.line(
            [(x, y), (x + c.rng.uniform(20, 70), y)], shade(colour, c.rng.choice((1.3, 0.75))), 2
        )
    for i in range(3):
        c.ring(
            c.rng.uniform(-160, 160),
            c.rng.uniform(-20, 60),
            26 + 12 * i,
            8 + 3 * i,
            shade(colour, 1.35),
            1.6,
        )
    if foam:
        for _ in range(50):
            c.soft(c.rng.uniform(-200, 200), c.rng.uniform(-30, 70), 16, 7, (240, 240, 236), 0.8)


def jet(c, wrong, steam=False):
    """Water (or steam) shooting out of broken ground."""
    if not wrong:
        return
    c.rough(0, 0, 70, 26, (50, 46, 42), None, 0.3, 12)
    if steam:
        for _ in range(26):
            t = c.rng.random()
            c.soft(
                c.rng.uniform(-30, 60) * (0.4 + t),
                -240 * t,
                40 + 60 * t,
                40 + 50 * t,
                (240, 242, 244),
                0.6,
                "cloud",
            )
        return
    for _ in range(60):
        t, aim = c.rng.random(), c.rng.gauss(0, 42)
        c.line([(aim * t, -230 * t), (aim * t * 1.3, -230 * t - 34)], (226, 236, 242), 4)
    for _ in range(60):
        x = c.rng.gauss(0, 75)
        c.soft(x, -200 + abs(x) * 1.6 * c.rng.random(), 18, 26, (228, 238, 244), 0.7)
    confetti(c, 0, -60, 170, 170, 130, ((232, 240, 246), (200, 216, 226)), 4)


def litter(c, wrong, count=120, colours=LITTER, wide=1.0):
    """Scraps of rubbish all over."""
    if wrong:
        confetti(c, 0, 0, 290 * wide, 110, count, colours, 8)
        for _ in range(5):
            x, y = c.rng.uniform(-210, 210) * wide, c.rng.uniform(-60, 90)
            c.rect(x, y - 14, x + 12, y + 12, (120, 170, 200), "round")
            c.rect(x + 3, y - 20, x + 9, y - 14, (220, 60, 50))


def mud(c, wrong, colour=(112, 84, 58), tracks=True):
    """Mud or spoil on the road, with tyre tracks."""
    if not wrong:
        return
    for _ in range(24):
        c.soft(c.rng.gauss(0, 150), c.rng.gauss(10, 46), 90, 34, colour, 0.75, "cloud")
    if tracks:
        for x in (-110, 60):
            for i in range(16):
                t = i / 16
                y, w = -140 + 300 * t, 10 + 26 * t
                px = x * (0.6 + 0.9 * t)
                c.fill(
                    [(px, y), (px + w, y - 5), (px + w, y + 5), (px, y + 10)], shade(colour, 0.55)
                )
    confetti(c, 0, 20, 260, 90, 100, (colour, shade(colour, 0.7), shade(colour, 1.3)), 8)


def snow(c, wrong):
    """Snow and ice over the ground with wheel ruts; afterwards only heaps at the side."""
    white = (236, 241, 247)
    if wrong:
        c.rough(0, 20, 420, 130, white, "down", 0.07, 30)
        for side in (-1, 1):
            rut = [(side * 26, -100), (side * 52, -100), (side * 150, 150), (side * 70, 150)]
            c.fill(rut, (150, 158, 170), "down")
        c.rough(10, 50, 90, 26, (184, 206, 224), "down", 0.15, 18)
    for i in range(26 if wrong else 8):
        x = c.rng.uniform(-400, 400) if wrong else (-340, 340)[i % 2] + c.rng.gauss(0, 30)
        y = c.rng.uniform(-90, 130) if wrong else c.rng.uniform(-20, 60)
        size = c.rng.uniform(24, 60)
        c.rough(x, y, size, size * 0.36, shade(white, c.rng.uniform(0.9, 1.04)), "down", 0.15)
    confetti(c, 0, 20, 420, 110, 160 if wrong else 20, (white, (250, 252, 255)), 5)


def ramp(c, wrong):
    """A home-made ramp of concrete or steel against the kerb."""
    c.rect(-380, -34, 380, -6, (176, 172, 164), "down")
    c.rect(-380, -6, 380, 4, (92, 90, 86))
    if wrong:
        c.soft(0, 60, 170, 40, strength=0.6)
        c.fill(outline("-100,-36 100,-36 140,64 -140,64"), (140, 112, 84), "down")
        for i in range(1, 8):
            y = -36 + i * 12.5
            c.line([(-98 - i * 5, y), (98 + i * 5, y)], (96, 74, 54), 3)
        c.fill(outline("-140,64 140,64 140,72 -140,72"), (70, 54, 40))


def bays(c, wrong, word="P"):
    """Parking bays; worn out before, freshly painted after."""
    white = (120, 120, 120) if wrong else (240, 240, 236)
    for i in range(-3, 4):
        x = i * 130
        top, bottom = (x * 0.55, -120), (x, 90)
        if wrong and i % 2:
            c.line([top, mid(top, bottom, 0.3)], white, 8)
            continue
        c.line([top, bottom], white, 8)
    c.line([(-390 * 0.55, -120), (390 * 0.55, -120)], white, 6)
    c.at(65 * 0.9, 40, 1, squash=0.6).words(0, 0, word, 70, mix(white, IRON, 0.1))
    if wrong:
        cracks(c, -60, 40, 150, 6)


def mid(one, other, share):
    """A point between two."""
    return tuple(a + (b - a) * share for a, b in zip(one, other, strict=True))


def excavation(c, wrong):
    """A trench dug across the road with the spoil beside it."""
    if not wrong:
        c.fill(outline("-260,-30 260,-50 290,30 -240,50"), (50, 50, 53), "down")
        return
    c.fill(outline("-280,-34 260,-60 300,30 -250,56"), (92, 70, 52), "down")
    c.fill(outline("-258,-22 246,-46 276,18 -232,40"), (30, 24, 20), "down")
    c.line([(-200, 14), (240, -10)], (60, 96, 150), 13)
    for x in (-190, -90, 10, 110, 200):
        c.rough(x, -66 - c.rng.uniform(0, 14), 78, 42, (136, 106, 78), "down", 0.25)
    confetti(c, 0, -40, 300, 50, 120, ((150, 120, 90), (100, 78, 58), (90, 90, 92)), 8)


def flooding(c, wrong):
    """Deep water right across the road with wakes and a depth staff."""
    if not wrong:
        return
    hue = (122, 128, 120)
    c.fill(outline("-460,-70 460,-70 500,140 -500,140"), hue, "down")
    for _ in range(40):
        x, y = c.rng.uniform(-420, 380), c.rng.uniform(-60, 120)
        c.line(
            [(x, y), (x + c.rng.uniform(30, 110), y)], shade(hue, c.rng.choice((1.25, 0.8, 1.1))), 3
        )
    for i in range(8):
        c.rect(
            -190, -150 + i * 16, -166, -134 + i * 16, (206, 40, 36) if i % 2 else (244, 244, 240)
        )
    c.words(-130, -120, "水深", 26, (206, 40, 36))


def hardened(c, wrong):
    """A concrete site road, where there was bare earth."""
    if not wrong:
        points = outline("-330,-76 330,-76 520,160 -520,160")
        ground(c, 140, "concrete", points=points)
