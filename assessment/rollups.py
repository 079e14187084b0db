"""Roll-ups kept up to date: which days are dirty, and counting a day anew."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from assessment.measures import KINDS, count
from assessment.models import CountedDay, DayCount, Progress
from assessment.periods import Period
from assessment.querysets import APPEALS, appeals_between, days_touched, newest_step
from lib import now as clock
from staff.models import City

# Longer than any transaction: a step older than this that is not seen yet will not come.
OPEN_FOR = timedelta(minutes=10)
# Differences that are kept of a check; where there are so many, one looks at the first.
MOST_KEPT = 500


def roll_up(city, *, everything=False):
    """Count the dirty days of a city anew, however many; returns them. Two at once wait for each
    other."""
    with transaction.atomic():
        Progress.objects.get_or_create(city=city)
        progress = Progress.objects.select_for_update().get(city=city)
        moment, newest = clock.now(), newest_step()
        since = (progress.rolled_at or moment) - OPEN_FOR
        days = days_touched(city, 0 if everything else progress.settled, since)
        today = city.local_date(moment)
        days |= {today, *_passed(progress.day, today)}
        for day in sorted(days):
            count_day(city, day, moment)
        if progress.seen_at is None or progress.seen_at < moment - OPEN_FOR:
            progress.settled, progress.seen, progress.seen_at = progress.seen, newest, moment
        progress.rolled_at, progress.day = moment, today
        progress.save(update_fields=["settled", "seen", "seen_at", "rolled_at", "day"])
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
    """{kind: {(subject, code): amount}} of a day straight from the steps and clocks, and of the
    appeals against the cases that were closed on it."""
    period = Period.of("day", day, city.time_zone)
    end = min(period.end, moment)
    counts = {kind: count(city, kind, period.start, end) for kind in KINDS}
    for keys, outcome, many in appeals_between(city, period.start, end):
        for kind, subject in keys.items():
            if subject is not None:
                found, key = counts[kind], (subject, APPEALS[outcome])
                found[key] = found.get(key, 0) + many
    return counts


def differences(city, days=None):
    """[(day, kind, subject, code, rolled up, recounted)] over these days; without any over all on
    which something was counted or happened."""
    progress, found = Progress.objects.of(city), []
    if progress.rolled_at is None:
        return found
    moment = progress.rolled_at
    if days is None:
        days = {*DayCount.objects.days_of(city), *days_touched(city, 0, moment)}
    for day in sorted(day for day in days if day <= city.local_date(moment)):
        stood = {
            (row.kind, row.subject, row.code): row.amount
            for row in DayCount.objects.filter(city=city, day=day)
        }
        fresh = _by_key(recount(city, day, moment))
        found += [
            (day, *key, stood.get(key, 0), fresh.get(key, 0))
            for key in sorted(stood.keys() | fresh.keys())
            if stood.get(key, 0) != fresh.get(key, 0)
        ]
    return found


def check(city):
    """Recount everything and keep where it differs; returns the differences. The loop goes on
    meanwhile: days touched by steps since the last roll-up are looked at again after another."""
    found, progress = differences(city), Progress.objects.of(city)
    # By key, not by time: steps of an import or of a phone that was offline happened before.
    touched = days_touched(city, progress.seen, progress.rolled_at) if found else set()
    again = {day for day, *_rest in found} & touched
    if again:
        roll_up(city)
        found = [row for row in found if row[0] not in again] + differences(city, again)
    told = [(str(day), *rest) for day, *rest in found]
    Progress.objects.filter(city=city).update(checked_at=clock.now(), differences=told[:MOST_KEPT])
    return told


def all_cities():
    return City.objects.order_by("pk")


def _passed(day, today):
    """Days that ended since the last time: their stocks are final only now."""
    if day is None:
        return []
    return [day + timedelta(days=n) for n in range((today - day).days)]
