"""Bridges and small buildings."""

from . import textures
from .canvas import outline, shade
from .marks import board, box, confetti, cracks, post, rust, shards, slips, tape

WHITE, GLASS = (244, 244, 240), (120, 146, 158)


def deck(c, wrong, kind="overpass"):
    """A bridge over the road: footbridge with stairs, flyover on piers, arch over water."""
    hue = (160, 158, 152) if wrong else (196, 194, 188)
    if kind == "arch":
        c.fill(outline("-420,-170 0,-226 420,-170 420,-20 -420,-20"), hue, "down")
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
            _stairs(c, hue)
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


def _stairs(c, hue):
    """The stairs and the name of a footbridge."""
    c.fill(outline("250,-262 300,-262 460,0 400,0"), shade(hue, 0.8), "down")
    for i in range(12):
        x, y = 256 + 12.5 * i, -250 + 20.8 * i
        c.line([(x, y), (x + 56, y)], shade(hue, 0.5), 3)
    c.words(-20, -242, "过街天桥", 28, (60, 60, 64))


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
    c.fill(outline("-250,-252 196,-252 214,-276 -270,-276"), (54, 90, 140), "down")
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
    c, wrong, word="公共厕所", colour=(206, 196, 180), doors=("男", "女"), roof=(120, 70, 56)
):
    """A small public building with its name and doors."""
    c.soft(0, 4, 330, 26, strength=0.8)
    c.surface(outline("-270,-220 270,-220 270,0 -270,0"), textures.wall("panel"), colour, 0.6)
    c.fill(outline("-310,-216 310,-216 240,-286 -240,-286"), roof, "down")
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
    c.fill(outline("-330,-320 330,-320 330,-252 -330,-252"), colour, "down")
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
    board(c, 20, -200, 200, -84, (246, 208, 40), lines=words, ink=(190, 20, 20), size=38)
    post(c, 110, -84, 10, 10, (150, 150, 150))
    if wrong:
        rust(c, -250, -230, 0, -30, 18, 26)
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
        outline("-250,0 -250,-240 -150,-330 150,-330 250,-240 250,0"),
        (150, 150, 144),
        "across",
    )
    c.words(0, -284, words, 46, (190, 30, 30))
    c.rect(-150, -240, 150, 0, (20, 22, 24))
    hue = (112, 96, 78) if wrong else (84, 112, 92)
    if wrong:
        c.fill(outline("-150,-240 -60,-210 -60,30 -150,0"), hue, "across")
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
