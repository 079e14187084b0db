"""What goes around every answer: the content security policy and the life of a session."""

import pytest
from django.contrib.sessions.backends.cache import SessionStore
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
