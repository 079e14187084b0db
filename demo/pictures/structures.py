"""Buildings and works: bridges, stations, walls, shelters, hoardings, monuments."""

import math

from . import textures
from .canvas import shade
from .marks import board, box, confetti, cracks, post, rust, shards, slips, tape

WHITE, STONE, GLASS = (244, 244, 240), (184, 180, 172), (120, 146, 158)


def deck(c, wrong, kind="overpass"):
    """A bridge over the road: footbridge with stairs, flyover on piers, arch over water."""
    hue = (160, 158, 152) if wrong else (196, 194, 188)
    if kind == "arch":
        c.fill([(-420, -170), (0, -226), (420, -170), (420, -20), (-420, -20)], hue, "down")
        for x in (-230, 0, 230):
            c.oval(x, -20, 90, 110 if x == 0 else 86, (58, 70, 74))
        c.rect(-420, -22, 420, 30, (96, 122, 126), "down")
    else:
        for x in (-250, 250) if kind == "overpass" else (-270, 0, 270):
            w = 18 if kind == "overpass" else 34
            c.soft(x, 4, w * 3, 12, strength=0.6)
            c.rect(x - w, -230, x + w, 4, shade(hue, 0.85), "round")
            c.fill(
                [(x - w, -230), (x + w, -230), (x + w * 2.4, -258), (x - w * 2.4, -258)],
                shade(hue, 0.75),
            )
        c.rect(-460, -262, 460, -222, hue, "down")
        c.rect(-460, -224, 460, -214, shade(hue, 0.5))
        if kind == "overpass":
            c.fill([(250, -262), (300, -262), (460, 0), (400, 0)], shade(hue, 0.8), "down")
            for i in range(12):
                t = i / 12
                c.line(
                    [(256 + 150 * t, -250 + 250 * t), (312 + 150 * t, -250 + 250 * t)],
                    shade(hue, 0.5),
                    3,
                )
            c.words(-20, -242, "过街天桥", 28, (60, 60, 64))
    top = [(-460, -262), (460, -262)] if kind != "arch" else [(-420, -172), (0, -228), (420, -172)]
    for lift in (16, 34, 52):
        c.line([(x, y - lift) for x, y in top], (70, 110, 150) if not wrong else (122, 84, 60), 5)
    for x in range(-400, 420, 34):
        y = -262 if kind != "arch" else -228 + abs(x) * 56 / 420
        if not (wrong and -60 < x < 60):
            c.line([(x, y), (x, y - 54)], (90, 126, 160) if not wrong else (116, 80, 58), 4)
    if wrong:
        y = -238 if kind != "arch" else -180
        c.rough(40, y, 76, 16, (104, 74, 58), "down", 0.4)
        cracks(c, -150, y, 130, 7, (50, 48, 46), 0.7)
        rust(c, -300, y, 300, y + 40, 12, 22)
        confetti(c, 40, 6, 110, 22, 60, ((150, 148, 144), (120, 116, 110)), 8)
        tape(c, -130, -60, 180, -66)


def underpass(c, wrong):
    """The mouth of an underpass over its stairs."""
    board(c, -190, -420, 190, -350, (30, 84, 160), lines=("地下通道",), size=52)
    for side in (-1, 1):
        c.line([(side * 140, -250), (side * 330, 60)], (206, 208, 210), 8)
    if wrong:
        slips(c, -300, -330, -150, -180, 8, 20)
        confetti(c, 0, -20, 220, 70, 90, ((236, 234, 226), (60, 110, 180), (200, 60, 50)), 8)
        c.soft(40, -260, 160, 60, (20, 20, 22), 0.9)
        c.rough(20, 20, 190, 30, (90, 104, 112), "down", 0.15, 20)
    else:
        c.soft(0, -300, 170, 90, (255, 246, 210), 0.8)


