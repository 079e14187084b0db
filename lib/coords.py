"""Coordinates at the edge: GCJ-02 to WGS 84 and back, distance, compass direction.

Longitudes and latitudes are degrees, in the order lon, lat. Domain rule: what is stored is WGS 84
(equal to CGCS 2000 at this accuracy); GCJ-02, the shifted system of Chinese web maps, is converted
where it comes in and never stored.
"""

from math import asin, atan2, cos, degrees, hypot, pi, radians, sin, sqrt

# The ellipsoid of the shift is Krasovsky 1940 (semi-major axis in metres, first eccentricity
# squared); the shift itself is the widely published reconstruction of the GCJ-02 formula.
GCJ_AXIS = 6378245.0
GCJ_ECCENTRICITY_2 = 0.00669342162296594323
# The IUGG mean radius of the earth, in metres.
EARTH_RADIUS = 6371008.8
# Metres of a degree of longitude at 60° north; of latitude they are 111,320. A box made with it
# holds a circle anywhere south of there.
DEGREE_M = 55_000

COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def outside_china(lon: float, lat: float) -> bool:
    """Whether a point lies outside the box in which web maps shift; there both systems agree.

    A box, not the border: the published reconstruction uses this one.
    """
    return not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The point where a Chinese web map draws a WGS 84 point; the same point outside China."""
    if outside_china(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The WGS 84 point behind a point of a Chinese web map, to better than 1e-7 degrees (1 cm).

    The shift has no inverse in closed form; it changes so slowly that guessing again with the shift
    found at the last guess gains about three digits a time.
    """
    if outside_china(lon, lat):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(10):
        east, north = _shift(guess_lon, guess_lat)
        miss = hypot(lon - east - guess_lon, lat - north - guess_lat)
        guess_lon, guess_lat = lon - east, lat - north
        if miss < 1e-10:
            break
    return guess_lon, guess_lat


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """How far GCJ-02 lies east and north of a WGS 84 point, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (ripple + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (ripple + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    flatness = 1.0 - GCJ_ECCENTRICITY_2 * sin(radians(lat)) ** 2
    meridian = GCJ_AXIS * (1.0 - GCJ_ECCENTRICITY_2) / (flatness * sqrt(flatness))
    parallel = GCJ_AXIS / sqrt(flatness) * cos(radians(lat))
    return degrees(east / parallel), degrees(north / meridian)


def distance(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two WGS 84 points on a sphere (haversine): within 0.6 % of the ellipsoid."""
    half_lat = radians(lat2 - lat1) / 2.0
    half_lon = radians(lon2 - lon1) / 2.0
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2.0 * EARTH_RADIUS * asin(min(1.0, sqrt(chord)))


def bearing(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The direction in which the second point lies from the first: degrees clockwise from north,
    0 <= bearing < 360; 0 for the same point."""
    turn = radians(lon2 - lon1)
    east = sin(turn) * cos(radians(lat2))
    north = cos(radians(lat1)) * sin(radians(lat2))
    north -= sin(radians(lat1)) * cos(radians(lat2)) * cos(turn)
    return degrees(atan2(east, north)) % 360.0 % 360.0  # twice: -1e-17 % 360 is 360.0


def compass(lon1: float, lat1: float, lon2: float, lat2: float) -> str:
    """Which of the eight compass directions the second point lies in from the first: "N", "NE" …

    Each covers 45 degrees around its middle.
    """
    return COMPASS[round(bearing(lon1, lat1, lon2, lat2) / 45.0) % 8]
