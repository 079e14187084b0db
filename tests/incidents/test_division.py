"""A city's areas, staffing and matrix are proved whole, or what is not is listed by name."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.cache import cache
from django.core.management import CommandError, call_command

from grids.models import Area, AreaVersion, DutyGrid, DutyGridMember, Post, Roster
from incidents import division
from incidents.models import MatrixRow
from incidents.tasks import check_areas
from staff.models import City, Member, Unit
from tests.cast import BEGAN
from tests.grids.play import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(town):
    """The cast's city with what its few members leave open."""
    City.objects.filter(pk=town.city.pk).update(
        bounds={"grid_m2": [5_000, 30_000], "duty_grid_people": [500, 4_000]}
    )
    town.city.refresh_from_db()
    DutyGrid.objects.update(population=1_500)
    # Somebody without a post of their own may stand in for anybody.
    Post.objects.update(deputy=Member.objects.create(username="tc_deputy", name="deputy"))
    for community, grids in ((0, (0, 1)), (1, (2, 3))):
        place = (town.community, town.other_community)[community]
        for index in grids:
            for _each in range(2):
                works_in(town, town.duty_grids[index], place)
    return town


def works_in(town, duty_grid, community, begins=420, ends=1260):
    number = Member.objects.count()
    member = Member.objects.create(username=f"tc_w{number}", name="w")
    post = Post.objects.create(
        member=member,
        role="worker",
        city=town.city,
        duty_grid=duty_grid,
        deputy=town.worker,
        valid_from=BEGAN,
    )
    return Roster.objects.create(
        post=post,
        area=community,
        weekdays=[1, 2, 3, 4, 5, 6, 7],
        from_minute=begins,
        until_minute=ends,
    )


def found(town):
    """{rule: the names of its offenders} of the rules that are broken."""
    city = City.objects.get(pk=town.city.pk)
    broken = (each for each in division.look(city) if each.count)
    return {each.rule.key: {name for name, _wrong in each.shown} for each in broken}


def draw(area, west, east, town, south=0.0, north=0.001):
    """Give an area another border, in degrees from the town's corner."""
    box = Polygon.from_bbox((town.lon + west, town.lat + south, town.lon + east, town.lat + north))
    AreaVersion.objects.filter(area=area).update(geometry=MultiPolygon(box, srid=4326))


def test_a_sound_city_has_no_offenders(whole):
    assert found(whole) == {}


def test_a_gap_is_found_by_its_community(whole):
    draw(whole.grids[0], 0.0001, 0.001, whole)
    assert found(whole) == {"gap": {whole.community.code}}


def test_a_seam_of_a_hands_breadth_is_no_gap(whole):
    draw(whole.grids[0], 0.000001, 0.001, whole)
    assert found(whole) == {}


def test_a_community_without_any_grid_is_one_gap(whole):
    AreaVersion.objects.filter(area__in=whole.grids[2:]).update(valid_until=date(2026, 2, 1))
    assert found(whole)["gap"] == {whole.other_community.code}


def test_two_grids_that_overlap_are_named_together(whole):
    one, other = whole.grids[:2]
    draw(one, 0.0, 0.0015, whole)
    assert found(whole) == {"overlap": {f"{one.code} / {other.code}"}}


def test_a_grid_across_its_communitys_border_is_named(whole):
    draw(whole.grids[1], 0.001, 0.002, whole, north=0.0012)
    assert found(whole) == {"across": {whole.grids[1].code}}


def test_a_border_that_crosses_itself_is_named(whole):
    x, y = whole.lon, whole.lat
    bow = Polygon(((x, y), (x + 0.001, y + 0.001), (x + 0.001, y), (x, y + 0.001), (x, y)))
    AreaVersion.objects.filter(area=whole.whole).update(geometry=MultiPolygon(bow, srid=4326))
    assert found(whole) == {"border": {whole.whole.code}}


def test_a_community_without_a_border_of_today_is_named(whole):
    AreaVersion.objects.filter(area=whole.street).update(valid_until=whole.city.today())
    assert found(whole)["border"] == {whole.street.code}


def test_a_grid_that_belongs_to_no_community_is_named(whole):
    Area.objects.filter(pk=whole.grids[0].pk).update(parent=whole.street)
    assert whole.grids[0].code in found(whole)["tree"]


