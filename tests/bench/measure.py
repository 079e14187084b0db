"""Works timed against each other in one run: in turns, so that whatever else the machine does falls
on all of them alike, and compared turn by turn."""

import logging
import time
from statistics import median

from django.db import connection

TURNS = 21
# An address where nothing is: the frame round an empty page.
EMPTY = "/nowhere/"


def in_turns(*works, turns=TURNS):
    """[(seconds of each work)] a turn, begun by another work each time; one turn before them does
    not count."""
    rows = []
    for turn in range(turns + 1):
        row = [0.0] * len(works)
        for place in range(len(works)):
            index = (place + turn) % len(works)
            row[index] = seconds_of(works[index])
        rows.append(row)
    return rows[1:]


def over_budget(client, path, bare):
    """By how many seconds a page takes longer than three times its bare SQL and an empty page, the
    median of the turns (negative: within); prints the medians of all three. The bound is that of
    the pages' budgets; `bare` runs the SQL."""
    rows = in_turns(lambda: client.get(path), bare, empty_page(client))
    served, plain, empty = (1000 * median(column) for column in zip(*rows, strict=True))
    print(
        f"\n{path}: {served:.1f} ms served, {plain:.1f} ms bare SQL, {empty:.1f} ms an empty page,"
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
