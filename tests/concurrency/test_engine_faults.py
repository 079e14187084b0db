"""Whatever dies, and whenever: every due clock is warned of once, breached once and escalated once,
none early, none lost. With real processes, on a PostgreSQL and a Redis of this file's own."""

import signal
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from incidents import orphans
from incidents.models import Clock, ClockEntry, Demand, Folded, Message, Outbox, Step
from lib import now
from tests import cast
from tests.concurrency.private import Parts, Settler, faked, pass_seconds, served, wait_for
from tests.incidents import play, post
from tests.servers import answering

# Each test commits, and the tables of `servers` are emptied after it.
pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = timedelta(hours=2)  # of the cast's urgent condition, day and night
WITHIN = timedelta(seconds=30)  # issue of deadlines: recorded within 30 s, or of the return


@pytest.fixture(scope="module")
def servers(django_db_setup, django_db_blocker):
    with served(django_db_blocker) as own:
        yield own


@pytest.fixture
def town(servers):
    with now.at(now.now() - timedelta(days=1)):
        return cast.make_city()


@pytest.fixture(scope="module")
def settler(servers):
    process = Settler(servers)
    yield process
    process.end()


@contextmanager
def another(servers, **environment):
    process = Settler(servers, **environment)
    try:
        yield process
    finally:
        process.end()


@pytest.fixture
def cases(town):
    """A function: so many more cases whose clock falls due so many seconds from now, before it if
    negative; the keys of all that it made."""
    made = []

    def make(*seconds):
        began = now.now()
        for due in seconds:
            with now.at(began + timedelta(seconds=due) - LIMIT):
                made.append(play.dispatched(town, town.urgent).pk)
        return made

    return make


def handle_clocks(keys):
    return Clock.objects.filter(case__in=keys, kind="handle")


def entries(keys, kind):
    """{case: [its entries]} of the handle clocks."""
    found = {}
    rows = ClockEntry.objects.filter(clock__in=handle_clocks(keys), kind=kind)
    for entry in rows.select_related("clock", "step"):
        found.setdefault(entry.clock.case_id, []).append(entry)
    return found


def settled(keys):
    return sum(map(len, entries(keys, "breach").values()))


def check(keys):
    """Each case was warned of, breached and escalated once, in time by the clock of whoever did it,
    and told of once; and nothing of the whole database offends."""
    warned, breached = entries(keys, "warn"), entries(keys, "breach")
    assert {case: len(rows) for case, rows in warned.items()} == dict.fromkeys(keys, 1)
    assert {case: len(rows) for case, rows in breached.items()} == dict.fromkeys(keys, 1)
    for case in keys:
        (warning,), (breach,) = warned[case], breached[case]
        assert warning.at >= warning.clock.warn_at
        assert breach.at > breach.due_at == breach.clock.due_at
        asked = Demand.objects.get(case=case, kind="answer", cause=breach.step)
        assert asked.clock.started_at == breach.at
        moves = list(Step.objects.filter(case=case).order_by("seq").values_list("move", flat=True))
        assert moves.index("warn") < moves.index("breach")
        told = Outbox.objects.filter(step__in=[warning.step, breach.step])
        assert sorted(told.values_list("notice", flat=True)) == ["answer", "breach", "warn"]
    finds = [*orphans.look(), orphans.replay_clocks()]
    assert {each.rule.key: each.shown for each in finds if each.count} == {}


