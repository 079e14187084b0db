"""Things in squares and parks: islands, fountains, equipment, pavilions, monuments."""

import math

from .canvas import outline, shade
from .marks import board, box, confetti, cracks, post, rust, slips

WHITE, STONE = (244, 244, 240), (184, 180, 172)


def island(c, wrong, arrow=False):
    """A kerbed island on a crossing, with bollards and a keep-right sign."""
    for i in range(-5, 6):
        c.fill(
            [(i * 90 - 26, -80), (i * 90 + 20, -80), (i * 104 + 34, 110), (i * 104 - 26, 110)],
            (226, 224, 216),
        )
    c.soft(0, 40, 250, 40, strength=0.6)
    shape = (
        outline("-210,30 -150,-40 200,-56 240,10 60,70")
        if arrow
        else outline("-230,20 -190,-36 190,-36 230,20 190,56 -190,56")
    )
    c.fill([(x, y + 14) for x, y in shape], (120, 118, 112))
    c.fill(shape, (196, 190, 176), "down")
    for (xa, ya), (xb, yb) in zip(shape, shape[1:] + shape[:1], strict=True):
        for k in range(4):
            p, q = k / 4, (k + 1) / 4
            c.line(
                [
                    (xa + (xb - xa) * p, ya + (yb - ya) * p),
                    (xa + (xb - xa) * q, ya + (yb - ya) * q),
                ],
                (240, 190, 40) if k % 2 else (40, 40, 42),
                11,
            )
    for x in (-150, 150):
        t = c.at(x, 0, 1, 40 if wrong and x > 0 else 0)
        post(t, 0, -110, 0, 22, (240, 190, 40))
    t = c.at(0, 0, 1, 28 if wrong else 0)
    post(t, 0, -210, 0, 12, (150, 154, 158))
    t.oval(0, -220, 42, 42, WHITE)
    t.oval(0, -220, 39, 39, (30, 84, 170), "down")
    t.fill(outline("-22,-232 4,-220 4,-232 26,-208 2,-194 2,-206 -26,-220"), WHITE)
    if wrong:
        c.rough(90, 40, 70, 26, (60, 56, 52), None, 0.3)
        confetti(c, 100, 70, 130, 30, 60, ((196, 190, 176), (120, 118, 112), (240, 190, 40)), 10)


def fountain(c, wrong):
    """A fountain: jets, or a dry basin of rubbish."""
    c.soft(0, 10, 330, 60, strength=0.6)
    c.oval(0, 0, 290, 74, STONE, "down")
    c.oval(0, -12, 290, 74, (210, 206, 198), "across")
    c.oval(0, -10, 258, 60, (104, 92, 72) if wrong else (86, 150, 176), "down")
    c.rect(-18, -110, 18, 0, STONE, "round")
    c.oval(0, -112, 84, 20, (200, 196, 188), "down")
    if wrong:
        confetti(
            c,
            0,
            0,
            240,
            40,
            120,
            ((150, 110, 60), (236, 234, 226), (60, 110, 180), (90, 80, 60)),
            9,
        )
        cracks(c, 120, 30, 120, 6)
        return
    for angle in range(-7, 8):
        points = [
            (angle * 24 * s, -120 - 250 * s + 300 * s * s * (0.7 + abs(angle) * 0.05))
            for s in (0, 0.2, 0.4, 0.6, 0.8, 1)
        ]
        c.line(points, (230, 240, 246), 3.5)
    for _ in range(16):
        c.soft(c.rng.gauss(0, 70), -190 + c.rng.gauss(0, 40), 40, 50, (236, 244, 250), 0.45)


def fitness(c, wrong):
    """Outdoor fitness equipment: a walker, a waist wheel, a bar; broken when wrong."""
    blue, yellow = (36, 90, 170), (244, 190, 40)
    for x in (-240, -90):
        post(c, x, -190, 0, 14, blue)
    c.rect(-246, -196, -84, -184, blue, "down")
    for x, swing in ((-200, 18), (-130, -18 if not wrong else -70)):
        t = c.at(x, -186, 1, swing)
        t.rect(-5, 0, 5, 150, yellow, "round")
        t.rect(-26, 146, 26, 160, (40, 40, 42))
    t = c.at(70, 0, 1, 30 if wrong else 0)
    post(t, 0, -150, 0, 18, blue)
    t.ring(0, -190, 52, 52, yellow, 10)
    for a in range(6):
        t.line([(0, -190), (50 * math.cos(a * 1.05), -190 + 50 * math.sin(a * 1.05))], yellow, 5)
    for x in (170, 290):
        post(c, x, -270, 0, 14, blue)
    c.line(
        [(170, -264), (290, -264)] if not wrong else [(170, -264), (250, -150), (258, -130)],
        yellow,
        9,
    )
    board(c, -60, -280, 20, -200, WHITE, lines=("健身", "路径"), ink=(36, 90, 170), size=30)
    if wrong:
        rust(c, -250, -190, 80, -10, 14, 14)
        c.rect(-200, 0, -150, 12, (40, 40, 42))


