"""What holds the API together: its addresses and how it says no."""

from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from incidents.facts import BadFacts, Conflict, Forbidden, Hidden, Refused

PROBLEM = "application/problem+json"
REFUSALS = {BadFacts: 400, Forbidden: 403, Hidden: 404, Conflict: 409}
TITLES = {
    400: gettext_lazy("The request is not right"),
    401: gettext_lazy("Not signed in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Not possible here"),
    409: gettext_lazy("Somebody was there first"),
    415: gettext_lazy("Not a format that is read here"),
    429: gettext_lazy("Too many requests"),
}


def problem(error, context):
    """The problem document (RFC 9457) for whatever a view raised, in the caller's language."""
    if isinstance(error, Refused):
        return _answer(REFUSALS.get(type(error), 400), str(error.message), **_particulars(error))
    if isinstance(error, (DataError, SuspiciousOperation)):
        # What no check foresaw and the database or Django's own guard refused.
        return _answer(400, _("A value is out of its range."))
    answer = exception_handler(error, context)
    if answer is None:
        return None
    headers = {k: v for k, v in answer.items() if k in ("WWW-Authenticate", "Retry-After")}
    if isinstance(error, exceptions.ValidationError):
        detail, more = _("Some fields are missing or wrong."), {"errors": flat(error.detail)}
    else:
        detail, more = str(answer.data.get("detail", "")), {}
    return _answer(answer.status_code, detail, headers, **more)


def _particulars(error):
    """Fields of a 400; of a 409 who won, when, and by which move."""
    if isinstance(error, BadFacts):
        return {"errors": {k: [str(m) for m in v] for k, v in error.errors.items()}}
    if isinstance(error, Conflict):
        who = None if error.who is None else str(error.who)
        return {"who": who, "when": error.when, "move": error.move}
    return {}


def _answer(status, detail, headers=None, **more):
    phrase = HTTPStatus(status).phrase
    body = {
        "type": f"urn:gridcity:problem:{phrase.lower().replace(' ', '-')}",
        "title": str(TITLES.get(status, phrase)),
        "status": status,
        "detail": detail,
        **more,
    }
    return Response(body, status=status, headers=headers, content_type=PROBLEM)


def flat(detail, name=""):
    """DRF's nested errors as {field: [message, …]}; a field inside another is "outer.inner", an
    item of a list counts for the list."""
    if not isinstance(detail, dict):
        return {name or "body": [str(message) for message in _leaves(detail)]}
    errors = {}
    for key, value in detail.items():
        inner = name if isinstance(key, int) or key == "non_field_errors" else f"{name}.{key}"
        for field, messages in flat(value, inner.strip(".")).items():
            errors.setdefault(field, []).extend(messages)
    return errors


def _leaves(detail):
    return [m for part in detail for m in _leaves(part)] if isinstance(detail, list) else [detail]


class Nowhere(APIView):
    """Every other address below /api/: a problem document instead of a page."""

    permission_classes = []
    authentication_classes = []

    @extend_schema(exclude=True)
    def dispatch(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        raise exceptions.NotFound(_("There is nothing at this address."))


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("incidents.urls")),
    re_path("", Nowhere.as_view(schema=None)),
]
