"""What the generator hands over: the demo city as plain, frozen values in WGS 84."""

import hashlib
import math
from dataclasses import dataclass

import shapely
from shapely import LineString, Point, Polygon

DECIMALS = 7  # of a degree: about 1 cm, finer than any survey of a grid


@dataclass(frozen=True)
class Projection:
    """Local metres around an origin and back; exact enough over the few km of one city."""

    lon: float
    lat: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Series of the WGS 84 ellipsoid at the origin's latitude."""
        phi = math.radians(self.lat)
        east = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi)
        north = 111132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
        return east, north

    def to_degrees(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude, rounded so that shared vertices are identical."""
        east, north = self.metres_per_degree
        return round(self.lon + x / east, DECIMALS), round(self.lat + y / north, DECIMALS)

    def to_metres(self, geometry):
        """A lon/lat geometry in local metres, for areas and lengths."""
        east, north = self.metres_per_degree
        origin, scale = (self.lon, self.lat), (east, north)
        return shapely.transform(geometry, lambda points: (points - origin) * scale)


@dataclass(frozen=True)
class Notice:
    """What every map of the demo city must say about itself."""

    zh: str
    en: str


@dataclass(frozen=True)
class Place:
    """A district, street office or community; level is one of these three words."""

    code: str
    name: str
    level: str
    parent_code: str
    polygon: Polygon
    population: int


@dataclass(frozen=True)
class Grid:
    """A unit grid: 15 digits, the community's 12 and a serial west to east, north to south."""

    code: str
    community_code: str
    polygon: Polygon
    population: int
    households: int


@dataclass(frozen=True)
class DutyGrid:
    """The unit grids that some grid workers answer for."""

    code: str
    name: str
    community_code: str
    grid_codes: tuple[str, ...]
    population: int
    workers: int


@dataclass(frozen=True)
class Road:
    """A named road; its vertices are vertices of the grids it runs along."""

    name: str
    kind: str
    line: LineString
    width_m: int


@dataclass(frozen=True)
class ComponentSeed:
    """A public thing: 16 digits, a category such as C-01-03, a point inside its grid."""

    code: str
    category: str
    point: Point
    grid_code: str


@dataclass(frozen=True)
class Feature:
    """Water or a park, for the map's sake."""

    kind: str
    name: str
    polygon: Polygon


@dataclass(frozen=True)
class Plan:
    """The whole city."""

    district: Place
    streets: tuple[Place, ...]
    communities: tuple[Place, ...]
    grids: tuple[Grid, ...]
    duty_grids: tuple[DutyGrid, ...]
    roads: tuple[Road, ...]
    components: tuple[ComponentSeed, ...]
    land: tuple[Feature, ...]
    notice: Notice
    projection: Projection

    def digest(self) -> str:
        """One hash over every name, code, figure and geometry: equal plans, equal digests."""
        total = hashlib.sha256()
        groups = (self.streets, self.communities, self.grids, self.duty_grids)
        for group in ((self.district,), *groups, self.roads, self.components, self.land):
            for item in group:
                for value in vars(item).values():
                    geometry = isinstance(value, shapely.Geometry)
                    total.update(value.wkb if geometry else repr(value).encode())
        return total.hexdigest()
