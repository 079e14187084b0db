"""A photo that a step has named is evidence: the web's role neither changes nor deletes it."""

import pytest
from django.db import ProgrammingError, transaction

from incidents.models import Evidence
from tests import cast
from tests.incidents import play

pytestmark = pytest.mark.django_db

GONE = "DELETE FROM incidents_evidence WHERE id = %s"


def test_a_photo_that_a_step_named_is_deleted_by_nobody(town, as_web):
    photo = Evidence.objects.get(case=play.reported(town))
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        as_web.execute(GONE, [photo.pk])
    assert Evidence.objects.filter(pk=photo.pk).exists()


def test_a_photo_that_nobody_named_can_be_swept(town, as_web):
    photo = cast.photo_of(town.worker, town)
    as_web.execute("DELETE FROM incidents_fingerprint WHERE evidence_id = %s", [photo.pk])
    as_web.execute(GONE, [photo.pk])
    assert not Evidence.objects.filter(pk=photo.pk).exists()
