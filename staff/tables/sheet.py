"""An Excel sheet as rows of values, read with care and written without formulas."""

from datetime import datetime
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import tablib
from django.utils.translation import gettext as _
from import_export.formats.base_formats import XLSX
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_UNPACKED = 100_000_000  # bytes; a sheet is a ZIP archive, and a small one may hold a large one


class UnreadableSheet(ValueError):
    """The file is no Excel sheet that can be taken; the message says why."""


class Sheet(XLSX):
    """The first sheet of an Excel file."""

    def create_dataset(self, in_stream):
        """A Dataset of the rows that say something; `numbers` has each row's number in Excel.

        Raises UnreadableSheet."""
        rows = _rows_of(in_stream)
        numbered = [(n, row) for n, row in enumerate(rows, 1) if any(text_of(v) for v in row)]
        if not numbered:
            raise UnreadableSheet(_("The sheet is empty."))
        _first, heads = numbered.pop(0)
        heads = [text_of(head) for head in heads]
        while heads and not heads[-1]:
            heads.pop()
        data = tablib.Dataset(headers=heads)
        data.numbers = [number for number, _row in numbered]
        for _number, row in numbered:
            data.append([*row, *[None] * len(heads)][: len(heads)])
        return data

    def export_data(self, dataset, **kwargs):
        """The file; every text is written as text, marked so that Excel keeps it one."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, head, bold=True) for head in dataset.headers])
        for row in dataset:
            sheet.append([_cell(sheet, value) for value in row])
        file = BytesIO()
        book.save(file)
        return file.getvalue()


def _rows_of(content):
    """The rows of the first sheet as tuples of values, at most MOST_ROWS."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise UnreadableSheet(_("The sheet is too large."))
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    except UnreadableSheet:
        raise
    except (BadZipFile, KeyError, OSError, ValueError, TypeError) as error:
        raise UnreadableSheet(_("This is not an Excel file (.xlsx).")) from error
    rows = book.worksheets[0].iter_rows(
        values_only=True, max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS
    )
    taken = list(rows)
    if len(taken) > MOST_ROWS + 1:
        raise UnreadableSheet(_("A sheet has at most 20,000 rows."))
    return taken


def _cell(sheet, value, bold=False):
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
        # openpyxl takes a text that begins with "=" for a formula.
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell = WriteOnlyCell(sheet, value)
    if bold:
        cell.font = Font(bold=True)
    return cell


def text_of(value):
    """A cell as trimmed text: Excel gives codes as numbers and days as times."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    return str(value).strip()
