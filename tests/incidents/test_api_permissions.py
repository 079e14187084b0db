"""Every endpoint × every role, and the number of queries that each endpoint may cost.

The table is the expectation: a new endpoint without a row fails, so that nobody forgets to say who
may use it.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from grids.models import Post
from incidents.models import Evidence
from lib import now
from tests import cast
from tests.incidents import play
from tests.incidents.conftest import phone_photo, upload

pytestmark = pytest.mark.django_db

ROLES = (
    "worker",
    "intake",
    "chief",
    "dispatcher",
    "adjudicator",
    "handler",
    "supervisor",
    "leader",
    "assessor",
    "sysadmin",
    "secadmin",
    "auditor",
)
SEES = {
    "worker",
    "intake",
    "chief",
    "dispatcher",
    "adjudicator",
    "handler",
    "supervisor",
    "leader",
    "assessor",
    "sysadmin",
}
EVERYBODY = set(ROLES)
HERE = {"longitude": 113.9005, "latitude": 30.9005}
SIMILAR = "/api/cases/similar/?longitude=113.9005&latitude=30.9005&category=E-01-13"

# (method, address, body) -> roles for whom it answers 2xx; others get 404 or, where it says so,
# 403. The case stands at dispatched with the water bureau, whose handler is the cast's.
FORBIDDEN, HIDDEN = 403, 404
TABLE = {
    ("get", "cases/", None): (EVERYBODY, None),
    ("post", "cases/", "report"): ({"worker", "intake"}, FORBIDDEN),
    ("get", "cases/similar/", None): (EVERYBODY, None),
    ("get", "cases/<case:number>/", None): (SEES, HIDDEN),
    ("get", "cases/<case:number>/moves/", None): (SEES, HIDDEN),
    ("post", "cases/<case:number>/moves/", "move"): ({"handler"}, "mixed"),
    ("get", "cases/<case:number>/steps/", None): (SEES, HIDDEN),
    ("get", "cases/<case:number>/clocks/", None): (SEES, HIDDEN),
    ("get", "cases/<case:number>/evidence/", None): (SEES, HIDDEN),
    ("post", "evidence/", "upload"): (EVERYBODY, None),
    ("get", "evidence/<uuid:pk>/", None): (SEES, HIDDEN),
    ("get", "evidence/<uuid:pk>/<which:which>/", None): (SEES, HIDDEN),
}
# Whoever signs a receipt is known by the signature (tests/incidents/test_receipts.py).
OPEN_TO_ALL = {"token/", "schema/", "docs/", "receipts/"}


@pytest.fixture
def case(town, caller):
    """A dispatched case with one real photo."""
    sent = caller(town.worker).post("/api/evidence/", {"file": upload(phone_photo())}).json()
    made = (
        caller(town.worker)
        .post(
            "/api/cases/", {**HERE, "category": "E-01-13", "evidence": [sent["id"]]}, format="json"
        )
        .json()
    )
    number = made["number"]
    play.workflow.move(number, "accept", town.intake, category="E-01-13")
    play.workflow.move(number, "file", town.chief, condition="E-01-13-1")
    return play.workflow.move(number, "dispatch", town.dispatcher, unit="WATER")


def address(case, pattern):
    photo = Evidence.objects.filter(case=case).first()
    if pattern == "cases/similar/":
        return SIMILAR
    return "/api/" + (
        pattern.replace("<case:number>", case.number)
        .replace("<uuid:pk>", str(photo.pk))
        .replace("<which:which>", "shown")
    )


def ask(client, case, method, pattern, body, member=None, town=None):
    return request_of(case, method, pattern, body, member, town)(client)


def request_of(case, method, pattern, body, member=None, town=None):
    """A function that sends the request; what it needs is made before."""
    path = address(case, pattern)
    if body is None:
        return lambda client: client.get(path)
    if body == "upload":
        return lambda client: client.post(path, {"file": upload(phone_photo())})
    given = {"move": "ask_extend", "reason": "rain"}
    if body == "report":
        given = {**HERE, "category": "E-01-13", "position": [113.9005, 30.9005]}
        if member is not None and Post.objects.filter(member=member, role="worker").exists():
            given["evidence"] = [str(cast.photo_of(member, town).pk)]
    return lambda client: client.post(path, given, format="json")


ROWS = [(*key, *value) for key, value in TABLE.items()]


@pytest.mark.parametrize("role", ROLES)
def test_every_endpoint_for_a_role(town, caller, case, role):
    member, wrong = getattr(town, role), {}
    for method, pattern, body, allowed, refusal in ROWS:
        answer = ask(caller(member), case, method, pattern, body, member, town)
        expected = {200, 201}
        if role not in allowed:
            seen = FORBIDDEN if role in SEES else HIDDEN
            expected = {seen if refusal == "mixed" else refusal}
        if answer.status_code not in expected:
            wrong[method, pattern] = answer.status_code
    assert not wrong


def test_nobody_gets_401_everywhere(caller, case):
    for method, pattern, body, _allowed, _refusal in ROWS:
        assert ask(caller(), case, method, pattern, body).status_code == 401, pattern


def test_no_role_of_another_city_finds_the_case(town, caller, case):
    elsewhere = cast.make_city("XX", lon=100.0, lat=25.0)
    for role in ROLES:
        for method, pattern, body, _allowed, _refusal in ROWS:
            if "<" in pattern:
                answer = ask(caller(getattr(elsewhere, role)), case, method, pattern, body)
                assert answer.status_code == 404, (role, pattern)


def test_lists_and_hints_of_another_city_are_empty(town, caller, case):
    elsewhere = cast.make_city("XX", lon=100.0, lat=25.0)
    for role in ROLES:
        client = caller(getattr(elsewhere, role))
        assert client.get("/api/cases/").json()["results"] == []
        assert client.get(SIMILAR).json() == []


@pytest.mark.parametrize("role", sorted(EVERYBODY - SEES))
def test_administrators_of_people_see_no_case_in_lists_and_hints(town, caller, case, role):
    client = caller(getattr(town, role))
    assert client.get("/api/cases/").json()["results"] == []
    assert client.get(SIMILAR).json() == []


def test_a_report_outside_ones_city_is_refused(town, caller):
    elsewhere = cast.make_city("XX", lon=100.0, lat=25.0)
    photo = cast.photo_of(elsewhere.worker, elsewhere)
    answer = caller(elsewhere.worker).post(
        "/api/cases/", {**HERE, "category": "E-01-13", "evidence": [str(photo.pk)]}, format="json"
    )
    assert answer.status_code == 400 and "longitude" in answer.json()["errors"]


def test_another_areas_worker_supervisor_and_unit_find_nothing(town, caller, case):
    for member in (town.far_worker, town.far_supervisor, town.gardener, town.neighbour):
        for _method, pattern, body, _allowed, _refusal in ROWS:
            if "<" in pattern:
                assert ask(caller(member), case, _method, pattern, body).status_code == 404


def test_a_post_that_ended_yesterday_sees_nothing(town, caller, case):
    Post.objects.filter(member=town.chief).update(valid_until=cast.MORNING.date())
    assert caller(town.chief).get(f"/api/cases/{case.number}/").status_code == 404


def test_being_superuser_reads_and_moves_nothing(town, caller, case):
    type(town.chief).objects.filter(pk=town.auditor.pk).update(is_superuser=True)
    client = caller(town.auditor)
    assert client.get(f"/api/cases/{case.number}/").status_code == 200
    answer = client.post(
        f"/api/cases/{case.number}/moves/", {"move": "ask_extend", "reason": "x"}, format="json"
    )
    assert answer.status_code == 403
    assert client.get(f"/api/cases/{case.number}/moves/").json() == []


def test_every_endpoint_has_a_row():
    api = next(p for p in get_resolver().url_patterns if str(p.pattern) == "api/")
    known = {pattern for _m, pattern, _b in TABLE} | OPEN_TO_ALL
    found = set()
    for entry in api.url_patterns:
        if hasattr(entry, "url_patterns"):
            found |= {str(p.pattern) for p in entry.url_patterns}
        elif str(entry.pattern):
            found.add(str(entry.pattern))
    assert found == known


# --- queries ------------------------------------------------------------------------------

# With a token: one query for the token and its member, one for the posts, then the endpoint's own.
BUDGETS = {
    ("get", "cases/", None): 4,
    ("get", "cases/similar/", None): 7,
    ("get", "cases/<case:number>/", None): 4,
    ("get", "cases/<case:number>/moves/", None): 6,
    ("get", "cases/<case:number>/steps/", None): 5,
    ("get", "cases/<case:number>/clocks/", None): 6,
    ("get", "cases/<case:number>/evidence/", None): 4,
    ("get", "evidence/<uuid:pk>/", None): 3,
    ("get", "evidence/<uuid:pk>/<which:which>/", None): 3,
    ("post", "cases/", "report"): 28,
    ("post", "cases/<case:number>/moves/", "move"): 24,
    ("post", "evidence/", "upload"): 6,
}


def by_token(member):
    token, _new = Token.objects.get_or_create(user=member)
    return APIClient(HTTP_AUTHORIZATION=f"Token {token.key}", HTTP_ACCEPT_LANGUAGE="en")


@pytest.mark.parametrize("role", ["handler", "worker", "chief"])
def test_queries(town, case, role):
    member, spent = getattr(town, role), {}
    client = by_token(member)
    for method, pattern, body in BUDGETS:
        send = request_of(case, method, pattern, body, member, town)
        with CaptureQueriesContext(connection) as asked:
            send(client)
        spent[method, pattern, body] = asked
    # Members of units cost two more: how far they may read, and how it looked there.
    more = 2 if role == "handler" else 0
    wrong = {
        key: (len(asked), *(q["sql"][:150] for q in asked.captured_queries))
        for key, asked in spent.items()
        if len(asked) > BUDGETS[key] + more
    }
    assert not wrong, wrong


def test_the_list_costs_the_same_for_one_case_and_for_thirty(
    town, case, django_assert_max_num_queries
):
    for _ in range(29):
        play.reported(town)
    for role in ("worker", "chief", "handler", "leader"):
        client = by_token(getattr(town, role))
        with django_assert_max_num_queries(6 if role == "handler" else 4):
            assert client.get("/api/cases/").status_code == 200


def test_a_long_history_costs_no_more_queries(town, case, django_assert_max_num_queries):
    moment = now.now()
    for _ in range(4):
        case = play.rework(town, play.handle(town, case))
    assert now.now() == moment
    client = by_token(town.chief)
    for tail, most in (("", 4), ("steps/", 5), ("clocks/", 6), ("evidence/", 4)):
        with django_assert_max_num_queries(most):
            assert client.get(f"/api/cases/{case.number}/{tail}").status_code == 200


def test_the_queries_of_a_token(town, django_assert_max_num_queries):
    town.worker.set_password("a long password 1")
    town.worker.save()
    with django_assert_max_num_queries(12):
        answer = APIClient().post(
            "/api/token/",
            {"username": town.worker.username, "password": "a long password 1"},
            format="json",
        )
    assert answer.status_code == 200
