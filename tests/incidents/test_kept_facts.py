"""What a case and a unit's time with it began with is changed by nobody, not by raw SQL either."""

import pytest
from django.db import ProgrammingError, transaction

from incidents import workflow
from incidents.models import CaseUnit
from tests.incidents import play

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        "number = number || '1'",
        "reported_at = reported_at - interval '1 hour'",
        "reported_by_id = (SELECT id FROM staff_member WHERE id <> reported_by_id LIMIT 1)",
        "source = 'public'",
    ],
)
def test_where_a_case_came_from_stays(town, as_web, change):
    case = play.dispatched(town)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        as_web.execute(f"UPDATE incidents_case SET {change} WHERE id = %s", [case.pk])


def test_what_a_unit_may_read_of_a_case_it_left_stays(town, as_web):
    case = workflow.move(play.dispatched(town), "ask_return", town.handler, reason="x")
    case = workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit="GARDENS")
    left = CaseUnit.objects.get(case=case, until_step__isnull=False)
    for words in (
        "UPDATE incidents_caseunit SET until_step = 99 WHERE id = %s",
        "DELETE FROM incidents_caseunit WHERE id = %s",
    ):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            as_web.execute(words, [left.pk])
