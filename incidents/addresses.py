"""The parts of an address that the API and the pages share; importing this makes them known."""

from datetime import date

from django.urls import register_converter
from django.urls.converters import StringConverter


class CaseNumber(StringConverter):
    """A case number: what a database can be asked for, and nothing with a slash or a NUL in it."""

    regex = r"[\w.-]{1,40}"


class Which(StringConverter):
    """The two files of a photo that anybody is shown."""

    regex = "shown|thumbnail"


class Day:
    """A day: 2026-03-03."""

    regex = r"\d{4}-\d{2}-\d{2}"
    to_python = staticmethod(date.fromisoformat)

    @staticmethod
    def to_url(value):
        return value.isoformat()


register_converter(CaseNumber, "case")
register_converter(Day, "day")
register_converter(Which, "which")
