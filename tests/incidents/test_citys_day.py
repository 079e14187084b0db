"""The day is the city's: what begins on Monday holds from Monday's first minute in the city, and
what ended on Sunday ends there, wherever the server stands."""

from datetime import UTC, date, datetime, timedelta

import pytest

from grids import coverage
from grids.backends import posts_of
from grids.models import AreaVersion, DutyGridMember, Post
from incidents import ladder, routing, settling, telling, workflow
from incidents.checks import closings_of
from incidents.forms import CHOICES
from incidents.models import Clock, Demand, MatrixRow, Message
from lib import now
from staff.models import City, Member
from tests import cast
from tests.grids.mvt import layers_of
from tests.grids.play import address, signed_in
from tests.incidents import play

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 9)
# 07:30 on Monday in Shanghai, half past eleven on Sunday night by UTC.
DAWN = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)


def anew(member):
    """A member as the next request reads it."""
    return Member.objects.get(pk=member.pk)


@pytest.fixture
def dawn(town):
    with now.at(DAWN):
        yield town


def begins_on_monday(member):
    Post.objects.filter(member=member).update(valid_from=MONDAY)


def ended_on_sunday(member):
    Post.objects.filter(member=member).update(valid_until=MONDAY)


def monday_border(town):
    """The first grid has a border that begins on Monday."""
    old = AreaVersion.objects.get(area=town.grids[0])
    AreaVersion.objects.filter(pk=old.pk).update(valid_until=MONDAY)
    return AreaVersion.objects.create(area=old.area, geometry=old.geometry, valid_from=MONDAY)


def test_a_post_that_begins_today_gives_its_rights_from_the_first_minute(dawn):
    begins_on_monday(dawn.worker)
    assert anew(dawn.worker).has_perm("incidents.report_case")


def test_a_post_that_ended_yesterday_gives_none(dawn):
    ended_on_sunday(dawn.worker)
    assert not anew(dawn.worker).has_perm("incidents.report_case")


def test_a_member_who_stays_signed_in_over_midnight_loses_what_ended(town):
    ended_on_sunday(town.worker)
    member = anew(town.worker)
    with now.at(datetime(2026, 3, 8, 15, 59, tzinfo=UTC)):
        assert posts_of(member)
        now.set_to(datetime(2026, 3, 8, 16, 0, tzinfo=UTC))
        assert not posts_of(member)


def test_each_post_holds_by_the_day_of_its_own_city(dawn):
    """In New York it is still Sunday evening."""
    City.objects.filter(pk=dawn.city.pk).update(time_zone="America/New_York")
    begins_on_monday(dawn.worker)
    ended_on_sunday(dawn.mate)
    assert not anew(dawn.worker).has_perm("incidents.report_case")
    assert anew(dawn.mate).has_perm("incidents.report_case")


def test_a_report_keeps_border_duty_grid_and_number_of_the_citys_day(dawn):
    border = monday_border(dawn)
    DutyGridMember.objects.filter(grid=border.area).update(valid_until=MONDAY)
    DutyGridMember.objects.create(grid=border.area, duty_grid=dawn.duty_grids[1], valid_from=MONDAY)
    case = play.reported(dawn)
    assert (case.grid_version, case.duty_grid) == (border, dawn.duty_grids[1])
    assert case.number == "TC-20260309-0001"
    assert coverage.containing(dawn.inside, dawn.city).version == border


def test_a_corrected_place_takes_the_border_of_the_day_of_the_report(dawn):
    case = play.filed(dawn)
    border = monday_border(dawn)
    now.set_to(DAWN + timedelta(days=3))
    case = workflow.move(
        case, "correct", dawn.chief, reason="x", longitude=dawn.inside.x, latitude=dawn.inside.y
    )
    assert case.grid_version == border


