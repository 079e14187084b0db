"""Work that one process does at a time."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def claimed(kind, key=0):
    """A context: whether this process alone does a kind of work, on the thing of a key if it is one
    of many; both are 32-bit numbers. It waits for nobody. The claim is the database connection's,
    and ends with whoever held it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, key])
        (is_mine,) = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, key])
