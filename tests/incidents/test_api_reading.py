"""What the API shows: the list, one case, photos, and no further than one may read."""

import uuid

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from grids.models import Post
from incidents import workflow
from incidents.models import Case, Evidence, Reporter
from lib import now
from tests import cast
from tests.incidents import play
from tests.incidents.conftest import HERE, phone_photo, problem_of, report_of, saved, scene, upload

pytestmark = pytest.mark.django_db


# --- the list -----------------------------------------------------------------------------


def numbers(client, query=""):
    answer = client.get(f"/api/cases/?{query}")
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


def test_a_row_has_what_a_list_shows(town, caller):
    case = play.dispatched(town)
    (row,) = caller(town.chief).get("/api/cases/").json()["results"]
    assert row.pop("place")
    assert row == {
        "number": case.number,
        "stage": "dispatched",
        "kind": "event",
        "category": "E-01-13",
        "condition": "E-01-13-1",
        "area": "420902001001",
        "grid": "420902001001001",
        "unit": "WATER",
        "reported_at": "2026-03-03T01:00:00Z",
        "due_at": "2026-03-03T07:00:00Z",
        "light": "green",
        "waiting_on": ["handler"],
        "version": 4,
    }


def test_pages_are_cut_by_key_and_lose_nothing_while_cases_come_in(town, caller):
    cases = [play.reported(town) for _ in range(5)]  # all in the same second
    client = caller(town.intake)
    page = client.get("/api/cases/?limit=2&stage=reported").json()
    found = [row["number"] for row in page["results"]]
    with now.at(cast.MORNING.replace(hour=2)):
        play.reported(town)
    while page["next"]:
        page = client.get(page["next"]).json()
        found += [row["number"] for row in page["results"]]
    assert found == [case.number for case in reversed(cases)]


def test_filters(town, caller):
    client = caller(town.chief)
    rubbish = play.dispatched(town)
    cover = play.accepted(town, category=town.cover.code, description="井盖没了")
    closed = play.closed(town, town.endless)
    every = {rubbish.number, cover.number, closed.number}
    for query, wanted in {
        "": every,
        "stage=open": {rubbish.number, cover.number},
        "stage=closed": {closed.number},
        "stage=closed,accepted": {closed.number, cover.number},
        "kind=component": {cover.number},
        "category=C-01-03": {cover.number},
        "area=4209": every,
        "area=420902": every,
        "area=420902001": every,
        "area=420902001001": every,
        "area=420902001001001": every,
        "area=420902001002": set(),
        "area=000": set(),
        "unit=WATER": {rubbish.number, closed.number},
        "unit=NONE": set(),
        "light=green": {rubbish.number, cover.number},
        "light=none": {closed.number},
        "light=red": set(),
        "light=paused": set(),
        "light=yellow": set(),
        "waiting_on=me": {cover.number},
        f"text={cover.number}": {cover.number},
        "text=没了": {cover.number},
        "stage=open&kind=event&unit=WATER&light=green": {rubbish.number},
    }.items():
        assert set(numbers(client, query)) == wanted, query


def test_lights_turn_with_the_time(town, caller):
    case, client = play.dispatched(town), caller(town.chief)
    for hour, minute, light in (
        (5, 0, "green"),
        (6, 11, "green"),
        (6, 12, "yellow"),
        (7, 0, "yellow"),
        (7, 1, "red"),
    ):
        with now.at(cast.MORNING.replace(hour=hour, minute=minute)):
            (row,) = client.get("/api/cases/").json()["results"]
            assert row["light"] == light, (hour, minute)
            assert numbers(client, f"light={light}") == [case.number]


def test_waiting_on_me_is_the_stage_and_the_demands(town, caller):
    case = play.dispatched(town)
    assert numbers(caller(town.handler), "waiting_on=me") == [case.number]
    assert numbers(caller(town.dispatcher), "waiting_on=me") == []
    workflow.move(case, "ask_extend", town.handler, reason="rain")
    assert numbers(caller(town.dispatcher), "waiting_on=me") == [case.number]
    (row,) = caller(town.dispatcher).get("/api/cases/").json()["results"]
    assert row["waiting_on"] == ["handler", "dispatcher"]


# --- one case -----------------------------------------------------------------------------


