"""One line a step, with the seconds it took."""

import os
import sys
import threading
import time
from contextlib import contextmanager

started = float(os.environ.get("GRIDCITY_BEGAN") or time.time())
# A command's own output may go into a file; what the set-up says must not.
stream = sys.stdout
TICK_SECONDS = 10


def elapsed():
    """Seconds since the command was given; lib.sh says when that was."""
    return time.time() - started


def line(text):
    print(f"{elapsed():6.1f} s  {text}", file=stream, flush=True)


@contextmanager
def step(name, *, slow=False):
    """A slow step tells every ten seconds that it still goes on."""
    begin = time.monotonic()
    line(f"{name} …")
    done = threading.Event()
    if slow:
        threading.Thread(target=tick, args=(name, done), daemon=True).start()
    try:
        yield
    finally:
        done.set()
    line(f"{name}: done in {time.monotonic() - begin:.1f} s")


def tick(name, done):
    while not done.wait(TICK_SECONDS):
        line(f"{name} … still at it")


def say(text):
    print(text, flush=True)


def complain(text):
    print(text, file=sys.stderr, flush=True)
