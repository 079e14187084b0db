"""Closing approval: what waits for whom, the checks of the evidence, approve and send back."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.urls import reverse
from PIL import ImageOps

from grids.models import Absence
from incidents import workflow
from incidents.checks import LED_BY_COMMUNITY, NOBODY_THERE, OWN, closings_of, order_check
from incidents.facts import BadFacts
from incidents.models import Case, Evidence, Fingerprint, Step
from incidents.views.approve import after, queue_of
from lib import now
from lib.likeness import keys_of, likeness
from tests import cast
from tests.cast import client_of, photo_of
from tests.incidents import play
from tests.incidents.conftest import scene

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def decide(town, case, by=None, **sent):
    address = reverse("approval", args=[case.number])
    client = client_of(by or town.supervisor)
    return client.post(address, {"version": case.version, **sent})


def new_photo(member, town, *, image=None, **given):
    """A photo that is no copy of another, as the cast's all are; of `image`, if one is given."""
    photo = photo_of(member, town, **given)
    photo.sha256 = photo.pk.hex * 2
    photo.save()
    if image is not None:
        prints, grains = likeness(image)
        Fingerprint.objects.create(
            evidence=photo, prints=prints, grains=grains, keys=keys_of(prints)
        )
    return photo


@pytest.fixture(autouse=True)
def pictures_of_their_own(monkeypatch):
    monkeypatch.setattr(play, "photo_of", new_photo)


@pytest.fixture
def case(town):
    return play.verified(town)


def test_it_shows_the_most_pressing_case(town, case):
    answer = client_of(town.supervisor).get(reverse("approvals"))
    assert answer.url == reverse("approval", args=[case.number])
    page = client_of(town.supervisor).get(answer.url).text
    assert "Restored" in page and "Case 1 of 1" in page
    assert "Same place" in page and "different parties" in page


def test_a_page_takes_few_queries(town, case, django_assert_max_num_queries):
    client = client_of(town.supervisor)
    address = reverse("approval", args=[case.number])
    client.get(address)
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(address)
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(reverse("approval_done"))


def test_approve_closes_and_goes_on(town, case):
    answer = decide(town, case, move="close")
    assert answer.url == reverse("approvals")
    case.refresh_from_db()
    assert (case.stage, case.closed_by) == ("closed", town.supervisor)
    none = client_of(town.supervisor).get(reverse("approvals"))
    assert "No case waits for your approval" in none.text
    assert case.number in client_of(town.supervisor).get(reverse("approval_done")).text


def test_the_same_click_twice_is_one_decision(town, case):
    assert decide(town, case, move="close").status_code == 302
    again = decide(town, case, move="close")
    assert again.status_code == 302
    assert Step.objects.filter(case=case, move="close").count() == 1


def test_send_back_needs_a_reason_and_says_it(town, case):
    assert decide(town, case, move="send_back").status_code == 422
    assert decide(town, case, move="send_back", why="other").status_code == 422
    answer = decide(town, case, move="send_back", why="unclear", reason="half of it is dark")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.stage == "dispatched"
    words = case.steps.get(move="send_back").words.text
    assert words.startswith("The photo does not show it clearly") and words.endswith("is dark")


def test_a_failed_check_demands_a_reason_and_does_not_hide_approve(town, monkeypatch):
    def one_file(member, made):
        photo = photo_of(member, made)
        photo.sha256 = "0" * 64
        photo.save(update_fields=["sha256"])
        return photo

    monkeypatch.setattr(play, "photo_of", one_file)
    case = play.verified(town)
    with pytest.raises(BadFacts) as said:  # whichever way the closing comes, the API's included
        workflow.move(case, "close", town.supervisor)
    assert set(said.value.errors) == {"note"}
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "used before" in page and "data-approve" in page
    refused = decide(town, case, move="close")
    assert refused.status_code == 422 and "say why it can be closed" in refused.text
    assert decide(town, case, move="close", note="seen with my own eyes").status_code == 302
    assert case.steps.get(move="close").words.text == "seen with my own eyes"


def test_a_photo_far_away_fails_and_says_how_far(town):
    far = new_photo(town.mate, town, point=Point(town.lon + 0.0015, town.lat + 0.0005, srid=4326))
    case = play.handled(town)
    workflow.move(case, "verify", town.mate, evidence=[far.pk])
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "95 m apart" in page and "Failed:" in page


