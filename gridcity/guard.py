"""Short rules around every request: how long a session lives, what a page may load, who keeps it,
and what is told to who sent a value that the database refuses."""

import logging
import time

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.db import DataError
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

log = logging.getLogger(__name__)
# A session is written back at most once in so many seconds, not on every request.
TOUCH_SECONDS = 60


class IdleSessionMiddleware(MiddlewareMixin):
    """Keeps a session alive while it is used; SESSION_COOKIE_AGE after the last use it ends.

    It only looks at a session that the request has opened anyway: /healthz must answer without
    a database, and an API call with a token costs no query for a session.
    """

    def process_response(self, request, response):
        session = request.session
        if session.accessed and not session.is_empty():
            now = int(time.time())
            if now - session.get("seen", 0) >= TOUCH_SECONDS:
                session["seen"] = now
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """The content security policy, with the exceptions that the settings list by path."""

    def process_response(self, request, response):
        for path, directives in settings.CONTENT_SECURITY_EXCEPTIONS.items():
            if request.path.startswith(path):
                response._csp_update = directives
        return super().process_response(request, response)


class OutOfRangeMiddleware(MiddlewareMixin):
    """A NUL in a text, or a number beyond every key: what no check of a page foresaw and the
    database refused is the sender's mistake, not ours. The API says it in its own form."""

    def process_exception(self, request, error):
        if not isinstance(error, DataError):
            return None
        log.warning("out of range: %s %s", request.method, request.path, exc_info=error)
        return render(request, "gridcity/out_of_range.html", status=400)


class KeptByNobodyMiddleware(MiddlewareMixin):
    """No proxy and no shared cache keeps an answer that does not say for how long it holds."""

    def process_response(self, request, response):
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
