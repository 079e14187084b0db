"""Who is asked to confirm and verify (domain rule: staffing)."""

from datetime import timedelta

from grids.models import Absence, Post, Roster
from lib import now
from staff.models import Member
from tests.cast import BEGAN, MORNING
from tests.incidents import play


def test_the_grids_own_worker_comes_first(town):
    assert play.handled(town).worker == town.worker


def test_an_absent_worker_is_passed_over(town):
    Absence.objects.create(
        member=town.worker, starts_at=MORNING, ends_at=MORNING + timedelta(days=1)
    )
    assert play.handled(town).worker == town.mate


def test_at_night_an_urgent_case_goes_to_the_streets_duty_worker(town):
    owl = Member.objects.create(username="owl", name="owl")
    post = Post.objects.create(
        member=owl, role="worker", city=town.city, area=town.street, valid_from=BEGAN
    )
    Roster.objects.create(
        post=post,
        area=town.street,
        weekdays=[1, 2, 3, 4, 5, 6, 7],
        from_minute=1260,
        until_minute=1440,
    )
    urgent, calm = play.dispatched(town, town.urgent), play.dispatched(town, town.slow)
    now.set_to(MORNING + timedelta(hours=13))  # 22:00 in the city
    assert play.handle(town, urgent).worker == owl
    assert play.handle(town, calm).worker == town.worker


def test_urgent_verifying_runs_through_the_night_and_other_waits_for_patrol_hours(town):
    urgent, calm = play.dispatched(town, town.urgent), play.dispatched(town, town.slow)
    now.set_to(MORNING + timedelta(hours=13))
    assert play.handle(town, urgent).due_at == MORNING + timedelta(hours=13, minutes=30)
    assert play.handle(town, calm).due_at == MORNING + timedelta(hours=22, minutes=30)


def test_a_worker_whose_post_has_ended_is_not_asked_though_the_roster_names_them(town):
    Post.objects.filter(member=town.worker).update(valid_until=MORNING.date())
    assert play.handled(town, by=town.mate).worker == town.mate


def test_a_case_in_no_duty_grid_asks_nobody_from_elsewhere(town):
    Roster.objects.all().delete()
    Post.objects.create(
        member=Member.objects.create(username="roamer", name="roamer"),
        role="worker",
        city=town.city,
        area=town.other_community,
        valid_from=BEGAN,
    )
    town.duty_grid.grids.all().delete()
    assert play.dispatched(town, by=town.intake, source="hotline").duty_grid is None
    assert play.handled(town, by=town.intake, source="hotline").worker is None