def test_what_i_may_do_follows_stage_and_role(town, caller):
    case = play.reported(town)
    path = f"/api/cases/{case.number}/moves/"
    offers = {o["move"]: o for o in caller(town.intake).get(path).json()}
    assert {"accept", "ask_confirm", "merge", "dismiss"} == set(offers)
    assert offers["accept"]["label"] == "Accept"
    assert {"name": "category", "type": "category", "required": True} in offers["accept"]["needs"]
    assert [o["move"] for o in caller(town.assessor).get(path).json()] == []


def test_the_unit_that_the_matrix_names_is_suggested(town, caller):
    case = play.filed(town, town.urgent)
    offers = caller(town.dispatcher).get(f"/api/cases/{case.number}/moves/").json()
    needs = {offer["move"]: offer["needs"] for offer in offers}
    suggested = {need["name"]: need.get("suggested") for need in needs["dispatch"]}
    assert suggested == {"unit": town.water.code, "assisting": None, "note": None}
    assert all("suggested" not in need for need in needs["hand_back_filing"])


def test_the_reporter_is_masked_and_for_intake_alone(town, caller):
    answer = caller(town.intake).post(
        "/api/cases/",
        {
            **HERE,
            "description": "x",
            "source": "hotline",
            "reporter": {"name": "王小明", "phone": "13812345678"},
        },
        format="json",
    )
    assert answer.json()["reporter"] == {"name": "王**", "phone": "138****5678"}
    assert Reporter.objects.get().phone == "13812345678"
    case = Case.objects.get()
    for member in (town.chief, town.dispatcher, town.supervisor, town.leader, town.worker):
        shown = caller(member).get(f"/api/cases/{case.number}/")
        assert shown.json()["reporter"] is None
    for tail in ("", "steps/", "clocks/", "evidence/", "moves/"):
        text = caller(town.intake).get(f"/api/cases/{case.number}/{tail}").content.decode()
        assert "小明" not in text and "13812345678" not in text


def test_similar_cases_with_photo_distance_and_age(town, caller, send):
    client = caller(town.worker)
    client.post("/api/cases/", report_of(send(town.worker)), format="json")
    query = "longitude=113.9015&latitude=30.9005&category=E-01-13"
    with now.at(cast.MORNING.replace(hour=3)):
        (hint,) = caller(town.intake).get(f"/api/cases/similar/?{query}").json()
    assert hint["age_seconds"] == 7200 and 90 < hint["distance_m"] < 100
    assert caller(town.intake).get(hint["photo"]).status_code == 200
    for other in (
        "longitude=113.9035&latitude=30.9005&category=E-01-13",
        "longitude=113.9015&latitude=30.9005&category=C-01-03",
    ):
        assert caller(town.intake).get(f"/api/cases/similar/?{other}").json() == []
    problem_of(caller(town.intake).get("/api/cases/similar/?longitude=1"), 400)
    problem_of(caller(town.intake).get(f"/api/cases/similar/?{query}9"), 400)


def test_a_case_is_the_finders_own_when_handled_on_the_spot(town, caller, send):
    photos = [send(town.worker, 1), send(town.worker, 2)]
    answer = caller(town.worker).post(
        "/api/cases/",
        {**HERE, "move": "self_handle", "condition": "E-01-13-1", "evidence": photos},
        format="json",
    )
    assert answer.status_code == 201 and answer.json()["stage"] == "verified"


# --- a unit that the case has left --------------------------------------------------------


@pytest.fixture
def left(town):
    """A case that the water bureau returned, the gardens bureau got and handled."""
    case = play.dispatched(town)
    workflow.move(case, "ask_return", town.handler, reason="not ours")
    workflow.move(case, "grant", town.dispatcher)
    workflow.move(case, "dispatch", town.dispatcher, unit="GARDENS")
    photo = cast.photo_of(town.gardener, town)
    return workflow.move(
        case, "handle", town.gardener, result="a later secret", evidence=[photo.pk]
    )


def test_a_unit_reads_up_to_its_last_step(town, caller, left):
    client, path = caller(town.handler), f"/api/cases/{left.number}/"
    last = left.units.get(unit=town.water).until_step
    steps = client.get(path + "steps/").json()
    assert [s["seq"] for s in steps] == list(range(1, last + 1))
    shown = client.get(path).json()
    assert shown["version"] == last and shown["stage"] == steps[-1]["to_stage"] != "handled"
    assert shown["unit"] is None and shown["waiting_on"] == [] and shown["due_at"] is None
    (row,) = client.get("/api/cases/").json()["results"]
    assert row["version"] == last and row["stage"] == shown["stage"]
    assert client.get(path + "moves/").json() == []
    assert len(client.get(path + "evidence/").json()) == 1
    clocks = client.get(path + "clocks/").json()
    assert max(e["step"] for c in clocks for e in c["ledger"]) <= last
    assert "verify" not in {c["kind"] for c in clocks}
    for tail in ("", "steps/", "clocks/", "evidence/"):
        text = client.get(path + tail).content.decode()
        assert "secret" not in text and "gardener" not in text


