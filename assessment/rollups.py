"""Roll-ups kept up to date: which days are dirty, and counting a day anew."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from assessment.measures import KINDS, count
from assessment.models import CountedDay, DayCount, Progress
from assessment.periods import Period
from lib import now as clock
from staff.models import City

# Longer than any transaction: a step older than this that is not seen yet will not come.
OPEN_FOR = timedelta(minutes=10)
MOST_DAYS = 400


def roll_up(city, *, everything=False):
    """Count the dirty days of a city anew; returns them. Two at once wait for each other."""
    moment = clock.now()
    with transaction.atomic():
        Progress.objects.get_or_create(city=city)
        progress = Progress.objects.select_for_update().get(city=city)
        newest = _one("SELECT max(id) FROM incidents_step") or 0
        since = (progress.rolled_at or moment) - OPEN_FOR
        days = _dirty(city, 0 if everything else progress.settled, since)
        today = city.local_date(moment)
        days |= {today, *_passed(progress.day, today)}
        for day in sorted(days)[-MOST_DAYS:]:
            count_day(city, day, moment)
        if progress.seen_at is None or progress.seen_at < moment - OPEN_FOR:
            progress.settled, progress.seen, progress.seen_at = progress.seen, newest, moment
        progress.rolled_at, progress.day = moment, today
        progress.save()
    return sorted(days)


def count_day(city, day, moment):
    """Bring the counts of one day to what a recount says; True if any changed. Only what changed
    is written. Stocks of a day that is not over are those of `moment`."""
    rows = DayCount.objects.filter(city=city, day=day)
    stood = {
        (kind, subject, code): amount
        for kind, subject, code, amount in rows.values_list("kind", "subject", "code", "amount")
    }
    fresh = _by_key(recount(city, day, moment))
    changed = [key for key, amount in fresh.items() if stood.get(key) != amount]
    gone = stood.keys() - fresh.keys()
    if not (changed or gone):
        return False
    _delete(rows, gone)
    DayCount.objects.bulk_create(
        [
            DayCount(city=city, day=day, kind=kind, subject=subject, code=code, amount=amount)
            for (kind, subject, code), amount in ((key, fresh[key]) for key in changed)
        ],
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["city", "kind", "day", "subject", "code"],
        update_fields=["amount"],
    )
    CountedDay.objects.get_or_create(city=city, day=day)
    CountedDay.objects.filter(city=city, day=day).update(changes=F("changes") + 1)
    return True


def _by_key(counts):
    """{(kind, subject, code): amount} of {kind: {(subject, code): amount}}."""
    return {(kind, *key): amount for kind, found in counts.items() for key, amount in found.items()}


def _delete(rows, gone):
    """Delete the rows of a day that a recount no longer finds."""
    if gone:
        there = rows.values_list("pk", "kind", "subject", "code")
        rows.filter(pk__in=[pk for pk, *key in there if tuple(key) in gone]).delete()


def recount(city, day, moment):
    """{kind: {(subject, code): amount}} of a day straight from the steps and clocks."""
    period = Period.of("day", day, city.time_zone)
    end = min(period.end, moment)
    return {kind: count(city, kind, period.start, end) for kind in KINDS}


def differences(city):
    """[(day, kind, subject, code, rolled up, recounted)] over all rolled-up days."""
    progress = Progress.objects.filter(city=city).first()
    if progress is None or progress.rolled_at is None:
        return []
    found = []
    days = DayCount.objects.filter(city=city).values_list("day", flat=True).distinct()
    for day in days.order_by("day"):
        stood = {
            (row.kind, row.subject, row.code): row.amount
            for row in DayCount.objects.filter(city=city, day=day)
        }
        fresh = _by_key(recount(city, day, progress.rolled_at))
        found += [
            (str(day), *key, stood.get(key, 0), fresh.get(key, 0))
            for key in sorted(stood.keys() | fresh.keys())
            if stood.get(key, 0) != fresh.get(key, 0)
        ]
    return found


def check(city):
    """Recount everything and keep where it differs; returns the differences."""
    found = differences(city)
    Progress.objects.filter(city=city).update(checked_at=clock.now(), differences=found[:500])
    return found


def all_cities():
    return City.objects.order_by("pk")


def _dirty(city, settled, since):
    """Local days that new steps may have changed, or a calendar that was edited: all days of the
    steps of their cases, and those on which such a case stood open past its limit."""
    sql = """
        WITH touched AS (SELECT s.case_id FROM incidents_step s
             JOIN incidents_case c ON c.id = s.case_id
            WHERE s.id > %(settled)s AND c.city_id = %(city)s
            UNION SELECT k.case_id FROM incidents_clockentry e
             JOIN incidents_clock k ON k.id = e.clock_id JOIN incidents_case c ON c.id = k.case_id
            WHERE e.step_id IS NULL AND e.at > %(since)s AND c.city_id = %(city)s)
        SELECT DISTINCT (s.at AT TIME ZONE %(zone)s)::date
          FROM incidents_step s JOIN touched USING (case_id)
        UNION
        SELECT DISTINCT generate_series((k.started_at AT TIME ZONE %(zone)s)::date,
               (coalesce(k.stopped_at, %(now)s) AT TIME ZONE %(zone)s)::date, '1 day')::date
          FROM incidents_clock k JOIN touched USING (case_id)
         WHERE k.kind IN ('handle', 'confirm', 'verify')
    """
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "settled": settled,
                "since": since,
                "city": city.pk,
                "zone": city.time_zone,
                "now": clock.now(),
            },
        )
        return {row[0] for row in cursor.fetchall()}


def _passed(day, today):
    """Days that ended since the last time: their stocks are final only now."""
    if day is None:
        return []
    return [day + timedelta(days=n) for n in range(min((today - day).days, MOST_DAYS))]


def _one(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
