"""Locks that the kernel gives back when their process ends, however it ends."""

import fcntl
import os

from places import own


def open_lock(path):
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
    if os.fstat(handle).st_uid == os.geteuid():
        own(path, 0o660)
    return handle


def lock_now(handle):
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_lock(path):
    """The lock's handle, or None where another process has it."""
    handle = open_lock(path)
    if lock_now(handle):
        return handle
    os.close(handle)
    return None


def share_lock(path):
    handle = open_lock(path)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def wait_for_lock(path):
    handle = open_lock(path)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def is_free(path):
    handle = try_lock(path)
    if handle is None:
        return False
    os.close(handle)
    return True
