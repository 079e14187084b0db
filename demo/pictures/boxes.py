"""Street furniture that is a box, a booth or a small machine."""

from .canvas import outline, shade
from .marks import board, box, confetti, cracks, post, rust, shards, slips

GLASS, DARK, WHITE = (132, 156, 168), (50, 54, 60), (244, 244, 240)


def cabinet(
    c, wrong, word="通信", colour=(176, 184, 180), wide=170, tall=230, warning=None, mark=None
):
    """A metal cabinet with double doors: one torn open and pasted over when wrong."""
    w, h = wide / 2, tall
    c.rect(-w - 12, -16, w + 12, 4, (150, 148, 142), "down")
    box(c, -w, -h, w, -14, colour, 34)
    c.line([(0, -h + 10), (0, -20)], shade(colour, 0.5), 3)
    for side in (-1, 1):
        c.rect(side * w * 0.5 - w * 0.34, -58, side * w * 0.5 + w * 0.34, -54, shade(colour, 0.6))
        c.rect(side * w * 0.5 - w * 0.34, -46, side * w * 0.5 + w * 0.34, -42, shade(colour, 0.6))
    if wrong:
        _torn_open(c, w, h, colour)
    else:
        c.oval(8, -h * 0.5, 5, 9, DARK)
    c.words(
        -w * 0.5 if wrong else 0,
        -h * 0.82,
        word,
        min(34, h * 0.16),
        (28, 60, 120),
        limit=w * (0.9 if wrong else 1.7),
    )
    if warning:
        x = -w * 0.5
        c.fill([(x - 30, -h * 0.4), (x + 30, -h * 0.4), (x, -h * 0.64)], (246, 208, 40))
        flash = c.at(x, -h * 0.51)
        flash.fill(outline("5,-21 -9,2 0,2 -5,20 10,-5 1,-5"), (20, 20, 20))
        c.words(x, -h * 0.34, warning, 15, (190, 30, 30), limit=w * 0.9)
    if mark:
        c.words(0, -h * 0.66, mark, 20, (190, 40, 40), limit=w * 1.6)


def _torn_open(c, w, h, colour):
    """One door of a cabinet hangs open on a tangle of wires."""
    c.rect(4, -h + 10, w - 6, -22, (26, 26, 28))
    for i in range(8):
        x = 12 + i * (w - 26) / 8
        hue = c.rng.choice(((190, 50, 40), (50, 90, 180), (220, 190, 60), (60, 140, 80)))
        c.line([(x, -h + 20), (x + 8, -h * 0.5), (x - 4 + c.rng.uniform(-14, 14), -30)], hue, 3)
    door = [(w - 6, -h + 8), (w + 62, -h + 30), (w + 62, 8), (w - 6, -20)]
    c.fill(door, shade(colour, 0.8), "across")
    slips(c, -w * 0.8, -h * 0.6, -w * 0.2, -40, 6, 15)
    rust(c, -w, -70, -10, -20, 5, 12)


def booth(c, wrong, word="岗亭", colour=(52, 96, 160), wide=220, goods=None, sub=None):
    """A booth or kiosk with windows, a roof and its name: broken panes and slips when wrong."""
    w = wide / 2
    box(c, -w, -260, w, 0, shade(colour, 0.95), 46)
    roof = [(-w - 22, -260), (w + 22, -260), (w + 6, -286), (-w - 6, -286)]
    c.fill(roof, shade(colour, 0.7), "down")
    c.rect(-w + 8, -252, w - 8, -208, (120, 116, 110) if wrong else shade(colour, 0.75))
    c.words(0, -230, word, 32, WHITE, limit=wide * 0.82)
    c.rect(-w + 14, -196, w - 14, -94, (34, 40, 46))
    if wrong:
        shards(c, -w + 14, -196, 0, -94)
        c.rect(4, -196, w - 14, -94, (88, 96, 100))
        slips(c, -w * 0.8, -78, w * 0.8, -20, 12, 17)
        confetti(c, 0, 20, 190, 20, 30, ((220, 230, 236), (180, 200, 210)), 6)
    elif goods:
        _shelves(c, w, goods)
    else:
        c.fill([(-w + 14, -196), (w - 14, -196), (-w + 40, -94), (-w + 14, -94)], GLASS)
        c.fill([(w * 0.2, -196), (w - 14, -196), (w * 0.3, -94)], shade(GLASS, 0.8))
    c.rect(-3, -196, 3, -94, shade(colour, 0.8))
    c.rect(-w - 8, -94, w + 8, -80, shade(colour, 1.3), "down")
    if sub:
        c.words(0, -42, sub, 26, shade(WHITE, 0.9), limit=wide * 0.8)