def test_sizes_outside_the_citys_bounds_are_named(whole):
    City.objects.filter(pk=whole.city.pk).update(
        bounds={"grid_m2": [1, 2], "duty_grid_people": [500, 1_499]}
    )
    grids = {each.code for each in (*whole.grids, *whole.duty_grids)}
    assert found(whole) == {"size": grids}


def test_a_grid_in_no_duty_grid_is_named(whole):
    DutyGridMember.objects.filter(grid=whole.grids[0]).update(valid_until=whole.city.today())
    assert found(whole) == {"duty_grid": {whole.grids[0].code}}


def test_a_grid_in_a_duty_grid_of_another_community_is_named(whole):
    DutyGridMember.objects.filter(grid=whole.grids[0]).update(duty_grid=whole.duty_grids[2])
    assert found(whole)["duty_grid"] == {whole.grids[0].code}


def test_a_duty_grid_whose_workers_have_gone_is_named(whole):
    Post.objects.filter(duty_grid=whole.duty_grids[3]).update(valid_until=whole.city.today())
    assert found(whole) == {"worker": {whole.duty_grids[3].code}}


def test_a_community_with_one_on_duty_for_an_hour_is_named(whole):
    """Those of one community leave at 20:00, an hour before the patrol ends; one stays."""
    rows = Roster.objects.filter(area=whole.community)
    rows.exclude(pk=rows.first().pk).update(until_minute=1200)
    assert found(whole) == {"on_duty": {whole.community.code}}
    works_in(whole, whole.duty_grid, whole.community, begins=1200)
    assert found(whole) == {}


def test_a_community_without_a_supervisor_is_named(whole):
    Post.objects.filter(member=whole.supervisor).update(valid_until=whole.city.today())
    assert found(whole) == {"supervisor": {whole.community.code}}


def test_a_post_without_a_deputy_is_named(whole):
    Post.objects.filter(member=whole.chief).update(deputy=None)
    Post.objects.filter(member=whole.intake).update(deputy=whole.intake)
    assert found(whole) == {"deputy": {"tc_chief", "tc_intake"}}


def test_a_deputy_who_would_come_to_both_axes_is_named(whole):
    """They would stand in for nothing (invariant 3)."""
    Post.objects.filter(member=whole.chief).update(deputy=whole.dispatcher)
    assert found(whole) == {"deputy": {"tc_chief"}}


def test_holes_of_the_matrix_and_units_without_a_person_are_named(whole):
    MatrixRow.objects.filter(kind="event").update(valid_until=whole.city.today())
    assert found(whole) == {"hole": {"E-01-13"}}
    roads = Unit.objects.create(
        city=whole.city, code="ROADS", name_zh="公路局", name_en="Roads", kind="department"
    )
    MatrixRow.objects.create(
        city=whole.city, kind="event", area=whole.whole, lead=roads, valid_from=BEGAN + timedelta(1)
    )
    assert found(whole) == {"person": {"ROADS"}}
    Unit.objects.filter(pk=roads.pk).update(is_active=False)
    assert found(whole) == {"person": {"ROADS"}, "ended_unit": {"ROADS"}}


@pytest.mark.parametrize(
    ("command", "broken", "sound"),
    [("check_areas", "worker", "check_matrix"), ("check_matrix", "hole", "check_areas")],
)
def test_the_commands_list_what_they_find_and_end_with_one(whole, command, broken, sound):
    said = StringIO()
    call_command(command, stdout=said)
    if broken == "worker":
        Post.objects.filter(duty_grid=whole.duty_grids[3]).update(valid_until=whole.city.today())
    else:
        MatrixRow.objects.filter(kind="event").update(valid_until=whole.city.today())
    with pytest.raises(CommandError):
        call_command(command, "--city", "tc", stdout=said)
    assert f"  {broken} " in said.getvalue()
    call_command(sound, stdout=said)
    with pytest.raises(CommandError):
        call_command(command, "--city", "nowhere", stdout=said)


def test_what_the_daily_check_found_stands_on_the_health_page(whole):
    cache.delete(division.KEPT_AS)
    client = signed_in(whole.sysadmin)
    assert client.get("/health/").context["areas"] is None
    Post.objects.filter(duty_grid=whole.duty_grids[3]).update(valid_until=whole.city.today())
    check_areas()
    shown = client.get("/health/")
    assert [row[2] for row in shown.context["areas"]["rows"]] == [1]
    assert whole.duty_grids[3].code in shown.content.decode()
    cache.delete(division.KEPT_AS)
