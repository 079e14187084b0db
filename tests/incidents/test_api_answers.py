"""What the API says to wrong, repeated and late requests, and to who signs in."""

import json
import uuid

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from incidents.models import Case, Evidence
from lib import now
from tests import cast
from tests.incidents import play
from tests.incidents.conftest import HERE, phone_photo, problem_of, report_of, scene, upload

pytestmark = pytest.mark.django_db


# --- signing in ---------------------------------------------------------------------------


@pytest.fixture
def known(town):
    town.worker.set_password("a long password 1")
    town.worker.save()
    return town.worker


def token_for(name, password, **headers):
    return APIClient(HTTP_ACCEPT_LANGUAGE="en", **headers).post(
        "/api/token/", {"username": name, "password": password}, format="json"
    )


def test_a_password_is_worth_a_token_and_the_token_a_list(known):
    token = token_for(known.username, "a long password 1").json()["token"]
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/cases/").status_code == 200
    assert token_for(known.username, "a long password 1").json()["token"] == token


def test_a_token_is_given_back_and_worth_nothing_any_more(known):
    token = token_for(known.username, "a long password 1").json()["token"]
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.delete("/api/token/").status_code == 204
    assert client.get("/api/cases/").status_code == 401
    assert APIClient().delete("/api/token/").status_code == 401


def test_a_wrong_password_is_400_and_tells_nothing_of_the_name(known):
    one = problem_of(token_for(known.username, "wrong"), 400)
    other = problem_of(token_for("nobody", "wrong"), 400)
    assert one == other


def test_the_members_without_a_password_get_no_token(town):
    for name in ("system", "public"):
        problem_of(token_for(name, ""), 400)
        problem_of(token_for(name, "x"), 400)


def test_too_many_failures_are_429_even_for_the_right_password(known):
    for _ in range(5):
        answer = token_for(known.username, "wrong")
    problem_of(answer, 429)
    problem_of(token_for(known.username, "a long password 1"), 429)


def test_a_token_of_a_member_who_left_is_401(known):
    token = Token.objects.create(user=known)
    known.is_active = False
    known.save()
    problem_of(APIClient(HTTP_AUTHORIZATION=f"Token {token.key}").get("/api/cases/"), 401)


def test_without_sign_in_it_is_401_with_the_way_to_sign_in(town, caller):
    answer = caller().get("/api/cases/")
    problem_of(answer, 401)
    assert answer["WWW-Authenticate"] == "Token"


def test_a_session_needs_its_csrf_token_to_write(known):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(known, backend="grids.backends.PostBackend")
    assert client.get("/api/cases/").status_code == 200
    problem_of(client.post("/api/cases/", HERE, format="json"), 403)


# --- languages and problems ---------------------------------------------------------------


def test_errors_speak_the_callers_language(town, caller):
    town.worker.language = "en"
    town.worker.save()
    silent = caller(town.worker, language=None).get("/api/cases/nowhere/")
    english = caller(town.worker).get("/api/cases/nowhere/")
    chinese = caller(town.worker, language="zh-hans").get("/api/cases/nowhere/")
    assert silent["Content-Language"] == english["Content-Language"] == "en"
    assert chinese["Content-Language"] == "zh-hans"
    assert silent.json() == english.json()


def test_an_unknown_address_is_a_problem_document_too(town, caller):
    for path in ("/api/", "/api/nothing/", "/api/cases/a/b/c/", "/api/evidence/1/original/"):
        problem_of(caller(town.worker).get(path), 404)


def test_a_method_that_is_not_there_is_405(town, caller):
    problem_of(caller(town.worker).delete("/api/cases/"), 405)


