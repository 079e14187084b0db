"""The simulator plays whole lives through the one door, and the same seed plays the same lives."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from demo import loader, simulator
from demo.generator import generate, load_profile
from demo.simulator import day_is_played, simulate
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
def here(city, db, settings, tmp_path, monkeypatch):
    """Files of its own; pictures drawn in this process."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(simulator, "_drawing", simulator.nullcontext)


def play(city, **options):
    return simulate(city, **{"days": 2, "seed": 7, "until": UNTIL, "per_day": 6} | options)


def steps(city):
    rows = Step.objects.filter(case__city=city).order_by("case__number", "seq")
    return list(rows.values_list("case__number", "seq", "move", "to_stage", "by__username", "at"))


def test_the_same_seed_plays_the_same_lives(city):
    told = []
    for _time in range(2):
        with transaction.atomic():
            play(city)
            told.append(steps(city))
            transaction.set_rollback(True)
    assert told[0] == told[1]
    assert len({row[0] for row in told[0]}) >= 8


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
