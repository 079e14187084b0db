"""The demo city keeps every rule of a grid division, in the figures that its documents give."""

from collections import Counter, defaultdict

import pytest
import shapely

from demo.generator import generate, load_profile

LEAST_AREA_M2, LEAST_WIDTH_M = 1500, 25


class City:
    """A profile and its plan."""

    def __init__(self, name):
        self.name, self.profile = name, load_profile(name)
        self.plan = generate(self.profile, 1)
        self.grids = {grid.code: grid for grid in self.plan.grids}

    def metres(self, geometry):
        return self.plan.projection.to_metres(geometry)


@pytest.fixture(scope="module", params=["yizhang", "xiaonan"])
def city(request):
    return City(request.param)


@pytest.fixture(scope="module")
def plan(city):
    return city.plan


def neighbours(polygons):
    """Which of the polygons share an edge, by position."""
    owners = defaultdict(list)
    for number, polygon in enumerate(polygons):
        for edge in edges(polygon.exterior):
            owners[edge].append(number)
    return [pair for pair in owners.values() if len(pair) > 1]


def edges(line):
    points = list(line.coords)
    return [frozenset(pair) for pair in zip(points, points[1:], strict=False)]


def is_tiled(whole, parts):
    """Whether parts cover a polygon without gap and overlap, to the square centimetre."""
    area = sum(part.area for part in parts)
    union = shapely.union_all(parts)
    return (
        shapely.coverage_is_valid(parts)
        and union.symmetric_difference(whole).area < 1e-14
        and abs(area - whole.area) < 1e-14
    )


def test_it_has_the_figures_of_the_documents(city, plan):
    expected = {
        "xiaonan": (66, 10, 302, 463, 453_000),
        "yizhang": (4, 1, 24, 36, 72_000),
    }[city.name]
    assert expected == (
        len(plan.communities),
        len(plan.streets),
        len(plan.duty_grids),
        sum(duty.workers for duty in plan.duty_grids),
        plan.district.population,
    )
    low, high = {"xiaonan": (4300, 4700), "yizhang": (60, 110)}[city.name]
    assert low <= len(plan.grids) <= high
    wanted = city.profile.figures.components
    assert abs(len(plan.components) - wanted) <= max(20, wanted * 0.01)


def test_every_polygon_is_valid_closed_and_whole(plan):
    places = [plan.district, *plan.streets, *plan.communities, *plan.grids, *plan.land]
    for place in places:
        assert place.polygon.geom_type == "Polygon"
        assert place.polygon.is_valid and place.polygon.exterior.is_ring
        assert not place.polygon.interiors or place in plan.land


def test_coordinates_have_seven_decimals(plan):
    for item in (*plan.grids, *plan.land):
        points = shapely.get_coordinates(item.polygon)
        assert (points == points.round(7)).all()


def test_unit_grids_tile_the_city_with_the_same_vertices_on_both_sides(plan):
    polygons = [grid.polygon for grid in plan.grids]
    assert is_tiled(plan.district.polygon, polygons)
    # every edge has two owners or lies on the border
    count = Counter(edge for polygon in polygons for edge in edges(polygon.exterior))
    border = set(edges(plan.district.polygon.exterior))
    assert {edge for edge, owners in count.items() if owners == 1} == border
    assert max(count.values()) == 2


def test_each_level_tiles_the_one_above(plan):
    assert is_tiled(plan.district.polygon, [street.polygon for street in plan.streets])
    for street in plan.streets:
        own = [c.polygon for c in plan.communities if c.parent_code == street.code]
        assert is_tiled(street.polygon, own)
    by_community = defaultdict(list)
    for grid in plan.grids:
        by_community[grid.community_code].append(grid.polygon)
    assert by_community.keys() == {community.code for community in plan.communities}
    for community in plan.communities:
        assert is_tiled(community.polygon, by_community[community.code])


def test_no_grid_is_a_sliver_and_most_are_of_moderate_size(city, plan):
    shapes = [city.metres(grid.polygon) for grid in plan.grids]
    areas = [shape.area for shape in shapes]
    assert min(areas) >= LEAST_AREA_M2
    assert sum(5000 <= area <= 20_000 for area in areas) > 0.9 * len(areas)
    for shape in shapes:
        assert 2 * shapely.maximum_inscribed_circle(shape, tolerance=0.5).length > LEAST_WIDTH_M


def test_grid_codes_count_west_to_east_from_north_to_south(plan):
    by_community = defaultdict(list)
    for grid in plan.grids:
        assert len(grid.code) == 15 and grid.code.isdigit()
        assert grid.code.startswith(grid.community_code)
        by_community[grid.community_code].append(grid)
    for grids in by_community.values():
        assert [int(grid.code[12:]) for grid in grids] == list(range(1, len(grids) + 1))
        half = len(grids) // 3
        first, last = grids[:half], grids[-half:]
        assert mean_latitude(first) > mean_latitude(last)


