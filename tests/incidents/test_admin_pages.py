"""Every list and page of the administration opens for whoever may look, with few queries, and
shows nobody what is not theirs."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from grids.models import Post
from incidents import workflow
from incidents.models import Case, Reporter, Step
from staff.models import Member
from tests import cast
from tests.cast import client_of

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# The three exclude one another: what one keeps the other two do not see.
ADMINISTRATORS = ("sysadmin", "secadmin", "auditor")
# Session, member, posts, cities and zone, the page's own rows and the choices of its filters.
MOST_QUERIES = 20


def page(model, action="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}", args=args)


@pytest.fixture
def boss(town):
    return client_of(Member.objects.create(username="boss", name="boss", is_superuser=True))


@pytest.fixture
def case(town):
    return workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category="E-01-13",
        description="bags on the pavement",
        reporter={"name": "Zhang San", "phone": "13800000000"},
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_and_its_search_open_with_few_queries(
    model, boss, case, django_assert_max_num_queries
):
    with django_assert_max_num_queries(MOST_QUERIES):
        assert boss.get(page(model)).status_code == 200
    if admin.site._registry[model].search_fields:
        assert boss.get(page(model), {"q": "1"}).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_row_of_every_table_opens(model, boss, case):
    row = model._default_manager.order_by("pk").first()
    if row is None:
        pytest.skip("the cast has none")
    assert boss.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("name", [name for name, _role, _place in cast.ACCOUNTS])
def test_each_member_opens_exactly_the_lists_of_their_posts(name, town, case):
    member = getattr(town, name)
    client = client_of(member)
    assert client.get("/admin/").status_code == 200
    for model in MODELS:
        may = member.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        if name in ADMINISTRATORS:
            may = may and admin.site._registry[model].keeper == name
        assert client.get(page(model)).status_code == (200 if may else 403), model


def test_whoever_has_no_post_is_sent_to_the_start_page(town):
    nobody = client_of(Member.objects.create(username="nobody", name="nobody"))
    answer = nobody.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/?next=")
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0] == "/?next=/admin/"


def test_a_member_who_left_enters_no_more(town):
    client = client_of(town.chief)
    Post.objects.filter(member=town.chief).update(valid_until=cast.BEGAN)
    assert client.get(page(Case)).status_code == 302


def test_a_case_of_another_city_is_not_there(town, case):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    client = client_of(elsewhere.dispatcher)
    assert str(case) not in client.get(page(Case)).text
    assert client.get(page(Case, "change", case.pk)).status_code == 302
    assert str(case) not in client.get(page(Step)).text


@pytest.mark.parametrize("name", ["intake", "dispatcher", "assessor"])
def test_the_reporter_is_shown_to_nobody(name, town, case):
    text = client_of(getattr(town, name)).get(page(Case, "change", case.pk)).text
    assert str(case) in text and "bags on the pavement" in text
    assert "Zhang San" not in text and "13800000000" not in text


def test_even_set_up_sees_only_that_there_is_a_reporter(boss, case):
    for address in (page(Reporter), page(Reporter, "change", case.reporter_id)):
        assert "Zhang" not in boss.get(address).text


@pytest.mark.parametrize("action", ["add", "delete"])
def test_nobody_adds_or_deletes_a_case_or_a_step(action, boss, case):
    args = [case.pk] if action == "delete" else []
    assert boss.get(page(Case, action, *args)).status_code == 403
    args = [case.steps.get().pk] if action == "delete" else []
    assert boss.get(page(Step, action, *args)).status_code == 403


def test_a_case_is_not_changed_by_its_page(boss, case):
    assert boss.post(page(Case, "change", case.pk), {"stage": "closed"}).status_code == 403
    assert Case.objects.get(pk=case.pk).stage == "reported"


def test_a_post_that_would_join_both_axes_is_refused_in_words(town):
    client = client_of(town.secadmin)
    given = {
        "member": town.dispatcher.pk,
        "role": "intake",
        "city": town.city.pk,
        "valid_from": "2026-02-01",
    }
    answer = client.post(page(Post, "add"), given, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "exclude one another" in answer.text
    answer = client.post(page(Post, "add"), given | {"role": "leader"})
    assert answer.status_code == 302
    assert LogEntry.objects.filter(user=town.secadmin).count() == 1


def test_the_security_administrator_makes_no_superuser(town):
    client = client_of(town.secadmin)
    boss = Member.objects.create(username="boss2", name="boss", is_superuser=True)
    assert client.post(page(Member, "change", boss.pk), {"name": "x"}).status_code == 403
    made = client.get(page(Member, "change", town.worker.pk)).text
    assert "is_superuser" not in made and 'name="groups"' not in made
