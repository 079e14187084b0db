"""Recipes for the event subclasses: the disorder before, the cleared place after."""

from . import (
    digs,
    fronts,
    ground_things,
    marks,
    mess,
    nature,
    places,
    posts,
    trade,
    traffic,
    waterside,
)
from .backdrop import shopfront
from .hues import BAGS
from .recipes import Item, one, several

SHOPS = "pavement"


def shop(c, wrong, name, colour=(190, 44, 40)):
    """The shop that the event is about, with its name."""
    del wrong
    shopfront(c, -250, 250, 0, 290, name, colour, closed=False)


def warning(c, wrong, **options):
    """A sign put up because of the event: itself in order."""
    del wrong
    posts.sign(c, False, **options)


def _before(drawer, size=0.9, dx=0.0, dy=0.0, **options):
    return Item(drawer, options, "before", dx, dy, size)


def _sound(drawer, size=0.9, dx=0.0, dy=0.0, **options):
    """A thing that only stands by, in order before and after."""
    return Item(drawer, options, "always", dx, dy, size, sound=True)


def _always(drawer, size=0.9, dx=0.0, dy=0.0, **options):
    return Item(drawer, options, "always", dx, dy, size)


APPEARANCE = {
    "01": one("flats frontage", fronts.shack, 0.95),
    "02": several(
        "frontage", _always(shop, 0.95, dy=-40, name="店铺"), _before(fronts.refit, 0.9, dy=-36)
    ),
    "03": one("floor pavement", ground_things.ramp, 0.95),
    "04": one("flats frontage", fronts.stains, 1.0, dy=-40),
    "05": one("flats", fronts.balcony, 1.0),
    "06": one("flats pavement", fronts.laundry, 0.95, dy=-20, bunting=True),
    "07": one("frontage flats pavement", fronts.laundry, 0.95),
    "08": one("street flats frontage", fronts.wires, 0.9),
    "09": one("frontage flats", fronts.air_unit, 1.0, dy=-40),
    "10": one("frontage pavement plaza", mess.rubbish, 1.0),
    "11": one("street plaza site", mess.heap, 0.85, word="渣土"),
    "12": one("floor street pavement", ground_things.litter, 0.95),
    "13": one("roadway", ground_things.hole, 1.0),
    "14": several(
        "street",
        _always(traffic.truck, 0.45, dx=150, dy=-110),
        _before(mess.heap, 0.45, dx=-60, dy=20),
        _before(ground_things.mud, 0.9, tracks=False),
    ),
    "17": several(
        "park", _always(nature.lawn, 0.85, dy=-20), _before(mess.rubbish, 0.65, dx=40, count=5)
    ),
    "18": one("park roadside pavement", nature.cuttings, 1.0),
    "19": one("roadside park pavement", nature.hung_tree, 0.9),
    "20": one("park roadside plaza site", mess.fire, 0.95),
    "21": one("park roadside", nature.street_tree, 1.0, state="eaten"),
    "22": one("park roadside", nature.street_tree, 1.1, state="felled"),
    "25": one("river", mess.oil, 0.9, dy=-90),
    "26": several(
        "river",
        _always(waterside.outfall, 0.8, dy=10, words=("禁止", "排污")),
        _before(mess.sewage, 0.8, dy=66),
    ),
    "27": one("frontage", fronts.fumes, 0.75, dy=-40),
    "28": several(SHOPS, _before(trade.loudspeaker, 0.9, dy=-20)),
    "29": one("street pavement plaza", trade.barbecue, 1.0),
    "30": one("street pavement", mess.waste_water, 0.9, dy=20),
    "31": one("pavement frontage street", mess.swill, 0.95),
    "32": several(
        "site park",
        _before(mess.heap, 1.0, dx=-60, dy=-40, lumps=BAGS + ((236, 234, 226),)),
        _before(mess.rubbish, 0.8, dx=90, dy=20, count=12),
        _before(
            posts.sign,
            0.8,
            dx=-230,
            dy=30,
            lines=("禁止倾倒", "垃圾"),
            wide=150,
            tall=100,
            height=200,
        ),
    ),
    "33": one("street pavement frontage", mess.medical, 0.95),
    "34": several("street plaza frontage", _before(traffic.car, 1.15, wreck=True)),
    "35": one("pavement frontage plaza", mess.furniture, 0.95),
    "36": one("pavement frontage flats", mess.goods, 0.95),
    "37": one("roadway street", nature.wildlife, 1.0, kind="carcass"),
    "38": one("flats park frontage", nature.wildlife, 0.95),
    "90": one("river", waterside.embankment, 0.9),
    "91": several(
        "river",
        _before(traffic.boat, 0.9, dy=-70, dx=-40),
        _sound(
            posts.sign,
            0.75,
            dx=200,
            dy=30,
            lines=("禁止采砂", "禁止停泊"),
            wide=170,
            tall=100,
            height=210,
        ),
    ),
}

ADVERTISING = {
    "01": one("frontage", fronts.pasted, 1.0, dy=-30),
    "02": one("pavement street plaza", trade.leaflets, 0.85, dy=-20),
    "03": several("flats frontage", _before(places.billboard, 0.85, dy=-20, bad="万人疯抢 地王")),
    "04": one(
        "frontage street plaza",
        places.billboard,
        0.85,
        words=("百依百顺", "酒香四溢"),
        bad="百衣百顺 酒久有味",
        colour=(150, 60, 120),
    ),
    "05": several(
        "street",
        _sound(posts.traffic_light, 0.75, dx=-190, dy=-20),
        _before(places.billboard, 0.7, dx=40, bad="招租 138001"),
    ),
    "06": several(
        "frontage",
        _always(shop, 0.95, dy=-40, name="老李面馆"),
        _before(fronts.banner, 0.7, dy=-60, words="天下第一面 最低价", hue=(250, 110, 20), y=-210),
    ),
    "07": one("frontage flats street", fronts.banner, 0.9, dy=20),
}

