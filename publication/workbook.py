"""A digest as an Excel workbook: a sheet a table, numbers as numbers, heads that stay in sight."""

import io

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from assessment.measures import named as names_of_code
from assessment.subjects import WORDS
from staff.models import in_language

_HEAD = PatternFill("solid", fgColor="E9F1FC")
_WIDEST, _NARROWEST = 36, 9


def workbook_of(contents):
    """The workbook as bytes, in the language that is active."""
    book = Workbook()
    _sheet(book.active, _("Whole city"), _main_rows(contents))
    for kind, table in contents.tables.items():
        _sheet(book.create_sheet(), str(WORDS[kind]), _table_rows(table))
    _sheet(book.create_sheet(), pgettext("digest", "Days"), _day_rows(contents))
    _sheet(book.create_sheet(), _("Notes"), _note_rows(contents))
    book.properties.creator = "gridcity"
    book.properties.title = f"{contents.city} {contents.period}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def title_of(code):
    return in_language(*names_of_code(code))


def _main_rows(contents):
    yield [_("Figure"), str(contents.period), str(contents.period.before())]
    for code, now, before in contents.main() if contents.total else ():
        yield [title_of(code), _number(now), _number(before)]


def _table_rows(table):
    yield [
        _("Rank"),
        pgettext("digest", "Name"),
        _("Score"),
        _("Band"),
        *(title_of(c) for c in table.columns),
    ]
    for line in table.lines:
        row = line.row
        figures = [_number(row.figures.get(code)) for code in table.columns]
        yield [line.rank, line.subject.name, _float(row.score), row.band, *figures]


def _day_rows(contents):
    names = ("R_ACCEPT", "R_INST", "R_CLOSE", "R_OVERTIME_CLOSE", "R_OVERDUE_OPEN")
    yield [_("Day"), *(title_of(code) for code in names)]
    for day, counts in contents.days:
        figures = ("intake", "filed", "closed", "late", "overdue")
        yield [day, *(counts[figure] for figure in figures)]


def _note_rows(contents):
    yield [_("Table"), _("State"), _("Formula"), _("Hash of the inputs")]
    for kind, table in contents.tables.items():
        frozen = table.publication
        yield [
            str(WORDS[kind]),
            _("frozen") if frozen else _("running, not frozen"),
            str(table.formula or ""),
            frozen.input_hash if frozen else "",
        ]


def _number(figure):
    return None if figure is None else _float(figure.value)


def _float(value):
    """A value as Excel has it; None stays an empty cell."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _sheet(sheet, title, rows):
    """Write rows under a title; the first is the head."""
    sheet.title = title[:31]
    widths = {}
    for row in rows:
        sheet.append(row)
        for place, value in enumerate(row, 1):
            long = sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(value or ""))
            widths[place] = max(widths.get(place, _NARROWEST), min(long + 2, _WIDEST))
    for cell in (cell for row in sheet for cell in row if cell.data_type == "f"):
        cell.data_type, cell.quotePrefix = "s", True  # openpyxl takes "=…" for a formula
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for place, width in widths.items():
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "B2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
