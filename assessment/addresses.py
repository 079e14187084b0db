"""The parts of an address of scores; importing this makes them known."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from assessment.measures import KINDS


class Kind(StringConverter):
    """A kind of subject."""

    regex = "|".join(KINDS)


class Key(StringConverter):
    """A code of an area, grid or unit, or the number of a person."""

    regex = r"[\w.-]{1,40}"


class Figure(StringConverter):
    """A code of a figure."""

    regex = "[A-Z_]{2,30}"


class Form(StringConverter):
    """In which form a file is written."""

    regex = "csv|xlsx"


register_converter(Kind, "kind")
register_converter(Key, "key")
register_converter(Figure, "figure")
register_converter(Form, "form")
