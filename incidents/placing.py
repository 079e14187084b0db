"""Where a case lies and what it is: its grid with the areas above, its category and condition."""

from django.utils.translation import gettext_lazy as _

from grids import coverage
from grids.models import Area
from incidents.facts import BadFacts, place_of


def set_place(case, point, day):
    """Put a case on the map: grid and its border of that day, the areas above, words.

    Raises BadFacts when the point lies in no grid of the city."""
    place = place_of(case, point, day)
    case.point, case.place = point, coverage.place_in_words(point, case.city)
    case.grid, case.grid_version, case.duty_grid = place.grid, place.version, place.duty_grid
    case.community, case.street, case.district = place.community, place.street, place.district
    case.on_border = place.on_border


def set_grid(case, grid):
    """File a case in another grid than the one its point lies in: only one it is on the border
    of, so that the place and its grid never contradict each other."""
    if grid.pk == case.grid_id:
        return
    if grid.level != Area.Level.GRID or grid.code not in case.on_border:
        raise BadFacts({"grid": [_("The point lies neither in this grid nor on its border.")]})
    case.on_border = sorted({case.grid.code, *case.on_border} - {grid.code})
    case.grid = grid
    day = case.city.local_date(case.reported_at)
    case.grid_version = grid.versions.on(day).defer("geometry").first()
    case.duty_grid = coverage.duty_grid_of(grid, day)
    case.community, case.street, case.district = coverage.above(grid)


def set_category(case, category):
    case.category, case.kind = category, category.kind


def set_condition(case, condition):
    """The condition carries category, kind, priority and the handling limit."""
    case.condition, case.priority = condition, condition.priority
    set_category(case, condition.category)


def handling_limit(case):
    """(amount, unit) of the handle clock by the filing condition, or None for no limit."""
    condition = case.condition
    if condition is None or condition.limit_value is None:
        return None
    return condition.limit_value, condition.limit_unit
