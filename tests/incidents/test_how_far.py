"""How far a member reads a case: a unit that it has left up to its own last step, whatever its
post is called; whoever owes an answer up to what asked for it; in every place alike."""

from datetime import timedelta

import pytest
from django.db.models import OuterRef, Subquery
from django.test import Client

from assessment.drawer import readable
from assessment.subjects import Subject
from grids.models import Post
from incidents import outlook, scope, streams, workflow
from incidents.models import Case, Demand, Evidence, Message, Outbox, Step
from incidents.scope import last_step_for, last_steps, within_reach
from incidents.wording import about
from lib import now
from tests import cast
from tests.incidents import play, post
from tests.incidents.conftest import fresh

pytestmark = pytest.mark.django_db

BY_UNIT = ("handler", "water_leader", "both")


@pytest.fixture
def left(town):
    """A case that the water bureau gave back after step 6; the gardens bureau has handled it."""
    case = play.dispatched(town)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    case = workflow.move(case, "dispatch", town.second_dispatcher, unit=town.gardens.code)
    return play.handle(town, case, by=town.gardener)


def leads(town, member, **place):
    """They lead a unit or an area too."""
    Post.objects.create(
        member=member, role="leader", city=town.city, valid_from=cast.BEGAN, **place
    )


def member_of(town, name):
    """A handler, the leader of the unit, or one member who is both."""
    if name == "both":
        leads(town, town.handler, unit=town.water)
    return fresh(town.handler if name == "both" else getattr(town, name))


@pytest.mark.parametrize("name", BY_UNIT)
def test_a_unit_that_a_case_has_left_reads_it_up_to_its_own_last_step(town, left, name):
    assert left.version == 8
    assert last_step_for(member_of(town, name), left) == 6


@pytest.mark.parametrize("name", BY_UNIT)
def test_the_api_ends_there(town, left, caller, name):
    client = caller(member_of(town, name))
    tells = client.get(f"/api/cases/{left.number}/").json()
    assert (tells["stage"], tells["unit"], tells["version"]) == ("filed", None, 6)
    assert [s["seq"] for s in client.get(f"/api/cases/{left.number}/steps/").json()][-1] == 6
    photos = client.get(f"/api/cases/{left.number}/evidence/").json()
    assert [photo["step"] for photo in photos] == [1]
    entries = [
        entry["step"]
        for row in client.get(f"/api/cases/{left.number}/clocks/").json()
        for entry in row["ledger"]
    ]
    assert max(entries) == 6
    assert client.get(f"/api/cases/{left.number}/moves/").json() == []
    assert client.get("/api/cases/?stage=handled").json()["results"] == []
    assert [r["stage"] for r in client.get("/api/cases/").json()["results"]] == ["filed"]


