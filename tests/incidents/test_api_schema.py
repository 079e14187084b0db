"""schemathesis against the schema: whatever fits it, and much that does not, is answered as the
schema says and never with a server error."""

import random

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.database import InMemoryExampleDatabase
from rest_framework.authtoken.models import Token
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gridcity.wsgi import application
from tests.incidents import play

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MEMBERS = ("worker", "intake", "chief", "dispatcher", "handler", "supervisor", "leader")
EXAMPLES = 12  # for each of the 13 operations, well formed and again broken


@pytest.fixture
def served(town):
    """The schema as the application serves it, over a city with a few cases to hit."""
    town.numbers = [
        case.number for case in (play.closed(town), play.dispatched(town), play.reported(town))
    ]
    town.tokens = [Token.objects.create(user=getattr(town, name)).key for name in MEMBERS]
    # The end of a request closes connections in a server; here it would end the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_no_request_breaks_the_server(town, served, mode):
    tried = set()
    chance = random.Random(7)

    def hit(case):
        # Three of four go to a case that is there: a 404 finds no mistake.
        if "number" in (case.path_parameters or {}) and chance.random() < 0.75:
            case.path_parameters["number"] = chance.choice(town.numbers)
        headers = {"Authorization": f"Token {chance.choice(town.tokens)}"}
        case.call_and_validate(headers=headers, checks=CHECKS)
        tried.add(case.operation.label)

    for found in served.get_all_operations():
        operation = found.ok()
        if operation.path in ("/api/schema/", "/api/token/"):
            continue
        run = given(case=operation.as_strategy(generation_mode=mode))(hit)
        run = seed(1)(
            settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=InMemoryExampleDatabase(),
                suppress_health_check=list(HealthCheck),
            )(run)
        )
        run()
    assert len(tried) >= 10, tried
