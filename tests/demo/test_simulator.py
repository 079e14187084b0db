"""The simulator plays whole lives through the one door, and the same seed plays the same lives."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from demo import loader
from demo.darkroom import Darkroom
from demo.generator import generate, load_profile
from demo.pictures import Album
from demo.querysets import known_hashes
from demo.simulator import day_is_played, simulate
from grids.models import Post
from incidents.models import Case, Evidence, Step
from lib import now as clock

# A Thursday evening in Shanghai; the days before are work days.
UNTIL = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """Yizhang without a case, loaded once for this file and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.at(UNTIL - timedelta(days=40)):
            city, _is_new = loader.load("yizhang", lambda: generate(load_profile("yizhang"), 1))
        yield city
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def here(city, db, settings, tmp_path):
    """Files of its own."""
    settings.MEDIA_ROOT = tmp_path


def play(city, **options):
    """Some days, with photos that are drawn in this process."""
    usual = {"days": 2, "seed": 7, "until": UNTIL, "per_day": 6}
    darkroom = Darkroom(Album(known_hashes(city)), None)
    return simulate(city, darkroom=darkroom, **usual | options)


def steps(city):
    rows = Step.objects.filter(case__city=city).order_by("case__number", "seq")
    return list(rows.values_list("case__number", "seq", "move", "to_stage", "by__username", "at"))


def looks(city):
    """The photos by what they show and when."""
    rows = Evidence.objects.filter(city=city, case__isnull=False)
    rows = rows.order_by("case__number", "step__seq", "taken_at", "phash")
    return list(rows.values_list("case__number", "step__seq", "taken_at", "phash"))


def test_the_same_seed_plays_the_same_lives(city):
    told = []
    for _time in range(2):
        with transaction.atomic():
            play(city)
            told.append((steps(city), looks(city)))
            transaction.set_rollback(True)
    assert told[0] == told[1]
    assert len({row[0] for row in told[0][0]}) >= 8


def test_a_day_does_not_depend_on_the_other_days_played(city):
    with transaction.atomic():
        play(city, days=2)
        both = [row for row in steps(city) if "20260304" in row[0]]
        transaction.set_rollback(True)
    play(city, only=UNTIL.date() - timedelta(days=1))
    # Which open case a merge names may differ; when and by whom things are reported may not.
    first = [row for row in steps(city) if row[1] == 1]
    assert first == [row for row in both if row[1] == 1]


def test_nothing_is_refused_and_nothing_lies_in_the_future(city):
    done = play(city, per_day=15)
    assert [name for name in done if name.startswith("refused")] == []
    assert done["cases"] == Case.objects.filter(city=city).count()
    assert done["moves"] == Step.objects.filter(case__city=city).count()
    assert not Step.objects.filter(case__city=city, at__gt=UNTIL).exists()
    assert Case.objects.filter(city=city, stage="closed").exists()


def test_photos_lie_near_the_place_and_a_little_before_their_step(city):
    play(city, days=1)
    photos = Evidence.objects.filter(city=city, case__isnull=False).select_related("step", "case")
    assert photos
    for photo in photos:
        assert photo.position.distance(photo.case.point) < 0.0005
        assert timedelta(0) < photo.step.at - photo.taken_at < timedelta(minutes=6)


def test_playing_a_day_twice_adds_no_case(city):
    play(city)
    before = Case.objects.filter(city=city).count()
    assert play(city).get("cases", 0) == 0
    assert Case.objects.filter(city=city).count() == before
    assert day_is_played(city, UNTIL.date())


def test_the_next_run_goes_on_where_the_last_one_stopped(city):
    play(city, days=1, until=UNTIL - timedelta(hours=5))
    early = {row[:2] for row in steps(city)}
    done = play(city, days=1, go_on=True)
    assert done["went on"] > 0
    assert early < {row[:2] for row in steps(city)}
    assert not Step.objects.filter(case__city=city, at__gt=UNTIL).exists()


def test_the_command_plays_up_to_a_named_moment_of_the_city(city):
    call_command("simulate", days=1, seed=7, per_day=4, until="2026-03-05T19:00", verbosity=0)
    said = steps(city)
    with pytest.raises(CommandError, match="--until"):
        call_command("simulate", until="tomorrow")
    assert said and max(row[5] for row in said) <= UNTIL


@pytest.mark.parametrize("hour", [11, 18], ids=["evening", "night"])
def test_cases_wait_at_every_desk_for_those_who_look_first(city, hour):
    until = UNTIL.replace(hour=hour)  # 19:00, and 02:00 of the next day
    play(city, days=1, until=until, per_day=3, waiting=2)
    home = Post.objects.get(member__username="worker", city=city).duty_grid
    there = Counter(Case.objects.filter(duty_grid=home).values_list("stage", flat=True))
    desks = {"reported", "confirming", "accepted", "filed", "dispatched", "handled"}
    # At night nobody goes out to verify: what was handled waits for the morning.
    assert set(there) >= (desks | {"verified"} if hour == 11 else desks)
    mine = Case.objects.filter(duty_grid=home, stage__in=("confirming", "handled"))
    assert {case.worker.username for case in mine} == {"worker"}
    due = Case.objects.filter(duty_grid=home, stage__in=("reported", "accepted", "filed"))
    assert not due.filter(due_at__lt=until).exists()