def test_a_body_in_another_format_is_415(town, caller):
    problem_of(caller(town.worker).post("/api/cases/", "a=1", content_type="text/plain"), 415)
    problem_of(caller(town.worker).post("/api/evidence/", {"file": "x"}, format="json"), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"longitude": 1e999, "latitude": 1}',
        b'{"longitude": ' + b"9" * 5000 + b"}",
        b'{"longitude": "nan", "latitude": "inf"}',
        b'{"longitude": true, "latitude": false}',
        b'{"longitude": 181, "latitude": 91}',
        b'{"longitude": [], "latitude": {}}',
        b'{"longitude": 1, "latitude": 1, "\\ud800": 1}',
        b'{"longitude": 1, "latitude": 1, "description": "\\ud800"}',
        b'{"longitude": 1, "latitude": 1, "description": "\\u0000"}',
        b'{"longitude": 1, "latitude": 1, "category": {"a": 1}}',
        b'{"longitude": 1, "latitude": 1, "evidence": ["x"]}',
        b'{"longitude": 1, "latitude": 1, "evidence": [1e99]}',
        b'{"longitude": 1, "latitude": 1, "evidence": {"0": 1}}',
        b'{"longitude": 1, "latitude": 1, "position": [1]}',
        b'{"longitude": 1, "latitude": 1, "position": [1e999, 1]}',
        b'{"longitude": 1, "latitude": 1, "position": "12"}',
        b'{"longitude": 1, "latitude": 1, "source": "import"}',
        b'{"longitude": 1, "latitude": 1, "source": "public"}',
        b'{"longitude": 1, "latitude": 1, "reporter": "x"}',
        b'{"longitude": 1, "latitude": 1, "reporter": {"name": "a", "mail": "b"}}',
        b'{"longitude": 1, "latitude": 1, "move": "close"}',
        b'{"longitude": 1, "latitude": 1, "stage": "closed"}',
        b'{"longitude": 1, "latitude": 1, "description": "' + b"x" * 4001 + b'"}',
        b'{"x": "' + b"x" * 1_000_001 + b'"}',
    ],
)
def test_a_wrong_report_is_400_and_makes_nothing(town, caller, body):
    answer = caller(town.worker).post("/api/cases/", body, content_type="application/json")
    problem_of(answer, 400)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"move": "accept", "category": "E-99-99"},
        {"move": "accept"},
        {"move": "fly"},
        {},
        {"move": "accept", "category": "E-01-13", "reason": "one too many"},
        {"move": "accept", "category": "E-01-13", "version": -1},
        {"move": "accept", "category": "E-01-13", "version": 2**63},
        {"move": "accept", "category": "E-01-13", "version": "first"},
        {"move": "accept", "category": "E-01-13", "area": "nowhere"},
        {"move": "accept", "category": "E-01-13\x00"},
        {"move": "acc\x00ept"},
        {"move": "dismiss", "reason": "  "},
        {"move": "dismiss", "reason": "x" * 4001},
        {"move": "ask_confirm", "worker": "nobody"},
        {"move": "merge", "into": "nothing"},
        {"move": "accept", "category": "E-01-13", "evidence": [str(uuid.uuid4())]},
        {"move": "accept", "category": "E-01-13", "position": [0, 91]},
    ],
)
def test_wrong_facts_are_400_and_change_nothing(town, caller, facts):
    case = play.reported(town)
    answer = caller(town.intake).post(f"/api/cases/{case.number}/moves/", facts, format="json")
    body = problem_of(answer, 400)
    assert body["errors"] and all(isinstance(v, list) for v in body["errors"].values())
    case.refresh_from_db()
    assert (case.stage, case.version) == ("reported", 1)


@pytest.mark.parametrize(
    "query",
    [
        "stage=lost",
        "kind=x",
        "light=blue",
        "waiting_on=you",
        "text=%00",
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=%00",
        "colour=red",
        "category=%00",
        "area=" + "9" * 21,
        "unit=%00",
        "stage=%00",
    ],
)
def test_a_wrong_filter_is_400(town, caller, query):
    assert problem_of(caller(town.intake).get(f"/api/cases/?{query}"), 400)["errors"]


def test_a_cursor_that_somebody_changed_is_400(town, caller):
    for _ in range(3):
        play.reported(town)
    client = caller(town.intake)
    following = client.get("/api/cases/?limit=1").json()["next"]
    problem_of(client.get(following[:-2]), 400)


def test_a_missing_photo_is_named_by_the_field_of_the_api(town, caller):
    case = play.dispatched(town)
    answer = caller(town.handler).post(
        f"/api/cases/{case.number}/moves/", {"move": "handle", "result": "done"}, format="json"
    )
    assert list(problem_of(answer, 400)["errors"]) == ["evidence"]
    offers = caller(town.handler).get(f"/api/cases/{case.number}/moves/").json()
    handle = next(o for o in offers if o["move"] == "handle")
    assert [(n["name"], n["type"]) for n in handle["needs"]] == [
        ("result", "text"),
        ("evidence", "evidence"),
    ]


# --- refusals -----------------------------------------------------------------------------


def move(client, case, **facts):
    return client.post(f"/api/cases/{case.number}/moves/", facts, format="json")


