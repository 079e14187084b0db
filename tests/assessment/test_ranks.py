"""Who is ranked: nobody on fewer than thirty cases a month."""

import pytest

from assessment.models import DayCount, Publication, PublishedScore
from assessment.periods import Period
from assessment.scorecards import formula_of
from assessment.standings import standings
from lib import now
from tests.assessment.test_pages import get

pytestmark = pytest.mark.django_db
MARCH, DAY = "2026-03", "2026-03-03"


def count(town, kind, period, **amounts):
    """Counts of one day that give every subject as many filed cases and as many closed."""
    for subject, filed in amounts.items():
        codes = ("R_INST", "R_CLOSE", "R_INTIME_CLOSE") if kind == "community" else ("D_INST",)
        DayCount.objects.bulk_create(
            DayCount(
                city=town.city,
                day=period.first,
                kind=kind,
                subject=getattr(town, subject).pk,
                code=code,
                amount=filed,
            )
            for code in codes
        )


@pytest.fixture
def march(town):
    return Period.read(MARCH, town.city.time_zone)


def ranks(town, kind, period):
    return {line.row.subject: line.rank for line in standings(town.city, kind, period).lines}


def test_thirty_filed_cases_a_month_are_ranked_and_twenty_nine_are_not(town, march):
    count(town, "community", march, community=30, other_community=29)
    assert ranks(town, "community", march) == {town.community.pk: 1, town.other_community.pk: None}


def test_of_units_those_dispatched_count(town, march):
    count(town, "unit", march, water=29, gardens=30)
    found = standings(town.city, "unit", march)
    assert [(line.row.subject, line.rank) for line in found.lines] == [
        (town.gardens.pk, 1),
        (town.water.pk, None),
    ]
    assert found.few == 1


def test_in_a_week_it_is_seven_and_in_a_day_one(town):
    zone = town.city.time_zone
    day = Period.read(DAY, zone)
    week = Period.of("week", day.first, zone)
    count(town, "community", day, community=7, other_community=6)
    assert set(ranks(town, "community", day).values()) == {1}
    assert ranks(town, "community", week) == {town.community.pk: 1, town.other_community.pk: None}


def test_who_had_too_few_last_month_neither_rose_nor_fell_nor_moved_others(town, march):
    count(town, "community", march, community=40, other_community=40)
    made = Publication.objects.create(
        city=town.city,
        period=str(march.before()),
        subject_kind="community",
        formula=formula_of("community"),
        input_hash="x",
        published_at=now.now(),
    )
    for community, filed, score in ((town.community, 29, 99), (town.other_community, 30, 50)):
        PublishedScore.objects.create(
            publication=made, subject=community.pk, counts={"R_INST": filed}, score=score, band="A"
        )
    found = standings(town.city, "community", march)
    assert {line.row.subject: line.moved for line in found.lines} == {
        town.community.pk: None,
        town.other_community.pk: 0,
    }


def test_the_page_says_how_many_are_not_ranked(town, march):
    count(town, "community", march, community=30, other_community=29)
    page = get(town.assessor, "scores", kind="community").text
    assert "1 has fewer than 30 cases and is not ranked." in page
