"""Things on the bank: outfall, lifebuoy, light, embankment, flood wall."""

from .canvas import outline, shade
from .marks import board, cracks, post, rust

WHITE = (244, 244, 240)


def outfall(c, wrong, words=("排污口", "监测点 03")):
    """A pipe mouth in the embankment with its sign; running black when wrong."""
    c.fill(outline("-420,-200 420,-200 420,20 -420,20"), (150, 148, 138), "down")
    c.oval(0, -110, 82, 78, (120, 118, 112), "across")
    c.oval(0, -106, 62, 60, (22, 22, 24))
    flow = (46, 42, 34) if wrong else (150, 180, 186)
    c.fill(outline("-50,-70 50,-70 86,40 -86,40"), flow, "across")
    c.rough(0, 50, 300 if wrong else 160, 40, flow, "down", 0.12, 24)
    board(c, 100, -190, 250, -100, WHITE, lines=words, ink=(30, 84, 160), size=34)
    if wrong:
        for _ in range(40):
            c.soft(c.rng.gauss(0, 130), 54 + c.rng.gauss(0, 12), 24, 9, (214, 206, 180), 0.8)


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
    c.fill(outline("-420,-120 420,-120 420,60 -420,60"), (156, 150, 138), "down")
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
        c.fill(outline("-10,-170 110,-170 84,-60 50,-30 24,-66"), (92, 116, 120))
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
