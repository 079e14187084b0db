"""How people are named: masked wherever anything is read, and to a handling unit the reporter not
at all, whichever way it asks (invariant 5)."""

import pytest
from django.test import Client

from grids.models import Post
from incidents import workflow
from incidents.names import masked, masked_phone
from staff.models import Member
from tests.incidents import play
from tests.incidents.conftest import fresh

pytestmark = pytest.mark.django_db
OF_UNITS = ("handler", "water_leader")
OTHERS = ("worker", "intake", "chief", "dispatcher", "supervisor", "leader", "sysadmin")


@pytest.fixture
def case(town):
    """Found by Wang Xiaoming, closed, brought back by him, and with the water bureau again."""
    Member.objects.filter(pk=town.mate.pk).update(name="王小明", username="wangxm")
    town.mate.refresh_from_db()
    found = play.reported(town, by=town.mate)
    workflow.move(found, "accept", town.intake, category="E-01-13")
    workflow.move(found, "file", town.chief, condition="E-01-13-1")
    case = workflow.move(found, "dispatch", town.dispatcher, unit="WATER")
    case = workflow.move(play.verify(town, play.handle(town, case)), "close", town.supervisor)
    case = workflow.move(case, "reopen", fresh(town.mate), reason="it is back")
    return workflow.move(case, "dispatch", town.dispatcher, unit="WATER")


def told(caller, member, case):
    """Everything that the API says of a case."""
    client, tail = caller(member), ("", "steps/", "clocks/", "evidence/", "moves/")
    return [client.get(f"/api/cases/{case.number}/{part}").json() for part in tail]


@pytest.mark.parametrize("name", OF_UNITS)
def test_a_unit_never_learns_who_reported_from_the_api(town, caller, case, name):
    said = told(caller, getattr(town, name), case)
    assert "wangxm" not in str(said) and "王" not in str(said)
    row, steps = said[0], said[1]
    assert row["reported_by"] is None and row["reporter"] is None
    hidden = [step["move"] for step in steps if step["by"] is None]
    assert hidden == ["report", "reopen"]
    assert [step["role"] for step in steps][0] == "worker"
    photo = caller(getattr(town, name)).get(f"/api/evidence/{said[3][0]['id']}/").json()
    assert photo["uploaded_by"] is None


def test_a_unit_is_told_who_uploaded_its_own_photos(town, caller, case):
    by = [photo["uploaded_by"] for photo in told(caller, town.handler, case)[3]]
    assert by == [None, town.handler.username, None]


@pytest.mark.parametrize("name", OTHERS)
def test_everybody_else_reads_accounts_and_masked_names(town, caller, case, name):
    row, steps = told(caller, getattr(town, name), case)[:2]
    assert row["reported_by"] == "wangxm"
    assert (steps[0]["by"], steps[0]["by_name"]) == ("wangxm", "王**")
    assert "王小明" not in str(steps)


@pytest.mark.parametrize("name", OF_UNITS)
def test_a_unit_never_learns_it_from_page_print_preview_or_administration(town, case, name):
    Member.objects.filter(pk=getattr(town, name).pk).update(is_staff=True)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(fresh(getattr(town, name)), backend="grids.backends.PostBackend")
    admin = f"/admin/incidents/case/{case.pk}/change/"
    step = f"/admin/incidents/step/{case.steps.get(move='reopen').pk}/change/"
    photo = case.steps.get(move="report").evidence.get()
    pages = [
        f"/cases/{case.number}/",
        f"/cases/{case.number}/print/",
        f"/board/{case.number}/",
        admin,
        step,
        "/admin/incidents/step/",
        "/admin/incidents/evidence/",
        f"/admin/incidents/evidence/{photo.pk}/change/",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        text = answer.content.decode()
        assert "王" not in text and "wangxm" not in text, page


def test_the_administration_masks_for_everybody(town, case):
    Member.objects.filter(pk=town.sysadmin.pk).update(is_staff=True)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(fresh(town.sysadmin), backend="grids.backends.PostBackend")
    for page in (f"/admin/incidents/case/{case.pk}/change/", "/admin/incidents/step/"):
        text = client.get(page).content.decode()
        assert "王**" in text and "王小明" not in text, page


def test_who_lost_to_the_reporter_is_not_told_their_name(town, case):
    closed = play.closed(town)
    Post.objects.filter(member=town.mate).update(duty_grid=town.duty_grid)
    workflow.move(closed, "reopen", closed.reported_by, reason="it is back")
    with pytest.raises(workflow.facts.Conflict) as lost:
        workflow.move(closed.number, "handle", fresh(town.handler), result="x")
    assert lost.value.who != closed.reported_by.name


def test_masks():
    assert [masked(name) for name in ("王小明", "李四", "张", "")] == ["王**", "李*", "张*", ""]
    assert [masked_phone(p) for p in ("13900001234", "12345", "")] == ["139****1234", "****", ""]