def test_a_photo_older_than_the_work_fails(town):
    case = play.handled(town)
    old = new_photo(town.mate, town, at=now.now() - timedelta(hours=3))
    workflow.move(case, "verify", town.mate, evidence=[old.pk])
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "does not fit the order" in page


def used_before(town, image, *, at=None):
    """Another case of long ago whose report has a picture."""
    first = new_photo(town.worker, town, image=image, at=at or now.now() - timedelta(days=200))
    Evidence.objects.filter(pk=first.pk).update(taken_at=now.now())
    return workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        category=town.rubbish.code,
        evidence=[first.pk],
    )


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda image: image.resize((400, 300)), "the same picture saved again"),
        (ImageOps.mirror, "the same picture, mirrored"),
        (lambda image: image.crop((50, 40, 630, 470)), "a part of the same picture"),
    ],
)
def test_the_picture_of_another_case_is_found_however_it_was_made(town, made, said):
    other = used_before(town, scene())
    case = play.handled(town)
    again = new_photo(town.mate, town, image=made(scene()))
    workflow.move(case, "verify", town.mate, evidence=[again.pk])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incidents_evidence")  # few enough to be counted, not estimated
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "1 photo was used before" in page and other.number in page and said in page
    assert "Compared with 1 photo of all cases" in page


def test_another_picture_is_not_held_for_a_copy(town):
    used_before(town, scene(seed=3))
    case = play.handled(town)
    again = new_photo(town.mate, town, image=scene(seed=30))
    workflow.move(case, "verify", town.mate, evidence=[again.pk])
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "No photo was used before" in page


def test_a_copy_of_the_handlers_own_photo_proves_nothing(town):
    case = play.dispatched(town)
    work = new_photo(town.handler, town, image=scene())
    case = workflow.move(case, "handle", town.handler, result="done", evidence=[work.pk])
    with now.at(now.now() + timedelta(minutes=5)):
        copy = new_photo(town.mate, town, image=scene().resize((500, 375)), at=now.now())
        workflow.move(case, "verify", town.mate, evidence=[copy.pk])
        page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "of an earlier step of this case" in page


def test_where_a_copy_was_used_is_hidden_from_who_may_not_see_that_case(town):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    photo = new_photo(elsewhere.worker, elsewhere, image=scene(), at=now.now() - timedelta(days=9))
    other = workflow.report(
        elsewhere.worker,
        city=elsewhere.city,
        point=elsewhere.inside,
        category=elsewhere.rubbish.code,
        evidence=[photo.pk],
    )
    case = play.handled(town)
    again = new_photo(town.mate, town, image=scene())
    workflow.move(case, "verify", town.mate, evidence=[again.pk])
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "of a case outside your area" in page and other.number not in page


def test_the_step_keeps_which_checks_failed_and_the_case_page_says_it(town):
    used_before(town, scene())
    case = play.handled(town)
    again = new_photo(town.mate, town, image=scene())
    case = workflow.move(case, "verify", town.mate, evidence=[again.pk])
    assert decide(town, case, move="close", note="seen with my own eyes").status_code == 302
    assert case.steps.get(move="close").facts["checks"] == ["reuse"]
    page = client_of(town.assessor).get(reverse("case", args=[case.number])).text
    assert "closed though a check failed: photo used before" in page


def test_a_photo_of_the_work_taken_elsewhere_fails(town):
    far = Point(town.lon + 0.0015, town.lat + 0.0005, srid=4326)
    case = play.dispatched(town)
    photo = new_photo(town.handler, town, point=far)
    case = workflow.move(case, "handle", town.handler, result="done", evidence=[photo.pk])
    play.verify(town, case, town.mate)
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "The photo of the handling was taken 95 m away" in page


def test_a_photo_days_older_than_its_report_fails(town):
    photo = new_photo(town.worker, town, at=now.now() - timedelta(days=5))
    case = workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        category=town.rubbish.code,
        evidence=[photo.pk],
    )
    steps = list(case.steps.select_related("by", "unit"))
    found = order_check(steps, [Evidence.objects.get(pk=photo.pk)])
    assert not found.passed and found.facts["old"] == [("report", 5)]


