"""What ends with a password, and what the web's own role may not undo: the logs of who did what."""

import pytest
from django.db import ProgrammingError, transaction
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def test_a_token_ends_with_the_password_it_was_given_for(town):
    token = Token.objects.create(user=town.worker)
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token.key}")
    assert client.get("/api/cases/").status_code == 200
    town.worker.phone = "1"
    town.worker.save()
    assert client.get("/api/cases/").status_code == 200
    town.worker.set_password("another long one 2")
    town.worker.save()
    assert client.get("/api/cases/").status_code == 401
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM django_admin_log",
        "UPDATE django_admin_log SET change_message = ''",
        "DELETE FROM axes_accesslog",
    ],
)
def test_the_web_rewrites_no_log(as_web, deed):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        as_web.execute(deed)


def test_the_web_still_writes_its_logs(as_web, town):
    as_web.execute(
        "INSERT INTO django_admin_log (action_time, user_id, object_repr, action_flag,"
        " change_message) VALUES (now(), %s, '', 1, '')",
        [town.secadmin.pk],
    )
    # When somebody signs out, the row of their signing in says so.
    as_web.execute("UPDATE axes_accesslog SET logout_time = now()")