def bus_stop(c, wrong):
    """A bus shelter with its sign."""
    for x in (-220, 160):
        post(c, x, -250, 0, 14, (96, 100, 106))
    c.fill([(-250, -252), (196, -252), (214, -276), (-270, -276)], (54, 90, 140), "down")
    c.words(-30, -264, "公交站", 20, WHITE)
    c.rect(-206, -236, 20, -60, (206, 210, 214))
    c.rect(-198, -228, 12, -68, (226, 120, 60) if not wrong else (120, 120, 118), "down")
    c.words(-93, -150, "城市候车亭" if not wrong else "", 34, WHITE)
    c.rect(30, -230, 150, -60, GLASS, "across")
    c.rect(30, -70, 150, -56, (150, 110, 70), "down")
    t = c.at(262, 0, 1, 22 if wrong else 0)
    post(t, 0, -310, 0, 12, (150, 154, 158))
    board(
        t,
        -58,
        -350,
        58,
        -180,
        WHITE,
        lines=("公交", "1路 2路", "23路", "市民中心"),
        ink=(30, 84, 160),
        size=28,
    )
    if wrong:
        shards(c, 30, -230, 150, -70)
        shards(c, -198, -228, 12, -68)
        slips(c, -190, -220, 0, -80, 8, 17)


def house(
    c,
    wrong,
    word="公共厕所",
    colour=(206, 196, 180),
    doors=("男", "女"),
    roof=(120, 70, 56),
    damage="dirty",
):
    """A small public building with its name and doors."""
    c.soft(0, 4, 330, 26, strength=0.8)
    c.surface([(-270, -220), (270, -220), (270, 0), (-270, 0)], textures.wall("panel"), colour, 0.6)
    c.fill([(-310, -216), (310, -216), (240, -286), (-240, -286)], roof, "down")
    board(c, -140, -210, 140, -158, (30, 90, 150), lines=(word,), size=40)
    step = 540 / (len(doors) + 1)
    for i, door in enumerate(doors):
        x = -270 + step * (i + 1)
        broken = wrong and i == len(doors) - 1
        c.rect(x - 46, -146, x + 46, 0, (40, 44, 48))
        if broken:
            c.fill(
                [(x - 46, -140), (x + 8, -112), (x + 8, 14), (x - 46, 0)], (120, 130, 140), "across"
            )
        else:
            c.rect(x - 40, -140, x + 40, 0, (124, 140, 156), "across")
        c.words(x if not broken else x - 20, -100, door, 34, WHITE, limit=78)
    if wrong:
        for _ in range(9):
            c.soft(
                c.rng.uniform(-240, 240),
                c.rng.uniform(-180, -30),
                60,
                70,
                (84, 72, 56),
                0.75,
                "cloud",
            )
        slips(c, -250, -140, 250, -30, 16, 18)
        c.rough(90, 30, 190, 28, (110, 100, 78), "down", 0.15, 20)
        confetti(c, 0, 30, 300, 30, 60, ((236, 234, 226), (60, 110, 180), (120, 90, 60)), 8)


def canopy(c, wrong, word="加油站", sub="95#  92#", colour=(200, 40, 40)):
    """A filling station: canopy, pillars, pumps."""
    for x in (-190, 190):
        c.rect(x - 12, -250, x + 12, 0, (206, 208, 210), "round")
    c.fill([(-330, -320), (330, -320), (330, -252), (-330, -252)], colour, "down")
    c.rect(-330, -262, 330, -250, WHITE)
    c.words(0, -288, word, 50, WHITE)
    for x in (-100, 90):
        box(
            c,
            x - 40,
            -140,
            x + 40,
            0,
            (232, 234, 236) if not (wrong and x > 0) else (150, 140, 130),
            22,
        )
        c.rect(x - 30, -128, x + 30, -92, (24, 28, 34))
        c.words(
            x,
            -110,
            sub.split()[x > 0] if not (wrong and x > 0) else "故障",
            20,
            (90, 240, 120) if not wrong else (250, 80, 60),
        )
        c.line([(x + 40, -110), (x + 66, -50), (x + 44, -30)], (24, 24, 26), 6)
    board(
        c, -300, -150, -210, -80, (244, 206, 40), lines=("严禁", "烟火"), ink=(190, 20, 20), size=34
    )
    if wrong:
        c.rough(120, 30, 150, 28, (38, 34, 40), "down", 0.15, 18)
        for dx, hue in ((0, (90, 60, 120)), (12, (60, 110, 120)), (26, (140, 120, 60))):
            c.ring(110 + dx, 30, 90 - dx, 14 - dx / 4, hue, 4)
        tape(c, -30, -60, 260, -66)


