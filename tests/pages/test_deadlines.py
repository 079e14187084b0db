"""What falls due, what is late, who owes an answer, at which level matters were solved, and how the
system does: within what one may see, each figure the list behind it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from incidents import orphans, outlook, workflow
from incidents.models import Case, Clock
from lib import now
from staff.models import Member
from tests import cast
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
PAGES = ("time", "warnings", "orders", "ladder", "health", "plans", "joint", "undelivered")


def get(member, name, **asked):
    answer = client_of(member).get(reverse(name), asked)
    assert answer.status_code == 200, answer.status_code
    return answer


def wait(**span):
    now.set_to(now.now() + timedelta(**span))


def lifted(town):
    """A dispatched case that the community office handed up: the street's head owes an answer."""
    case = play.dispatched(town, unit=town.community_office)
    return workflow.move(case, "hand_up", town.neighbour, reason="too large for us")


def ordered(town, case=None, hours=5):
    """A case that the leader ordered supervision on."""
    case = case or play.dispatched(town)
    due = (now.now() + timedelta(hours=hours)).isoformat()
    return workflow.move(case, "supervise", town.leader, words="by tonight", due=due)


# --- who may open what ---------------------------------------------------------------------------

OPENS = {
    "chief": {"time", "warnings", "orders", "ladder", "plans", "joint"},
    "leader": set(PAGES) - {"undelivered"},
    "sysadmin": set(PAGES),
    "handler": {"warnings", "orders", "plans", "joint"},
    "worker": {"warnings", "orders"},
    "secadmin": set(),
    "auditor": set(),
}


@pytest.mark.parametrize("who", OPENS)
def test_each_role_opens_its_pages_and_is_shown_no_other(town, who):
    client = client_of(getattr(town, who))
    opened = {name for name in PAGES if client.get(reverse(name)).status_code == 200}
    assert opened == OPENS[who]
    for name in opened:
        tabs = client.get(reverse(name)).context["tabs"]
        assert {tab["href"] for tab in tabs} == {reverse(each) for each in opened}


def test_a_stranger_signs_in_first():
    for name in PAGES:
        assert Client().get(reverse(name)).status_code == 302


# --- time ----------------------------------------------------------------------------------------


def test_what_falls_due_is_counted_by_stage_and_unit(town):
    play.dispatched(town)  # 4 working hours: 3 h to the break at 12:00, due 15:00
    play.dispatched(town, town.urgent)  # 2 hours
    play.reported(town)  # 15 minutes
    stages, units = outlook.falling_due(town.chief)
    counted = {due.code: (due.over, due.hour, due.four, due.later) for due in stages}
    assert counted == {"dispatched": (0, 0, 1, 1), "reported": (0, 1, 1, 0)}
    assert [(due.code, due.four) for due in units] == [("WATER", 1)]
    wait(minutes=16)
    stages, _units = outlook.falling_due(town.chief)
    assert {due.code: due.over for due in stages}["reported"] == 1


def test_every_figure_is_the_list_behind_it(town):
    play.dispatched(town)
    play.dispatched(town, town.urgent)
    play.dispatched(town, town.slow)
    play.reported(town)
    wait(minutes=90)
    stages, units = outlook.falling_due(town.chief)
    cases = client_of(town.chief)

    def listed(**asked):
        return len(cases.get(reverse("cases"), asked).context["rows"])

    for due in stages:
        assert listed(stage=due.code, light="red") == due.over, due
        assert listed(stage=due.code, within=1) == due.hour, due
        assert listed(stage=due.code, within=4) == due.four, due
    for due in units:
        assert listed(stage="dispatched", unit=due.code, within=4) == due.four, due
    answer = cases.get("/api/cases/", {"stage": "open", "within": 4})
    assert len(answer.json()["results"]) == sum(due.four for due in stages)
    whole = get(town.chief, "time").context["whole"]
    assert listed(stage="open", light="red") == whole["over"]
    assert listed(stage="open", within="nonsense") == 4


def test_a_leader_counts_their_own_area_alone(town):
    play.dispatched(town)
    assert outlook.falling_due(town.street_leader)[0]
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    assert outlook.falling_due(elsewhere.leader) == ([], [])
    assert "No clock runs" in get(elsewhere.leader, "time").text


# --- warnings ------------------------------------------------------------------------------------


def numbers(answer):
    return [row.case.number for row in answer.context["rows"]]


def test_yellow_and_red_clocks_the_latest_first(town):
    slow = play.dispatched(town)
    quick = play.dispatched(town, town.urgent)
    assert numbers(get(town.chief, "warnings")) == []
    wait(minutes=100)
    assert numbers(get(town.chief, "warnings", light="yellow")) == [quick.number]
    wait(hours=5)
    both = get(town.chief, "warnings")
    assert numbers(both) == [quick.number, slow.number]
    assert [row.chip.state for row in both.context["rows"]] == ["overdue", "overdue"]
    assert numbers(get(town.chief, "warnings", light="yellow")) == []
    assert len(numbers(get(town.chief, "warnings", clock="handle", unit="WATER"))) == 2
    assert numbers(get(town.chief, "warnings", unit="GARDENS")) == []
    assert len(numbers(get(town.chief, "warnings", light="nonsense", area="1"))) == 2


def test_a_unit_is_warned_of_its_own_cases(town):
    case = play.dispatched(town)
    wait(hours=8)
    assert numbers(get(town.handler, "warnings")) == [case.number]
    assert numbers(get(town.gardener, "warnings")) == []


