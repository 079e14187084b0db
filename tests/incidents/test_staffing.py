"""Who is asked to confirm and verify (domain rule: staffing)."""

from datetime import timedelta

import pytest

from grids.models import Absence, Post, Roster
from incidents import workflow
from incidents.facts import BadFacts
from incidents.forms import CHOICES
from lib import now
from staff.models import Member
from tests import cast
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


NIGHT = MORNING + timedelta(hours=13)  # 22:00 in the city: nobody is on duty


def offered(case):
    """The user names that the form lists."""
    return {name for _area, rows in CHOICES["worker"](case, None) for name, _said in rows}


def asked(town, worker):
    """Whom an intake officer asks by name to confirm a report; None if the loop refuses."""
    case = play.reported(town)
    listed = worker.username in offered(case)
    try:
        found = workflow.move(case, "ask_confirm", town.intake, worker=worker.username).worker
    except BadFacts as refused:
        assert set(refused.errors) == {"worker"}
        found = None
    # The list and the rule say the same.
    assert listed == (found is not None)
    return found


def test_a_worker_of_the_community_may_be_asked_at_any_hour(town):
    now.set_to(NIGHT)
    assert asked(town, town.mate) == town.mate


def test_one_from_elsewhere_in_the_city_only_while_on_duty(town):
    assert asked(town, town.far_worker) == town.far_worker
    now.set_to(NIGHT)
    assert asked(town, town.far_worker) is None


def test_a_worker_of_another_city_is_never_asked(town):
    other = cast.make_city("OT", lon=115.0)
    assert asked(town, other.worker) is None


def test_who_is_absent_is_not_asked(town):
    Absence.objects.create(member=town.mate, starts_at=MORNING, ends_at=NIGHT)
    assert asked(town, town.mate) is None


def test_who_is_no_worker_is_not_asked(town):
    assert asked(town, town.supervisor) is None


def test_nobody_else_is_put_on_a_case_that_waits_to_be_verified(town):
    other = cast.make_city("OT", lon=115.0)
    case = play.handled(town)
    with pytest.raises(BadFacts):
        workflow.move(case, "reassign", town.intake, worker=other.worker.username)
    case = workflow.move(case, "reassign", town.intake, worker=town.far_worker.username)
    assert case.worker == town.far_worker


def test_the_cases_own_community_stands_first_in_the_list(town):
    case = play.reported(town)
    areas = [area for area, _rows in CHOICES["worker"](case, None)]
    assert areas == [town.community.name, town.other_community.name]
