"""The light of a case is one, wherever it is asked for: in SQL, in Python, from the ledger."""

from datetime import timedelta

import pytest

from incidents import orphans, workflow
from incidents.chips import STATES, show_clocks
from incidents.lights import LIGHTS, light_at, light_of
from incidents.models import Case
from lib import now
from tests.incidents import play

pytestmark = pytest.mark.django_db


def suspend(town, case):
    until = (now.now() + timedelta(days=2)).isoformat()
    workflow.move(case, "ask_suspend", town.handler, reason="x", until=until)
    return workflow.move(case, "grant", town.dispatcher)


def cases_in_every_light(town):
    """{light: a case}; the clock stands five hours after the first."""
    late = play.dispatched(town, town.urgent)
    early = suspend(town, play.dispatched(town, town.slow))
    endless = play.dispatched(town, town.endless)
    closed = play.closed(town)
    now.set_to(now.now() + timedelta(hours=5))
    red = play.dispatched(town, town.urgent)
    late = suspend(town, Case.objects.get(pk=late.pk))
    now.set_to(now.now() + timedelta(hours=3))
    yellow = play.dispatched(town, town.urgent)
    now.set_to(now.now() + timedelta(minutes=100))
    green = play.dispatched(town, town.urgent)
    return [
        ("red", late),
        ("paused", early),
        ("none", endless),
        ("none", closed),
        ("red", red),
        ("yellow", yellow),
        ("green", green),
    ]


def test_sql_python_and_the_ledger_agree(town):
    expected = cases_in_every_light(town)
    rows = {row.pk: row for row in Case.objects.annotate(light=light_at(now.now()))}
    show_clocks(rows.values())
    for light, case in expected:
        row = rows[case.pk]
        assert (row.light, light_of(row)) == (light, light), case.stage
        assert row.chip is None or STATES[light] == row.chip.state
    for light in LIGHTS:
        found = set(Case.objects.with_light(light).values_list("pk", flat=True))
        assert found == {case.pk for wanted, case in expected if wanted == light}


def test_what_was_late_when_it_was_suspended_is_red_in_the_api_and_on_the_map(town, caller):
    cases_in_every_light(town)
    case = Case.objects.get(stage="suspended", due_at__isnull=False)
    client = caller(town.dispatcher)
    numbers = [row["number"] for row in client.get("/api/cases/?light=red").json()["results"]]
    assert case.number in numbers
    assert client.get(f"/api/cases/{case.number}/").json()["light"] == "red"


def test_the_check_of_the_caches_knows_the_resting_clock(town):
    cases_in_every_light(town)
    assert offenders_of("cached_due") == []
    late = Case.objects.get(stage="suspended", due_at__isnull=False)
    Case.objects.filter(pk=late.pk).update(due_at=None)
    assert offenders_of("cached_due") == [late.number]


def offenders_of(key):
    found = next(found for found in orphans.look() if found.rule.key == key)
    return [number for number, _wrong in found.shown]


def test_at_its_due_time_a_case_is_yellow_and_a_moment_later_red(town):
    case = play.dispatched(town, town.urgent)
    for moment, light in ((case.due_at, "yellow"), (case.due_at + timedelta(seconds=1), "red")):
        assert light_of(case, moment) == light
        assert list(Case.objects.with_light(light, moment)) == [case]
    assert light_of(case, case.warn_at) == "yellow"
    assert light_of(case, case.warn_at - timedelta(seconds=1)) == "green"