def test_a_unit_learns_no_later_state_by_filtering(town, caller, left):
    client = caller(town.handler)
    assert numbers(client) == [left.number]
    for query in ("stage=handled", "unit=GARDENS", "light=green", "light=none"):
        assert numbers(client, query) == []


def test_the_unit_that_has_it_now_reads_everything(town, caller, left):
    steps = caller(town.gardener).get(f"/api/cases/{left.number}/steps/").json()
    assert len(steps) == left.version


def test_a_photo_of_a_later_step_is_404_for_the_unit_that_left(town, caller, left):
    photos = Evidence.objects.filter(case=left).order_by("step__seq")
    early, late = photos.first(), photos.last()
    client = caller(town.handler)
    assert client.get(f"/api/evidence/{early.pk}/").status_code == 200
    problem_of(client.get(f"/api/evidence/{late.pk}/"), 404)
    problem_of(client.get(f"/api/evidence/{late.pk}/shown/"), 404)


# --- photos -------------------------------------------------------------------------------


def test_an_upload_tells_time_and_place(town, caller):
    answer = caller(town.worker).post("/api/evidence/", {"file": upload(phone_photo())})
    body = answer.json()
    assert answer.status_code == 201
    assert body["taken_at"] == "2026-03-03T00:55:00Z" and body["position"] == [113.9005, 30.9005]
    assert uuid.UUID(body["id"])


@pytest.mark.parametrize("body", [{}, {"file": "text"}, {"file": b""}, {"photo": b"x"}])
def test_an_upload_without_a_picture_is_400(town, caller, body):
    given = {k: upload(v) if isinstance(v, bytes) else v for k, v in body.items()}
    problem_of(caller(town.worker).post("/api/evidence/", given), 400)


def test_an_upload_that_is_too_large_is_400_with_the_field(town, caller):
    file = upload(saved(scene(), "JPEG") + b"\0" * 16_000_000)
    answer = caller(town.worker).post("/api/evidence/", {"file": file})
    assert "file" in problem_of(answer, 400)["errors"]


def test_who_holds_no_post_uploads_nothing(town, caller):
    Post.objects.filter(member=town.worker).update(valid_until=cast.MORNING.date())
    answer = caller(town.worker).post("/api/evidence/", {"file": upload(phone_photo())})
    problem_of(answer, 403)


def test_an_unnamed_photo_is_its_owners_alone(town, caller, send):
    photo = send(town.worker)
    assert caller(town.worker).get(f"/api/evidence/{photo}/").status_code == 200
    for member in (town.mate, town.intake, town.chief):
        problem_of(caller(member).get(f"/api/evidence/{photo}/"), 404)
        problem_of(caller(member).get(f"/api/evidence/{photo}/shown/"), 404)


def test_files_are_served_as_pictures_and_for_the_caller_alone(town, caller, send):
    photo = send(town.worker)
    for which in ("shown", "thumbnail"):
        path = f"/api/evidence/{photo}/{which}/"
        answer = caller(town.worker).get(path, HTTP_ACCEPT="image/webp")
        assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"]
        assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"
    problem_of(caller(town.worker).get(f"/api/evidence/{photo}/original/"), 404)


def test_a_lost_file_is_404(town, caller, send):
    photo = Evidence.objects.get(pk=send(town.worker))
    assert caller(town.worker).get(f"/api/evidence/{photo.pk}/shown/").status_code == 200
    default_storage.delete(photo.shown)
    problem_of(caller(town.worker).get(f"/api/evidence/{photo.pk}/shown/"), 404)


# --- the schema ---------------------------------------------------------------------------


def test_the_schema_is_made_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", tmp_path / "schema.yml")


def test_the_documentation_loads_nothing_from_elsewhere(town, client):
    page = client.get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "swagger-ui" in text and "//cdn" not in text and "https://" not in text
