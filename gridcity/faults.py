"""What a reader is told when the fault is ours: a word by which it is found in the log."""

import logging
import secrets

from django.http import HttpResponseServerError
from django.template.loader import render_to_string

from lib import now

log = logging.getLogger(__name__)


def broken(request):
    """The page of a fault; its id stands on the page, in a header (for the modules of a page that
    asked in the background) and in the log beside the traceback. It asks no database."""
    fault, at = secrets.token_hex(4), now.now()
    log.exception("fault %s: %s %s", fault, request.method, request.path)
    words = render_to_string("500.html", {"fault": fault, "at": at})
    return HttpResponseServerError(words, headers={"X-Fault": fault})
