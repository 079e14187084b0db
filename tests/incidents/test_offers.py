"""What is offered is what may be done now: no move that would be refused whatever facts come."""

from datetime import timedelta

import pytest

from incidents import workflow
from incidents.facts import Conflict
from incidents.models import Case
from lib import now
from tests.incidents import play
from tests.incidents.conftest import fresh

pytestmark = pytest.mark.django_db


def offered(case, by):
    return {offer.move for offer in workflow.moves(type(case).objects.get(pk=case.pk), fresh(by))}


def refused(case, move, by, **facts):
    with pytest.raises(Conflict):
        workflow.move(case, move, by, reason="x", **facts)
    return move not in offered(case, by)


def asked(case, move, town, **facts):
    return workflow.move(case, move, town.handler, reason="x", **facts)


def later(**span):
    return (now.now() + timedelta(**span)).isoformat()


def test_no_extension_without_a_limit(town):
    case = play.dispatched(town, town.endless)
    assert refused(case, "ask_extend", town.handler)
    assert {"ask_suspend", "ask_return", "handle"} <= offered(case, town.handler)


def test_no_extension_of_what_is_overdue(town):
    case = play.dispatched(town, town.urgent)
    assert "ask_extend" in offered(case, town.handler)
    now.set_to(now.now() + timedelta(hours=3))
    assert refused(Case.objects.get(pk=case.pk), "ask_extend", town.handler)


def test_no_third_extension(town):
    case = play.dispatched(town, town.slow)
    for _ in range(2):
        assert "ask_extend" in offered(case, town.handler)
        asked(case, "ask_extend", town)
        workflow.move(case, "grant", town.dispatcher)
    assert refused(case, "ask_extend", town.handler)


def test_one_request_at_a_time(town):
    case = play.dispatched(town)
    asked(case, "ask_return", town)
    for move in ("ask_extend", "ask_return"):
        assert refused(case, move, town.handler)
    assert refused(case, "ask_suspend", town.handler, until=later(days=2))
    assert "handle" in offered(case, town.handler)


def test_no_second_suspension(town):
    case = play.dispatched(town)
    asked(case, "ask_suspend", town, until=later(days=2))
    workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "resume", town.dispatcher)
    assert refused(case, "ask_suspend", town.handler, until=later(days=2))


def test_no_return_after_the_adjudicator_has_spoken(town):
    case = play.dispatched(town)
    for _ in range(2):
        asked(case, "ask_return", town)
        workflow.move(case, "refuse", town.dispatcher, reason="x")
    asked(case, "ask_return", town)
    assert "adjudicate" in offered(case, town.adjudicator)
    workflow.move(case, "adjudicate", town.adjudicator, unit="WATER", reason="x")
    assert refused(case, "ask_return", town.handler)


def test_the_adjudicator_is_offered_only_what_was_brought_before_them(town):
    case = play.dispatched(town)
    assert refused(case, "adjudicate", town.adjudicator, unit="WATER")
    asked(case, "ask_return", town)
    assert "adjudicate" not in offered(case, town.adjudicator)
