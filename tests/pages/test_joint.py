"""Joint tasks: a street calls, departments come, the street rates; each is said once."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from incidents import joint
from incidents.facts import BadFacts, Conflict, Forbidden
from incidents.models import JointCall, JointTask
from lib import now
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(town):
    """Water and gardens are called to a burst pipe, to be there in half an hour."""
    return joint.call(
        town.street_handler,
        units=[town.water, town.gardens],
        due_at=cast.MORNING + timedelta(minutes=30),
        subject="burst pipe under a tree",
        place="the north gate",
    )


def call_of(task, unit):
    return task.calls.get(unit=unit)


# --- the rules -----------------------------------------------------------------------------------


def test_only_a_street_calls(town):
    for name in (
        "handler",
        "neighbour",
        "dispatcher",
        "water_leader",
        "community_leader",
        "worker",
    ):
        member = getattr(town, name)
        assert joint.caller_of(member) is None, name
        with pytest.raises(Forbidden):
            joint.call(member, units=[town.water], due_at=cast.MORNING, subject="x", place="y")
    for name in ("street_handler", "street_leader"):
        assert joint.caller_of(getattr(town, name))[0] == town.street_office


def test_a_call_needs_a_department_and_a_time_ahead(town):
    with pytest.raises(BadFacts) as refused:
        joint.call(town.street_leader, units=[], due_at=cast.MORNING, subject="x", place="y")
    assert set(refused.value.errors) == {"units", "due_at"}


def test_an_arrival_is_said_once_and_by_the_called_department(town, task):
    call = call_of(task, town.water)
    for stranger in (town.gardener, town.street_handler, town.dispatcher):
        with pytest.raises(Forbidden):
            joint.arrive(call, stranger)
    now.set_to(cast.MORNING + timedelta(minutes=12))
    came = joint.arrive(call, town.handler, position=town.inside)
    assert came.arrived_at == now.now() and came.arrived_by == town.handler
    assert came.position.x == pytest.approx(town.inside.x)
    with pytest.raises(Conflict) as refused:
        joint.arrive(call, town.handler)
    assert refused.value.who == town.handler


def test_the_street_rates_who_came_or_was_due_once(town, task):
    call = call_of(task, town.water)
    with pytest.raises(Forbidden):
        joint.rate(call, town.street_handler, rating=5)
    joint.arrive(call, town.handler)
    with pytest.raises(Forbidden):
        joint.rate(call, town.handler, rating=5)
    with pytest.raises(BadFacts):
        joint.rate(call, town.street_handler, rating=1)
    assert joint.rate(call, town.street_leader, rating=4).rating == 4
    with pytest.raises(Conflict):
        joint.rate(call, town.street_handler, rating=5)
    missing = call_of(task, town.gardens)
    now.set_to(cast.MORNING + timedelta(minutes=31))
    joint.rate(missing, town.street_handler, rating=1, words="never came")
    assert not JointTask.objects.open().exists()


def test_the_database_holds_what_was_said(town, task, as_web):
    joint.arrive(call_of(task, town.water), town.handler)
    joint.rate(call_of(task, town.water), town.street_handler, rating=5)
    for sql in (
        "UPDATE incidents_jointcall SET arrived_at = now() WHERE arrived_at IS NOT NULL",
        "UPDATE incidents_jointcall SET rating = 1 WHERE rated_at IS NOT NULL",
        "UPDATE incidents_jointcall SET rating = 9, rated_at = now() WHERE rated_at IS NULL",
        "DELETE FROM incidents_jointcall",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_lights_go_with_the_way(town, task):
    call = call_of(task, town.water)
    lights = [
        joint.light_of_call(call, cast.MORNING + timedelta(minutes=minutes))
        for minutes in (0, 23, 24, 30, 31)
    ]
    assert lights == ["green", "green", "yellow", "yellow", "red"]
    now.set_to(cast.MORNING + timedelta(minutes=31))
    assert joint.light_of_call(joint.arrive(call, town.handler)) == "red"
    assert joint.show_lights([JointTask.objects.get(pk=task.pk)])[0].light == "red"


# --- who sees what -------------------------------------------------------------------------------


def test_those_concerned_see_a_task_and_nobody_else(town, task):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    sees = ("street_handler", "street_leader", "handler", "gardener", "leader", "dispatcher")
    for name in sees:
        assert list(JointTask.objects.visible_to(getattr(town, name))) == [task], name
    blind = (town.neighbour, town.worker, elsewhere.dispatcher, elsewhere.street_leader)
    for member in blind:
        assert not JointTask.objects.visible_to(member).exists(), member
        assert client_of(member).get(reverse("joint_task", args=[task.pk])).status_code in (
            403,
            404,
        )


# --- the pages -----------------------------------------------------------------------------------


def test_a_street_calls_over_a_case(town):
    case = play.dispatched(town, unit=town.street_office)
    client = client_of(town.street_handler)
    page = client.get(reverse("joint_new"), {"case": case.number})
    assert page.context["form"]["place"].value() == case.place
    sent = {
        "subject": "burst pipe",
        "place": "the north gate",
        "case": case.number.lower(),
        "due_at": "2026-03-03T09:40",
        "units": [town.water.pk],
    }
    answer = client.post(reverse("joint_new"), sent)
    task = JointTask.objects.get()
    assert answer["Location"] == reverse("joint_task", args=[task.pk])
    assert task.case == case and task.calls.get().due_at == cast.MORNING + timedelta(minutes=40)
    assert client_of(town.handler).get(reverse("joint_new")).status_code == 403


def test_a_wrong_form_keeps_every_word(town):
    sent = {
        "subject": "burst pipe",
        "place": "here",
        "case": "XX-1-1",
        "due_at": "2026-03-01T09:00",
    }
    answer = client_of(town.street_handler).post(reverse("joint_new"), sent)
    assert answer.status_code == 422 and "burst pipe" in answer.text
    assert set(answer.context["form"].errors) == {"case", "units", "due_at"}
    sent |= {"case": "", "units": [town.water.pk]}
    answer = client_of(town.street_handler).post(reverse("joint_new"), sent)
    assert answer.status_code == 422 and set(answer.context["form"].errors) == {"due_at"}
    assert not JointTask.objects.exists()


def test_arriving_and_rating_by_the_page(town, task):
    call, where = call_of(task, town.water), reverse("joint_say", args=[task.pk])
    here = {"do": "arrive", "call": call.pk, "longitude": "113.9005", "latitude": "30.9005"}
    client_of(town.handler).post(where, here)
    call.refresh_from_db()
    assert call.arrived_by == town.handler and call.position.y == pytest.approx(30.9005)
    other = {
        "do": "arrive",
        "call": call_of(task, town.gardens).pk,
        "longitude": "",
        "latitude": "",
    }
    client_of(town.gardener).post(where, other)
    assert call_of(task, town.gardens).position is None
    street = client_of(town.street_handler)
    assert '<option value="" selected>' in street.get(reverse("joint_task", args=[task.pk])).text
    assert street.post(where, {"do": "rate", "call": call.pk, "rating": ""}).status_code == 422
    poor = {"do": "rate", "call": call.pk, "rating": "2", "words": ""}
    assert street.post(where, poor).status_code == 422
    assert street.post(where, poor | {"rating": "9"}).status_code == 422
    assert street.post(where, poor | {"words": "no tools"}).status_code == 302
    assert JointCall.objects.get(pk=call.pk).rating == 2
    assert street.post(where, {"do": "nonsense", "call": call.pk}).status_code == 403
    street.post(where, {"do": "call_off"})
    assert "called off" in street.get(reverse("joint_task", args=[task.pk])).text


@pytest.mark.parametrize(
    ("who", "language"), [("street_handler", "en"), ("handler", "zh-hans"), ("leader", "en")]
)
def test_pages_take_few_queries(town, task, who, language, django_assert_max_num_queries):
    for number in range(3):
        joint.call(
            town.street_handler,
            units=[town.water, town.gardens],
            due_at=cast.MORNING + timedelta(minutes=30),
            subject=f"more {number}",
            place="the gate",
        )
    client = client_of(getattr(town, who), language)
    for address in (reverse("joint"), reverse("joint_task", args=[task.pk])):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def call_water(town, subject):
    return joint.call(
        town.street_handler,
        units=[town.water],
        due_at=now.now() + timedelta(minutes=30),
        subject=subject,
        place="the gate",
    )


def test_the_list_goes_by_key_and_shows_the_open_ones(town, task, monkeypatch):
    monkeypatch.setattr("incidents.views.joint.PAGE", 1)
    second = call_water(town, "second")
    # Called yesterday, written down today: a month that is filled in later.
    now.set_to(cast.MORNING - timedelta(days=1))
    yesterday = call_water(town, "yesterday")
    now.set_to(cast.MORNING)
    client = client_of(town.dispatcher)
    first = client.get(reverse("joint"))
    assert [row.pk for row in first.context["rows"]] == [second.pk]
    older = client.get(reverse("joint"), {"before": first.context["next"]})
    assert [row.pk for row in older.context["rows"]] == [task.pk]
    oldest = client.get(reverse("joint"), {"before": older.context["next"]})
    assert [row.pk for row in oldest.context["rows"]] == [yesterday.pk]
    joint.call_off(task, town.street_handler)
    rows = client.get(reverse("joint"), {"open": "1"}).context["rows"]
    assert [row.pk for row in rows] == [second.pk]
