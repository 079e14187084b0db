"""Two people at once, on PostgreSQL with threads: one wins, the other is told, nothing is half
done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection

from incidents import workflow
from incidents.facts import BadFacts, Conflict
from incidents.models import Case, Clock, Demand, Step
from lib import now
from tests import cast
from tests.incidents import play


@pytest.fixture
def live_town(transactional_db):
    """The cast's city, really committed; the emptied database gets its table of moves back."""
    call_command("sync_moves")
    with now.at(cast.MORNING):
        yield cast.make_city()


def at_once(*deeds):
    """Run the deeds in threads that start together; their results or exceptions, in order."""
    gate = Barrier(len(deeds))
    moment = now.now()

    def run(deed):
        try:
            with now.at(moment):
                gate.wait(timeout=20)
                return deed()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_on_one_case(live_town):
    town = live_town
    case = play.filed(town)
    results = at_once(
        lambda: workflow.move(
            case.number, "dispatch", town.dispatcher, unit="WATER", version=case.version
        ),
        lambda: workflow.move(
            case.number, "dispatch", town.second_dispatcher, unit="GARDENS", version=case.version
        ),
    )
    won = [r for r in results if isinstance(r, Case)]
    lost = [r for r in results if isinstance(r, Conflict)]
    assert (len(won), len(lost)) == (1, 1)
    step = Step.objects.get(case=case, move="dispatch")
    assert lost[0].who == step.by.name
    assert Clock.objects.filter(case=case, kind="handle").count() == 1


@pytest.mark.django_db(transaction=True)
def test_handler_against_suspender(live_town):
    town = live_town
    until = (now.now() + timedelta(days=3)).isoformat()
    case = workflow.move(
        play.dispatched(town), "ask_suspend", town.handler, reason="x", until=until
    )
    photo = cast.photo_of(town.handler, town).pk
    results = at_once(
        lambda: workflow.move(case.number, "handle", town.handler, result="done", evidence=[photo]),
        lambda: workflow.move(case.number, "grant", town.dispatcher),
    )
    case.refresh_from_db()
    assert sum(isinstance(r, Case) for r in results) == 1
    assert case.stage in ("handled", "suspended")
    demand = Demand.objects.get(case=case)
    assert demand.outcome == ("ended" if case.stage == "handled" else "granted")
    running = Clock.objects.filter(case=case, state="running").exclude(kind="demand").count()
    assert running == (1 if case.stage == "handled" else 0)


@pytest.mark.django_db(transaction=True)
def test_one_photo_named_by_two_moves_belongs_to_one(live_town):
    town = live_town
    cases = [play.dispatched(town), play.dispatched(town)]
    photo = cast.photo_of(town.handler, town).pk
    results = at_once(
        *(
            lambda case=case: workflow.move(
                case.number, "handle", town.handler, result="x", evidence=[photo]
            )
            for case in cases
        )
    )
    assert sorted(type(r) for r in results if not isinstance(r, Case)) == [BadFacts]
    assert Step.objects.filter(move="handle").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_upload_during_a_move_waits_for_nobody(live_town):
    town = live_town
    case = play.dispatched(town)
    photo = cast.photo_of(town.handler, town).pk
    results = at_once(
        lambda: workflow.move(case.number, "handle", town.handler, result="x", evidence=[photo]),
        lambda: cast.photo_of(town.handler, town),
        lambda: cast.photo_of(town.worker, town),
    )
    assert not [r for r in results if isinstance(r, Exception)]


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_once_makes_one_case(live_town):
    town = live_town
    deeds = [
        lambda: workflow.report(
            town.intake,
            city=town.city,
            point=town.inside,
            source="hotline",
            category="E-01-13",
            idempotency_key="one",
            body_hash="b",
        )
    ] * 4
    results = at_once(*deeds)
    assert {r.number for r in results} == {Case.objects.get().number}


@pytest.mark.django_db(transaction=True)
def test_many_reports_at_once_get_numbers_of_their_own(live_town):
    town = live_town
    deeds = [
        lambda: workflow.report(
            town.intake, city=town.city, point=town.inside, source="hotline", category="E-01-13"
        )
    ] * 8
    results = at_once(*deeds)
    assert len({r.number for r in results}) == 8
