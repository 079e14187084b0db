"""Periods publish themselves once they are over, have had their grace and are quiet."""

from datetime import timedelta

import pytest

from assessment import rollups
from assessment.models import DayCount, Progress, Publication
from assessment.periods import Period
from assessment.publishing import BY_ITSELF, has_changed, publish, publish_due
from assessment.standings import past_of, standings
from lib import now
from tests.assessment.busy import MONTH

pytestmark = pytest.mark.django_db


def settle(city):
    """Count until nothing is left that may still come."""
    for _time in range(3):
        rollups.roll_up(city)
        now.set_to(now.now() + timedelta(minutes=15))


def test_a_month_waits_for_its_grace(filled):
    period = Period.read(MONTH, filled.city.time_zone)
    for days, many in ((2, 0), (4, len(BY_ITSELF["month"]))):
        now.set_to(period.end + timedelta(days=days))
        settle(filled.city)
        publish_due(filled.city, most=500)
        assert Publication.objects.filter(period=MONTH).count() == many


def test_so_many_at_a_time_the_oldest_first_and_nothing_twice(filled):
    settle(filled.city)
    now.set_to(Period.read("2026", filled.city.time_zone).end + timedelta(days=11))
    # The quiet days until then need no count of their own to be published.
    Progress.objects.filter(city=filled.city).update(day=filled.city.local_date(now.now()))
    settle(filled.city)
    first = publish_due(filled.city, most=3)
    assert len(first) == 3 and {made.period for made in first} == {"2026-03"}
    while publish_due(filled.city, most=200):
        pass
    kept = Publication.objects.values_list("period", "subject_kind")
    assert len(kept) == len(set(kept))
    assert {"2026-03", "2026-Q1", "2026"} <= {period for period, _kind in kept}


def test_a_correction_stands_beside_and_both_entries_can_be_read(filled):
    period = Period.read(MONTH, filled.city.time_zone)
    now.set_to(period.end + timedelta(days=4))
    rollups.roll_up(filled.city)
    first = publish(filled.city, "street", period)
    assert not has_changed(first, filled.city, period)
    DayCount.objects.filter(kind="street", code="R_CLOSE").update(amount=7)
    assert standings(filled.city, "street", period, check=True).has_changed
    second = publish(filled.city, "street", period)
    shown = standings(filled.city, "street", period)
    assert shown.publication == second and [e.pk for e in shown.entries] == [first.pk, second.pk]
    older = standings(filled.city, "street", period, entry=first.pk)
    counted = [found.lines[0].row.counts["R_CLOSE"] for found in (older, shown)]
    assert counted == [2, 7]


def test_ranks_move_against_the_period_before(filled):
    city, period = filled.city, Period.read(MONTH, filled.city.time_zone)
    now.set_to(period.end + timedelta(days=4))
    rollups.roll_up(city)
    rows = [
        {"city": city, "kind": "street", "subject": filled.other_community.pk, "code": code}
        for code in ("R_CLOSE", "R_INTIME_CLOSE", "R_INST")
    ]
    DayCount.objects.bulk_create(DayCount(day=period.first, amount=90, **row) for row in rows)
    for row in rows:
        amount = 10 if row["code"] == "R_INTIME_CLOSE" else 90
        mine = {**row, "subject": filled.street.pk, "day": period.first}
        DayCount.objects.update_or_create(**mine, defaults={"amount": amount})
    publish(city, "street", period)
    after = period.after()
    for row in rows:
        amount = 10 if row["code"] == "R_INTIME_CLOSE" else 90
        DayCount.objects.create(day=after.first, amount=amount, **row)
        row["subject"] = filled.street.pk
        DayCount.objects.create(day=after.first, amount=90, **row)
    found = standings(city, "street", after)
    assert [(line.rank, line.moved) for line in found.lines] == [(1, 1), (2, -1)]
    assert found.lines[0].trend[-2:] != [None, None] and len(past_of(period)) == 12
