"""Cases copied by SQL obey the loop's rules as those that it made itself; no guard stays away."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from demo import bulk, loader
from demo.darkroom import Darkroom
from demo.generator import generate, load_profile
from demo.people import SHARES
from demo.pictures import Album
from demo.querysets import known_hashes
from demo.simulator import simulate
from incidents import orphans
from incidents.models import Case, Clock, ClockEntry, Demand, Step
from lib import now as clock

# A Thursday evening in Shanghai, two weeks after a spring festival with its make-up days.
UNTIL = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
COPIES, DAYS = 600, 60
OFTEN = {"suspend": 0.2, "supervise": 0.2, "extend": 0.2, "late": 0.3, "return": 0.2, "rework": 0.2}


def played(city, **options):
    """A day, with photos that are drawn in this process."""
    darkroom = Darkroom(Album(known_hashes(city)), None)
    return simulate(city, days=1, until=UNTIL, darkroom=darkroom, **options)


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """Yizhang with three turbulent days, copied."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.at(UNTIL - timedelta(days=70)):
            city, _is_new = loader.load("yizhang", lambda: generate(load_profile("yizhang"), 1))
        for back in (9, 8, 0):
            day = UNTIL.date() - timedelta(days=back)
            played(city, seed=5, only=day, per_day=9, shares=SHARES | OFTEN)
        city.before = marks()
        city.rows = {model: model.objects.count() for model in bulk.TABLES}
        city.made = bulk.multiply(city, cases=COPIES, days=DAYS, seed=1, until=UNTIL)
        yield city
        transaction.set_rollback(True)


def marks():
    """Constraints, indexes and triggers of the tables that are laid bare."""
    tables = [model._meta.db_table for model in bulk.TABLES]
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"tables": tables})
        return sorted(cursor.fetchall())


# By name: an index's condition is written in another way once it was read and made again.
_MARKS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid = ANY(%(tables)s::regclass[])
     UNION ALL
    SELECT indexrelid::regclass::text, indisunique::text FROM pg_index
     WHERE indrelid = ANY(%(tables)s::regclass[])
     UNION ALL
    SELECT tgname, tgenabled::text FROM pg_trigger
     WHERE tgrelid = ANY(%(tables)s::regclass[]) AND NOT tgisinternal
"""


@pytest.fixture(autouse=True)
def at_the_end(db):
    with clock.at(UNTIL):
        yield


def test_as_many_cases_as_were_asked_for_with_all_that_is_theirs(city):
    assert city.made[Case._meta.db_table] == COPIES
    for model in (Case, Step, Clock, ClockEntry, Demand):
        assert model.objects.count() == city.rows[model] + city.made[model._meta.db_table]
    per_case = city.rows[Step] / city.rows[Case]
    assert 0.6 * per_case < city.made[Step._meta.db_table] / COPIES < 1.6 * per_case


def test_check_loop_finds_nothing_also_in_the_ledgers_of_stopped_clocks(city):
    found = [*orphans.look(city), orphans.replay_clocks(city, stopped=True)]
    assert {f.rule.key: f.shown for f in found if f.count} == {}


def test_they_are_spread_over_the_days_and_none_lies_in_the_future(city):
    cases = Case.objects.filter(city=city)
    days = {at.date() for at in cases.values_list("reported_at", flat=True)}
    assert len(days) > DAYS / 4
    assert min(days) >= UNTIL.date() - timedelta(days=DAYS + 1)
    assert not Step.objects.filter(case__city=city, at__gt=UNTIL).exists()


def test_numbers_follow_on_and_the_next_report_has_the_next(city):
    number = Case.objects.filter(city=city).order_by("-number").values_list("number", flat=True)[0]
    day = UNTIL.date()
    assert number.startswith(f"{city.number_prefix}-{day:%Y%m%d}-")
    done = played(city, seed=99, per_day=2)
    assert done["cases"] >= 1
    newest = Case.objects.filter(city=city).order_by("-pk").first()
    assert int(newest.number[-4:]) > int(number[-4:])


def test_the_tables_are_guarded_as_before(city):
    assert marks() == city.before