def test_clocks_of_demands_are_for_those_who_read_demands(town):
    case = ordered(town, hours=1)
    wait(minutes=70)
    assert numbers(get(town.chief, "warnings", clock="demand")) == [case.number]
    assert numbers(get(town.handler, "warnings", clock="demand")) == []


def test_warnings_go_by_key(town, monkeypatch):
    monkeypatch.setattr(outlook, "PAGE", 2)
    made = [play.dispatched(town, town.urgent).number for _each in range(3)]
    wait(hours=3)
    first = get(town.chief, "warnings")
    second = client_of(town.chief).get(reverse("warnings") + first.context["next"])
    assert numbers(first) + numbers(second) == made and not second.context["next"]
    refused = client_of(town.chief).get(reverse("warnings"), {"cursor": "x"})
    assert refused.status_code == 302


# --- orders --------------------------------------------------------------------------------------


def test_orders_and_escalations_with_their_owners(town):
    order, escalation = ordered(town), lifted(town)
    rows = get(town.leader, "orders").context["rows"]
    owed = {row.case.number: (row.kind, row.owned_by_words) for row in rows}
    assert owed[order.number][0] == "reply" and "Water bureau" in owed[order.number][1]
    assert owed[escalation.number][0] == "answer" and "书院街道" in owed[escalation.number][1]
    assert numbers(get(town.leader, "orders", kind="reply")) == [order.number]
    assert numbers(get(town.leader, "orders", late="1")) == []
    wait(hours=6)
    assert order.number in numbers(get(town.leader, "orders", late="1"))


def test_mine_are_those_that_i_owe(town):
    order = ordered(town)
    lifted(town)
    assert numbers(get(town.handler, "orders")) == [order.number]
    assert numbers(get(town.handler, "orders", whose="all")) == [order.number]
    assert numbers(get(town.gardener, "orders", whose="all")) == []
    assert numbers(get(town.chief, "orders", whose="mine")) == []
    workflow.move(order, "reply", fresh(town.handler), words="done tonight")
    assert numbers(get(town.handler, "orders")) == []


def fresh(member):
    return Member.objects.get(pk=member.pk)


# --- solved at each level ------------------------------------------------------------------------


def test_the_share_solved_at_each_level(town):
    play.closed(town)
    play.closed(town)
    play.dispatched(town)
    case = lifted(town)
    case = play.handle(town, case, town.neighbour)
    workflow.move(play.verify(town, case), "close", town.street_supervisor)
    begins = cast.MORNING - timedelta(days=1)
    streets, whole = outlook.solved_by_level(town.leader, begins, begins + timedelta(days=5))
    assert whole.counts == [2, 0, 1, 0, 0] and whole.shares[:3] == [66.67, 0, 33.33]
    assert [row.street["name"] for row in streets] == ["书院街道"]
    assert outlook.solved_by_level(town.leader, begins, cast.MORNING)[1].total == 0
    assert outlook.solved_by_level(town.gardener, begins, begins + timedelta(days=5))[0] == []


def test_the_ladder_goes_by_months_and_not_ahead(town):
    play.closed(town)
    assert get(town.leader, "ladder").context["whole"].total == 1
    assert get(town.leader, "ladder").context["on"] == ""
    before = get(town.leader, "ladder", month="2026-02")
    assert before.context["whole"].total == 0 and before.context["on"] == "2026-03"
    for nonsense in ("2026-13", "x", "2027-01", "9999-99", "２０２６-01"):
        assert get(town.leader, "ladder", month=nonsense).context["first"].month in (1, 3)


# --- health --------------------------------------------------------------------------------------


def test_health_says_what_lags_and_what_was_found(town):
    cache.delete(orphans.KEPT_AS)
    play.reported(town)
    page = get(town.sysadmin, "health")
    assert page.context["lag"]["count"] == 0 and page.context["check"] is None
    assert page.context["outbox"]["count"] > 0 and page.context["outbox"]["ok"]
    assert page.context["parts"][0]["ok"]
    wait(hours=1)
    orphans.keep([orphans.Found(orphans.RULES[0], 2, [])])
    page = get(town.sysadmin, "health")
    assert page.context["lag"]["count"] == 1 and not page.context["lag"]["ok"]
    assert not page.context["outbox"]["ok"]
    assert page.context["check"]["rows"] == [(orphans.RULES[0].says, 2)]
    orphans.keep([])
    assert "Nothing is forgotten" in get(town.sysadmin, "health").text
    cache.delete(orphans.KEPT_AS)


# --- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "language"),
    [
        ("chief", "en"),
        ("leader", "zh-hans"),
        ("handler", "en"),
        ("worker", "zh-hans"),
        ("sysadmin", "en"),
    ],
)
def test_pages_take_few_queries(town, who, language, django_assert_max_num_queries):
    for _each in range(2):
        ordered(town)
        lifted(town)
        play.reported(town)
    wait(hours=9)
    client = client_of(getattr(town, who), language)
    for name in sorted(OPENS[who]):
        with django_assert_max_num_queries(12):
            assert client.get(reverse(name)).status_code == 200, name


def test_nothing_is_shown_of_another_city(town):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    case = ordered(town)
    wait(hours=9)
    for name in ("time", "warnings", "orders", "ladder"):
        assert case.number not in get(elsewhere.leader, name).text
    assert Clock.objects.filter(case=case).exists() and Case.objects.filter(pk=case.pk).exists()