WORKS = {
    "01": one("site", digs.night_works, 0.9),
    "02": one("street", digs.works, 0.85),
    "03": several(
        "roadway street",
        _always(ground_things.excavation, 1.0),
        _before(
            posts.sign, 0.6, dx=-210, dy=-30, lines=("无证", "掘路"), wide=110, tall=110, height=190
        ),
    ),
    "04": one("site", digs.dust, 0.95),
    "05": one(
        "site street",
        mess.heap,
        0.85,
        colour=(150, 144, 136),
        lumps=((190, 96, 70), (206, 200, 190), (110, 80, 56)),
        word="建筑垃圾",
    ),
    "06": one("street site pavement", mess.materials, 0.95),
    "07": one("site street", digs.hoarding, 0.85),
    "08": several(
        "site",
        _always(digs.hoarding_done, 0.7, dy=-70),
        _always(ground_things.hardened),
        _before(ground_things.mud, 1.0),
    ),
    "09": several(
        "plaza",
        _always(digs.hoarding_done, 0.7, dy=-80),
        _always(ground_things.hole, 0.9, dy=20, deep=False),
    ),
    "10": several(
        "plaza street site",
        _before(mess.heap, 0.6, dx=-130, dy=-10),
        _before(mess.materials, 0.75, dx=90, dy=20),
        _sound(posts.sign, 0.7, dx=230, dy=-30, lines=("工程竣工",), wide=170, tall=70, height=200),
    ),
    "11": one("street", traffic.truck, 0.85),
    "12": several(
        "street",
        _always(traffic.truck, 0.42, dx=110, dy=-110),
        _before(ground_things.mud, 1.0, dy=10),
    ),
}

STREET = {
    "01": one("street pavement plaza", trade.stall, 1.0),
    "02": one("street pavement plaza", trade.market, 0.8),
    "03": one("pavement frontage", trade.beggar, 1.0),
    "04": one("street pavement frontage", trade.scrap, 0.95),
    "05": one(SHOPS, trade.outside, 0.95),
    "06": several(
        "street",
        _before(trade.stall, 0.75, dx=-140, dy=-20, word="臭豆腐"),
        _before(trade.stall, 0.85, dx=130, dy=20, word="煎饼"),
    ),
    "09": several(
        "pavement plaza",
        _before(traffic.car, 0.8, dx=-150, dy=-30),
        _before(traffic.car, 0.95, dx=110, dy=30),
        _sound(
            posts.sign,
            0.8,
            dx=-215,
            dy=-30,
            lines=("P",),
            shape="round",
            colour=(30, 84, 160),
            tall=110,
            height=250,
        ),
    ),
    "10": one("pavement plaza", traffic.bikes, 1.0),
    "90": one("street", trade.touts, 0.9),
    "91": one("pavement plaza street", trade.books, 1.0),
}

EMERGENCIES = {
    "01": several(
        "street roadway",
        _always(marks.guarded, 0.9),
        _before(ground_things.puddle, 1.0),
        _before(ground_things.jet, 1.0),
    ),
    "02": several(
        "street",
        _before(ground_things.hole, 0.8),
        _before(digs.gas_break, 0.9),
        _sound(
            posts.sign, 0.9, dx=-200, lines=("燃气管道", "严禁开挖"), wide=190, tall=110, height=240
        ),
    ),
    "03": several(
        "street roadway",
        _before(ground_things.puddle, 1.0, colour=(84, 76, 54), foam=True),
        _always(ground_things.cover, 0.55, dy=-10, word="污水"),
        _always(marks.guarded, 0.9),
    ),
    "04": several(
        "street",
        _before(ground_things.hole, 0.8),
        _before(ground_things.jet, 1.1, steam=True),
        _sound(
            posts.sign,
            0.9,
            dx=-200,
            lines=("热力管道", "严禁开挖"),
            wide=190,
            tall=110,
            height=240,
            colour=(190, 60, 40),
        ),
    ),
    "05": one("roadway street", ground_things.hole, 0.85, dy=-30, deep=True),
    "06": several(
        "street",
        _before(ground_things.puddle, 1.5),
        _before(traffic.car, 0.7, dx=60, dy=-60),
        _before(ground_things.flooding, 1.0),
    ),
    "07": one("street roadway", ground_things.snow, 1.0),
    "08": one("street", fronts.fallen_cable, 0.9),
    "90": one("plaza street", traffic.crowd, 1.0),
}

REST = {
    "02": one("street pavement", trade.slaughter, 0.95),
    "04": several(
        "frontage",
        _always(shop, 0.9, dy=-40, name="五金店"),
        _before(ground_things.litter, 0.8, dy=30),
        _before(mess.rubbish, 0.6, dx=-150, dy=10, count=5),
        _before(mess.goods, 0.6, dx=130, dy=10),
        _sound(
            posts.sign,
            0.6,
            dx=260,
            dy=10,
            lines=("门前三包", "责任牌"),
            wide=170,
            tall=110,
            height=200,
            colour=(190, 40, 36),
        ),
    ),
}

EVENTS = {
    f"E-{group}-{code}": recipe
    for group, table in (
        ("01", APPEARANCE),
        ("02", ADVERTISING),
        ("03", WORKS),
        ("04", STREET),
        ("05", EMERGENCIES),
        ("06", REST),
    )
    for code, recipe in table.items()
}
