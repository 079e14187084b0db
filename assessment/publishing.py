"""What leaves the system: frozen scores and the export from which anybody can recompute them."""

import hashlib
import json
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from assessment.measures import AREAS, EVERYDAY, KINDS, RATES, SUMS, count
from assessment.models import DayCount, Publication, PublishedScore
from assessment.periods import Period
from assessment.querysets import days_after
from assessment.scorecards import (
    counts_of_kinds,
    formula_of,
    rolled_up,
    scorecard,
)
from lib import now as clock

# What is published by itself. Of persons nothing shorter than a month is frozen, for a day says
# little about anybody; the every-days alone look at what a grid worker was asked that day.
BY_ITSELF = {
    "day": (*AREAS, "unit", *EVERYDAY),
    "week": (*AREAS, "unit"),
    "month": KINDS,
    "quarter": KINDS,
    "year": KINDS,
}
# How long after its end a period waits for what comes late: reports of phones that were offline,
# verdicts of the last day, the assessor's own look (house rule).
GRACE = {
    "day": timedelta(minutes=30),
    "week": timedelta(days=1),
    "month": timedelta(days=3),
    "quarter": timedelta(days=5),
    "year": timedelta(days=10),
}
# Missed periods are made up for, so many of a kind back and so many publications at a time.
LOOK_BACK = {"day": 31, "week": 6, "month": 12, "quarter": 4, "year": 2}
MOST_AT_ONCE = 60


class NotOver(Exception):
    """A period is frozen only when it is over, and counted to its end."""


def publish(city, kind, period):
    """Freeze the scores of a kind of subject in a period; a second time with other inputs makes a
    correction beside the first, with the same ones gives that. Raises NotOver."""
    if period.end > clock.now():
        raise NotOver(_("This period is not over yet."))
    with transaction.atomic():
        type(city).objects.select_for_update().get(pk=city.pk)
        rolled_at = rolled_up(city).rolled_at
        if rolled_at is None or rolled_at < period.end:
            raise NotOver(_("This period is not counted to its end yet; try again in a minute."))
        formula = formula_of(kind)
        rows = scorecard(city, kind, period, formula)
        digest = hash_of(formula, {row.subject: row.counts for row in rows})
        last = entries(city, kind, period).first()
        if last is not None and last.input_hash == digest:
            return last
        made = Publication.objects.create(
            city=city,
            period=str(period),
            subject_kind=kind,
            formula=formula,
            calendar=city.calendar.current() if city.calendar else None,
            corrects=last,
            input_hash=digest,
            published_at=clock.now(),
        )
        PublishedScore.objects.bulk_create(
            PublishedScore(
                publication=made,
                subject=row.subject,
                counts=row.counts,
                score=row.score,
                band=row.band,
            )
            for row in rows
        )
    return made


def hash_of(formula, counts):
    """The hash of what scores are made of: the formula and the counts of every subject."""
    inputs = sorted([key, dict(sorted(found.items()))] for key, found in counts.items())
    text = json.dumps([formula.pk, inputs], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def entries(city, kind, period):
    """What was published of a period: the newest entry first, each beside those it corrects."""
    return Publication.objects.of(city, [kind], period).order_by("-pk")


def has_changed(publication, city, period, progress=None):
    """True if the counts are no longer those that were published; `progress` is read if it is not
    given."""
    kind = publication.subject_kind
    found = counts_of_kinds(city, (kind,), period, progress or rolled_up(city))[kind]
    return hash_of(publication.formula, found) != publication.input_hash


def differences_of(city, period):
    """[(kind, subject, code, figure, times its cases count)] of all figures of a period that are
    not what their drawers hold, over everybody."""
    progress, found = rolled_up(city), []
    if progress.rolled_at is None:
        return found
    for kind, shown in counts_of_kinds(city, KINDS, period, progress).items():
        figures = {
            (subject, code): amount
            for subject, counts in shown.items()
            for code, amount in counts.items()
            if code != "grids"
        }
        behind = count(city, kind, period.start, min(period.end, progress.rolled_at))
        found += [
            (kind, *key, figures.get(key, 0), behind.get(key, 0))
            for key in sorted(figures.keys() | behind.keys())
            if figures.get(key, 0) != behind.get(key, 0)
        ]
    return found


def publish_due(city, most=MOST_AT_ONCE):
    """Publish what is over, has had its grace and is quiet, the oldest first; returns it. A second
    time there is nothing left to do: corrections are an assessor's."""
    made = []
    began = DayCount.objects.first_day(city)
    if began is None:
        return made
    periods = _over(city, began)
    # Days of the steps that came so lately that others of the same days may follow.
    progress = rolled_up(city)
    loud = days_after(city, progress.settled)
    rows = Publication.objects.of(city, KINDS, *periods)
    there = set(rows.values_list("period", "subject_kind"))
    for period in periods:
        is_counted = progress.rolled_at is not None and progress.rolled_at >= period.end
        if not is_counted or any(period.first <= day < period.until for day in loud):
            continue
        for kind in BY_ITSELF[period.kind]:
            if (str(period), kind) not in there and len(made) < most:
                made.append(publish(city, kind, period))
    return made


def _over(city, began):
    """Periods whose grace is over, none before the city's first day, the oldest first."""
    moment, found = clock.now(), []
    today = city.local_date(moment)
    for kind, grace in GRACE.items():
        period = Period.of(kind, today, city.time_zone)
        for _time in range(LOOK_BACK[kind]):
            period = period.before()
            if period.until > began and period.end + grace <= moment:
                found.append(period)
    # Of those that end together the shorter first.
    return sorted(found, key=lambda period: (period.until, -period.first.toordinal()))


def export_lines(city, kinds, period):
    """JSON lines: a head with the formula of each publication of the kinds of subject, the newest
    first and those that it corrects behind it, then a line a subject, with the counts that went in
    and the score and band that came out; of a kind of which nothing is published, as counted."""
    for kind in kinds:
        for entry in entries(city, kind, period).select_related("formula") or [None]:
            formula = entry.formula if entry else formula_of(kind)
            yield json.dumps(_head(city, kind, period, formula, entry), ensure_ascii=False)
            for row in _rows_of(entry) if entry else scorecard(city, kind, period, formula):
                yield json.dumps(
                    {
                        "kind": kind,
                        "subject": row.subject,
                        "counts": row.counts,
                        "score": None if row.score is None else str(row.score),
                        "band": row.band,
                    }
                )


def _rows_of(entry):
    return entry.scores.order_by(F("score").desc(nulls_last=True), "subject")


def _head(city, kind, period, formula, entry):
    """All that the scores behind it were made by, but for the counts."""
    return {
        "head": kind,
        "city": city.slug,
        "period": str(period),
        "months": [period.months.numerator, period.months.denominator],
        "formula": [formula.code, formula.version],
        "input_hash": entry.input_hash if entry else None,
        "published_at": entry.published_at.isoformat() if entry else None,
        "items": formula.items,
        "steps": formula.steps,
        "bands": formula.bands,
        "sums": SUMS,
        "rates": RATES,
    }
