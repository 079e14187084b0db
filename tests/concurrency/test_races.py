"""Two people at once, on PostgreSQL with threads: one wins, the other is told, nothing is half
done."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction

from incidents import evidence, workflow
from incidents.facts import BadFacts, Conflict
from incidents.models import Case, Clock, Demand, Evidence, Step
from lib import now
from tests import cast
from tests.concurrency.private import wait_for
from tests.incidents import play
from tests.incidents.conftest import (  # noqa: F401 - media: each test's own store of photos
    media,
    phone_photo,
    scene,
    upload,
)


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


@pytest.mark.django_db(transaction=True)
def test_two_uploads_with_one_key_make_one_photo(live_town):
    content = phone_photo(scene(seed=1))
    results = at_once(*[lambda: evidence.take_in(upload(content), live_town.worker, key="one")] * 3)
    assert {row.pk for row in results} == {Evidence.objects.get().pk}
    with evidence.open_file(results[0], "shown") as file:
        assert file.read(2) == b"\xff\xd8"


@pytest.mark.django_db(transaction=True)
def test_two_files_with_one_key_leave_one_and_tell_the_other(live_town):
    results = at_once(
        *(
            lambda seed=seed: evidence.take_in(
                upload(phone_photo(scene(seed=seed))), live_town.worker, key="one"
            )
            for seed in (1, 2)
        )
    )
    kept = Evidence.objects.get()
    assert sorted(type(r) for r in results if not isinstance(r, Evidence)) == [Conflict]
    with evidence.open_file(kept, "shown") as file:
        assert file.read(2) == b"\xff\xd8"
    assert _hash_of_file(kept) == kept.sha256


def _hash_of_file(row):
    return hashlib.sha256(default_storage.open(row.original).read()).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_the_sweep_never_takes_the_file_of_an_upload(live_town):
    content = phone_photo(scene(seed=1))
    for _time in range(5):
        old = evidence.take_in(upload(content), live_town.mate)
        Evidence.objects.filter(pk=old.pk).update(uploaded_at=now.now() - timedelta(days=30))
        swept, row = at_once(
            lambda: evidence.sweep(now.now() - timedelta(days=2)),
            lambda: evidence.take_in(upload(content), live_town.worker),
        )
        assert swept == 1
        assert not Evidence.objects.filter(pk=old.pk).exists()
        assert _hash_of_file(row) == row.sha256
        with evidence.open_file(row, "thumbnail") as file:
            assert file.read(2) == b"\xff\xd8"


@pytest.mark.django_db(transaction=True)
def test_the_sweep_against_a_move_that_names_the_photo(live_town):
    town = live_town
    for _time in range(5):
        case = play.dispatched(town)
        photo = evidence.take_in(upload(phone_photo(scene(seed=1))), town.handler)
        Evidence.objects.filter(pk=photo.pk).update(uploaded_at=now.now() - timedelta(days=30))
        _swept, moved = at_once(
            lambda: evidence.sweep(now.now() - timedelta(days=2)),
            lambda case=case, photo=photo: workflow.move(
                case.number, "handle", town.handler, result="x", evidence=[photo.pk]
            ),
        )
        named = Evidence.objects.filter(pk=photo.pk).first()
        if isinstance(moved, Case):
            assert named.case == case
            assert _hash_of_file(named) == named.sha256
        else:
            assert isinstance(moved, BadFacts)
            assert named is None


def somebody_waits_for_us():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_a_move_that_waited_for_the_lock_reads_what_was_set_meanwhile(live_town):
    """A dispatcher who waits while the shift chief files: the limit of the condition that was
    filed under holds, and nobody's step is put before it."""
    town = live_town
    case = workflow.move(play.filed(town), "hand_back_filing", town.dispatcher, reason="x")
    filed = Event()

    def file():
        with transaction.atomic():
            workflow.move(case.number, "file", town.chief, condition=town.urgent.code)
            filed.set()
            wait_for(somebody_waits_for_us)

    def dispatch():
        filed.wait(10)
        return workflow.move(case.number, "dispatch", town.dispatcher, unit="WATER")

    _done, result = at_once(file, dispatch)
    assert isinstance(result, Case)
    clock = Clock.objects.get(case=case, kind="handle")
    assert clock.due_at == cast.MORNING + timedelta(hours=2)
    steps = list(case.steps.order_by("seq").values_list("move", flat=True))
    assert steps[-2:] == ["file", "dispatch"]


@pytest.mark.django_db(transaction=True)
def test_who_loses_a_deadlock_is_told_that_somebody_was_first(live_town):
    """One holds the photo and wants the case, the other holds the case and wants the photo: the
    database ends one of the two, whichever."""
    town = live_town
    case = play.dispatched(town)
    photo = cast.photo_of(town.handler, town).pk
    held = Event()

    def ask():
        with transaction.atomic():
            Evidence.objects.select_for_update().get(pk=photo)
            held.set()
            wait_for(somebody_waits_for_us)
            return workflow.move(case.number, "ask_return", town.handler, reason="not ours")

    def handle():
        held.wait(10)
        return workflow.move(case.number, "handle", town.handler, result="x", evidence=[photo])

    results = at_once(ask, handle)
    assert sorted(type(result).__name__ for result in results) == ["Case", "Conflict"], results
    made = case.steps.filter(move__in=("ask_return", "handle"))
    assert made.count() == 1
