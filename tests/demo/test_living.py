"""The demo city goes on living, leaves people's cases alone, and looks again at what was closed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from demo import loader
from demo.darkroom import Darkroom
from demo.generator import generate, load_profile
from demo.living import MONTH_DAYS, go_on, play_a_little
from demo.people import SHARES, People
from demo.pictures import Album
from demo.progress import tell
from demo.querysets import known_hashes, undrawn
from demo.rechecks import check_day
from demo.simulator import simulate
from demo.staffing import CAST
from grids.models import Post
from incidents.draws import Draw
from incidents.models import Case, JointTask, Plan, Step
from incidents.workflow import move
from lib import now as clock
from staff.models import Member

# A Thursday evening in Shanghai; the days before are work days.
UNTIL = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
MORNING = UNTIL - timedelta(hours=9)
SEED = 7
PER_DAY = 14


def lived(city, **options):
    """Days of a city, with photos that are drawn in this process."""
    darkroom = Darkroom(Album(known_hashes(city)), None)
    return simulate(city, seed=SEED, darkroom=darkroom, **options)


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """Yizhang with a Wednesday and a Thursday morning behind it, gone after this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.at(UNTIL - timedelta(days=40)):
            city, _is_new = loader.load("yizhang", lambda: generate(load_profile("yizhang"), 1))
        lived(city, days=2, until=MORNING, per_day=PER_DAY, waiting=1)
        yield city
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def media(db, settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "living"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def play(city, **options):
    """As long as it takes, for how much a minute holds is another test's matter; with as few
    reports a day as the city has had so far."""
    usual = {"budget_s": 3600, "per_day": PER_DAY}
    return play_a_little(city, SEED, until=UNTIL, **usual | options)


def since(city, moment):
    return Step.objects.filter(case__city=city, at__gt=moment)


def test_hours_later_it_has_moved_on_by_itself(city):
    done = play(city)
    assert done["cases"] > 0 and done["went on"] > 0
    assert not [name for name in done if name.startswith("refused")]
    moved = since(city, MORNING)
    assert {"report", "accept", "dispatch", "handle"} <= set(moved.values_list("move", flat=True))
    assert not moved.filter(at__gt=UNTIL).exists()


def test_nothing_is_done_in_the_names_of_the_demo_accounts_or_in_their_grid(city):
    play(city)
    home = Post.objects.get(member__username="worker", city=city).duty_grid
    moved = since(city, MORNING)
    assert not moved.filter(by__username__in=CAST).exists()
    assert not moved.filter(case__duty_grid=home).exclude(move="report").exists()


def test_a_case_that_a_person_has_moved_is_left_to_people(city):
    home = Post.objects.get(member__username="worker", city=city).duty_grid
    case = Case.objects.filter(city=city, stage="dispatched").exclude(duty_grid=home).first()
    with clock.at(MORNING):
        case = move(case, "supervise", Member.objects.get(username="leader"), words="请尽快。",
                    due=(MORNING + timedelta(days=9)).isoformat())  # fmt: skip
    play(city)
    assert case.stage == Case.objects.get(pk=case.pk).stage
    assert not since(city, MORNING).filter(case=case).exclude(by__username="system").exists()


def test_twice_in_the_same_minute_nothing_happens_twice(city):
    play(city)
    before = since(city, MORNING).count()
    assert not play(city)
    assert since(city, MORNING).count() == before


def test_what_has_no_time_left_is_the_next_minutes(city):
    assert not play(city, budget_s=0)
    assert play(city)


@pytest.mark.parametrize("lives", [True, False])
def test_it_can_be_told_to_stand_still(city, settings, lives):
    settings.DEMO_LIVES = lives
    tell(MONTH_DAYS, MONTH_DAYS)
    with clock.at(MORNING + timedelta(minutes=30)):
        go_on(SEED)
    assert since(city, MORNING).exists() is lives


def test_a_day_that_is_over_is_drawn_once_and_looked_at_again(city):
    day, people = UNTIL.date() - timedelta(days=1), People(city)
    done = check_day(city, day, SEED, people, UNTIL + timedelta(days=2))
    assert not [name for name in done if name.startswith("refused")]
    made = Draw.objects.get(seal__city=city, seal__day=day)
    assert made.size > 0 and made.seal.sealed_at < made.drawn_at
    checks = Step.objects.filter(case__city=city, move="spot_check")
    assert checks.count() == made.cases.filter(demand__isnull=False).count() > 0
    assert undrawn(city, [day]) == []
    again = made.cases.filter(demand__ended_by__facts__found=True).count()
    assert Step.objects.filter(case__city=city, move="reopen", by__username="system").count() == (
        again
    )


def test_campaigns_count_down_from_the_first_day(city):
    plans = Plan.objects.filter(city=city)
    assert plans.count() >= 3
    assert plans.filter(target__isnull=True).exists()
    assert all(plan.starts < UNTIL.date() < plan.ends for plan in plans)


def test_called_departments_come_and_are_rated(city):
    day = UNTIL.date() - timedelta(days=2)
    lived(city, days=1, until=UNTIL, only=day, per_day=8, shares=SHARES | {"joint": 1})
    tasks_called = JointTask.objects.filter(city=city)
    assert tasks_called
    calls = [each for task in tasks_called for each in task.calls.all()]
    assert all(each.rated_at for each in calls if each.due_at < UNTIL - timedelta(hours=3))
    assert all(task.called_at < each.due_at for task in tasks_called for each in task.calls.all())
