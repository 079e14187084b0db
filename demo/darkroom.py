"""Photos for simulated cases, drawn ahead by another process if there is one."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import current_process, get_context

from demo.pictures import Album, draw

# Pixels of a simulated photo. Its three files take some 60 KB, a month of 13,500 photos 0.8 GB.
SIZE = (400, 300)
NEAR = 2  # cases of which everything is drawn ahead


@contextmanager
def drawing():
    """A process that draws ahead, on the core that the cases leave free: with textures of its own
    a second one would cost more than it gives. None in a Celery worker, which may have no
    children."""
    if current_process().daemon:
        yield None
        return
    # A pipe and a thread, no pool: a pool needs semaphores, which a bare chroot may not have.
    spawned = get_context("spawn")
    here, there = spawned.Pipe()
    drawer = spawned.Process(target=_draw_on_demand, args=(there,), daemon=True)
    drawer.start()
    there.close()
    with ThreadPoolExecutor(1) as line:
        try:
            yield lambda *key, **options: line.submit(_ask, here, key, options)
        finally:
            line.shutdown(cancel_futures=True)
            here.close()
            drawer.join(5)
            drawer.kill()


@contextmanager
def open_darkroom(hashes):
    """A darkroom with a process that draws ahead, where one may be; no picture comes out like those
    of the perceptual `hashes`."""
    with drawing() as ahead:
        yield Darkroom(Album(hashes), ahead)


def _ask(pipe, key, options):
    try:
        pipe.send((key, options))
        return pipe.recv()
    except (EOFError, OSError):  # the drawing process was killed: drawn here
        return draw(*key, **options)


def _draw_on_demand(pipe):
    """The drawing process: until the other end is closed."""
    while True:
        try:
            key, options = pipe.recv()
        except EOFError:
            return
        pipe.send(draw(*key, **options))


class Darkroom:
    """Photos, drawn ahead by another process if there is any; no two alike but for the planted
    re-uses."""

    def __init__(self, album, ahead):
        self.album, self._ahead = album, ahead
        self._waiting, self._ordered = {}, set()
        self._takes, self._last = Counter(), None

    def order(self, plans):
        """Have the photos drawn that these cases, the next ones, will need: what their reports
        show, and for the very next ones also what is seen later."""
        for number, plan in enumerate(plans if self._ahead else ()):
            if plan.source in ("patrol", "self_handle"):
                self._order(plan, "before")
            for state in ("after", "check") if number < NEAR else ():
                self._order(plan, state)
        seeds = {plan.seed for plan in plans}
        for key in [key for key in self._waiting if key[2] not in seeds]:
            self._waiting.pop(key).cancel()

    def _order(self, plan, state):
        key = (plan.condition.category.code, state, plan.seed)
        if key not in self._ordered:
            self._ordered.add(key)
            self._waiting[key] = self._ahead(*key, size=SIZE)

    def develop(self, plan, state, *, again=False):
        """The picture of a state; with `again` the one handed out before, a planted re-use."""
        if again and self._last is not None:
            return self._last
        take = self._takes[plan.seed, state]
        self._takes[plan.seed, state] += 1
        key = (plan.condition.category.code, state, plan.seed + take)
        self._last, _hash = self.album.picture(*key, size=SIZE, drawn=self._drawn)
        return self._last

    def _drawn(self, *key, size, attempt):
        waiting = self._waiting.pop(key, None) if attempt == 0 else None
        if waiting is not None:
            return waiting.result()
        if self._ahead:
            return self._ahead(*key, size=size, attempt=attempt).result()
        return draw(*key, size=size, attempt=attempt)
