"""Two phones of one department say at once that it has come: one is recorded, the other is told."""

from datetime import timedelta

import pytest

from incidents import joint
from incidents.facts import Conflict
from incidents.models import JointCall
from tests import cast
from tests.concurrency.test_races import at_once, live_town  # noqa: F401 - a fixture


@pytest.mark.django_db(transaction=True)
def test_two_arrivals_and_two_ratings(live_town):  # noqa: F811 - the fixture's name
    town = live_town
    task = joint.call(
        town.street_handler,
        units=[town.water],
        due_at=cast.MORNING + timedelta(minutes=30),
        subject="burst pipe",
        place="the gate",
    )
    call = task.calls.get()
    arrivals = at_once(*[lambda: joint.arrive(call, town.handler)] * 2)
    assert {type(result) for result in arrivals} == {JointCall, Conflict}
    ratings = at_once(
        lambda: joint.rate(call, town.street_handler, rating=5),
        lambda: joint.rate(call, town.street_leader, rating=1, words="late"),
    )
    assert [type(result) for result in ratings].count(Conflict) == 1
    call.refresh_from_db()
    assert call.arrived_by == town.handler and call.rating in (1, 5)
