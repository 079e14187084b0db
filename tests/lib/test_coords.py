"""Points of Chinese web maps come in as WGS 84; distances and directions are what a map shows."""

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.coords import bearing, compass, distance, gcj02_to_wgs84, outside_china, wgs84_to_gcj02

LON = st.floats(73.5, 135.0)
LAT = st.floats(3.5, 53.5)


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # Shanghai, Shenzhen and Beijing, from the tests of the public reconstruction "eviltransform"
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_the_shift_agrees_with_published_pairs(wgs, gcj):
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-6)
    assert gcj02_to_wgs84(*gcj) == pytest.approx(wgs, abs=1e-6)


@given(LON, LAT)
def test_there_and_back_is_the_same_point(lon, lat):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert hypot(back[0] - lon, back[1] - lat) < 1e-7


@given(LON, LAT)
def test_the_shift_is_some_hundred_metres(lon, lat):
    assert 20 < distance(lon, lat, *wgs84_to_gcj02(lon, lat)) < 1200


def test_outside_china_nothing_moves():
    for lon, lat in [(-71.06, 42.36), (0.0, 0.0), (151.2, -33.9)]:
        assert outside_china(lon, lat)
        assert wgs84_to_gcj02(lon, lat) == (lon, lat)
        assert gcj02_to_wgs84(lon, lat) == (lon, lat)


def test_xiaogan_and_shenzhen_are_inside_china():
    assert not outside_china(113.92, 30.92)
    assert not outside_china(114.06, 22.54)


def test_a_degree_of_latitude_is_111_kilometres_everywhere():
    assert distance(114.0, 22.0, 114.0, 23.0) == pytest.approx(111_195, abs=5)
    assert distance(0.0, 60.0, 0.0, 61.0) == pytest.approx(111_195, abs=5)


def test_a_degree_of_longitude_at_sixty_degrees_is_half_as_long():
    assert distance(10.0, 60.0, 11.0, 60.0) == pytest.approx(111_195 / 2, rel=1e-4)


def test_across_the_date_line_the_short_way_counts():
    assert distance(179.5, 0.0, -179.5, 0.0) == pytest.approx(111_195, abs=5)
    assert compass(179.5, 0.0, -179.5, 0.0) == "E"


def test_opposite_points_are_half_the_earth_apart():
    assert distance(0.0, 0.0, 180.0, 0.0) == pytest.approx(20_015_115, abs=5)


@given(LON, LAT, LON, LAT)
def test_distance_is_the_same_both_ways_and_nothing_to_itself(lon1, lat1, lon2, lat2):
    assert distance(lon1, lat1, lon2, lat2) == pytest.approx(distance(lon2, lat2, lon1, lat1))
    assert distance(lon1, lat1, lon1, lat1) == 0


@pytest.mark.parametrize(
    ("east", "north", "name"),
    [(0, 1, "N"), (1, 1, "NE"), (1, 0, "E"), (1, -1, "SE"), (0, -1, "S"), (-1, -1, "SW")]
    + [(-1, 0, "W"), (-1, 1, "NW")],
)
def test_the_eight_directions(east, north, name):
    # Small steps near the equator, where a degree east is as long as one north.
    assert compass(114.0, 0.0, 114.0 + east * 0.001, north * 0.001) == name


def test_a_direction_covers_the_22_degrees_on_either_side():
    assert compass(114.0, 0.0, 114.0 + 0.0004, 0.001) == "N"  # 21.8 degrees
    assert compass(114.0, 0.0, 114.0 + 0.0005, 0.001) == "NE"  # 26.6 degrees
    assert compass(114.0, 0.0, 114.0 - 0.0004, 0.001) == "N"  # 338.2 degrees
    assert compass(114.0, 0.0, 114.0 - 0.0005, 0.001) == "NW"


@given(LON, LAT, LON, LAT)
def test_a_bearing_is_at_least_zero_and_below_360(lon1, lat1, lon2, lat2):
    assert 0 <= bearing(lon1, lat1, lon2, lat2) < 360