def alone(servers):
    """Nobody but us holds anything in the database: the dead are noticed after an instant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("batch", "statements"), [("warn", 11), ("breach", 18)])
def test_a_worker_killed_at_each_statement_in_turn(
    servers, settler, cases, batch, statements, when
):
    keys = cases(*[-60] * 6)
    if batch == "breach":
        settler.run(batches=1)
    killed = 0
    while settler.run(at=killed + 1, when=when, batches=1) == [-signal.SIGKILL]:
        killed += 1
        wait_for(lambda: alone(servers))
        made = sum(map(len, entries(keys, batch).values()))
        assert made in (0, len(keys)), "half a batch"
    assert killed >= statements
    settler.run()
    check(keys)


def test_four_workers_at_once(settler, cases):
    keys = cases(*[-90] * 60)
    assert settler.run(workers=4, most=7) == [0] * 4
    settler.run()
    check(keys)


def test_four_workers_at_once_of_which_some_are_killed(servers, settler, cases):
    keys = cases(*[-90] * 40)
    for number in (13, 27, 41):
        settler.run(at=number, when="after", workers=4, most=5)
        wait_for(lambda: alone(servers))
    settler.run()
    check(keys)


def test_a_machine_whose_clock_jumps_and_whose_zone_changes(servers, cases):
    """What is due is due by the clock of the machine that looks; what it has noted stays noted when
    the clock comes back, and the database's own clock and zone say nothing."""
    keys = cases(*[-60] * 5, *[1800] * 5)
    servers.stop_postgres()
    servers.start_postgres(**faked("+40d"), TZ="America/St_Johns")
    connection.close()
    with another(servers, TZ="Pacific/Kiritimati") as here:
        here.run()
        assert settled(keys) == 5
        with another(servers, **faked("+1h"), TZ="Asia/Kathmandu") as ahead:
            ahead.run()
        assert settled(keys) == 10
        with another(servers, **faked("-3h")) as behind:
            behind.run()
        here.run()
    servers.stop_postgres()
    servers.start_postgres()
    connection.close()
    check(keys)
    latest = max(rows[0].at for rows in entries(keys, "breach").values())
    assert latest < now.now() + timedelta(hours=1, minutes=1)


def received(keys, gateway):
    """Whether each warning and breach, and each demand to answer, came to its one recipient, in one
    message, alone or folded with others; and every message to the gateway, by its stable id."""
    notes = ClockEntry.objects.filter(clock__in=handle_clocks(keys), kind__in=("warn", "breach"))
    wanted = set(Outbox.objects.filter(step__in=notes.values("step")).values_list("pk", flat=True))
    texts = Message.objects.filter(channel="sms")
    # In this order: telling makes the messages, and may do so between the two questions.
    if Outbox.objects.not_told().exists() or texts.exclude(state="sent").exists():
        return False
    told = [*texts.filter(outbox__in=wanted).values_list("outbox", flat=True)]
    folded = Folded.objects.filter(message__in=texts, outbox__in=wanted)
    told += folded.values_list("outbox", flat=True)
    came = {asked.headers["webhook-id"] for asked in list(gateway.asked)}
    assert came == {str(key) for key in texts.values_list("key", flat=True)}
    assert len(told) == len(wanted) == 3 * len(keys)
    return set(told) == wanted


def test_worker_beat_queue_and_database_die_one_after_the_other(servers, town, cases):
    """While clocks fall due. What fell due meanwhile is settled within 30 s of the return."""
    post.reach(town.handler, town.water_leader)
    parts, keys = Parts(servers), cases(*[-60] * 10)
    with answering() as gateway:
        post.gateway(town, f"{gateway.url}/sms")
        try:
            parts.keep()
            wait_for(lambda: settled(keys) == len(keys), 60)
            for fault in FAULTS:
                cases(0, 1, 2, 3)
                fault(servers, parts)
                returned = now.now()
                last = max(handle_clocks(keys).values_list("due_at", flat=True))
                wait_for(lambda last=last: now.now() > last)
                wait_for(lambda: parts.keep() or settled(keys) == len(keys), WITHIN.seconds)
                late = [rows[0].at for rows in entries(keys, "breach").values()]
                assert max(late) <= max(last, returned) + WITHIN
            wait_for(lambda: parts.keep() or received(keys, gateway), 60)
        finally:
            parts.end()
    check(keys)


def _the_worker(servers, parts):
    parts.kill("worker")
    parts.keep()


def _beat(servers, parts):
    parts.kill("beat")
    parts.keep()


def _what_the_queue_holds(servers, parts):
    servers.queue().flushall()


def _the_queue(servers, parts):
    servers.redis.kill()
    servers.redis.wait()
    servers.start_redis()


def _the_database(servers, parts):
    servers.stop_postgres(signal.SIGQUIT)
    servers.start_postgres()
    connection.close()


def _the_database_for_ten_seconds(servers, parts):
    servers.stop_postgres()
    pass_seconds(10)
    servers.start_postgres()
    connection.close()


FAULTS = (
    _the_worker,
    _beat,
    _what_the_queue_holds,
    _the_queue,
    _the_database,
    _the_database_for_ten_seconds,
)
