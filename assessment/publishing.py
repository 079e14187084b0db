"""What leaves the system: frozen scores and the export from which anybody can recompute them."""

import hashlib
import json

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.measures import RATES, SUMS
from assessment.models import Publication, PublishedScore
from assessment.scorecards import formula_of, scorecard
from lib import now as clock


class NotOver(Exception):
    """A period is frozen only when it is over."""


def publish(city, kind, period):
    """Freeze the scores of a kind of subject in a period; a second time with other inputs makes a
    correction beside the first, with the same ones gives that. Raises NotOver."""
    if period.end > clock.now():
        raise NotOver(_("This period is not over yet."))
    formula = formula_of(kind)
    rows = scorecard(city, kind, period, formula)
    inputs = [[row.subject, dict(sorted(row.counts.items()))] for row in rows]
    text = json.dumps([formula.pk, sorted(inputs, key=lambda i: i[0])], separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        type(city).objects.select_for_update().get(pk=city.pk)
        last = (
            Publication.objects.filter(city=city, subject_kind=kind, period=str(period))
            .order_by("-pk")
            .first()
        )
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


def export_lines(city, kinds, period):
    """JSON lines: a head with the formula of each kind of subject, then a line a subject, with the
    counts that went in and the score and band that came out."""
    for kind in kinds:
        formula = formula_of(kind)
        yield json.dumps(
            {
                "head": kind,
                "city": city.slug,
                "period": str(period),
                "months": [period.months.numerator, period.months.denominator],
                "formula": [formula.code, formula.version],
                "items": formula.items,
                "steps": formula.steps,
                "bands": formula.bands,
                "sums": SUMS,
                "rates": RATES,
            },
            ensure_ascii=False,
        )
        for row in scorecard(city, kind, period, formula):
            yield json.dumps(
                {
                    "kind": kind,
                    "subject": row.subject,
                    "counts": row.counts,
                    "score": None if row.score is None else str(row.score),
                    "band": row.band,
                }
            )