@pytest.mark.parametrize("name", BY_UNIT)
def test_photos_rows_and_streams_end_there(town, left, name):
    member = member_of(town, name)
    later = Evidence.objects.get(case=left, step__move="handle")
    assert later not in Evidence.objects.visible_to(member)
    steps = Step.objects.filter(within_reach(member), case=left)
    assert sorted(steps.values_list("seq", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert streams.visible(member, [left.pk]) == []
    assert not outlook.warnings_of(member, {}).filter(case=left).exists()


@pytest.mark.parametrize("name", ["handler", "water_leader"])
def test_the_page_and_the_administration_end_there(town, left, name):
    client = Client()
    client.force_login(fresh(getattr(town, name)))
    page = client.get(f"/cases/{left.number}/").content.decode()
    assert "园林局" not in page
    type(town.handler).objects.filter(pk=getattr(town, name).pk).update(is_staff=True)
    client.force_login(fresh(getattr(town, name)))
    page = client.get(f"/admin/incidents/case/{left.pk}/change/")
    assert page.status_code == 200 and "园林局" not in page.content.decode()


def test_a_leader_of_an_area_and_the_reporter_read_it_to_the_end(town, left):
    for member in (town.leader, town.street_leader, town.worker, town.chief, town.gardener):
        assert last_step_for(fresh(member), left) is None


def test_a_leader_of_a_unit_in_whose_area_it_lies_reads_it_to_the_end(town, left):
    leads(town, town.water_leader, area=town.community)
    assert last_step_for(fresh(town.water_leader), left) is None


def test_a_unit_that_gets_it_again_reads_it_to_the_end(town, left):
    case = play.rework(town, left)
    workflow.move(case, "ask_return", town.gardener, reason="not ours")
    workflow.move(case, "adjudicate", town.adjudicator, unit="WATER", reason="yours")
    for name in ("handler", "water_leader"):
        assert last_step_for(fresh(getattr(town, name)), left) is None


def test_cut_and_whole_and_seen_divide_the_cases_in_one_way(town, left):
    """Seen = followed + cut, for everybody of the cast."""
    play.dispatched(town)
    play.dispatched(town, unit=town.gardens)
    for name, _role, _place in cast.ACCOUNTS:
        member = fresh(getattr(town, name))
        seen = set(Case.objects.visible_to(member).values_list("pk", flat=True))
        followed = set(Case.objects.followed_by(member).values_list("pk", flat=True))
        assert followed <= seen
        assert set(last_steps(member, seen)) == seen - followed, name


def test_a_case_without_a_duty_grid_is_cut_as_well(town, left):
    Case.objects.filter(pk=left.pk).update(duty_grid=None, worker=None)
    assert last_step_for(fresh(town.water_leader), left) == 6


def test_who_lost_is_not_told_what_happened_after_the_case_left_them(town, left):
    with pytest.raises(workflow.facts.Conflict) as lost:
        workflow.move(left, "handle", fresh(town.handler), result="done")
    assert lost.value.move == "grant" and lost.value.who == town.dispatcher.name


# --- what a unit owes on a case that is not its own -----------------------------------------------


@pytest.fixture
def ordered(town):
    """A case with the gardens bureau, on which the water bureau owes a reply."""
    case = play.dispatched(town, unit=town.gardens)
    due = (now.now() + timedelta(hours=5)).isoformat()
    case = workflow.move(case, "supervise", town.leader, words="and you?", to="WATER", due=due)
    return play.handle(town, case, by=town.gardener)


def test_who_owes_a_reply_reads_up_to_the_order_and_is_offered_its_exit(town, ordered, caller):
    order = ordered.steps.get(move="supervise")
    assert last_step_for(fresh(town.handler), ordered) == order.seq
    client = caller(town.handler)
    seen = client.get(f"/api/cases/{ordered.number}/").json()
    assert (seen["stage"], seen["version"]) == ("dispatched", order.seq)
    offers = client.get(f"/api/cases/{ordered.number}/moves/").json()
    assert [offer["move"] for offer in offers] == ["reply"]
    sent = {"move": "reply", "words": "ours is dry", "version": seen["version"]}
    answer = client.post(f"/api/cases/{ordered.number}/moves/", sent, format="json")
    assert answer.status_code == 200
    assert Demand.objects.get(case=ordered, kind="reply").outcome == "done"
    assert client.get(f"/api/cases/{ordered.number}/").status_code == 404


def test_it_stands_on_their_board_and_their_page_has_the_form(town, ordered):
    client = Client()
    client.force_login(fresh(town.handler))
    assert ordered.number in client.get("/board/").content.decode()
    page = client.get(f"/cases/{ordered.number}/")
    assert page.context["panel"].form.offer.move == "reply" and page.context["panel"].yours
    form = {"move": "reply", "version": page.context["case"].version, "words": "ours is dry"}
    answer = client.post(f"/cases/{ordered.number}/move/", form)
    assert answer.status_code == 302
    assert Demand.objects.get(case=ordered, kind="reply").outcome == "done"


def test_an_order_stays_with_the_unit_that_the_case_has_left(town):
    case = play.dispatched(town)
    due = (now.now() + timedelta(hours=5)).isoformat()
    case = workflow.move(case, "supervise", town.leader, words="hurry", due=due)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    case = workflow.move(case, "dispatch", town.second_dispatcher, unit=town.gardens.code)
    member = fresh(town.handler)
    assert last_step_for(member, case) == case.version - 1
    assert [offer.move for offer in workflow.moves(case, member, cut=True)] == ["reply"]


def test_a_stale_version_of_somebody_who_reads_it_whole_is_still_refused(town, ordered):
    with pytest.raises(workflow.facts.Conflict):
        workflow.move(ordered, "void", town.chief, reason="x", version=ordered.version - 1)


# --- merged --------------------------------------------------------------------------------------


def test_the_reporter_of_a_merged_report_follows_the_other_however_far_it_is_merged_on(town):
    mine = play.reported(town, by=town.far_worker)
    other, third = play.reported(town), play.reported(town)
    member = fresh(town.far_worker)
    assert other not in Case.objects.visible_to(member)
    workflow.move(mine, "merge", town.intake, into=other.number)
    assert other in Case.objects.visible_to(member)
    workflow.move(other, "merge", town.intake, into=third.number)
    assert third in Case.objects.visible_to(member)
    Post.objects.filter(member=member).delete()
    assert set(Case.objects.visible_to(fresh(member))) == {mine, other, third}


def test_the_end_is_told_once_to_each(town):
    gateway = post.gateway(town)
    open_case = play.verified(town)
    mine = play.reported(town, by=town.far_worker)
    told = workflow.report(
        town.intake,
        city=town.city,
        point=town.inside,
        source="hotline",
        category=town.rubbish.code,
        reporter={"name": "Li", "phone": "13900000000"},
    )
    again = play.reported(town, by=town.far_worker)
    for case, into in ((again, mine), (mine, open_case), (told, open_case)):
        workflow.move(case, "merge", town.intake, into=into.number)
    post.told()
    texts = Message.objects.filter(channel="sms", destination=str(gateway.pk))
    said, sent = len(post.kinds(town.far_worker)), texts.count()
    workflow.move(open_case, "close", town.supervisor)
    post.told()
    assert post.kinds(town.far_worker)[said:] == ["ended"]
    assert texts.count() == sent + 1


def test_a_notice_of_a_case_that_has_left_tells_no_due_time_of_the_other_units(town, left):
    row = Outbox.objects.filter(step__case=left, notice="your_turn", to_unit=town.water).get()
    (said,) = about([row], fresh(town.handler))
    (theirs,) = about([row], fresh(town.chief))
    assert len(theirs.facts) == len(said.facts) + 1


@pytest.mark.parametrize("name", ["handler", "water_leader"])
def test_behind_the_figures_of_others_a_unit_does_not_find_what_it_has_lost(town, left, name):
    member = fresh(getattr(town, name))
    own = Subject("unit", town.water.pk, "WATER", "Water bureau")
    other = Subject("unit", town.gardens.pk, "GARDENS", "Gardens bureau")
    assert left in readable(member, own) and left not in readable(member, other)
    assert left in readable(fresh(town.chief), other)


def test_an_approval_shows_nothing_of_a_case_that_is_cut(town, left):
    """A supervisor of another community, who leads the unit that the case has left."""
    leads(town, town.far_supervisor, unit=town.water)
    assert last_step_for(fresh(town.far_supervisor), left) == 6
    client = cast.client_of(town.far_supervisor)
    for sent in ({"move": "", "version": "6"}, {"move": "close", "version": "8"}):
        answer = client.post(f"/approvals/{left.number}/", sent)
        assert (answer.status_code, answer["Location"]) == (302, f"/cases/{left.number}/")


def test_a_unit_that_left_long_ago_reads_no_more_than_what_it_owes_a_reply_to(town):
    case, due = play.dispatched(town), (now.now() + timedelta(hours=5)).isoformat()
    case = workflow.move(case, "supervise", town.leader, words="and?", to="WATER", due=due)
    order = case.version
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    granted = workflow.move(case, "grant", town.dispatcher).version
    workflow.move(case, "dispatch", town.second_dispatcher, unit=town.gardens.code)
    assert last_step_for(fresh(town.handler), case) == granted > order
    now.set_to(now.now() + scope.UNIT_MEMORY + timedelta(days=1))
    assert last_step_for(fresh(town.handler), case) == order


def test_a_condition_means_its_own_row_in_a_query_within_a_query(town, left):
    member = member_of(town, "water_leader")
    other = play.dispatched(town)
    own = Case.objects.annotate(whole=scope.whole(member, each=True)).filter(pk=OuterRef("pk"))
    rows = Case.objects.annotate(whole=Subquery(own.values("whole")))
    assert dict(rows.values_list("pk", "whole")) == {left.pk: False, other.pk: True}
    case = Case.objects.annotate(whole=scope.whole(member, each=True)).filter(pk=OuterRef("case"))
    steps = Step.objects.annotate(whole=Subquery(case.values("whole")))
    assert set(steps.values_list("case", "whole")) == {(left.pk, False), (other.pk, True)}
