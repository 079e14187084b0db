"""Days and months in the addresses of bulletins; importing this makes them known."""

from datetime import date

from django.urls import register_converter
from django.urls.converters import StringConverter


def _read_day(text):
    """A day; one that no calendar has is a day without a bulletin."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


class Day:
    """A day in an address, 2026-07-13."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value):
        return _read_day(value)

    def to_url(self, value):
        return value.isoformat()


class Month:
    """A month in an address, 2026-07, as its first day."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value):
        return _read_day(f"{value}-01")

    def to_url(self, value):
        return f"{value:%Y-%m}"


class Form(StringConverter):
    """In which form a digest is fetched."""

    regex = "pdf|xlsx"


register_converter(Form, "digest_form")
register_converter(Day, "bulletin_day")
register_converter(Month, "bulletin_month")
