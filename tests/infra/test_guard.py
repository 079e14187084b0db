"""What goes around every answer: the content security policy and the life of a session."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.cache import SessionStore
from django.db import connection
from django.http import HttpResponse

from gridcity.guard import TOUCH_SECONDS, IdleSessionMiddleware


def policy(answer):
    return answer["Content-Security-Policy"]


def test_a_page_may_load_nothing_from_elsewhere(client):
    said = policy(client.get("/healthz"))
    assert "default-src 'self'" in said
    assert "unsafe" not in said
    assert "http" not in said


@pytest.mark.django_db
def test_only_the_admin_may_evaluate_scripts(client):
    assert "'unsafe-eval'" in policy(client.get("/admin/login/"))


@pytest.fixture
def request_in_session(rf):
    request = rf.get("/")
    request.session = SessionStore()
    request.session["who"] = "a member"
    request.session.modified = False
    return request


def answer_to(request):
    return IdleSessionMiddleware(lambda request: HttpResponse())(request)


def test_a_session_in_use_lives_on(request_in_session):
    answer_to(request_in_session)
    assert request_in_session.session.modified


def test_a_session_is_not_written_on_every_request(request_in_session):
    answer_to(request_in_session)
    request_in_session.session.modified = False
    answer_to(request_in_session)
    assert not request_in_session.session.modified


def test_a_session_is_written_again_after_a_minute(request_in_session):
    answer_to(request_in_session)
    request_in_session.session["seen"] -= TOUCH_SECONDS
    request_in_session.session.modified = False
    answer_to(request_in_session)
    assert request_in_session.session.modified


def test_a_session_that_nothing_looked_at_is_left_alone(rf):
    request = rf.get("/")
    request.session = SessionStore("0123456789abcdef0123456789abcdef")
    answer_to(request)
    assert not request.session.accessed


@pytest.mark.django_db
def test_a_page_is_kept_by_no_cache_in_between_unless_it_says_so(client):
    assert client.get("/favicon.ico").headers["Cache-Control"] == "private, no-cache"
    assert "no-store" in client.get("/").headers["Cache-Control"]


@pytest.mark.django_db
def test_a_value_that_the_database_refuses_is_no_fault_of_ours(client):
    """A page that asked it with a NUL, or a number beyond every key, says so and does not break."""
    answer = client.get("/public/?city=%00")
    assert answer.status_code == 400
    assert "超出范围" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["nowhere", "2026-12-01T10:00", "a:b", "//evil.org", "entry"])
def test_to_go_on_is_to_go_to_a_page_of_ours(client, town, settings, wanted):
    settings.DEMO = True
    town.worker.username = "worker"
    town.worker.save(update_fields=["username"])
    answer = client.post("/enter/", {"role": "worker", "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, "/start/")


@pytest.mark.django_db
def test_a_fault_of_ours_is_a_problem_document_to_a_program(client):
    """As an API call meets it: whatever no view foresaw, here that a table is missing."""
    member = get_user_model().objects.create_user("somebody", password="a long password 1")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE authtoken_token RENAME TO authtoken_gone")
    client.raise_request_exception = False
    body = {"username": member.username, "password": "a long password 1"}
    answer = client.post("/api/token/", body, "application/json")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == 500
    assert said["fault"] == answer["X-Fault"]
