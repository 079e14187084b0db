"""How many queries each address of the API costs beside the moves: signing in, photos, receipts,
the schema. No address is without its number."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridcity.api import urlpatterns
from incidents.urls import urlpatterns as of_the_loop
from tests.incidents import play
from tests.incidents.conftest import fresh, phone_photo, report_of, upload
from tests.incidents.test_query_budget import PAGES

PASSWORD = "a long enough pass phrase"
# Counted elsewhere: the loop's reading and writing in test_query_budget.
ELSEWHERE = {"cases", "case", "moves", "steps", "clocks", "case_evidence", "similar"}
HERE = {"token", "uploads", "evidence", "evidence_file", "receipts", "schema", "docs"}


@pytest.fixture
def cost(town):
    """A function: (answer, how many queries it took)."""

    def run(deed):
        with CaptureQueriesContext(connection) as queries:
            answer = deed()
        return answer, len(queries)

    return run


@pytest.fixture
def photo(town, caller, send):
    """The key of a photo that a case shows."""
    sent = send(town.worker)
    answer = caller(town.worker).post("/api/cases/", report_of(sent), format="json")
    assert answer.status_code == 201
    return sent


def test_every_address_of_the_api_has_a_number():
    named = {pattern.name for pattern in (*urlpatterns, *of_the_loop) if hasattr(pattern, "name")}
    assert named - {None} == ELSEWHERE | HERE
    assert len(PAGES) >= len(ELSEWHERE)


@pytest.mark.parametrize(("again", "most"), [(False, 6), (True, 3)], ids=["first", "again"])
def test_signing_in_costs_exactly(town, caller, cost, again, most):
    town.worker.set_password(PASSWORD)
    town.worker.save()
    client, body = caller(), {"username": town.worker.username, "password": PASSWORD}
    if again:
        client.post("/api/token/", body, format="json")
    answer, queries = cost(lambda: client.post("/api/token/", body, format="json"))
    assert (answer.status_code, queries) == (200, most)


def test_a_token_costs_no_more_than_a_session(town, caller, cost):
    town.worker.set_password(PASSWORD)
    town.worker.save()
    case, client = play.handled(town), caller()
    body = {"username": town.worker.username, "password": PASSWORD}
    token = client.post("/api/token/", body, format="json").json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    answer, queries = cost(lambda: client.get(f"/api/cases/{case.number}/"))
    usual = next(most for address, _who, most in PAGES if address == "cases/{}/")
    # What reads a session's member reads the token's.
    assert (answer.status_code, queries) == (200, usual)


@pytest.mark.parametrize("key", ["", "one"])
def test_sending_a_photo_costs_exactly(town, caller, cost, key):
    client, file = caller(fresh(town.worker)), upload(phone_photo())
    headers = {"idempotency-key": key} if key else {}
    answer, queries = cost(lambda: client.post("/api/evidence/", {"file": file}, headers=headers))
    assert (answer.status_code, queries) == (201, 6 if key else 5)


def test_a_photo_that_is_refused_costs_the_posts_alone(town, caller, cost):
    client, file = caller(fresh(town.worker)), upload(b"no picture at all")
    answer, queries = cost(lambda: client.post("/api/evidence/", {"file": file}))
    assert (answer.status_code, queries) == (400, 1)


@pytest.mark.parametrize("which", ["", "shown/", "thumbnail/"])
def test_a_photo_costs_two_queries(town, caller, cost, photo, which):
    client = caller(fresh(town.worker))
    answer, queries = cost(lambda: client.get(f"/api/evidence/{photo}/{which}"))
    assert (answer.status_code, queries) == (200, 2)


def test_a_photo_that_one_may_not_see_costs_the_same(town, caller, cost, photo):
    client = caller(fresh(town.far_worker))
    answer, queries = cost(lambda: client.get(f"/api/evidence/{photo}/"))
    assert (answer.status_code, queries) == (404, 2)


def test_a_receipt_that_nobody_signed_costs_one_query(cost, caller):
    body = {"id": "00000000-0000-0000-0000-000000000000", "status": "delivered"}
    answer, queries = cost(lambda: caller().post("/api/receipts/", body, format="json"))
    assert (answer.status_code, queries) == (403, 1)


@pytest.mark.parametrize("name", ["schema", "docs"])
def test_the_description_of_the_api_asks_the_database_nothing(caller, cost, name):
    answer, queries = cost(lambda: caller().get(reverse(name)))
    assert (answer.status_code, queries) == (200, 0)
    answer, queries = cost(lambda: caller().get("/api/no/such/address/"))
    assert (answer.status_code, queries) == (404, 0)
