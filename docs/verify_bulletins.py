#!/usr/bin/env python3
"""Checks the whole chain of a city's bulletins, with nothing but Python's own library.

    python3 verify_bulletins.py https://grid.example.org/public/

Every entry is downloaded as JSON and as CSV: its hash must be the one of the index, its `previous`
the hash of the entry before, numbers without a gap, days in order. No count may be under the least
that is published, and the figures must add up. Exit code 0: everything agrees; 1: something does
not, and is named. Note the last hash down: next time it must still be in the chain.
"""

import csv
import hashlib
import io
import json
import sys
from urllib.parse import parse_qsl, urlencode, urljoin
from urllib.request import urlopen

FIGURES = ("dispatched", "intake", "filed", "due", "closed", "on_time", "late", "overdue", "patrol")
FIGURES += ("maintained", "supervised", "managed", "enforced", "evaluated")


def get(address):
    try:
        with urlopen(address, timeout=60) as answer:
            return answer.read()
    except OSError as error:  # nobody answers there, or the city does not publish
        sys.exit(f"{address}: {error}")


def entries_of(start, query):
    """All lines of the index, in pages."""
    after = 0
    while after is not None:
        asked = urljoin(start, f"index.json?{urlencode(query | {'after': after})}")
        found = json.loads(get(asked))
        yield from found["entries"]
        after = found["next"]


def rows_of(body):
    yield "total", body["total"]
    for table in ("streets", "units"):
        yield from ((table, row) for row in body[table])
    yield from (("communities", row) for row in (body["week"] or {}).get("communities", ()))


def faults_of(entry, text, sheet, before):
    """What does not agree in one entry, in words."""
    body = json.loads(text)
    if hashlib.sha256(text).hexdigest() != entry["sha256"]:
        yield "its hash is not the one of the index"
    if text.decode() != json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")):
        yield "it is not written in the canonical way"
    if body["previous"] != (before["sha256"] if before else ""):
        yield "it does not name the hash of the entry before"
    if not body["number"] == entry["number"] == (before["number"] if before else 0) + 1:
        yield "its number does not follow"
    if (body["day"], body["corrects"]) != (entry["day"], entry["corrects"]):
        yield "the index says another day of it"
    lines = list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"))))
    for (table, row), line in zip(rows_of(body), lines, strict=False):
        told = {name: "" if row.get(name) is None else str(row[name]) for name in FIGURES}
        if table != line["table"] or told != {name: line[name] for name in FIGURES}:
            yield f"{table} {row.get('code', '')}: the CSV says something else"
        counts = {name: row[name] for name in FIGURES if row.get(name) is not None}
        if any(count < body["least"] for count in counts.values()):
            yield f"{table} {row.get('code', '')}: a count is under {body['least']}"
        for whole, parts in (("closed", ("on_time", "late")), ("due", ("closed", "overdue"))):
            if {whole, *parts} <= counts.keys() and counts[whole] != sum(counts[p] for p in parts):
                yield f"{table} {row.get('code', '')}: {whole} is not the sum of its parts"
    if len(lines) != sum(1 for _row in rows_of(body)):
        yield "the CSV has other lines"


def main(arguments):
    if not arguments:
        print(__doc__)
        return 2
    start, _mark, asked = arguments[0].partition("?")
    before, wrong, newest = None, 0, ""
    for entry in entries_of(start, dict(parse_qsl(asked))):
        files = [get(urljoin(start, f"{entry[form]}?{asked}")) for form in ("json", "csv")]
        for fault in faults_of(entry, *files, before):
            wrong += 1
            print(f"{entry['number']} ({entry['day']}): {fault}")
        if entry["corrects"] is None and entry["day"] <= newest:
            wrong += 1
            print(f"{entry['number']} ({entry['day']}): its day does not follow")
        newest, before = max(newest, entry["day"]), entry
    if before is None:
        sys.exit("there is no bulletin yet")
    print(f"{before['number']} entries, {wrong} faults; the last hash is {before['sha256']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
