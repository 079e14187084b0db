"""Recipes for the component subclasses: the thing out of order before, in order after."""

from . import (
    boxes,
    digs,
    ground_things,
    mess,
    nature,
    places,
    posts,
    structures,
    traffic,
    waterside,
)
from .hues import CLOTHES, GOODS
from .recipes import Item, one, several

OPEN = "roadside pavement plaza"
GREEN, YELLOW = (36, 116, 70), (244, 200, 40)


def _cover(word, **options):
    return one("floor", ground_things.cover, 0.95, word=word, **options)


def _cabinet(word, scenes=OPEN, **options):
    return one(scenes, boxes.cabinet, 1.0, word=word, **options)


def _booth(word, colour, scenes=OPEN, **options):
    return one(scenes, boxes.booth, 1.0, word=word, colour=colour, **options)


UTILITIES = {
    "01": _cover("上水"),
    "02": _cover("污水"),
    "03": _cover("雨水"),
    "04": one("floor", ground_things.grate, 1.0),
    "05": _cover("电力", square=True),
    "06": _cover("路灯", square=True),
    "07": _cover("通信", square=True),
    "08": _cover("电视", square=True),
    "09": _cover("网络", square=True),
    "10": _cover("热力"),
    "11": _cover("燃气", colour=(150, 126, 50)),
    "12": _cover("公安", square=True),
    "14": _cover("园林", colour=(70, 98, 70)),
    "18": _cover("化粪池", square=True),
    "23": _cover(""),
    "24": one(OPEN, boxes.hydrant, 0.95),
    "25": one("plaza park roadside", boxes.dispenser, 1.0),
    "26": one("floor", ground_things.trench, 0.9),
    "27": _cabinet("通信交接箱", colour=(168, 180, 176)),
    "28": _cabinet("电力设施", colour=(90, 120, 100), warning="有电危险"),
    "29": one(
        OPEN,
        posts.sign,
        1.0,
        lines=("高压电缆", "禁止开挖"),
        colour=YELLOW,
        ink=(190, 20, 20),
        wide=210,
        tall=120,
        height=260,
        legs=2,
    ),
    "30": one("roadside plaza", posts.pole, 0.74),
    "31": one("roadside plaza", posts.pole, 0.74, word="通信", arms=1),
    "37": one("roadside plaza", posts.lamp, 0.64),
    "38": one("floor", posts.low_lamp, 1.1),
    "39": one("park plaza", posts.low_lamp, 1.0, kind="garden"),
    "40": _booth("报刊亭", (44, 110, 80), goods=CLOTHES),
    "41": one(OPEN, boxes.phone_booth, 0.95),
    "42": one(OPEN, boxes.post_box, 1.0),
    "43": _booth("信息亭", (40, 110, 190), wide=170, sub="便民查询"),
    "44": _booth("售货亭", (214, 110, 40), goods=GOODS, sub="冷饮 小吃"),
    "45": one("plaza pavement", boxes.vending, 0.95),
    "46": one("park plaza", places.fitness, 0.9),
    "47": one("park roadside", posts.lattice, 0.85),
    "48": _cabinet("变压器", colour=(84, 116, 96), wide=230, warning="高压危险", mark="10kV"),
    "49": _cabinet("燃气调压箱", colour=(226, 180, 50), warning="严禁烟火"),
    "50": one("roadside plaza pavement", posts.camera, 0.85),
    "51": _booth("治安岗亭", (36, 70, 140), sub="POLICE"),
    "52": one("park plaza", places.pavilion, 0.9),
    "54": one("roadside plaza", boxes.charger, 1.0),
    "57": one("frontage flats", boxes.gas_pipe, 0.85, dy=-30),
    "90": _cover("中水", colour=(70, 96, 120)),
    "91": _cover("公交", square=True),
    "92": _cover("输油", colour=(120, 84, 60)),
    "93": _cover("特种", square=True),
    "94": one("park plaza", places.well, 1.0),
    "95": one("roadside", posts.pole, 0.74, word="交通", arms=0, colour=(206, 208, 210)),
    "96": one("roadside plaza", posts.pole, 0.74, word="市政", arms=0, colour=(110, 120, 116)),
    "97": one("roadside plaza", posts.pole, 0.74, word="立杆", arms=1, colour=(140, 110, 84)),
}

