"""Reports on and near the borders of the grids (domain rule: a point on a border)."""

import pytest
from django.contrib.gis.geos import Point

from grids.coverage import containing
from incidents import workflow
from incidents.facts import BadFacts

METRE = 1 / 95_600  # a degree of longitude at 30.9 degrees north has 95.6 km


def at(town, metres, grid=0):
    """A point so many metres west of a grid's west side, halfway up."""
    return Point(town.lon + grid * 0.001 - metres * METRE, town.lat + 0.0005, srid=4326)


def test_a_point_well_inside_has_one_grid(town):
    place = containing(town.inside, town.city)
    assert (place.grid, place.on_border) == (town.grids[0], [])
    assert place.duty_grid == town.duty_grids[0]
    assert (place.community, place.street, place.district) == (
        town.community,
        town.street,
        town.district,
    )


def test_a_point_near_a_border_has_both_candidates(town):
    place = containing(at(town, 10, grid=1), town.city)
    assert (place.grid, place.on_border) == (town.grids[0], [town.grids[1].code])


def test_a_point_on_the_very_border_belongs_to_the_lower_code(town):
    place = containing(at(town, 0, grid=1), town.city)
    assert (place.grid, place.on_border) == (town.grids[0], [town.grids[1].code])


@pytest.mark.parametrize("metres", [1, 8, 14])
def test_a_point_just_outside_every_grid_takes_the_nearest_and_is_marked(town, metres):
    place = containing(at(town, metres), town.city)
    assert (place.grid, place.on_border) == (town.grids[0], [town.grids[0].code])


def test_of_two_near_grids_the_nearer_one_answers(town):
    corner = Point(town.lon + 0.001 + 3 * METRE, town.lat - 0.00005, srid=4326)
    place = containing(corner, town.city)
    assert place.grid == town.grids[1]
    assert place.on_border == [town.grids[0].code, town.grids[1].code]


def test_how_far_outside_is_the_citys_own_setting(town):
    assert containing(at(town, 20), town.city) is None
    town.city.border_tolerance_m = 30
    assert containing(at(town, 20), town.city).grid == town.grids[0]
    town.city.border_tolerance_m = 0
    assert containing(at(town, 1), town.city) is None
    assert containing(town.inside, town.city).grid == town.grids[0]


def test_a_grid_may_be_in_no_duty_grid(town):
    town.duty_grid.grids.all().delete()
    assert containing(town.inside, town.city).duty_grid is None


def test_a_report_from_just_outside_is_taken_and_from_afar_refused(town):
    said = {"city": town.city, "source": "hotline", "category": "E-01-13"}
    case = workflow.report(town.intake, point=at(town, 11), **said)
    assert (case.grid, case.on_border) == (town.grids[0], [town.grids[0].code])
    with pytest.raises(BadFacts) as refused:
        workflow.report(town.intake, point=at(town, 40), **said)
    assert set(refused.value.errors) == {"longitude"}
