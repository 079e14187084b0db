"""A city's names and figures, read from demo/profiles: what the generator makes a map for."""

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path

PROFILES = Path(__file__).parent.parent / "profiles"


@dataclass(frozen=True)
class Community:
    """A row of the profile's table."""

    code: str
    name: str
    street_code: str
    street_name: str


@dataclass(frozen=True)
class Group:
    """Communities of one street that lie together; bearing in degrees, clockwise from north."""

    communities: tuple[Community, ...]
    bearing: float


@dataclass(frozen=True)
class Quarter:
    """A side of the river, inside or outside the ring road."""

    side: str
    zone: str
    weight: float
    block: float
    groups: tuple[Group, ...]

    @property
    def area(self) -> float:
        """Its share of the city, in the unit of weights."""
        return self.weight * sum(len(group.communities) for group in self.groups)


@dataclass(frozen=True)
class Figures:
    """How many of everything."""

    duty_grids: int
    workers: int
    people: tuple[int, int, int]
    unit_grids: int
    people_per_household: float
    components: int


@dataclass(frozen=True)
class Shape:
    """Where the city lies and how it is laid out."""

    lon: float
    lat: float
    area_km2: float
    stretch: float
    axis_degrees: float
    spread_degrees: float
    ring_road: str
    core_m: float


@dataclass(frozen=True)
class River:
    """One river from south to north; bridges at these parts of its course."""

    name: str
    width_m: float
    bridges: tuple[float, ...]


@dataclass(frozen=True)
class Ground:
    """A lake or park wanted in a community."""

    kind: str
    name: str
    community: str
    hectares: float


@dataclass(frozen=True)
class Kind:
    """A component category, its share of all, and where it stands."""

    category: str
    share: float
    place: str


@dataclass(frozen=True)
class Profile:
    """Everything that differs from city to city."""

    code: str
    name: str
    parent_code: str
    figures: Figures
    shape: Shape
    river: River
    quarters: tuple[Quarter, ...]
    grounds: tuple[Ground, ...]
    kinds: tuple[Kind, ...]

    @property
    def communities(self) -> tuple[Community, ...]:
        """All of them, by code."""
        groups = (group for quarter in self.quarters for group in quarter.groups)
        every = (community for group in groups for community in group.communities)
        return tuple(sorted(every, key=lambda community: community.code))


def profile_names() -> list[str]:
    """The profiles at hand."""
    return sorted(table.stem for table in PROFILES.glob("*.csv"))


def load_profile(name: str) -> Profile:
    """Read <name>.toml and <name>.csv."""
    if name not in profile_names():
        raise ValueError(f"no profile {name!r}; there are {', '.join(profile_names())}")
    data = tomllib.loads((PROFILES / f"{name}.toml").read_text(encoding="utf-8"))
    kinds = tomllib.loads((PROFILES / "components.toml").read_text(encoding="utf-8"))["seeds"]
    with (PROFILES / f"{name}.csv").open(encoding="utf-8", newline="") as table:
        communities = [Community(**row) for row in csv.DictReader(table)]
    figures, river = data["figures"], data["river"]
    return Profile(
        code=data["code"],
        name=data["name"],
        parent_code=data["parent_code"],
        figures=Figures(**figures | {"people": tuple(figures["people"])}),
        shape=Shape(**data["shape"]),
        river=River(**river | {"bridges": tuple(river["bridges"])}),
        quarters=tuple(_quarter(row, communities) for row in data["quarters"]),
        grounds=tuple(
            Ground(kind, **row)
            for kind, rows in (("water", "waters"), ("park", "parks"))
            for row in data[rows]
        ),
        kinds=tuple(Kind(**row) for row in kinds),
    )


def _quarter(row: dict, communities: list[Community]) -> Quarter:
    groups = tuple(
        Group(
            tuple(
                community
                for community in communities
                if community.street_code == group["street"]
                and community.code in group.get("communities", [community.code])
            ),
            group["bearing"],
        )
        for group in row["groups"]
    )
    return Quarter(row["side"], row["zone"], row["weight"], row["block"], groups)
