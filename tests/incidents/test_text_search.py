"""Words are looked for in number, place, description and subclass, and an index answers."""

import pytest
from django.db import connection

from incidents.models import Case
from tests.incidents import play

pytestmark = pytest.mark.django_db


def found(town, text, member=None):
    return set(Case.objects.visible_to(member or town.chief).saying(text))


def test_every_place_where_words_may_stand(town):
    case = play.reported(town, description="两袋垃圾 beside the Old Gate")
    assert found(town, "old gate") == found(town, case.number[-8:].lower()) == {case}
    assert found(town, case.place[:4]) == found(town, town.rubbish.name_zh[:2]) == {case}
    assert found(town, "nothing of the kind") == found(town, "100%") == set()
    assert found(town, "old gate", town.gardener) == set()


def test_indexes_answer_where_there_are_many_cases(town):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Case.objects.saying("Old Gate").explain()
    for index in ("cases_by_part_of_number", "cases_by_part_of_place", "words_by_their_parts"):
        assert index in plan
