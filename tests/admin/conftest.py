"""Members in the administration, and sheets as Excel writes them."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from tests.cast import client_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(model, action="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}", args=args)


def sheet(*rows):
    """An Excel file of rows, the first of which names the columns."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return SimpleUploadedFile("sheet.xlsx", file.getvalue(), XLSX)


@pytest.fixture
def send():
    """A function: send a sheet to a model's page as a member; the page that shows it."""

    def run(member, model, *rows):
        given = {"import_file": sheet(*rows), "format": "0", "resource": "0"}
        return client_of(member).post(page(model, "import"), given)

    return run


@pytest.fixture
def take(send):
    """A function: send a sheet and confirm it; the answer."""

    def run(member, model, *rows):
        shown = send(member, model, *rows)
        assert "confirm_form" in shown.context, shown.text
        given = shown.context["confirm_form"].initial
        return client_of(member).post(page(model, "process_import"), given)

    return run