def tanks(c, wrong, words=("重大危险源", "严禁烟火")):
    """Storage tanks behind a warning board."""
    for x, r in ((-170, 100), (60, 120)):
        c.soft(x, 0, r * 1.4, 18, strength=0.8)
        c.rect(x - r, -250, x + r, 0, (172, 178, 182) if not wrong else (166, 152, 136), "round")
        c.oval(x, -250, r, 24, (228, 230, 230), "across")
        c.line([(x + r * 0.7, -250), (x + r * 0.7, 0)], (120, 124, 128), 4)
        c.rect(x - r, -130, x + r, -112, (200, 40, 36), "round")
    c.rect(-330, -50, 330, -34, (238, 190, 40), "down")
    board(c, 150, -200, 330, -84, (246, 208, 40), lines=words, ink=(190, 20, 20), size=38)
    post(c, 240, -84, 0, 10, (150, 150, 150))
    if wrong:
        rust(c, -250, -230, 150, -30, 22, 26)
        c.rough(-40, 24, 200, 26, (58, 50, 40), "down", 0.15, 20)
        for _ in range(6):
            c.soft(
                -60 + c.rng.gauss(0, 40),
                -60 - c.rng.uniform(0, 120),
                60,
                46,
                (226, 224, 200),
                0.5,
                "cloud",
            )


def bottles(c, wrong):
    """Gas bottles at an LPG station."""
    house(c, False, "液化气站", (200, 196, 188), ("充装", "瓶库"), (90, 100, 120))
    spread = (-230, -150, -70, 60, 150, 230)
    for i, x in enumerate(spread):
        t = c.at(x, 40 + (i % 2) * 12, 0.9, 80 if wrong and i in (1, 4) else 0)
        t.soft(0, 0, 50, 10, strength=0.7)
        t.rect(-32, -100, 32, 0, (206, 210, 212) if not wrong else (150, 120, 96), "round")
        t.oval(0, -100, 32, 16, (214, 218, 220), "across")
        t.rect(-12, -126, 12, -108, (120, 124, 128), "round")
        t.words(0, -50, "液化气", 19, (190, 30, 30))
    board(c, -60, -130, 60, -60, (246, 208, 40), lines=("严禁烟火",), ink=(190, 20, 20), size=26)


def gateway(c, wrong, words="人防工事"):
    """The steel door of civil air-defence works in a concrete portal."""
    c.fill(
        [(-250, 0), (-250, -240), (-150, -330), (150, -330), (250, -240), (250, 0)],
        (150, 150, 144),
        "across",
    )
    c.words(0, -284, words, 46, (190, 30, 30))
    c.rect(-150, -240, 150, 0, (20, 22, 24))
    hue = (112, 96, 78) if wrong else (84, 112, 92)
    if wrong:
        c.fill([(-150, -240), (-60, -210), (-60, 30), (-150, 0)], hue, "across")
        c.rough(50, 10, 160, 30, (96, 108, 110), "down", 0.15, 20)
        confetti(c, 60, -10, 130, 36, 60, ((150, 140, 120), (90, 80, 70), (236, 234, 226)), 11)
        rust(c, -150, -220, -70, 0, 10, 16)
        slips(c, -240, -220, -170, -60, 5, 18)
    else:
        c.rect(-146, -236, 146, 0, hue, "across")
        for x in (-70, 70):
            c.ring(x, -120, 34, 34, (190, 196, 196), 8)
            c.line([(x - 34, -120), (x + 34, -120)], (190, 196, 196), 6)
            c.line([(x, -154), (x, -86)], (190, 196, 196), 6)
        c.line([(0, -236), (0, 0)], shade(hue, 0.5), 5)


