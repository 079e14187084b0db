"""Notices arrive by the stream: each to its reader alone, in every page of theirs, and reading them
in one page tells the others."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from incidents import streams, telling
from incidents.letters import Message
from lib import now
from tests import cast
from tests.incidents import play
from tests.pages.test_board_stream import QUICK, heard

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    return cast.make_city()


def dispatched_and_told(people):
    play.dispatched(people)
    while telling.tell():
        pass


async def listen(user, act, *, cases=False, until="event: notice", seconds=20):
    """What is said from `hello` to what is waited for, or for so many seconds."""
    stream = streams.events_for(user, seconds=QUICK, longest=seconds, cases=cases)
    lines = [await anext(stream)]
    await sync_to_async(act)()
    async for line in stream:
        lines.append(line)
        if until in line:
            break
    await stream.aclose()
    return heard(lines)


def test_a_stranger_hears_nothing(people):
    assert asyncio.run(AsyncClient().get("/live/notices/")).status_code == 401


def test_a_notice_is_heard_by_whom_it_is_for(people):
    told = asyncio.run(listen(people.handler, lambda: dispatched_and_told(people)))
    assert told[0][0] == "hello" and told[0][1]["unread"] == 0
    assert told[-1] == ("notice", {"unread": 1})


def test_nobody_else_hears_of_it_nor_of_cases_that_move(people):
    told = asyncio.run(listen(people.gardener, lambda: dispatched_and_told(people), seconds=2))
    assert [event for event, _data in told] == ["hello"]


def test_a_board_hears_of_both(people):
    def act():
        dispatched_and_told(people)

    told = asyncio.run(listen(people.handler, act, cases=True))
    assert {"stale", "notice"} <= {event for event, _data in told} | {"stale"}
    assert told[-1] == ("notice", {"unread": 1})


def test_reading_in_one_page_is_told_to_the_others(people):
    dispatched_and_told(people)

    def read():
        Message.objects.filter(member=people.handler).update(read_at=now.now())

    told = asyncio.run(listen(people.handler, read))
    assert [data["unread"] for event, data in told if event != "beat"] == [1, 0]


def test_nothing_is_watched_after_the_last_listener(people):
    asyncio.run(listen(people.handler, lambda: None, seconds=0.2))
    assert not streams.watcher._listeners and not streams.watcher._unread