TRAFFIC = {
    "01": several(
        "street plaza",
        Item(ground_things.bays, size=0.95, dy=10),
        Item(traffic.car, size=0.62, dx=-170, dy=-56),
        Item(posts.sign, {"lines": ("P",), "wide": 90, "tall": 100, "height": 280}, dx=190, dy=-40),
    ),
    "02": one("roadside pavement", boxes.meter, 0.85),
    "04": one(OPEN, structures.bus_stop, 0.9),
    "05": one(
        "roadside pavement",
        posts.sign,
        1.05,
        lines=("TAXI", "出租车站"),
        colour=YELLOW,
        ink=(30, 30, 30),
        wide=160,
        tall=130,
        height=310,
    ),
    "06": one("street", structures.deck, 0.85, dy=-30),
    "07": one("stairwell", structures.underpass, 0.8),
    "08": one("street", structures.deck, 0.75, dy=-40, kind="flyover"),
    "09": one("river", structures.deck, 0.7, dy=-90, kind="arch"),
    "11": one("street", posts.frame, 0.85),
    "12": one(
        OPEN, posts.sign, 1.0, lines=("建设路", "JIANSHE LU"), wide=230, tall=96, height=270, legs=2
    ),
    "17": one("street plaza", posts.railing, 0.95),
    "18": one("street", places.island, 0.95),
    "19": one("street", places.island, 0.95, arrow=True),
    "20": one("street plaza", posts.bollards, 0.95, kind="steel"),
    "21": one("pavement plaza", posts.bollards, 0.95),
    "24": one("street", posts.noise_wall, 0.85),
    "25": one("pavement plaza", traffic.bikes, 0.9, dy=-20),
    "30": one(
        "river",
        posts.sign,
        1.05,
        lines=("水域警示", "禁止游泳"),
        wide=220,
        tall=120,
        height=250,
        legs=2,
    ),
    "90": one(
        "roadside",
        posts.sign,
        1.0,
        lines=("40",),
        shape="round",
        colour=(246, 246, 242),
        ink=(20, 20, 20),
        tall=140,
        height=320,
    ),
    "91": one("roadside", posts.traffic_light, 0.8, dx=-60),
    "92": _cabinet("交通信号机", "roadside plaza", colour=(196, 200, 204), mark="信号控制"),
    "93": one("pavement plaza", places.rack, 0.95),
    "94": one("street", posts.screen, 0.85),
    "95": _booth("交通岗亭", (230, 234, 238), "roadside plaza", sub="交警"),
    "96": one("street", boxes.barrels, 0.95),
    "97": one("street", posts.bollards, 0.95, kind="flexible"),
}

APPEARANCE = {
    "01": one("park plaza roadside", structures.house, 0.85),
    "02": one(
        OPEN, posts.sign, 1.0, lines=("公厕 WC", "男  女  →"), wide=190, tall=110, height=290
    ),
    "03": several(
        "floor",
        Item(ground_things.cover, {"word": "化粪池", "square": True}, size=0.75, dx=-130, dy=-50),
        Item(ground_things.cover, {"word": "化粪池", "square": True}, size=0.75, dx=120, dy=80),
        Item(
            ground_things.puddle,
            {"colour": (92, 80, 48), "wide": 0.8, "foam": True},
            "before",
            dy=50,
            size=0.7,
        ),
    ),
    "04": several(
        "plaza roadside pavement",
        Item(
            structures.house,
            {"word": "垃圾转运站", "doors": ("压缩间", "工具间"), "roof": (70, 90, 110)},
            size=0.85,
        ),
        Item(mess.rubbish, {"count": 6}, "before", dx=60, dy=40, size=0.7),
    ),
    "05": one("frontage pavement plaza", boxes.bins, 0.9),
    "06": one("roadside plaza", places.billboard, 0.85),
    "07": one(
        "frontage flats",
        places.billboard,
        0.75,
        dy=-60,
        words=("好又多超市",),
        colour=(190, 40, 40),
    ),
    "08": one("plaza pavement frontage park", boxes.notice, 0.95),
    "90": one("plaza park", structures.station, 0.9),
    "91": one("park plaza", structures.station, 0.9, words=("自动气象", "观测站")),
    "92": one("river", waterside.outfall, 0.8, dy=10),
}

GREENERY = {
    "01": one("park plaza", nature.street_tree, 0.9, old=True, state="dead"),
    "02": one("roadside pavement", nature.street_tree, 0.9),
    "03": one("park plaza roadside", nature.lawn, 0.85),
    "04": one("roadside pavement plaza", nature.tree_guard, 0.95),
    "05": one("plaza pavement park", boxes.planter, 0.95),
    "06": one("plaza park", places.monument, 0.95),
    "07": one("park plaza", boxes.bench, 0.95),
    "08": several(
        "park",
        Item(nature.lawn, {"notice": False}, size=0.7, dy=-10),
        Item(posts.railing, {"kind": "lawn"}, dy=30, size=0.95),
    ),
    "09": one(
        "park",
        posts.sign,
        1.0,
        lines=("爱护花草", "灌溉阀门井"),
        colour=GREEN,
        wide=210,
        tall=120,
        height=230,
        legs=2,
    ),
    "10": one("plaza park", places.fountain, 0.85),
}

OTHERS = {
    "01": one("site plaza", structures.tanks, 0.8),
    "02": one("site", digs.hoarding, 0.85, words="建筑工地 闲人免进"),
    "03": one("street plaza", structures.canopy, 0.85),
    "04": one("roadside plaza", structures.bottles, 0.85),
    "05": one("frontage park", structures.gateway, 0.85),
    "06": one("river", waterside.quay, 0.9),
    "07": one("river", posts.railing, 0.95, kind="river"),
    "08": one("river", waterside.flood_wall, 0.8, dy=20),
    "90": one("river", waterside.harbour, 0.85),
}

COMPONENTS = {
    f"C-{group}-{code}": recipe
    for group, table in (
        ("01", UTILITIES),
        ("02", TRAFFIC),
        ("03", APPEARANCE),
        ("04", GREENERY),
        ("05", OTHERS),
    )
    for code, recipe in table.items()
}
