"""Works timed against each other in one run: in turns, so that whatever else the machine does falls
on all of them alike, and compared turn by turn.

What a page costs beside its SQL is told in processor time, of this process and of the database's
that works for it: on a machine with nothing else to do that is how long it takes, and on a busy one
long works would otherwise be interrupted more often than short ones, and look worse than they are.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from django.db import DEFAULT_DB_ALIAS, connection, connections

TURNS = 21
# An address where nothing is: the frame round an empty page.
EMPTY = "/nowhere/"


def in_turns(*works, turns=TURNS, measure=None):
    """[(seconds of each work)] a turn, begun by another work each time; one turn before them does
    not count. `measure` is by default the time that passes."""
    measure = measure or seconds_of
    rows = []
    for turn in range(turns + 1):
        row = [0.0] * len(works)
        for place in range(len(works)):
            index = (place + turn) % len(works)
            row[index] = measure(works[index])
        rows.append(row)
    return rows[1:]


def as_on_a_server(work):
    """What a work returns, done by a thread of its own with this thread's connection. So deep in a
    test runner's calls Python took and gave back memory for nearly every further call, a quarter of
    a page's time; a server's thread, and this one, are at the beginning of their stack."""
    here = connections[DEFAULT_DB_ALIAS]
    here.inc_thread_sharing()

    def there():
        connections[DEFAULT_DB_ALIAS] = here
        return work()

    try:
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(there).result()
    finally:
        here.dec_thread_sharing()


def over_budget(client, path, bare):
    """By how many seconds of processor time a page takes more than three times its bare SQL and an
    empty page, the median of the turns (negative: within); prints the medians of all three. The
    bound is that of the pages' budgets; `bare` runs the SQL."""
    works = (lambda: client.get(path), bare, empty_page(client))
    rows = as_on_a_server(lambda: in_turns(*works, measure=work_of))
    served, plain, empty = (1000 * median(column) for column in zip(*rows, strict=True))
    print(
        f"\n{path}: {served:.1f} ms of work, {plain:.1f} ms bare SQL, {empty:.1f} ms an empty page,"
        f" ratio {(served - empty) / plain:.2f}"
    )
    return median(served - 3 * plain - empty for served, plain, empty in rows)


def empty_page(client):
    """A work: fetch a page that is nothing but its frame."""
    logging.getLogger("django.request").setLevel(logging.ERROR)  # that nothing is there is no fault
    return lambda: client.get(EMPTY)


def seconds_of(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def work_of(work):
    """The seconds of processor time that a work takes here and in the database; where the system
    does not tell them of the other process, the seconds that pass."""
    connection.ensure_connection()
    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    if not told.exists():
        return seconds_of(work)

    def so_far():
        return time.process_time() + int(told.read_text().split()[0]) / 1e9

    began = so_far()
    work()
    return so_far() - began


def asked_by(client, path):
    """[(sql, params)] that a page asks for."""
    return asked_of(lambda: client.get(path))


def asked_of(work):
    """[(sql, params)] that anything asks for."""
    asked = []

    def listen(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        work()
    return asked


def run(statements):
    """Execute and fetch, with nothing made of the rows."""
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()


def planning_of(statements):
    """The seconds that the database takes to plan some statements, the least of five times."""
    return sum(min(_planned(*each) for _time in range(5)) for each in statements)


def _planned(sql, params):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (SUMMARY, FORMAT JSON) {sql}", params)
        return cursor.fetchone()[0][0]["Planning Time"] / 1000
