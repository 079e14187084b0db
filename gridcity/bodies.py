"""How the API reads a body; apart from gridcity/api.py because DRF's views import it themselves."""

import json

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MOST_JSON = 1_000_000


class JSON(BaseParser):
    """JSON as text from anybody: bounded, UTF-8, without NaN; all that is wrong is a 400."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        data = stream.read(MOST_JSON + 1)
        if len(data) > MOST_JSON:
            raise ParseError(_("At most one megabyte of JSON."))
        try:
            return json.loads(data.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise ParseError(_("This is no valid JSON.")) from None


def _refuse(constant):
    raise ValueError(constant)
