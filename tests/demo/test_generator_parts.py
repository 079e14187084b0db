"""The generator's parts: determinism, the mesh that cannot tear, shares, numerals, profiles."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from demo.generator import generate, load_profile, profile_names
from demo.generator.cutting import chord, price
from demo.generator.division import BLOCKS
from demo.generator.mesh import Mesh
from demo.generator.naming import numeral
from demo.generator.plan import Projection
from demo.generator.shares import share_out

ROOT = Path(__file__).parents[2]
SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]


def test_the_same_seed_makes_the_same_city_and_another_another():
    profile = load_profile("yizhang")
    first, again, other = (generate(profile, seed).digest() for seed in (1, 1, 2))
    assert first == again != other


def test_the_city_does_not_depend_on_the_order_of_hashes():
    program = "from demo.generator import *; print(generate(load_profile('yizhang'), 1).digest())"
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": salt, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("seed", range(2, 10))
def test_every_seed_gives_a_sound_division(seed):
    plan = generate(load_profile("yizhang"), seed)
    polygons = [grid.polygon for grid in plan.grids]
    assert shapely.coverage_is_valid(polygons)
    assert shapely.union_all(polygons).equals(plan.district.polygon)
    assert len(plan.duty_grids) == 24
    assert len({road.name for road in plan.roads}) == len(plan.roads)


def test_profiles_carry_real_codes_and_unknown_ones_are_refused():
    assert profile_names() == ["xiaonan", "yizhang"]
    communities = load_profile("xiaonan").communities
    assert len({community.code for community in communities}) == 66
    assert all(c.code.startswith(c.street_code) and len(c.code) == 12 for c in communities)
    with pytest.raises(ValueError, match="xiaonan, yizhang"):
        load_profile("atlantis")


def test_a_vertex_on_a_shared_edge_enters_both_faces_and_the_line():
    mesh = Mesh()
    square = mesh.add_face(SQUARE)
    south, north = mesh.put_on_edge(0, 1, 50, 0), mesh.put_on_edge(2, 3, 50, 100)
    west, east = mesh.split(square, [south, north], "lane")
    middle = mesh.put_on_edge(south, north, 50, 50)
    assert middle in mesh.rings[west] and middle in mesh.rings[east]
    assert mesh.lines[-1].vertices == [south, middle, north]
    border = shapely.Polygon(mesh.points(west)) & shapely.Polygon(mesh.points(east))
    assert border.length == 100
    assert [shapely.Polygon(mesh.points(face)).area for face in (west, east)] == [5000.0] * 2


@given(st.floats(0.1, 3.0), st.floats(0.15, 0.85))
def test_a_chord_leaves_the_wanted_share(angle, share):
    cut = price(SQUARE, chord(SQUARE, angle, share), share, BLOCKS)
    assert min(abs(cut.share - share), abs(cut.share - 1 + share)) < 0.01


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30), st.integers(0, 500))
def test_shares_have_the_wanted_sum(weights, extra):
    least, most = 2, 2 + 20 * len(weights)
    total = least * len(weights) + min(extra, 18 * len(weights))
    counts = share_out(total, weights, least, most)
    assert sum(counts) == total
    assert all(least <= count <= most for count in counts)


def test_lanes_are_numbered_in_chinese():
    told = [numeral(number) for number in (1, 9, 10, 11, 20, 21, 99)]
    assert told == ["一", "九", "十", "十一", "二十", "二十一", "九十九"]


def test_metres_and_degrees_agree_to_a_centimetre():
    here = Projection(113.93, 30.92)
    lon, lat = here.to_degrees(3210.0, -1234.5)
    point = here.to_metres(shapely.Point(lon, lat))
    assert (point.x, point.y) == pytest.approx((3210.0, -1234.5), abs=0.02)
