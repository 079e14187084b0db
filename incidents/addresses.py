"""The parts of an address that the API and the pages share; importing this makes them known."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class CaseNumber(StringConverter):
    """A case number: what a database can be asked for, and nothing with a slash or a NUL in it."""

    regex = r"[\w.-]{1,40}"


class Which(StringConverter):
    """The two files of a photo that anybody is shown."""

    regex = "shown|thumbnail"


register_converter(CaseNumber, "case")
register_converter(Which, "which")
