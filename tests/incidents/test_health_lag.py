"""The health page says how far behind the enforcing of deadlines is, whatever was set aside."""

from datetime import timedelta

import pytest

from gridcity import condition
from incidents.models import Clock, SetAside
from lib import now
from tests.incidents import play

pytestmark = pytest.mark.django_db


def set_aside(case, clock=None):
    moment = now.now()
    return SetAside.objects.create(case=case, clock=clock, error="x", at=moment, again_at=moment)


def test_what_waits_is_counted_though_the_end_of_a_suspension_was_set_aside(town):
    case = play.dispatched(town, town.urgent)
    set_aside(case)
    now.set_to(now.now() + timedelta(hours=3))
    lag = condition._lag()
    assert lag["count"] == 1 and not lag["ok"] and lag["seconds"] > condition.LAG_SECONDS


def test_a_clock_that_was_set_aside_is_none_that_waits(town):
    case = play.dispatched(town, town.urgent)
    set_aside(case, Clock.objects.get(case=case, kind="handle"))
    now.set_to(now.now() + timedelta(hours=3))
    assert condition._lag()["count"] == 0 and condition._lag()["ok"]
