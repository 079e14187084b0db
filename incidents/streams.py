"""What happens, as it happens: one stream of server-sent events for each open page.

Each process looks for new steps and for notices of the members who listen once every few seconds,
however many pages it serves, and asks for each page whether its member may see the cases that
moved. A stream carries names and numbers only; a page asks for what it shows by the addresses it
has anyway. Nothing is lost with a stream: a page that connects again takes everything it shows for
stale, and is told how many notices are not read.
"""

import asyncio
import json

from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import Max
from django.http import HttpResponse, StreamingHttpResponse

from incidents.letters import MOST_UNREAD
from incidents.models import Case, Step
from lib import now as clock

SECONDS = 2
# Proxies and browsers give a silent connection up; a comment keeps it.
SILENCE = 15
# A session may end and a post be withdrawn while a page stands open: it must come back to ask.
LONGEST = 15 * 60
# Transactions end in another order than they took their keys: so far behind the greatest key that
# was seen is looked for steps that appeared late.
MARGIN = 500


_UNREAD = """
SELECT w.member, u.number, u.newest FROM unnest(%s::bigint[]) AS w (member)
 CROSS JOIN LATERAL (
       SELECT count(*) AS number, max(id) AS newest
         FROM (SELECT id FROM incidents_message
                WHERE member_id = w.member AND channel = 'page' AND read_at IS NULL
                ORDER BY id DESC LIMIT %s) x) u
"""


async def live(request):
    """GET /live/: `stale` events naming the cases that moved, and `notice` events, for a signed-in
    member."""
    return await _stream(request, cases=True)


async def live_notices(request):
    """GET /live/notices/: `notice` events alone, for a page that shows no cases that move."""
    return await _stream(request, cases=False)


async def _stream(request, cases):
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(status=401)
    answer = StreamingHttpResponse(events_for(user, cases=cases), content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    # Buffering proxies would keep events back.
    answer["X-Accel-Buffering"] = "no"
    return answer


async def events_for(user, seconds=SECONDS, longest=LONGEST, cases=True):
    """The lines of a stream until it is `longest` seconds old."""
    began = silent = asyncio.get_running_loop().time()
    with watcher.listening(seconds, user.pk) as heard:
        # From here on nothing is missed; what moved before, a page asks for upon `hello`.
        await watcher.ready.wait()
        unread = await watcher.unread_of(user.pk)
        yield f"retry: 3000\n{_event('hello', at=clock.now().isoformat(), unread=unread)}"
        while (moment := asyncio.get_running_loop().time()) - began < longest:
            moved, unread = await _next(heard, seconds)
            numbers = await sync_to_async(visible)(user, moved) if cases and moved else []
            if numbers:
                yield _event("stale", names=["queue", "counts"], numbers=numbers)
            if unread is not None:
                yield _event("notice", unread=unread)
            if numbers or unread is not None:
                silent = moment
            elif moment - silent > SILENCE:
                silent = moment
                yield _event("beat", at=clock.now().isoformat())


async def _next(heard, seconds):
    """What was heard since, after at most so long a wait: (keys of the cases that moved, how many
    notices are not read or None if that is as before)."""
    moved, unread = set(), None
    try:
        found = [await asyncio.wait_for(heard.get(), seconds * 2)]
    except TimeoutError:
        return moved, unread
    while not heard.empty():
        found.append(heard.get_nowait())
    for cases, number in found:
        moved |= cases
        unread = unread if number is None else number
    return moved, unread


def _event(name, **data):
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def visible(user, cases):
    """The numbers of these cases that a member may see. Gives the connection back."""
    try:
        seen = Case.objects.followed_by(user).filter(pk__in=cases)
        return sorted(seen.values_list("number", flat=True))
    finally:
        _give_back()


def steps_since(seen):
    """{key of a step: key of its case} of all steps beyond those that were seen, and of the last of
    these; of the newest for who has not looked yet (None). Gives the connection back."""
    try:
        if seen is None:
            top = Step.objects.aggregate(top=Max("pk"))["top"] or 0
        else:
            top = max(seen, default=0)
        return dict(Step.objects.filter(pk__gt=top - MARGIN).values_list("pk", "case_id"))
    finally:
        _give_back()


def unread_of(members):
    """{member: (notices not read, newest of them)}. Gives the connection back."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_UNREAD, [list(members), MOST_UNREAD])
            return {member: (number, newest) for member, number, newest in cursor.fetchall()}
    finally:
        _give_back()


def _give_back():
    # A stream holds no connection between two looks. In an atomic block, as tests are, it stays.
    if not connection.in_atomic_block:
        connection.close()


class Watcher:
    """Looks for new steps and notices while anybody listens, and tells every listener's queue."""

    def __init__(self):
        self._listeners, self._task, self.ready = {}, None, None
        self._unread = {}  # of each listening member, as it was told last

    def listening(self, seconds=SECONDS, member=None):
        """A context: within it the queue that it gives receives (keys of cases, notices of the
        member that are not read, or None for as many as before)."""
        return _Listening(self, seconds, member)

    def add(self, queue, seconds, member):
        self._listeners[queue] = member
        if self._task is None or self._task.done():
            self.ready = asyncio.Event()
            self._task = asyncio.get_running_loop().create_task(self._watch(seconds))

    def remove(self, queue):
        member = self._listeners.pop(queue, None)
        if member not in self._listeners.values():
            self._unread.pop(member, None)
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    async def unread_of(self, member):
        """How many notices a member who begins to listen has not read; changes of it are told."""
        found = await _quietly(unread_of, [member]) or {member: (0, None)}
        self._unread.setdefault(member, found[member])
        return found[member][0]

    async def _watch(self, seconds):
        seen = await _quietly(steps_since, None)
        self.ready.set()
        while True:
            await asyncio.sleep(seconds)
            found = await _quietly(steps_since, seen)
            moved = _news(found, seen)
            # What has sunk behind the margin does not come back into it.
            seen = seen if found is None else found
            changed = await self._notices()
            for queue, member in self._listeners.items():
                if moved or member in changed:
                    queue.put_nowait((moved, changed.get(member)))

    async def _notices(self):
        """{member: notices not read} of the listening members for whom that changed."""
        members = set(self._unread)
        found = await _quietly(unread_of, sorted(members)) or {} if members else {}
        changed = {}
        for member, stands in found.items():
            if member in self._unread and self._unread[member] != stands:
                self._unread[member] = stands
                changed[member] = stands[0]
        return changed


def _news(found, seen):
    """The cases of the steps that were found and not seen; none where one look failed."""
    if found is None or seen is None:
        return set()
    return {case for step, case in found.items() if step not in seen}


async def _quietly(look, *args):
    """What a look at the database finds, or None."""
    try:
        return await sync_to_async(look)(*args)
    except Exception:  # noqa: BLE001 - the database may be away; its return is what is waited for
        return None


class _Listening:
    def __init__(self, owner, seconds, member):
        self.owner, self.seconds, self.member = owner, seconds, member
        self.queue = asyncio.Queue()

    def __enter__(self):
        self.owner.add(self.queue, self.seconds, self.member)
        return self.queue

    def __exit__(self, *_error):
        self.owner.remove(self.queue)


watcher = Watcher()
