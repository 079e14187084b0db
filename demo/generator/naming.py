"""Names for roads: invented, distinct, continuous along a road."""

import math
import random
from itertools import product

from .mesh import Mesh

BIG = (
    "人民",
    "建设",
    "槐荫",
    "解放",
    "长征",
    "北京",
    "交通",
    "文化",
    "城站",
    "乾坤",
    "中山",
    "复兴",
    "和平",
    "胜利",
    "民主",
    "光明",
    "黄河",
    "长江",
    "澴川",
    "董永",
    "孝武",
    "孝感",
    "体育",
    "工业",
)
FIRST = "安宁康泰福禄寿喜平永兴盛德仁义礼信和顺清明春秋松柏兰桂荷梅竹云霞金银玉文武书院东西南北新老"
SECOND = "园林溪泉湖塘桥关门台岗岭坡湾洲村田圃亭阁楼庙祠井巷坊里源丰盈昌荣华茂阳光辉庆祥瑞嘉善"
ENDING = {"arterial": "大道", "secondary": "路", "local": "街", "lane": "巷", "bank": "滨河路"}
STRAIGHT = math.radians(28)  # a bend of less is the same road going on
LEAST_NAMED = {"lane": 130.0, "local": 60.0}  # metres; shorter ones have no name of their own


def name_roads(mesh: Mesh, river: str, ring: str, rng: random.Random) -> dict[int, str]:
    """A name for each line that is a road, by its number; lines that go on straight share one."""
    heads = _joined(mesh)
    names, pools = {}, {kind: _names(kind, rng) for kind in ENDING}
    given: dict[int, str] = {}
    for number, line in enumerate(mesh.lines):
        if line.kind not in ENDING:
            continue
        head = heads[number]
        if head not in given:
            given[head] = _one(line, river, ring, pools)
        names[number] = given[head]
    return names


def _one(line, river, ring, pools):
    if line.kind == "bank":
        return f"{river}滨河路"
    if line.kind == "ring":
        return ring
    return next(pools[line.kind])


def _names(kind: str, rng: random.Random):
    """Names without end and without repeats; the big ones first for the big roads."""
    pairs = [a + b for a, b in product(FIRST, SECOND)]
    rng.shuffle(pairs)
    big = [*BIG] if kind in ("arterial", "secondary") else []
    rng.shuffle(big)
    for word in big + pairs:
        yield word + ENDING[kind]
    raise RuntimeError("out of names")


def _joined(mesh: Mesh) -> dict[int, int]:
    """The first line of each chain of lines of one kind that go on straight at their ends."""
    parent = list(range(len(mesh.lines)))

    def top(number):
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    ends: dict[int, list[tuple[int, float]]] = {}
    for number, line in enumerate(mesh.lines):
        for here, there in ((0, 1), (-1, -2)):
            (ax, ay), (bx, by) = mesh.at(line.vertices[here]), mesh.at(line.vertices[there])
            heading = math.atan2(by - ay, bx - ax)
            ends.setdefault(line.vertices[here], []).append((number, heading))
    for meeting in ends.values():
        for i, (one, a) in enumerate(meeting):
            for other, b in meeting[i + 1 :]:
                turn = abs((a - b + math.pi) % (2 * math.pi))
                straight = min(turn, 2 * math.pi - turn) < STRAIGHT
                if straight and mesh.lines[one].kind == mesh.lines[other].kind:
                    parent[max(top(one), top(other))] = min(top(one), top(other))
    return {number: top(number) for number in range(len(mesh.lines))}


def is_named(kind: str, length: float) -> bool:
    """Whether a road of a kind and length in metres has a name on the map."""
    return length >= LEAST_NAMED.get(kind, 0.0)
