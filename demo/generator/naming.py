"""Names for the streets: words that Chinese cities use, put together, none used twice.

Great roads come first and get the names that every city has; lanes that lie together share a word
and are numbered from north to south, as lanes are. Which road has which name is invented.
"""

import random
import tomllib

from .mesh import Mesh
from .profile import PROFILES, Profile
from .roads import Street

NUMERALS = ("", *"一二三四五六七八九")
QUARTER_M = 420.0  # lanes in one square of this side share a word
WORDS = tomllib.loads((PROFILES / "street_names.toml").read_text(encoding="utf-8"))
STEMS = WORDS["stems"].split()


def give_names(streets: list[Street], mesh: Mesh, profile: Profile, rng: random.Random) -> None:
    """Name every street, in the order of the list."""
    _name_banks_and_ring(streets, mesh, profile)
    stems, avenues = _stems(rng), iter(WORDS["avenues"].split())
    for street in streets:
        if street.name or street.kind == "lane":
            continue
        name = next(avenues, None) if street.kind == "arterial" else None
        street.name = name or _suffixed(next(stems), street, mesh, rng)
    _name_lanes([street for street in streets if street.kind == "lane"], mesh, rng)


def _name_banks_and_ring(streets: list[Street], mesh: Mesh, profile: Profile) -> None:
    """The ring road and the roads along the river say where they run."""
    banks = sorted((s for s in streets if s.is_bank), key=lambda street: _middle(mesh, street)[0])
    for street, side in zip(banks, ("西", "东"), strict=True):
        street.name = f"滨河{side}路"
    loops = [s for s in streets if s.kind == "arterial" and s.vertices[0] == s.vertices[-1]]
    if loops and profile.shape.ring_road:
        max(loops, key=lambda s: s.length).name = profile.shape.ring_road


def _stems(rng: random.Random):
    """Words for streets: the known, the made-up, then the known again with numbers."""
    known = rng.sample(STEMS, len(STEMS))
    made = [a + b for a in WORDS["first"] for b in WORDS["second"] if a + b not in STEMS]
    yield from known
    yield from rng.sample(made, len(made))
    for digit in NUMERALS[1:]:
        yield from (stem + digit for stem in known + made)


def _suffixed(stem: str, street: Street, mesh: Mesh, rng: random.Random) -> str:
    """大道 for the great, 街 for many of those from west to east, 路 for the rest."""
    if street.kind == "arterial":
        return f"{stem}大道"
    (ax, ay), (bx, by) = (mesh.at(street.vertices[k]) for k in (0, -1))
    crosswise = abs(bx - ax) > abs(by - ay)
    return f"{stem}{'街' if crosswise and rng.random() < 0.6 else '路'}"


def _name_lanes(lanes: list[Street], mesh: Mesh, rng: random.Random) -> None:
    """桂花一巷, 桂花二巷 …"""
    together: dict[tuple[int, int], list[Street]] = {}
    for lane in lanes:
        x, y = _middle(mesh, lane)
        together.setdefault((round(-y / QUARTER_M), round(x / QUARTER_M)), []).append(lane)
    words = _stems(rng)
    for _, group in sorted(together.items()):
        word = next(words)
        group.sort(key=lambda lane: (-_middle(mesh, lane)[1], lane.vertices))
        for number, lane in enumerate(group, start=1):
            lane.name = f"{word}{numeral(number) if len(group) > 1 else ''}巷"


def numeral(number: int) -> str:
    """1 to 99 in Chinese: 一, 十, 十一, 二十, 二十一."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return NUMERALS[ones]
    return f"{NUMERALS[tens] if tens > 1 else ''}十{NUMERALS[ones]}"


def _middle(mesh: Mesh, street: Street) -> tuple[float, float]:
    return mesh.at(street.vertices[len(street.vertices) // 2])