def test_a_case_filed_in_the_grid_beside_takes_its_border_of_that_day(dawn):
    border = monday_border(dawn)
    beside = type(dawn.inside)(dawn.lon + 0.00105, dawn.lat + 0.0005, srid=4326)
    photo = cast.photo_of(dawn.worker, dawn).pk
    case = workflow.report(
        dawn.worker, city=dawn.city, point=beside, evidence=[photo], category=dawn.rubbish.code
    )
    assert case.grid == dawn.grids[1]
    case = workflow.move(case, "accept", dawn.intake, category=dawn.rubbish.code)
    case = workflow.move(case, "file", dawn.chief, condition=dawn.quick.code, grid=border.area.code)
    assert case.grid_version == border


def test_a_row_of_the_matrix_answers_from_its_first_morning(dawn):
    MatrixRow.objects.create(
        city=dawn.city,
        kind="event",
        category=dawn.rubbish,
        area=dawn.whole,
        lead=dawn.gardens,
        valid_from=MONDAY,
    )
    assert routing.route(play.reported(dawn)).lead == dawn.gardens


def test_the_holes_of_the_matrix_are_those_of_the_citys_day(dawn):
    MatrixRow.objects.filter(kind="event").update(valid_until=MONDAY)
    assert routing.holes(dawn.city)
    MatrixRow.objects.filter(kind="event").update(valid_until=MONDAY + timedelta(days=1))
    assert not routing.holes(dawn.city)


def test_only_workers_of_the_citys_day_are_asked(dawn):
    """The workers of the grid: one began today, the other's post ended yesterday."""
    begins_on_monday(dawn.mate)
    ended_on_sunday(dawn.worker)
    case = play.reported(dawn, by=dawn.far_worker)
    own, _others = CHOICES["worker"](case, None)
    assert [name for name, _said in own[1]] == ["tc_mate"]
    assert workflow.move(case, "ask_confirm", dawn.intake).worker == dawn.mate


def test_the_street_closes_where_the_communitys_supervisor_ended_yesterday(dawn):
    case = play.verified(dawn)
    ended_on_sunday(dawn.supervisor)
    street = anew(dawn.street_supervisor)
    assert closings_of([case], street)
    assert workflow.move(case, "close", street).stage == "closed"


def verify_is_breached(town):
    """A case whose clock to verify falls due on Monday at dawn, and nobody came."""
    case = play.handled(town)
    due = Clock.objects.get(case=case, kind="verify").due_at
    now.set_to(due + timedelta(minutes=1))
    assert now.local_date(now.now(), "Asia/Shanghai") == MONDAY > due.date()
    return case


@pytest.mark.parametrize("how", ["door", "engine"])
def test_who_must_answer_for_a_breach_is_the_head_of_the_citys_day(dawn, how):
    now.set_to(DAWN - timedelta(hours=2))
    begins_on_monday(dawn.grid_head)
    case = verify_is_breached(dawn)
    settle = {"door": lambda: workflow.settle_case(case), "engine": settling.settle_due}[how]
    settle()
    assert Demand.objects.get(case=case, kind="answer").owner_role == "grid_head"


def test_the_ladder_asks_the_day_of_the_cases_own_city(dawn):
    City.objects.filter(pk=dawn.city.pk).update(time_zone="America/New_York")
    begins_on_monday(dawn.grid_head)
    clock = Clock.objects.get(case=play.handled(dawn), kind="verify")
    assert ladder.heads_of([clock.pk], DAWN)[clock.pk].role == "leader"


def test_who_is_told_holds_the_post_on_the_citys_day(dawn):
    begins_on_monday(dawn.second_dispatcher)
    ended_on_sunday(dawn.dispatcher)
    play.filed(dawn)
    telling.tell_all()
    told = Message.objects.filter(channel="page", notice="your_turn")
    names = set(told.values_list("member__username", flat=True))
    assert "tc_second_dispatcher" in names and "tc_dispatcher" not in names


def test_maps_show_the_border_of_the_citys_day(dawn):
    border = monday_border(dawn)
    answer = signed_in(dawn.dispatcher).get(address("grids", 15))
    shown = {properties["version"] for properties, _at in layers_of(answer.content)["grids"]}
    assert border.pk in shown


def test_nothing_is_asked_more_often_for_it(town, django_assert_num_queries):
    member = anew(town.worker)
    with django_assert_num_queries(1):
        posts_of(member)
        posts_of(member)
        assert member.has_perm("incidents.report_case")
