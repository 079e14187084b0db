"""Children that do not outlive their parent."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from places import own
from waiting import wait_until

PR_SET_PDEATHSIG = 1
LARGEST_LOG_BYTES = 20_000_000
# Loaded before any fork: a child between fork and exec must not load a library.
libc = ctypes.CDLL(None)


def die_with_parent(number):
    """For preexec_fn: the kernel sends the signal when the parent is gone, also by kill -9."""
    parent = os.getpid()

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def open_log(places, name):
    """For a child's output. The folder is the servers' user's: root follows no link in it."""
    path = places.logs / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_suffix(".log.old"))
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    log = os.fdopen(os.open(path, flags, 0o640), "ab")
    own(path)
    return log


def stop(child, number=signal.SIGTERM, patience=10):
    """Ask, wait, and only then insist."""
    if child.poll() is not None:
        return
    child.send_signal(number)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def working_in(folder):
    """The processes whose working directory it is: PostgreSQL's and Redis's all are in their
    data, whatever became of their parent."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder.resolve():
                found.append(int(link.parent.name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def clear_out(folder, patience=30):
    """Wait for what an earlier run left behind; it was told to end when its parent did."""
    if wait_until(lambda: not working_in(folder), patience):
        return
    for pid in working_in(folder):
        os.kill(pid, signal.SIGQUIT)
    wait_until(lambda: not working_in(folder), patience)