def mean_latitude(grids):
    return sum(grid.polygon.centroid.y for grid in grids) / len(grids)


def test_every_unit_grid_is_in_exactly_one_duty_grid_of_its_community(city, plan):
    codes = [code for duty in plan.duty_grids for code in duty.grid_codes]
    assert sorted(codes) == sorted(city.grids)
    for duty in plan.duty_grids:
        homes = {city.grids[code].community_code for code in duty.grid_codes}
        assert homes == {duty.community_code}
        assert duty.code.rpartition("-")[0] == duty.community_code


def test_duty_grids_hang_together(city, plan):
    for duty in plan.duty_grids:
        polygons = [city.grids[code].polygon for code in duty.grid_codes]
        reached, pairs = {0}, neighbours(polygons)
        for _ in polygons:
            reached |= {n for pair in pairs if reached & set(pair) for n in pair}
        assert len(reached) == len(polygons), duty.code


def test_people_add_up_and_stay_within_the_bounds(city, plan):
    least, _, most = city.profile.figures.people
    for duty in plan.duty_grids:
        assert least <= duty.population <= most
        assert duty.population == sum(city.grids[c].population for c in duty.grid_codes)
        assert duty.workers >= 1
    for community in plan.communities:
        own = [duty for duty in plan.duty_grids if duty.community_code == community.code]
        assert community.population == sum(duty.population for duty in own)
        assert sum(duty.workers for duty in own) >= 2
    for grid in plan.grids:
        assert grid.households <= grid.population
        assert bool(grid.households) == bool(grid.population)


def test_nobody_lives_in_water_or_in_a_park(plan):
    tree = shapely.STRtree([grid.polygon for grid in plan.grids])
    for feature in plan.land:
        middle = feature.polygon.representative_point()
        (home,) = tree.query(middle, predicate="within")
        assert plan.grids[home].population == 0


def test_the_features_that_the_profile_wants_are_there(city, plan):
    names = [feature.name for feature in plan.land]
    wanted = [city.profile.river.name, *(ground.name for ground in city.profile.grounds)]
    assert names == wanted
    assert all(city.metres(feature.polygon).area > 3000 for feature in plan.land)


def test_roads_run_along_grid_borders_under_one_name_each(plan):
    names = [road.name for road in plan.roads]
    assert all(names) and len(set(names)) == len(names)
    borders = {edge for grid in plan.grids for edge in edges(grid.polygon.exterior)}
    for road in plan.roads:
        assert road.kind in ("arterial", "secondary", "local", "lane")
        assert road.width_m > 0
        assert set(edges(road.line)) <= borders
        assert road.line.is_simple


def test_where_roads_meet_they_share_a_vertex_and_every_road_meets_another(plan):
    lines = [road.line for road in plan.roads]
    met = set()
    for one, other in shapely.STRtree(lines).query(lines, predicate="intersects").T:
        if one == other:
            continue
        met.add(int(one))
        if one < other:
            shared = set(lines[one].coords) & set(lines[other].coords)
            meeting = shapely.get_coordinates(lines[one].intersection(lines[other]))
            assert {tuple(point) for point in meeting} == shared
    assert met == set(range(len(lines)))


def test_a_large_city_has_hundreds_of_names_a_ring_and_bridges(city, plan):
    if city.name != "xiaonan":
        pytest.skip("the small one is a few streets")
    assert len(plan.roads) > 500
    ring = next(road for road in plan.roads if road.name == city.profile.shape.ring_road)
    assert ring.line.is_ring
    river = next(feature for feature in plan.land if feature.name == city.profile.river.name)
    banks = [road.name for road in plan.roads if road.name.startswith("滨河")]
    assert len(banks) == 2
    over = [r for r in plan.roads if r.name not in banks and r.line.crosses(river.polygon)]
    assert len(over) >= 5


def test_every_component_lies_in_its_grid(city, plan):
    points = [seed.point for seed in plan.components]
    homes = [city.grids[seed.grid_code].polygon for seed in plan.components]
    assert shapely.contains(homes, points).all()


def test_component_codes_name_district_and_category_and_repeat_never(city, plan):
    codes = [seed.code for seed in plan.components]
    assert len(set(codes)) == len(codes)
    for seed in plan.components:
        kind, group, part = seed.category.split("-")
        assert kind == "C" and len(seed.code) == 16
        assert seed.code.startswith(f"{city.profile.code}{group}{part}")


def test_components_come_in_plausible_shares(city, plan):
    count = Counter(seed.category for seed in plan.components)
    assert set(count) == {kind.category for kind in city.profile.kinds}
    lamps, bins, stops, toilets = (
        count[f"C-{code}"] for code in ("01-37", "03-05", "02-04", "03-01")
    )
    assert lamps > bins > stops > toilets >= 1


def test_the_map_says_that_it_is_invented(plan):
    assert "虚构" in plan.notice.zh and "invented" in plan.notice.en
