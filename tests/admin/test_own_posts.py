"""Whoever gives posts gives none to themselves, neither by the form nor by a sheet."""

from datetime import date

import pytest

from grids.models import Post
from tests.admin.conftest import client_of, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(town):
    """The security administrator's own one."""
    return Post.objects.get(member=town.secadmin)


def given(town, member, **other):
    return {
        "member": member.pk,
        "role": "secadmin",
        "city": town.city.pk,
        "valid_from": "2026-03-04",
    } | other


def test_a_post_is_given_to_others_alone(town):
    client = client_of(town.secadmin)
    refused = client.post(page(Post, "add"), given(town, town.secadmin))
    assert "Nobody gives posts to themselves." in refused.text
    assert Post.objects.filter(member=town.secadmin).count() == 1
    newcomer = type(town.worker).objects.create(username="tc_new", name="new")
    assert client.post(page(Post, "add"), given(town, newcomer)).status_code == 302
    assert Post.objects.get(member=newcomer).role == "secadmin"


def test_an_own_post_is_read_and_not_changed(town, post):
    client = client_of(town.secadmin)
    assert client.get(page(Post, "change", post.pk)).status_code == 200
    changed = given(town, town.secadmin, valid_from="2026-01-01", valid_until="2026-03-04")
    assert client.post(page(Post, "change", post.pk), changed).status_code == 403
    post.refresh_from_db()
    assert post.valid_until is None
    other = Post.objects.get(member=town.auditor)
    mine = given(town, town.secadmin, role="auditor", valid_from="2026-01-01")
    answer = client.post(page(Post, "change", other.pk), mine)
    assert "Nobody gives posts to themselves." in answer.text


def test_a_sheet_carries_no_post_of_who_sends_it(town, send):
    heads = ("city", "member", "role", "valid_from")
    own = (town.city.slug, town.secadmin.username, "secadmin", date(2026, 3, 4))
    shown = send(town.secadmin, Post, heads, own)
    assert "confirm_form" not in shown.context
    assert "Nobody gives posts to themselves." in shown.text
