"""A bulletin as CSV: one line a row of its tables, made from the body alone."""

import csv
import io

from lib.cells import harmless

COLUMNS = (
    "number",
    "day",
    "corrects",
    "table",
    "code",
    "name_zh",
    "name_en",
    "street",
    "dispatched",
    "intake",
    "filed",
    "due",
    "closed",
    "on_time",
    "late",
    "overdue",
    "patrol",
    "maintained",
    "supervised",
    "managed",
    "enforced",
    "evaluated",
)


def sheet_of(body):
    """The text of the CSV: UTF-8 with a mark at its head, so that spreadsheets read Chinese."""
    out = io.StringIO()
    write = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    write.writeheader()
    head = {name: body[name] for name in ("number", "day", "corrects")}
    for table, row in _rows(body):
        names = {"name_zh": row.get("zh", row.get("name")), "name_en": row.get("en", "")}
        cells = head | {"table": table} | names | row
        write.writerow({name: harmless(cell) for name, cell in cells.items()})
    return "\ufeff" + out.getvalue()


def _rows(body):
    yield "total", body["total"] | {"zh": body["city"]["zh"], "en": body["city"]["en"]}
    yield from (("streets", row) for row in body["streets"])
    yield from (("units", row) for row in body["units"])
    if body["week"]:
        yield from (("communities", row) for row in body["week"]["communities"])