def test_that_the_finder_verified_too_is_told_and_not_held_against_them(town, case):
    page = client_of(town.supervisor).get(reverse("approval", args=[case.number])).text
    assert "who had found it too" in page and "Failed:" not in page


def test_who_was_first_is_said_and_what_was_written_is_kept(town, case):
    workflow.move(case, "send_back", town.supervisor, reason="no", version=case.version)
    stale = {"move": "send_back", "why": "again", "reason": "my own words"}
    address = reverse("approval", args=[case.number])
    sent = {"version": case.version - 1, **stale}
    answer = client_of(town.supervisor).post(address, sent)
    assert answer.status_code == 409
    assert "supervisor was first" in answer.text and "my own words" in answer.text
    assert "data-approve" not in answer.text


def test_only_its_own_supervisor_has_it_in_the_queue(town, case):
    assert [row.number for row in queue_of(town.supervisor)] == [case.number]
    assert queue_of(town.street_supervisor) == queue_of(town.far_supervisor) == []
    assert client_of(town.handler).get(reverse("approvals")).status_code == 403


def test_the_street_has_what_the_community_handled_itself(town):
    case = play.verified(town)
    Case.objects.filter(pk=case.pk).update(unit=town.community_office)
    assert queue_of(town.supervisor) == []
    assert [row.closing for row in queue_of(town.street_supervisor)] == [LED_BY_COMMUNITY]
    page = client_of(town.street_supervisor).get(reverse("approval", args=[case.number]))
    assert "handled it itself" in page.text


def test_the_queue_agrees_with_the_loop(town, case):
    """Whoever has it in the queue may close it, and nobody else."""
    case = Case.objects.select_related("community").get(pk=case.pk)
    for member in (town.supervisor, town.street_supervisor, town.far_supervisor):
        may = "close" in [offer.move for offer in workflow.moves(case, member)]
        assert bool(closings_of([case], member)) == may
    assert closings_of([case], town.supervisor) == {case.pk: OWN}
    case.verified_by = town.supervisor
    assert closings_of([case], town.street_supervisor) == {case.pk: NOBODY_THERE}


def test_the_next_is_the_one_behind(town):
    rows = [play.verified(town) for _index in range(3)]
    numbers = [row.number for row in queue_of(town.supervisor)]
    assert sorted(numbers) == sorted(row.number for row in rows)
    queue = queue_of(town.supervisor)
    assert after(numbers[0], queue) == numbers[1]
    assert after(numbers[2], queue) == numbers[0]


def test_what_was_done_goes_on_by_key(town, case):
    decide(town, case, move="close")
    client, address = client_of(town.supervisor), reverse("approval_done")
    step = case.steps.get(move="close")
    here = f"{step.at.isoformat()} {step.pk}"
    assert case.number not in client.get(address, {"before": here}).text
    assert (
        case.number in client.get(address, {"before": f"{step.at.isoformat()} {step.pk + 1}"}).text
    )
    for bad in ("\x00", "2026-99-99T00:00:00Z 1", "9" * 40, here + "x"):
        assert client.get(address, {"before": bad}).status_code == 200


# --- what waits on whom --------------------------------------------------------------------------


def waits_on(town, case):
    """Whose board has a case; the list agrees with what `closings_of` says case by case."""
    case = Case.objects.get(pk=case.pk)
    found = set()
    for name in ("supervisor", "far_supervisor", "street_supervisor", "leader", "chief"):
        member = type(town.supervisor).objects.get(username=f"tc_{name}")
        on_board = Case.objects.waiting_on(member).filter(pk=case.pk).exists()
        assert on_board == bool(closings_of([case], member)), name
        if on_board:
            found.add(name)
    return found


def test_a_verified_case_waits_on_its_communitys_supervisor_alone(town, case):
    assert waits_on(town, case) == {"supervisor"}


def test_what_the_community_handled_itself_waits_on_the_streets(town):
    case = play.dispatched(town, unit=town.community_office)
    case = play.verify(town, play.handle(town, case, by=town.neighbour))
    assert waits_on(town, case) == {"street_supervisor"}


def test_where_the_communitys_supervisor_is_absent_it_waits_on_the_streets(town, case):
    Absence.objects.create(
        member=town.supervisor, starts_at=now.now(), ends_at=now.now() + timedelta(hours=9)
    )
    assert waits_on(town, case) == {"supervisor", "street_supervisor"}
