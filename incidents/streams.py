"""What happens, as it happens: one stream of server-sent events for each open page.

Each process looks for new steps once every few seconds, however many pages it serves, and asks for
each page whether its member may see the cases that moved. A stream carries names and numbers only;
a page asks for what it shows by the addresses it has anyway. Nothing is lost with a stream: a page
that connects again takes everything it shows for stale.
"""

import asyncio
import json

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from incidents.models import Case, Step
from lib import now as clock

SECONDS = 2
# Proxies and browsers give a silent connection up; a comment keeps it.
SILENCE = 15
# A session may end and a post be withdrawn while a page stands open: it must come back to ask.
LONGEST = 15 * 60
# Transactions end in another order than they took their keys: so far back is looked for steps that
# appeared late.
LOOKBACK = 500


async def live(request):
    """GET /live/: `stale` events naming the cases that moved, for a signed-in member."""
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(status=401)
    answer = StreamingHttpResponse(events_for(user), content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    # Buffering proxies would keep events back.
    answer["X-Accel-Buffering"] = "no"
    return answer


async def events_for(user, seconds=SECONDS, longest=LONGEST):
    """The lines of a stream until it is `longest` seconds old."""
    began = silent = asyncio.get_running_loop().time()
    with watcher.listening(seconds) as heard:
        # From here on nothing is missed; what moved before, a page asks for upon `hello`.
        await watcher.ready.wait()
        yield f"retry: 3000\n{_event('hello', at=clock.now().isoformat())}"
        while (moment := asyncio.get_running_loop().time()) - began < longest:
            cases = await _next(heard, seconds)
            numbers = await sync_to_async(visible)(user, cases) if cases else []
            if numbers:
                silent = moment
                yield _event("stale", names=["queue", "counts"], numbers=numbers)
            elif moment - silent > SILENCE:
                silent = moment
                yield _event("beat", at=clock.now().isoformat())


async def _next(heard, seconds):
    """The cases of everything heard since, after at most so long a wait; a set of keys."""
    try:
        cases = set(await asyncio.wait_for(heard.get(), seconds * 2))
    except TimeoutError:
        return set()
    while not heard.empty():
        cases |= heard.get_nowait()
    return cases


def _event(name, **data):
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def visible(user, cases):
    """The numbers of these cases that a member may see. Gives the connection back."""
    try:
        seen = Case.objects.visible_to(user).filter(pk__in=cases)
        return sorted(seen.values_list("number", flat=True))
    finally:
        _give_back()


def newest():
    """[(key of a step, key of its case)] of the newest steps. Gives the connection back."""
    try:
        return list(Step.objects.order_by("-pk").values_list("pk", "case_id")[:LOOKBACK])
    finally:
        _give_back()


def _give_back():
    # A stream holds no connection between two looks. In an atomic block, as tests are, it stays.
    if not connection.in_atomic_block:
        connection.close()


class Watcher:
    """Looks for new steps while anybody listens, and tells every listener's queue."""

    def __init__(self):
        self._listeners, self._task, self.ready = set(), None, None

    def listening(self, seconds=SECONDS):
        """A context: within it the queue that it gives receives sets of keys of cases."""
        return _Listening(self, seconds)

    def add(self, queue, seconds):
        self._listeners.add(queue)
        if self._task is None or self._task.done():
            self.ready = asyncio.Event()
            self._task = asyncio.get_running_loop().create_task(self._watch(seconds))

    def remove(self, queue):
        self._listeners.discard(queue)
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self, seconds):
        seen = {pk for pk, _case in await self._look()}
        self.ready.set()
        while True:
            await asyncio.sleep(seconds)
            newest_steps = await self._look()
            found = [(pk, case) for pk, case in newest_steps if pk not in seen]
            # What has sunk out of the look does not come back into it.
            seen = {pk for pk, _case in newest_steps} or seen
            if found:
                for queue in self._listeners:
                    queue.put_nowait({case for _pk, case in found})

    async def _look(self):
        try:
            return await sync_to_async(newest)()
        except Exception:  # noqa: BLE001 - the database may be away; its return is what is waited for
            return []


class _Listening:
    def __init__(self, owner, seconds):
        self.owner, self.seconds, self.queue = owner, seconds, asyncio.Queue()

    def __enter__(self):
        self.owner.add(self.queue, self.seconds)
        return self.queue

    def __exit__(self, *_error):
        self.owner.remove(self.queue)


watcher = Watcher()