def flood_wall(c, wrong, words="防汛墙"):
    """A concrete flood wall with a level gauge."""
    c.rect(-420, -150, 420, 0, (160, 158, 150), "down")
    c.rect(-420, -166, 420, -146, (190, 188, 180), "down")
    for x in (-280, -60, 160, 360):
        c.line([(x, -146), (x, 0)], (110, 108, 104), 3)
    c.words(-160, -80, words, 52, (190, 40, 36))
    c.rect(220, -146, 250, 0, WHITE)
    for i in range(10):
        c.rect(220, -146 + i * 15, 236 if i % 2 else 250, -139 + i * 15, (30, 70, 160))
    if wrong:
        c.fill([(-10, -170), (110, -170), (84, -60), (50, -30), (24, -66)], (92, 116, 120))
        cracks(c, 50, -40, 180, 9, (40, 40, 40), 0.8)
        for _ in range(8):
            c.rough(
                50 + c.rng.gauss(0, 70),
                16 + c.rng.uniform(-8, 20),
                34,
                20,
                (150, 148, 140),
                "down",
                0.3,
                8,
            )


def island(c, wrong, arrow=False):
    """A kerbed island on a crossing, with bollards and a keep-right sign."""
    for i in range(-5, 6):
        c.fill(
            [(i * 90 - 26, -80), (i * 90 + 20, -80), (i * 104 + 34, 110), (i * 104 - 26, 110)],
            (226, 224, 216),
        )
    c.soft(0, 40, 250, 40, strength=0.6)
    shape = (
        [(-210, 30), (-150, -40), (200, -56), (240, 10), (60, 70)]
        if arrow
        else [(-230, 20), (-190, -36), (190, -36), (230, 20), (190, 56), (-190, 56)]
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
    t.fill(
        [(-22, -232), (4, -220), (4, -232), (26, -208), (2, -194), (2, -206), (-26, -220)], WHITE
    )
    if wrong:
        c.rough(90, 40, 70, 26, (60, 56, 52), None, 0.3)
        confetti(c, 100, 70, 130, 30, 60, ((196, 190, 176), (120, 118, 112), (240, 190, 40)), 10)


def hoarding(c, wrong, words="文明施工 安全第一"):
    """A site hoarding: blue steel sheets, some torn down when wrong."""
    for i in range(-4, 4):
        x = i * 110
        t = c.at(x, 0, 1, 34 if wrong and i == 0 else 0)
        if wrong and i in (-1, 1):
            continue
        t.rect(0, -210, 108, 0, (48, 104, 168), "down")
        for k in range(1, 9):
            t.line([(k * 12, -206), (k * 12, -4)], (38, 84, 140), 3)
        t.rect(0, -222, 108, -208, (230, 232, 230))
        t.rect(0, -24, 108, 0, (240, 190, 40) if i % 2 else (40, 40, 42))
    if not wrong:
        c.words(0, -116, words, 52, WHITE, limit=680)
    else:
        c.words(-270, -116, "文明施工", 50, WHITE)
        for x in (-90, 60, 160):
            c.rough(x, -6, 90, 44, (140, 110, 82), "down", 0.25)
        c.at(150, 40, 1, 6).rect(-60, -40, 90, 20, (44, 96, 156), "down")


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
        t.fill([(60, -114), (240, -114), (240, 60), (150, -10), (110, -50)], (86, 84, 82), "down")
        for x in (90, 150, 210):
            t.line([(x, -114), (x, -20)], (150, 150, 150), 4)
        t.fill([(60, 40), (190, -4), (236, 190), (120, 210)], shade(colour, 0.8), "down")


def monument(c, wrong):
    """A sculpture on a plinth: rings round a ball; defaced when wrong."""
    box(c, -120, -70, 120, 0, (170, 166, 160), 34)
    c.words(0, -36, "和谐", 40, (120, 96, 40))
    t = c.at(0, -70, 1, 18 if wrong else 0)
    hue = (150, 96, 60)
    t.fill([(-50, 0), (50, 0), (20, -90), (-20, -90)], hue, "across")
    for a in (-38, 20):
        r = t.at(0, -170, 1, a)
        r.ring(0, 0, 118, 48, (176, 116, 70), 13)
        r.ring(0, 0, 118, 48, (224, 170, 110), 4)
    t.oval(0, -170, 56, 56, (190, 130, 80), "round")
    if wrong:
        slips(c, -110, -64, 110, -8, 8, 17)
        t.line([(-50, -200), (-10, -150), (40, -200), (50, -140)], (220, 30, 90), 8)
        t.words(0, -120, "到此一游", 38, (30, 60, 200))
        t.rough(70, -120, 30, 34, (40, 36, 34), None, 0.4)


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
    roof = [
        (-290, -196),
        (-200, -226),
        (-60, -300),
        (0, -330),
        (60, -300),
        (200, -226),
        (290, -196),
        (200, -206),
        (-200, -206),
    ]
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
        t.line(
            [(-24, 0), (-24, -96), (-12, -120), (12, -120), (24, -96), (24, 0)], (200, 204, 208), 9
        )
    c.rect(-300, -6, 300, 8, (150, 154, 158), "down")
    board(c, 190, -250, 320, -180, (30, 84, 160), lines=("存车处",), size=34)
    post(c, 255, -180, 0, 10, (150, 154, 158))
    if wrong:
        rust(c, -260, -110, 120, 0, 14, 13)


def station(c, wrong, words=("空气质量", "监测站"), mast=True):
    """A monitoring station: white hut, mast with vane, fence."""
    if mast:
        t = c.at(150, 0, 1, 16 if wrong else 0)
        post(t, 0, -400, 0, 12, (206, 208, 210))
        t.rect(-60, -380, 60, -372, (206, 208, 210))
        for x in (-60, -20):
            t.oval(x, -388, 13, 9, (40, 42, 46))
        t.fill([(30, -400), (84, -388), (84, -412)], (206, 60, 40))
        t.rect(-26, -300, 26, -220, WHITE, "across")
        for y in range(-296, -224, 14):
            t.rect(-26, y, 26, y + 5, (170, 172, 174))
    box(c, -190, -210, 60, 0, (228, 230, 230) if not wrong else (186, 180, 168), 44)
    c.rect(-190, -210, 60, -150, (30, 120, 150))
    for i, word in enumerate(words):
        c.words(-65, -195 + i * 30, word, 27, WHITE)
    c.rect(-160, -130, -90, 0, (140, 150, 160), "across")
    c.rect(-60, -120, 30, -60, (24, 30, 36))
    c.words(
        -15,
        -90,
        "PM2.5 31" if not wrong else "离线",
        22,
        (90, 240, 120) if not wrong else (250, 80, 60),
        limit=84,
    )
    if wrong:
        rust(c, -180, -140, 40, -10, 12, 16)
        slips(c, -160, -120, -90, -20, 6, 17)


def outfall(c, wrong, words=("排污口", "监测点 03")):
    """A pipe mouth in the embankment with its sign; running black when wrong."""
    c.fill([(-420, -200), (420, -200), (420, 20), (-420, 20)], (150, 148, 138), "down")
    c.oval(0, -110, 82, 78, (120, 118, 112), "across")
    c.oval(0, -106, 62, 60, (22, 22, 24))
    flow = (46, 42, 34) if wrong else (150, 180, 186)
    c.fill([(-50, -70), (50, -70), (86, 40), (-86, 40)], flow, "across")
    c.rough(0, 50, 300 if wrong else 160, 40, flow, "down", 0.12, 24)
    board(c, 100, -190, 250, -100, WHITE, lines=words, ink=(30, 84, 160), size=34)
    if wrong:
        for _ in range(40):
            c.soft(c.rng.gauss(0, 130), 54 + c.rng.gauss(0, 12), 24, 9, (214, 206, 180), 0.8)


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


def quay(c, wrong, words=("水深危险", "禁止游泳")):
    """Bank furniture: a lifebuoy on its stand, mooring posts and a board."""
    post(c, -150, -230, 0, 14, (206, 208, 210))
    t = c.at(-150, -150, 1, 0)
    if wrong:
        t = c.at(-60, 20, 1, 40, squash=0.5)
    for i in range(8):
        t.ring(0, 0, 54, 54, (236, 90, 40) if i % 2 else WHITE, 24, (i / 8, (i + 1) / 8))
    c.words(-150, -250, "救生圈", 30, (206, 50, 36))
    for x in (20, 290):
        post(c, x, -70, 0, 44, (60, 62, 66))
        c.oval(x, -72, 34, 13, (80, 82, 86), "across")
    t = c.at(160, 0, 1, 28 if wrong else 0)
    post(t, 0, -150, 0, 12, (150, 154, 158))
    board(t, -80, -260, 80, -150, (246, 246, 240), lines=words, ink=(200, 30, 30), size=40)
    if wrong:
        rust(t, -70, -250, 70, -160, 8, 16)


def harbour(c, wrong):
    """A harbour light with its board."""
    t = c.at(-60, 0, 1, 12 if wrong else 0)
    for i in range(5):
        w0, w1 = 60 - i * 7, 60 - (i + 1) * 7
        t.fill(
            [(-w0, -i * 60), (w0, -i * 60), (w1, -(i + 1) * 60), (-w1, -(i + 1) * 60)],
            (206, 44, 38) if i % 2 == 0 else WHITE,
            "across",
        )
    t.rect(-36, -312, 36, -300, (60, 62, 66))
    t.rect(-20, -346, 20, -312, (40, 44, 50) if wrong else (255, 246, 190), "round")
    t.fill([(-30, -346), (30, -346), (0, -372)], (206, 44, 38), "across")
    if not wrong:
        t.soft(0, -330, 120, 80, (255, 244, 180), 0.8)
    board(c, 80, -230, 270, -120, (30, 84, 160), lines=("港监设施", "航标 07"), size=40)
    post(c, 175, -120, 0, 12, (150, 154, 158))
    if wrong:
        rust(t, -50, -280, 50, -20, 12, 18)


def embankment(c, wrong):
    """A stone river bank, slumped or whole."""
    c.fill([(-420, -120), (420, -120), (420, 60), (-420, 60)], (156, 150, 138), "down")
    for row in range(5):
        for i in range(-7, 8):
            x, y = i * 62 + (row % 2) * 31, -104 + row * 34
            c.rough(x, y, 28, 15, shade((166, 160, 148), c.rng.uniform(0.8, 1.15)), "down", 0.12, 9)
    if wrong:
        c.rough(20, -20, 170, 76, (112, 84, 58), "down", 0.2, 18)
        for _ in range(16):
            c.rough(
                20 + c.rng.gauss(0, 110),
                60 + c.rng.gauss(0, 22),
                30,
                18,
                (150, 144, 132),
                "down",
                0.25,
                9,
            )
        cracks(c, 170, -80, 120, 6)


def hoarding_done(c, wrong):
    """A site entrance in order: hoarding either side of a gate with its name."""
    del wrong
    hoarding(c.at(-330, 0), False, "文明施工")
    hoarding(c.at(560, 0), False, "安全第一")
    board(c, 108, -330, 122, -222, (230, 232, 230))
    board(c, -60, -330, 240, -250, (48, 104, 168), lines=("工地出入口",), size=54)
    c.rect(110, -222, 140, 0, (206, 208, 210), "round")


def gas_break(c, wrong):
    """A yellow gas main, broken open and hissing, taped off."""
    if not wrong:
        return
    hue = (238, 190, 40)
    c.at(-40, -6, 1, 7).rect(-230, -26, 30, 26, hue, "down")
    c.at(90, -4, 1, -9).rect(-20, -26, 210, 26, hue, "down")
    c.rough(10, -8, 42, 36, (26, 24, 22), None, 0.5)
    c.words(-150, -24, "燃气", 32, (190, 30, 30))
    for _ in range(22):
        t = c.rng.random()
        c.soft(
            10 + 60 * t + c.rng.gauss(0, 16 + 34 * t),
            -30 - 210 * t,
            34 + 50 * t,
            40 + 40 * t,
            (240, 240, 226),
            0.5,
            "cloud",
        )
    tape(c, -220, -90, 240, -96)
