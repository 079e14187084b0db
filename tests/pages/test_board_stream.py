"""The stream of a board: who may listen, what is told to whom, and that it ends."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.test import AsyncClient

from incidents import streams
from tests import cast
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = 0.02


def heard(lines):
    """[(event, data)] of what a stream said."""
    told = []
    for block in "".join(lines).split("\n\n"):
        parts = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in parts:
            told.append((parts["event"], json.loads(parts["data"])))
    return told


async def listen(user, act, seconds=4):
    """What is said from `hello` to the first `stale`, or for so many seconds."""
    stream = streams.events_for(user, seconds=QUICK, longest=seconds)
    lines = [await anext(stream)]
    await sync_to_async(act)()
    async for line in stream:
        lines.append(line)
        if "event: stale" in line:
            break
    await stream.aclose()
    return heard(lines)


@pytest.fixture
def people():
    return cast.make_city()


def test_strangers_hear_nothing(people):
    answer = asyncio.run(AsyncClient().get("/live/"))
    assert answer.status_code == 401


def test_who_may_see_a_case_hears_its_number(people):
    told = asyncio.run(listen(people.intake, lambda: play.reported(people), seconds=20))
    assert [event for event, _data in told][:2] == ["hello", "stale"]
    assert len(told[1][1]["numbers"]) == 1


def test_who_may_not_see_it_hears_nothing_of_it(people):
    told = asyncio.run(listen(people.gardener, lambda: play.reported(people)))
    assert [event for event, _data in told] == ["hello"]


def test_a_burst_larger_than_the_margin_is_heard_whole(people, monkeypatch):
    monkeypatch.setattr(streams, "MARGIN", 1)

    def burst():
        with transaction.atomic():
            return [play.reported(people) for _ in range(4)]

    told = asyncio.run(listen(people.intake, burst, seconds=20))
    assert len(told[-1][1]["numbers"]) == 4


def test_what_was_seen_is_not_told_again_and_what_is_older_than_the_margin_is_not_read(people):
    play.reported(people)
    seen = streams.steps_since(None)
    assert streams.steps_since(seen) == seen
    case = play.filed(people)
    fresh = streams.steps_since(seen)
    assert sorted(fresh.items() - seen.items()) == sorted(case.steps.values_list("pk", "case"))


def test_the_watch_ends_with_the_last_listener(people):
    asyncio.run(listen(people.intake, lambda: None, seconds=0.2))
    assert not streams.watcher._listeners
    assert streams.watcher._task is None