def _shelves(c, w, goods):
    """Goods in a kiosk's window."""
    for row in range(3):
        for i in range(int((2 * w - 44) // 22)):
            x, y = -w + 20 + i * 22, -190 + row * 20
            c.rect(x, y, x + 17, y + 26, c.rng.choice(goods), "down")


def vending(c, wrong):
    """A vending machine: rows of bottles, or a smashed dark front."""
    hue = (196, 44, 48)
    box(c, -100, -300, 100, 0, hue, 50)
    c.words(0, -278, "自动售货机", 30, WHITE, limit=180)
    c.rect(-86, -256, 40, -70, (26, 28, 32) if wrong else (236, 242, 246))
    for row in range(4):
        for i in range(5):
            if wrong and c.rng.random() < 0.75:
                continue
            x, y = -80 + i * 24, -250 + row * 46
            c.rect(
                x + 2,
                y + 8,
                x + 16,
                y + 38,
                c.rng.choice(((220, 60, 50), (60, 140, 70), (240, 180, 40), (50, 100, 190))),
                "round",
            )
            c.rect(x + 6, y, x + 12, y + 8, WHITE)
    c.rect(52, -220, 88, -150, (30, 34, 40))
    c.rect(54, -130, 86, -110, (70, 74, 78))
    c.rect(-80, -52, 40, -18, (30, 30, 32))
    if wrong:
        shards(c, -86, -256, 40, -70)
        board(c, 46, -214, 94, -160, WHITE, lines=("故障", "停用"), ink=(190, 30, 30), size=20)
        slips(c, 50, -100, 90, -20, 4, 13)


def phone_booth(c, wrong):
    """A telephone booth; the handset dangles from a broken one."""
    post(c, 0, -140, 0, 30, (120, 124, 128))
    c.fill(outline("-92,-300 92,-300 92,-130 -92,-130"), (222, 120, 40), "across")
    c.rect(-78, -286, 78, -140, (170, 186, 192) if not wrong else (96, 100, 102), "across")
    c.fill(outline("-104,-300 104,-300 80,-340 -80,-340"), (206, 92, 30), "down")
    c.words(0, -320, "公用电话", 27, WHITE)
    c.rect(-34, -270, 40, -160, (60, 66, 76), "across")
    c.rect(-20, -258, 26, -236, (130, 150, 120))
    for i in range(12):
        c.rect(
            -18 + i % 3 * 16,
            -226 + i // 3 * 14,
            -8 + i % 3 * 16,
            -217 + i // 3 * 14,
            (200, 200, 200),
        )
    if wrong:
        c.line(outline("-50,-230 -66,-170 -50,-120 -60,-70"), (24, 24, 24), 4)
        c.rect(-70, -74, -50, -16, (30, 30, 34), "round")
        slips(c, -70, -280, 70, -150, 7, 15)
        shards(c, 30, -280, 90, -150)
    else:
        c.rect(-62, -262, -44, -180, (30, 30, 34), "round")


def post_box(c, wrong):
    """A green post box."""
    c = c.at(0, 0, 1, 14 if wrong else 0)
    hue = (34, 110, 70)
    c.soft(-20 * c.sun, 0, 110, 16, strength=0.7)
    c.rect(-56, -26, 56, 0, shade(hue, 0.6), "round")
    c.rect(-74, -240, 74, -22, hue, "round")
    c.oval(0, -240, 78, 26, shade(hue, 1.25), "down")
    c.rect(-48, -214, 48, -200, (16, 20, 18))
    c.words(0, -170, "中国邮政", 28, (246, 216, 90), limit=128)
    c.words(0, -136, "POST", 26, (246, 216, 90))
    c.rect(-38, -110, 38, -42, (26, 28, 28) if wrong else shade(hue, 0.8))
    if wrong:
        c.fill(outline("38,-110 92,-98 92,-30 38,-42"), shade(hue, 1.1))
        confetti(c, 30, 12, 80, 20, 12, ((240, 238, 230), (230, 220, 190)), 14)
        rust(c, -60, -220, 60, -40, 9, 14)
        slips(c, -50, -190, 50, -120, 4, 15)


def charger(c, wrong):
    """A charging pile with a bay behind."""
    board(c, 110, -230, 240, -150, (30, 140, 90), lines=("充电站", "EV"), size=30)
    post(c, 175, -150, 0, 12, (150, 154, 158))
    box(c, -66, -250, 66, 0, (232, 236, 238), 36)
    c.rect(-66, -250, 66, -200, (30, 150, 96), "across")
    c.words(0, -225, "充电桩", 30, WHITE)
    c.rect(-42, -190, 42, -130, (20, 24, 30) if wrong else (70, 150, 220))
    c.words(0, -160, "故障" if wrong else "空闲中", 22, (220, 50, 50) if wrong else WHITE)
    c.rect(40, -116, 60, -70, DARK)
    cable = (
        outline("50,-80 104,-30 84,8 40,14") if wrong else outline("50,-80 112,-26 74,-10 52,-112")
    )
    c.line(cable, (24, 24, 26), 8)
    if wrong:
        c.rect(10, 4, 48, 26, (30, 34, 40), "down")
        cracks(c, 0, -160, 50, 7, (190, 200, 210), 1)
        slips(c, -54, -110, 20, -20, 5, 15)


def hydrant(c, wrong):
    """A fire hydrant with its sign; leaking and leaning when wrong."""
    board(c, 90, -250, 200, -170, (206, 36, 34), lines=("消火栓", "119"), size=32)
    post(c, 145, -168, 0, 10, (150, 154, 158))
    if wrong:
        c.rough(20, 30, 190, 34, (110, 124, 134), "down", 0.15, 20)
    t = c.at(0, 0, 1.1, -16 if wrong else 0)
    hue = (176, 60, 44) if wrong else (212, 36, 34)
    t.soft(0, 0, 80, 12, strength=0.7)
    t.rect(-46, -16, 46, 0, shade(hue, 0.7), "round")
    t.rect(-32, -150, 32, -14, hue, "round")
    t.oval(0, -152, 42, 14, shade(hue, 1.1), "across")
    t.oval(0, -164, 32, 22, hue, "across")
    t.rect(-9, -196, 9, -178, shade(hue, 0.8), "round")
    for side in (-1, 1):
        t.rect(
            min(side * 30, side * 62),
            -118,
            max(side * 30, side * 62),
            -84,
            shade(hue, 0.85),
            "down",
        )
        t.rect(
            min(side * 56, side * 68), -122, max(side * 56, side * 68), -80, (196, 190, 120), "down"
        )
    if wrong:
        rust(t, -30, -150, 30, -20, 8, 13)
        for i in range(16):
            c.line(
                [(70, -90), (90 + i * 7, -80 + i * 7 + c.rng.uniform(0, 22))], (214, 228, 236), 3
            )


def dispenser(c, wrong):
    """A public drinking-water dispenser."""
    box(c, -62, -220, 62, 0, (196, 204, 208), 36)
    c.rect(-62, -220, 62, -176, (40, 120, 190))
    c.words(0, -198, "直饮水", 30, WHITE)
    c.rect(-46, -166, 46, -90, (120, 126, 130), "down")
    for x in (-22, 22):
        c.line([(x, -160), (x, -140), (x + 12, -130)], (230, 232, 234), 7)
    c.rect(-52, -92, 52, -78, (160, 166, 170), "down")
    if wrong:
        c.rough(0, 26, 150, 26, (110, 130, 144), "down", 0.2, 18)
        for x in (-14, 30, 44):
            c.line([(x, -86), (x + 2, 8)], (214, 226, 236), 5)
        board(c, -40, -70, 40, -26, WHITE, lines=("停水", "维修"), ink=(190, 30, 30))
        rust(c, -50, -160, 50, -20, 7, 13)


def bins(c, wrong):
    """Litter bins: overflowing and one overturned, or tidy with lids shut."""
    hues = (
        ((96, 100, 106), "其他垃圾"),
        (((30, 86, 170)), "可回收物"),
        ((38, 126, 66), "厨余垃圾"),
    )
    for i, (hue, word) in enumerate(hues):
        x = (i - 1) * 158
        t = c.at(x, 0, 1, 76 if wrong and i == 2 else 0)
        t.soft(-14 * c.sun, 0, 96, 14, strength=0.75)
        t.fill(outline("-64,-208 64,-208 50,-8 -50,-8"), hue, "across")
        if not (wrong and i < 2):
            t.fill(
                outline("-74,-208 74,-208 64,-236 0,-246 -64,-236"),
                shade(hue, 1.1),
                "down",
            )
        else:
            t.rect(-64, -218, 64, -204, (20, 20, 22))
            for dx in (-38, 0, 36):
                t.rough(
                    dx,
                    -226,
                    40,
                    34,
                    c.rng.choice(((34, 34, 38), (206, 206, 200), (130, 110, 70))),
                    "down",
                    0.25,
                )
        t.rect(-38, -150, 38, -66, WHITE)
        t.fill([(-17, -84), (17, -84), (0, -114)], (50, 54, 58))
        t.words(0, -132, word, 18, (40, 44, 48), limit=70)
        for side in (-1, 1):
            t.oval(side * 42, -4, 12, 12, (22, 22, 24))


def bench(c, wrong):
    """A street bench of slats; slats broken when wrong."""
    for x in (-150, 150):
        c.fill([(x - 12, -110), (x + 6, -112), (x + 14, 0), (x - 4, 0)], (56, 58, 62), "across")
        c.rect(x - 26, -70, x + 26, -58, (56, 58, 62))
        c.soft(x, 2, 60, 12, strength=0.6)
    wood = (158, 104, 62)
    for i, y in enumerate((-176, -150, -124, -78, -62)):
        if wrong and i in (1, 3):
            c.at(-180, y, 1, 6).rect(0, 0, 130, 18, wood, "down")
            c.at(60, y, 1, 24).rect(0, 0, 110, 18, wood, "down")
        else:
            c.rect(-190, y, 190, y + 19, shade(wood, c.rng.uniform(0.85, 1.15)), "down")
    for x in (-150, 150):
        c.line([(x, -180), (x, -60)], (56, 58, 62), 10)
    if wrong:
        c.at(20, 20, 1, -14).rect(-80, -8, 80, 10, wood, "down")


def planter(c, wrong):
    """A flower box: dead stems and litter, or in bloom."""
    for x in (-130, 130):
        if wrong:
            for _ in range(12):
                px = x + c.rng.uniform(-80, 80)
                c.line(
                    [(px, -90), (px + c.rng.uniform(-26, 26), -150 + c.rng.uniform(-20, 30))],
                    (122, 96, 58),
                    3,
                )
        else:
            c.leaves(x, -128, 96, 52, (80, 130, 60))
            for _ in range(46):
                px, py = x + c.rng.gauss(0, 44), -130 + c.rng.gauss(0, 22)
                c.oval(
                    px,
                    py,
                    8,
                    8,
                    c.rng.choice(((226, 60, 90), (250, 200, 60), (240, 240, 240), (190, 70, 190))),
                )
        t = c.at(x, 0, 1, 12 if wrong and x > 0 else 0)
        t.soft(0, 0, 120, 16, strength=0.7)
        t.fill(outline("-104,-100 104,-100 84,0 -84,0"), (170, 128, 96), "across")
        t.rect(-112, -108, 112, -88, (188, 146, 112), "down")
        if wrong:
            cracks(t, 20, -50, 70, 6, (60, 44, 34), 1)
    if wrong:
        confetti(c, 60, 16, 180, 30, 60, ((110, 80, 54), (90, 66, 46), (230, 230, 220)), 8)


def notice(c, wrong, title="宣传栏"):
    """A glazed notice board with posters; broken and plastered over when wrong."""
    for x in (-190, 190):
        post(c, x, -270, 0, 18, (150, 40, 36))
    c.fill(outline("-230,-270 230,-270 200,-304 -200,-304"), (160, 44, 40), "down")
    c.words(0, -286, title, 26, (250, 230, 170))
    c.rect(-196, -262, 196, -70, (206, 208, 206))
    for i in range(4):
        x = -186 + i * 94
        c.rect(
            x, -254, x + 86, -80, c.rng.choice(((232, 236, 240), (246, 232, 214), (222, 236, 222)))
        )
        c.rect(x, -254, x + 86, -226, c.rng.choice(((190, 40, 40), (40, 90, 160), (50, 130, 80))))
        c.words(
            x + 43, -240, c.rng.choice(("文明", "公告", "健康", "安全", "法治", "通知")), 18, WHITE
        )
        for row in range(9):
            c.rect(
                x + 8, -216 + row * 14, x + c.rng.uniform(50, 78), -211 + row * 14, (130, 130, 130)
            )
    if wrong:
        slips(c, -180, -240, 180, -90, 22, 18)
        shards(c, 20, -254, 190, -80)
        c.at(-120, -70, 1, 20).rect(0, 0, 86, 90, (224, 220, 206), "down")


def barrels(c, wrong):
    """Yellow crash barrels in a row; one burst and lying down when wrong."""
    for i in range(3):
        down = wrong and i == 1
        t = c.at((i - 1) * 150, -10 * (i == 1), 1, 84 if down else 0)
        t.soft(0, 0, 84, 14, strength=0.7)
        t.rect(-58, -170, 58, 0, (246, 196, 30), "round")
        t.oval(0, -170, 58, 17, (250, 214, 80), "across")
        for y in (-136, -76):
            t.rect(-58, y, 58, y + 30, (30, 30, 32) if i % 2 else (240, 240, 238), "round")
        t.words(0, -96, "防撞桶", 22, (30, 30, 32), limit=90)
        if down:
            t.rough(0, -60, 38, 34, (26, 22, 18), None, 0.5)
            c.rough(90, 20, 110, 24, (206, 182, 130), "down", 0.2)


def gas_pipe(c, wrong):
    """Yellow gas pipes climbing a wall, with valves."""
    hue = (150, 100, 40) if wrong else (238, 190, 40)
    for x in (-90, 70):
        c.rect(x - 12, -380, x + 12, 0, hue, "round")
        for y in (-300, -120):
            c.rect(x - 20, y, x + 20, y + 12, (120, 122, 126))
    c.rect(-90, -216, 330, -194, hue, "down")
    c.oval(-90, -205, 26, 26, (190, 40, 36), "across")
    c.line([(-124, -205), (-56, -205)], (190, 40, 36), 9)
    board(c, -10, -180, 130, -130, (246, 210, 40), lines=("燃气管道",), ink=(190, 30, 30), size=26)
    if wrong:
        rust(c, -110, -360, 100, -20, 18, 18)
        c.at(70, -60, 1, 20).rect(-12, -60, 12, 60, (120, 74, 34), "round")
        for _ in range(8):
            c.soft(
                90 + c.rng.uniform(0, 80), -100 + c.rng.gauss(0, 24), 46, 34, (236, 238, 240), 0.6
            )


def meter(c, wrong):
    """A parking meter."""
    t = c.at(0, 0, 1.15, 24 if wrong else 0)
    post(t, 0, -170, 0, 20, (120, 124, 130))
    t.rect(-44, -280, 44, -160, (60, 84, 130), "round")
    t.oval(0, -280, 44, 30, (70, 96, 146), "across")
    t.rect(-28, -280, 28, -236, (24, 28, 30) if wrong else (150, 176, 140))
    t.words(0, -258, "--" if wrong else "02:00", 18, (30, 40, 30))
    t.words(0, -214, "停车咪表", 20, WHITE, limit=80)
    t.rect(-12, -196, 12, -190, (14, 14, 16))
    if wrong:
        slips(t, -30, -200, 30, -150, 3, 13)
        cracks(t, 0, -258, 40, 6, (200, 206, 210), 1)
    c.words(200, 30, "P", 70, (226, 226, 222))