def pavilion(c, wrong):
    """A rest pavilion with a tiled roof."""
    for x in (-180, -60, 60, 180):
        post(c, x, -210, 0, 20, (150, 44, 36) if not wrong else (134, 90, 76))
    c.rect(-190, -60, 190, -44, (150, 104, 66), "down")
    roof = outline(
        "-290,-196 -200,-226 -60,-300 0,-330 60,-300 200,-226 290,-196 200,-206 -200,-206"
    )
    c.fill(roof, (78, 92, 88), "down")
    for x in range(-180, 190, 24):
        c.line([(x * 0.2, -312), (x, -210)], (58, 70, 66), 3)
    c.rect(-56, -226, 56, -192, (30, 40, 60))
    c.words(0, -209, "休息亭", 28, (230, 200, 110))
    if wrong:
        c.rough(110, -246, 56, 30, (30, 28, 26), None, 0.4)
        c.at(120, -150, 1, 64).rect(-70, -8, 60, 8, (110, 78, 50), "down")
        confetti(c, 110, 16, 130, 22, 60, ((78, 92, 88), (110, 78, 50)), 11)
        slips(c, -60, -190, -40, -70, 4, 14)


def rack(c, wrong):
    """A bicycle rack of steel hoops."""
    for i in range(-3, 4):
        t = c.at(i * 84, 0, 1, (66 if i == 1 else 30) if wrong and i in (0, 1) else 0)
        t.soft(0, 0, 40, 8, strength=0.6)
        t.line(outline("-24,0 -24,-96 -12,-120 12,-120 24,-96 24,0"), (200, 204, 208), 9)
    c.rect(-300, -6, 300, 8, (150, 154, 158), "down")
    board(c, 190, -250, 320, -180, (30, 84, 160), lines=("存车处",), size=34)
    post(c, 255, -180, 0, 10, (150, 154, 158))
    if wrong:
        rust(c, -260, -110, 120, 0, 14, 13)


def well(c, wrong):
    """A domestic well of stone with a windlass."""
    for x in (-96, 96):
        post(c, x, -230, -60, 14, (122, 92, 62))
    t = c.at(0, -224, 1, 12 if wrong else 0)
    t.rect(-120, -10, 120, 8, (140, 106, 72), "round")
    c.line([(10, -220), (10, -120)], (190, 170, 120), 4)
    c.soft(0, 6, 190, 30, strength=0.7)
    c.rect(-130, -90, 130, 0, (150, 146, 138), "round")
    c.oval(0, 0, 130, 34, (130, 126, 118), "across")
    c.oval(0, -90, 130, 34, (180, 176, 168), "across")
    c.oval(0, -88, 100, 24, (16, 18, 22))
    for i in range(-3, 4):
        c.line([(i * 38, -58), (i * 38, -26)], (110, 106, 98), 3)
    c.line([(-130, -56), (130, -56)], (116, 112, 104), 3)
    c.words(0, -36, "水井", 34, (180, 40, 36))
    if wrong:
        c.rough(80, -84, 60, 40, (20, 20, 22), None, 0.4, 9)
        confetti(c, 100, 20, 120, 26, 40, ((150, 146, 138), (120, 116, 108)), 13)
    else:
        c.oval(0, -92, 108, 26, (120, 90, 60), "down")
        c.line([(-60, -94), (60, -94)], (80, 60, 40), 5)


def monument(c, wrong):
    """A sculpture on a plinth: rings round a ball; defaced when wrong."""
    box(c, -120, -70, 120, 0, (170, 166, 160), 34)
    c.words(0, -36, "和谐", 40, (120, 96, 40))
    t = c.at(0, -70, 1, 18 if wrong else 0)
    hue = (150, 96, 60)
    t.fill(outline("-50,0 50,0 20,-90 -20,-90"), hue, "across")
    for a in (-38, 20):
        r = t.at(0, -170, 1, a)
        r.ring(0, 0, 118, 48, (176, 116, 70), 13)
        r.ring(0, 0, 118, 48, (224, 170, 110), 4)
    t.oval(0, -170, 56, 56, (190, 130, 80), "round")
    if wrong:
        slips(c, -110, -64, 110, -8, 8, 17)
        t.line(outline("-50,-200 -10,-150 40,-200 50,-140"), (220, 30, 90), 8)
        t.words(0, -120, "到此一游", 38, (30, 60, 200))
        t.rough(70, -120, 30, 34, (40, 36, 34), None, 0.4)


def billboard(c, wrong, words=("城市让生活更美好",), bad="", colour=(36, 120, 170)):
    """A large advertisement on posts: torn, sagging or with a bad text when wrong."""
    for x in (-150, 150):
        post(c, x, -160, 0, 20, (110, 114, 120))
    t = c.at(0, -260, 1, 9 if wrong and not bad else 0)
    t.rect(-250, -124, 250, 124, (200, 202, 204))
    t.rect(-240, -114, 240, 114, colour, "down")
    t.soft(120, -40, 120, 70, shade(colour, 1.5), 0.7)
    lines = (bad,) if wrong and bad else words
    for i, line in enumerate(lines):
        t.words(0, (i - (len(lines) - 1) / 2) * 84, line, 66, WHITE, limit=440)
    if wrong and not bad:
        t.fill(outline("60,-114 240,-114 240,60 150,-10 110,-50"), (86, 84, 82), "down")
        for x in (90, 150, 210):
            t.line([(x, -114), (x, -20)], (150, 150, 150), 4)
        t.fill(outline("60,40 190,-4 236,190 120,210"), shade(colour, 0.8), "down")
