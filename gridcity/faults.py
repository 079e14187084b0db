"""What a reader is told when the fault is ours: a word by which it is found in the log."""

import logging
import secrets

from django.http import HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from lib import now

log = logging.getLogger(__name__)


def broken(request):
    """The page of a fault; its id stands on the page, in a header (for the modules of a page that
    asked in the background) and in the log beside the traceback. It asks no database."""
    fault, at = secrets.token_hex(4), now.now()
    log.exception("fault %s: %s %s", fault, request.method, request.path)
    if request.path.startswith("/api/"):
        return _problem(fault)
    words = render_to_string("500.html", {"fault": fault, "at": at})
    return HttpResponseServerError(words, headers={"X-Fault": fault})


def _problem(fault):
    """The same to a program: a problem document (RFC 9457) as of every other refusal of the API."""
    body = {
        "type": "urn:gridcity:problem:internal-server-error",
        "title": _("Something went wrong"),
        "status": 500,
        "detail": _("The fault is ours and nothing was done."),
        "fault": fault,
    }
    kind = "application/problem+json"
    return JsonResponse(body, status=500, content_type=kind, headers={"X-Fault": fault})
