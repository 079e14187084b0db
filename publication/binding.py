"""Asking for a digest and making it: a version beside the older ones, with its progress told."""

import hashlib
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from assessment.periods import Period
from lib import now as clock
from lib.claims import claimed
from publication.contents import contents_of
from publication.models import Digest
from publication.paper import paper_of
from publication.workbook import workbook_of

# Percent that are done after each part; laying out the pages takes longest.
COUNTED, WRITTEN, LAID_OUT = 15, 30, 90
LONGEST = timedelta(minutes=10)
GIVEN_UP = timedelta(hours=6)
CLAIM = 4209_2030  # class of an advisory lock, any number will do


def ask(city, *, period, language, by):
    """(the digest, whether it is new): one that is underway already is not begun again."""
    same = Digest.objects.versions_of(city, period, language)
    try:
        with transaction.atomic():
            made = Digest.objects.create(
                city=city,
                period=str(period),
                language=language,
                version=same.last_version() + 1,
                made_by=by,
                asked_at=clock.now(),
            )
        return made, True
    except IntegrityError:
        return same.first(), False


def forgotten():
    """Keys of digests that have been underway for longer than making one takes. Those that could
    not be made for hours have failed: whatever killed their worker would kill the next."""
    moment = clock.now()
    Digest.objects.underway_since_before(moment - GIVEN_UP).update(state=Digest.State.FAILED)
    rows = Digest.objects.underway_since_before(moment - LONGEST)
    return list(rows.values_list("pk", flat=True))


def make(key):
    """Make a digest that was asked for. One that is done stays as it is, and so does one that
    another worker is making; one that was cut short is made anew."""
    with claimed(CLAIM, key) as is_mine:
        digest = Digest.objects.select_related("city").get(pk=key)
        return _try(digest) if is_mine and digest.state != Digest.State.DONE else digest


def _try(digest):
    try:
        _make(digest)
    except Exception:
        _tell(digest, state=Digest.State.FAILED)
        raise
    return digest


def _make(digest):
    city = digest.city
    _tell(digest, state=Digest.State.RUNNING, share=1)
    with translation.override(digest.language), timezone.override(ZoneInfo(city.time_zone)):
        contents = contents_of(city, Period.read(digest.period, city.time_zone))
        _tell(digest, share=COUNTED)
        workbook = workbook_of(contents)
        _tell(digest, share=WRITTEN)
        paper, pages = paper_of(contents, digest)
    _tell(digest, share=LAID_OUT)
    name = f"{city.slug}-{digest.period}-{digest.language}-v{digest.version}"
    digest.paper.save(f"{name}.pdf", ContentFile(paper), save=False)
    digest.workbook.save(f"{name}.xlsx", ContentFile(workbook), save=False)
    _tell(
        digest,
        paper=digest.paper,
        workbook=digest.workbook,
        paper_sha256=hashlib.sha256(paper).hexdigest(),
        workbook_sha256=hashlib.sha256(workbook).hexdigest(),
        pages=pages,
        state=Digest.State.DONE,
        share=100,
        done_at=clock.now(),
    )


def _tell(digest, **fields):
    """Write what has become of it, at once: a page asks for it every other second."""
    for name, value in fields.items():
        setattr(digest, name, value)
    digest.save(update_fields=list(fields))
