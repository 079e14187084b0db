"""Building sites: diggers, hoardings, roadworks, a broken main."""

from .canvas import outline, shade
from .marks import board, post, tape
from .traffic import person

WHITE = (244, 244, 240)


def _digger(c):
    c.soft(0, 4, 190, 20, strength=0.8)
    hue = (240, 176, 40)
    c.rough(0, -22, 130, 24, (40, 40, 42), "down", 0.03, 18)
    c.rect(-110, -120, 60, -42, hue, "down")
    c.rect(-20, -190, 60, -110, hue, "across")
    c.rect(-8, -180, 48, -124, (60, 76, 86), "across")
    c.line([(50, -110), (150, -230), (240, -140)], shade(hue, 0.9), 24)
    c.fill(outline("214,-150 266,-150 270,-80 230,-60 200,-96"), (70, 70, 74), "down")


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
