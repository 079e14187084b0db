"""Writing down objections and their answers: both stay as they were made."""

from django.db import IntegrityError, transaction

from assessment.models import Objection, ObjectionAnswer
from incidents.models import Words
from lib import now as clock


@transaction.atomic
def object_to(subject, period, *, by, city, words, code="", case=None):
    """Keep a person's objection to their score of a period, to one figure of it, or to a case that
    they may see."""
    return Objection.objects.create(
        city=city,
        member=by,
        subject_kind=subject.kind,
        period=str(period),
        code=code,
        case=case,
        words=Words.objects.create(text=words),
        made_at=clock.now(),
    )


def answer(objection, *, by, outcome, words):
    """True if the answer was kept, False if there is one already."""
    try:
        with transaction.atomic():
            ObjectionAnswer.objects.create(
                objection=objection,
                outcome=outcome,
                words=Words.objects.create(text=words),
                by=by,
                answered_at=clock.now(),
            )
    except IntegrityError:
        return False
    return True
