"""Two cities with a year of cases, 12,000 and 1,200,000, in databases that were made beforehand:

    ./scripts/manage --home DIR migrate
    ./scripts/manage --home DIR load_demo --profile xiaonan --days 8
    ./scripts/manage --home DIR simulate --bulk             # the other one: --bulk 12000

once for each, and `GRIDCITY_BENCH_MANY=DIR/run/gridcity GRIDCITY_BENCH_FEW=…` for the benches,
while something keeps the servers of both there. Nothing that the benches write stays, but for the
counts: two weeks are counted, the others of the year are copies of these.
"""

import os
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.db import connection

from assessment import rollups
from assessment.models import DayCount, Progress
from lib import now as clock
from staff.models import City

WEB, OWNER = "gridcity_web", "gridcity_owner"
COUNTED_DAYS, LEAST_DAYS = 14, 300
COPIES = """
    INSERT INTO assessment_daycount (city_id, day, kind, subject, code, amount)
    SELECT c.city_id, t.day::date, c.kind, c.subject, c.code, c.amount
      FROM generate_series(%(first)s::date - 350, %(last)s::date - 1, '1 day') t(day)
      JOIN assessment_daycount c ON c.day BETWEEN %(first)s AND %(last)s
       AND (t.day::date - c.day) %% %(length)s = 0
     WHERE c.city_id = %(city)s
        ON CONFLICT DO NOTHING"""
VERSIONS = """
    INSERT INTO assessment_countedday (city_id, day, changes)
    SELECT DISTINCT city_id, day, 1 FROM assessment_daycount ON CONFLICT DO NOTHING"""


@contextmanager
def led_to(variable, role=WEB):
    """Lead this process's connection to the database that a variable names."""
    place = os.environ.get(variable)
    if not place:
        pytest.skip(f"{variable} names no database with a year of cases (see conftest.py)")
    there, before = Path(place), connection.settings_dict
    connection.close()
    connection.settings_dict = before | {
        "NAME": there.name,
        "HOST": str(there.parent),
        "USER": role,
        "PASSWORD": "",
        "PORT": "",
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
        for kept in caches.all():
            kept.clear()


@pytest.fixture
def many(django_db_blocker):
    """The large city, its year counted; the connection is the web's."""
    with django_db_blocker.unblock():
        with led_to("GRIDCITY_BENCH_MANY", OWNER):
            _count_the_year(City.objects.get())
        with led_to("GRIDCITY_BENCH_MANY"):
            yield City.objects.get()


def _count_the_year(city):
    """Count the two last weeks and let them stand for the year, if nobody has done so."""
    days = DayCount.objects.filter(city=city).values("day").distinct()
    if days.count() >= LEAST_DAYS:
        return
    today = clock.now().astimezone(ZoneInfo(city.time_zone)).date()
    counted = [today - timedelta(days=back) for back in range(1, COUNTED_DAYS + 1)]
    for day in counted:
        rollups.count_day(city, day, clock.now())
    values = {"first": counted[-1], "last": counted[0], "length": COUNTED_DAYS, "city": city.pk}
    with connection.cursor() as cursor:
        cursor.execute(COPIES, values)
        cursor.execute(VERSIONS)
        cursor.execute("ANALYZE assessment_daycount")
        cursor.execute("SELECT max(id) FROM incidents_step")
        (newest,) = cursor.fetchone()
    told = {"settled": newest, "seen": newest, "seen_at": clock.now()}
    told |= {"rolled_at": clock.now(), "day": today}
    Progress.objects.update_or_create(city=city, defaults=told)
