"""The responsibility matrix chooses the unit and says why."""

from grids.models import Area
from incidents import routing, workflow
from incidents.models import Category, MatrixRow
from tests.cast import BEGAN
from tests.incidents import play


def row(town, area, lead, **what):
    return MatrixRow.objects.create(
        city=town.city, kind="component", area=area, lead=lead, valid_from=BEGAN, **what
    )


def test_a_subclass_beats_a_class_and_a_class_beats_a_kind(town):
    case = play.filed(town, town.urgent)
    assert routing.route(case).lead == town.water
    row(town, town.whole, town.gardens, class_code="01")
    assert routing.route(case).lead == town.gardens
    row(town, town.whole, town.street_office, class_code="01", category=town.cover)
    assert routing.route(case).lead == town.street_office


def test_the_nearer_area_wins_on_all_five_levels(town):
    case = play.filed(town, town.urgent)
    for area, lead in (
        (town.district, town.gardens),
        (town.street, town.street_office),
        (town.community, town.community_office),
        (town.grids[0], town.gardens),
    ):
        made = row(town, area, lead)
        assert routing.route(case).row == made


def test_the_losing_rows_and_their_reasons_are_told(town):
    case = play.filed(town, town.urgent)
    row(town, town.grids[0], town.street_office)
    row(town, town.whole, town.gardens, class_code="01")
    told = routing.route(case).explanation
    assert [r["result"] for r in told] == ["won", "wider_what", "wider_what"]
    assert told[0]["lead"] == "GARDENS"


def test_the_reason_is_stored_on_the_step(town):
    case = play.dispatched(town, town.urgent)
    step = case.steps.get(move="dispatch")
    assert step.facts["routing"][0]["lead"] == "WATER"
    assert step.facts["unit"] == "WATER"


def test_with_no_row_the_territory_answers(town):
    MatrixRow.objects.all().delete()
    choice = routing.route(play.filed(town, town.urgent))
    assert choice.lead == town.street_office
    assert choice.explanation[0]["result"] == "territorial"


def test_holes_are_listed_until_they_are_filled(town):
    assert routing.holes(town.city) == []
    MatrixRow.objects.filter(kind="component").delete()
    holes = routing.holes(town.city)
    assert set(holes) == {("C-01-03", grid.code) for grid in town.grids}
    row(town, town.community, town.water)
    assert {grid for _category, grid in routing.holes(town.city)} == {
        town.grids[2].code,
        town.grids[3].code,
    }


def test_holes_of_a_whole_city_are_found(town):
    """The largest answer there is: 200 subclasses, 4,000 grids, and no row for any of them."""
    MatrixRow.objects.all().delete()
    Area.objects.bulk_create(
        Area(
            city=town.city,
            code=f"{town.community.code}{serial}",
            level="grid",
            parent=town.community,
        )
        for serial in range(1000, 5000)
    )
    Category.objects.bulk_create(
        Category(code=f"E-09-{serial}", kind="event", class_code="09") for serial in range(200)
    )
    assert len(routing.holes(town.city)) == 1000
    row(town, town.whole, town.water)
    MatrixRow.objects.create(
        city=town.city, kind="event", area=town.street, lead=town.water, valid_from=BEGAN
    )
    assert routing.holes(town.city) == []


def test_a_row_that_has_ended_wins_nothing(town):
    case = play.filed(town, town.urgent)
    MatrixRow.objects.create(
        city=town.city,
        kind="component",
        area=town.grids[0],
        lead=town.gardens,
        valid_from=BEGAN,
        valid_until="2026-02-01",
    )
    assert routing.route(case).lead == town.water
    assert workflow.moves(case, town.dispatcher)
