"""The every-days: what was due and done, who did nothing, evaluated each night and frozen."""

from datetime import timedelta

import pytest

from assessment import rollups, tasks
from assessment.everydays import day_of, days_to, week_of
from assessment.models import Publication
from assessment.periods import Period
from grids.models import Component
from incidents.models import Case
from lib import now
from tests import cast
from tests.assessment.busy import wait
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
TUESDAY = cast.MORNING.date()


def day(town, on=TUESDAY):
    return day_of(town.city, on)


def with_component(town, case, **parties):
    """The case is about a component with these parties."""
    component = Component.objects.create(
        city=town.city,
        code="4209020103000001",
        category_code=town.cover.code,
        grid=town.grids[0],
        point=town.inside,
        **parties,
    )
    Case.objects.filter(pk=case.pk).update(component=component)


def test_a_unit_that_handled_all_and_one_that_did_nothing(town):
    play.handled(town, town.urgent)
    play.dispatched(town, town.urgent, unit=town.gardens)
    wait(hours=3)
    rollups.roll_up(town.city)
    managing = day(town)["managing"]
    assert managing.deeds[town.water.pk].state == "all"
    assert managing.deeds[town.gardens.pk].state == "idle"
    assert (managing.with_due, managing.all_done, managing.idle) == (2, 1, 1)


def test_what_is_not_due_yet_makes_nobody_idle(town):
    play.dispatched(town, town.slow)
    wait(hours=3)
    rollups.roll_up(town.city)
    assert day(town)["managing"].with_due == 0


def test_owner_and_maintainer_answer_for_their_component_whoever_handles_it(town):
    case = play.dispatched(town, town.urgent)
    with_component(town, case, owner=town.gardens, maintainer=town.street_office)
    play.handle(town, Case.objects.get(pk=case.pk))
    wait(minutes=1)
    rollups.roll_up(town.city)
    whole = day(town)
    assert {key: deed.done for key, deed in whole["owner"].deeds.items()} == {town.gardens.pk: 1}
    assert set(whole["maintainer"].deeds) == {town.street_office.pk}


def test_an_act_is_managed_by_its_area_and_enforced_by_a_department(town):
    play.handled(town, town.quick)
    play.handle(
        town, play.dispatched(town, town.quick, unit=town.street_office), town.street_handler
    )
    wait(minutes=1)
    rollups.roll_up(town.city)
    whole = day(town)
    assert set(whole["enforcer"].deeds) == {town.water.pk}
    assert set(whole["managing"].deeds) == {town.street_office.pk}


def test_a_grid_worker_is_judged_by_what_they_were_asked_and_owes_no_reports(town):
    play.reported(town)
    case = play.handled(town, town.urgent)
    wait(hours=2)
    rollups.roll_up(town.city)
    (key,) = {case.worker_id}
    deed = day(town)["overseer"].deeds[key]
    assert deed.state == "idle" and deed.left == 1
    assert day(town)["overseer"].deeds[town.worker.pk].found == 2
    only_reports = {k: d for k, d in day(town)["overseer"].deeds.items() if k != key}
    assert all(deed.state == "none" for deed in only_reports.values())


def test_each_night_the_day_is_evaluated_once_and_frozen(town):
    play.handled(town, town.urgent)
    wait(hours=3)
    rollups.roll_up(town.city)
    wait(days=1)
    for _time in range(3):
        tasks.roll_up()
        wait(minutes=15)
    tasks.publish()
    made = Publication.objects.filter(period=str(TUESDAY))
    assert made.filter(subject_kind="managing").count() == 1
    assert day(town)["managing"].publication is not None
    many = Publication.objects.count()
    tasks.publish()
    assert Publication.objects.count() == many


def test_a_day_that_is_still_moving_is_not_evaluated(town):
    with now.at(cast.MORNING + timedelta(days=1, hours=20)):
        with now.at(cast.MORNING):
            play.handled(town, town.urgent)
        rollups.roll_up(town.city)
        tasks.publish()
        assert not Publication.objects.filter(period=str(TUESDAY)).exists()


def test_the_week_has_seven_days_and_the_last_is_the_one_asked_for(town):
    play.handled(town, town.urgent)
    wait(hours=3)
    rollups.roll_up(town.city)
    wednesday = TUESDAY + timedelta(days=1)
    week = week_of(town.city, "managing", wednesday, {})
    (deeds,) = week.values()
    assert [on for on, _deed in deeds] == days_to(wednesday)
    assert [deed.done for _on, deed in deeds] == [0, 0, 0, 0, 0, 1, 0]


def test_the_page_shows_the_day_and_who_did_nothing(town):
    play.handled(town, town.urgent)
    play.dispatched(town, town.urgent, unit=town.gardens)
    wait(hours=3)
    rollups.roll_up(town.city)
    client = client_of(town.assessor)
    asked = {"period": str(TUESDAY), "kind": "managing"}
    answer = client.get("/everydays/", asked)
    names = [row.subject.name for row in answer.context["rows"]]
    assert names == ["Gardens bureau", "Water bureau"]
    idle = client.get("/everydays/", asked | {"show": "idle"}).context["rows"]
    assert [row.subject.name for row in idle] == ["Gardens bureau"]


def test_persons_are_shown_to_who_answers_for_them_alone(town):
    play.verify(town, play.handled(town, town.urgent))
    wait(minutes=1)
    rollups.roll_up(town.city)
    asked = {"period": str(TUESDAY), "kind": "overseer"}
    for who, many in (("assessor", 1), ("grid_head", 1), ("intake", 0)):
        answer = client_of(getattr(town, who)).get("/everydays/", asked)
        assert len(answer.context["rows"]) == many, who


def test_yesterday_is_shown_where_no_day_is_asked_for(town):
    answer = client_of(town.assessor).get("/everydays/")
    yesterday = Period.of("day", TUESDAY - timedelta(days=1), town.city.time_zone)
    assert answer.context["asked"].period == yesterday