def test_what_one_may_not_see_is_404_for_every_verb(town, caller):
    case, client = play.reported(town), caller(town.gardener)
    for tail in ("", "moves/", "steps/", "clocks/", "evidence/"):
        problem_of(client.get(f"/api/cases/{case.number}/{tail}"), 404)
    problem_of(move(client, case, move="accept", category="E-01-13"), 404)


def test_a_move_of_another_role_is_403(town, caller):
    answer = move(caller(town.chief), play.reported(town), move="accept", category="E-01-13")
    problem_of(answer, 403)


def test_the_separation_of_duties_is_403(town, caller):
    case = play.reported(town, town.worker)
    answer = move(caller(town.mate), play.handled(town), move="close")
    problem_of(answer, 403)
    problem_of(move(caller(town.intake), case, move="dispatch", unit="WATER"), 403)


def test_a_lost_race_is_409_with_who_won_and_when(town, caller):
    case = play.filed(town)
    first = move(caller(town.dispatcher), case, move="dispatch", unit="WATER", version=3)
    assert first.status_code == 200
    body = problem_of(
        move(caller(town.second_dispatcher), case, move="dispatch", unit="GARDENS", version=3), 409
    )
    assert body["who"] == "dispatcher" and body["move"] == "dispatch"
    assert body["when"] == "2026-03-03T01:00:00Z"


def test_a_stale_version_is_409_even_where_the_stage_would_allow_it(town, caller):
    case = play.dispatched(town)
    move(caller(town.handler), case, move="ask_extend", reason="rain")
    photo = cast.photo_of(town.handler, town)
    problem_of(
        move(
            caller(town.handler),
            case,
            move="handle",
            result="x",
            evidence=[str(photo.pk)],
            version=4,
        ),
        409,
    )


# --- idempotency --------------------------------------------------------------------------


def test_the_same_key_and_body_report_once(town, caller, send):
    client, body = caller(town.worker), report_of(send(town.worker))
    one, two = (
        client.post("/api/cases/", body, format="json", HTTP_IDEMPOTENCY_KEY="k") for _ in "ab"
    )
    assert one.status_code == two.status_code == 201
    assert one.json() == two.json()
    assert Case.objects.count() == 1


def test_the_same_key_with_another_body_is_409(town, caller, send):
    client, photo = caller(town.worker), send(town.worker)
    first = report_of(photo)
    client.post("/api/cases/", first, format="json", HTTP_IDEMPOTENCY_KEY="k")
    other = report_of(photo, description="another")
    problem_of(client.post("/api/cases/", other, format="json", HTTP_IDEMPOTENCY_KEY="k"), 409)
    assert Case.objects.count() == 1


def test_a_move_with_a_key_is_made_once_also_days_later(town, caller):
    case, client = play.reported(town), caller(town.intake)
    path = f"/api/cases/{case.number}/moves/"
    body = {"move": "accept", "category": "E-01-13", "version": 1}
    one = client.post(path, body, format="json", HTTP_IDEMPOTENCY_KEY="m")
    with now.at(cast.MORNING.replace(month=8)):
        two = client.post(
            path,
            json.dumps(body, indent=3),
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY="m",
        )
    assert (one.status_code, two.status_code) == (200, 200)
    assert one.json()["version"] == two.json()["version"] == 2


def test_one_key_for_two_cases_is_409(town, caller):
    one, two, client = play.reported(town), play.reported(town), caller(town.intake)
    body = {"move": "accept", "category": "E-01-13"}
    for case, status in ((one, 200), (two, 409)):
        answer = client.post(
            f"/api/cases/{case.number}/moves/", body, format="json", HTTP_IDEMPOTENCY_KEY="m"
        )
        assert answer.status_code == status


def test_a_photo_with_a_key_is_stored_once(town, caller):
    client, content = caller(town.worker), phone_photo()
    ids = {
        client.post("/api/evidence/", {"file": upload(content)}, HTTP_IDEMPOTENCY_KEY="p").json()[
            "id"
        ]
        for _ in "ab"
    }
    assert len(ids) == Evidence.objects.count() == 1
    other = {"file": upload(phone_photo(scene(seed=8)))}
    problem_of(client.post("/api/evidence/", other, HTTP_IDEMPOTENCY_KEY="p"), 409)


@pytest.mark.parametrize("key", ["x" * 201, "\x01", "é"])
def test_a_key_that_is_no_key_is_400(town, caller, key):
    answer = caller(town.worker).post("/api/cases/", HERE, format="json", HTTP_IDEMPOTENCY_KEY=key)
    problem_of(answer, 400)
