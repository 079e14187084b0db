"""Days of the small city as the roll-ups count them, without the cases behind them."""

from datetime import timedelta

import pytest

from assessment.models import DayCount, Progress
from publication import publishing
from tests.cast import MORNING

MONDAY = MORNING.date() - timedelta(days=1)
AREA = {
    "intake": "R_ACCEPT",
    "filed": "R_INST",
    "closed": "R_CLOSE",
    "on_time": "R_INTIME_CLOSE",
    "late": "R_OVERTIME_CLOSE",
    "overdue": "R_OVERDUE_OPEN",
    "patrol": "R_PATROL",
}
UNIT = {
    "dispatched": "D_INST",
    "closed": "D_CLOSE",
    "on_time": "D_INTIME_CLOSE",
    "overdue": "D_OVERDUE_OPEN",
}


def write(city, day, kind, subject, **figures):
    """Counts of a subject on a day, in place of those that stood there."""
    codes = UNIT if kind == "unit" else AREA
    DayCount.objects.bulk_create(
        [
            DayCount(
                city=city, day=day, kind=kind, subject=subject.pk, code=codes[name], amount=amount
            )
            for name, amount in figures.items()
        ],
        update_conflicts=True,
        update_fields=["amount"],
        unique_fields=["city", "kind", "day", "subject", "code"],
    )


def full_day(town, day, *, one=20, other=14, late=4, overdue=5):
    """A day with much in both communities of the one street and in the water bureau."""
    for kind, subject, n in (
        ("community", town.community, one),
        ("community", town.other_community, other),
        ("street", town.street, one + other),
        ("city", town.city, one + other),
    ):
        share = late if kind != "community" else late // 2
        over = overdue if kind != "community" else (overdue + (n == one)) // 2
        write(
            town.city,
            day,
            kind,
            subject,
            intake=n + 3,
            filed=n + 1,
            closed=n,
            on_time=n - share,
            late=share,
            overdue=over,
            patrol=n // 2,
        )
    whole = one + other
    write(
        town.city,
        day,
        "unit",
        town.water,
        dispatched=whole,
        closed=whole - 4,
        on_time=whole - 4 - late,
        overdue=overdue,
    )


@pytest.fixture
def counted(town):
    """The small city with a schedule from Monday, and roll-ups that have come far enough: what
    they say is what a test writes."""
    Progress.objects.create(city=town.city, rolled_at=MORNING + timedelta(days=400))
    publishing.open_schedule(town.city, MONDAY)
    return town
