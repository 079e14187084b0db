"""A merge beside whatever happens to the other case: no report is left behind in one that ended."""

from threading import Event

import pytest
from django.db import transaction

from incidents import orphans, workflow
from incidents.facts import BadFacts, Conflict
from incidents.models import Case
from tests.concurrency.private import wait_for
from tests.concurrency.test_races import (  # noqa: F401 - live_town: the cast's city, committed
    at_once,
    live_town,
    somebody_waits_for_us,
)
from tests.incidents import play


@pytest.mark.django_db(transaction=True)
def test_a_merge_waits_for_the_end_of_the_other_case_and_is_refused(live_town):  # noqa: F811
    town = live_town
    one, other = play.reported(town), play.reported(town)
    ended = Event()

    def dismiss():
        with transaction.atomic():
            workflow.move(other.number, "dismiss", town.intake, reason="not ours")
            ended.set()
            wait_for(somebody_waits_for_us)

    def merge():
        ended.wait(10)
        return workflow.move(one.number, "merge", town.intake, into=other.number)

    _done, refused = at_once(dismiss, merge)
    assert isinstance(refused, BadFacts)
    assert set(refused.errors) == {"into"}
    assert Case.objects.get(pk=one.pk).stage == "reported"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_two_cases_merged_into_each_other_at_once(live_town, turn):  # noqa: F811
    """One is merged, the other stays; nobody meets a deadlock."""
    town = live_town
    one, other = play.reported(town), play.reported(town)
    results = at_once(
        lambda: workflow.move(one.number, "merge", town.intake, into=other.number),
        lambda: workflow.move(other.number, "merge", town.intake, into=one.number),
    )
    assert sorted(type(result).__name__ for result in results) in (
        ["BadFacts", "Case"],
        ["Case", "Conflict"],
    ), results
    assert not [r for r in results if not isinstance(r, (Case, BadFacts, Conflict))]
    stages = Case.objects.order_by("stage").values_list("stage", flat=True)
    assert list(stages) == ["merged", "reported"]


@pytest.mark.django_db(transaction=True)
def test_a_case_merged_into_one_that_was_dismissed_is_found(live_town):  # noqa: F811
    """What no move can bring about any more the nightly check would still see."""
    town = live_town
    one, other = play.reported(town), play.reported(town)
    workflow.move(one.number, "merge", town.intake, into=other.number)
    Case.objects.filter(pk=one.pk).update(merged_into=_dismissed(town))
    found = {rule.rule.key: rule.count for rule in orphans.look()}
    assert found["merged"] == 1
    Case.objects.filter(pk=one.pk).update(merged_into=other)
    assert {rule.rule.key: rule.count for rule in orphans.look()}["merged"] == 0


def _dismissed(town):
    return workflow.move(play.reported(town), "dismiss", town.intake, reason="not ours")
