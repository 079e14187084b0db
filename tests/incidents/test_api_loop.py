"""A case goes round the loop over HTTP alone, the way any client would do it."""

import pytest

from grids.models import Post
from incidents.models import Case
from staff.models import Member
from tests.cast import BEGAN
from tests.incidents.conftest import phone_photo, scene, upload


def send(client, seed=1):
    answer = client.post("/api/evidence/", {"file": upload(phone_photo(scene(seed=seed)))})
    assert answer.status_code == 201, answer.data
    return answer.json()["id"]


def go(client, number, move, **facts):
    answer = client.post(f"/api/cases/{number}/moves/", {"move": move, **facts}, format="json")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


@pytest.fixture
def report(town, caller):
    worker = caller(town.worker)
    answer = worker.post(
        "/api/cases/",
        {
            "longitude": 113.9005,
            "latitude": 30.9005,
            "category": "E-01-13",
            "description": "垃圾成堆",
            "evidence": [send(worker)],
        },
        format="json",
    )
    assert answer.status_code == 201, answer.data
    return answer.json()


def test_a_case_goes_round_the_loop_over_http(town, caller, report):
    number, worker, handler = report["number"], caller(town.worker), caller(town.handler)
    go(caller(town.intake), number, "accept", category="E-01-13")
    go(caller(town.chief), number, "file", condition="E-01-13-1")
    go(caller(town.dispatcher), number, "dispatch", unit="WATER", assisting=["GARDENS"])
    go(handler, number, "handle", result="cleaned", evidence=[send(handler, 2)])
    go(worker, number, "verify", evidence=[send(worker, 3)])
    case = go(caller(town.supervisor), number, "close")
    assert (case["stage"], case["version"], case["light"]) == ("closed", 7, "none")
    steps = caller(town.chief).get(f"/api/cases/{number}/steps/").json()
    assert [s["move"] for s in steps] == [
        "report",
        "accept",
        "file",
        "dispatch",
        "handle",
        "verify",
        "close",
    ]
    assert [len(s["evidence"]) for s in steps] == [1, 0, 0, 0, 1, 1, 0]
    clocks = caller(town.chief).get(f"/api/cases/{number}/clocks/").json()
    assert {c["verdict"] for c in clocks} == {"on_time"}
    assert all(c["ledger"] for c in clocks)
    photos = caller(town.chief).get(f"/api/cases/{number}/evidence/").json()
    assert [p["seconds_before_step"] for p in photos] == [300, 300, 300]
    assert all(p["distance_m"] < 1 for p in photos)


def test_a_case_goes_round_the_loop_as_the_webs_own_role(town, as_web, caller, report):
    """What the web does in production it does as a role that owns no table: every grant that a
    whole round needs is there."""
    as_web.execute("SELECT current_user")
    assert as_web.fetchone() == ("gridcity_web",)
    number, worker, handler = report["number"], caller(town.worker), caller(town.handler)
    go(caller(town.intake), number, "ask_confirm")
    go(worker, number, "confirm", found=True, evidence=[send(worker, 40)])
    go(caller(town.intake), number, "accept", category="C-01-03")
    go(caller(town.chief), number, "file", condition="C-01-03-2")
    go(caller(town.dispatcher), number, "dispatch", unit="GARDENS")
    go(caller(town.gardener), number, "ask_return", reason="not ours")
    go(caller(town.dispatcher), number, "grant")
    go(caller(town.dispatcher), number, "dispatch", unit="WATER", assisting=["GARDENS"])
    go(handler, number, "handle", result="mended", evidence=[send(handler, 12)])
    go(worker, number, "rework", reason="loose", evidence=[send(worker, 60)])
    go(handler, number, "handle", result="mended again", evidence=[send(handler, 80)])
    go(worker, number, "verify", evidence=[send(worker, 99)])
    go(caller(town.supervisor), number, "close")
    # What a commit would check.
    as_web.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    for part in ("", "moves/", "steps/", "clocks/", "evidence/"):
        assert caller(town.chief).get(f"/api/cases/{number}/{part}").status_code == 200
    reopened = go(worker, number, "reopen", reason="broken again")
    assert (reopened["stage"], reopened["round"]) == ("filed", 2)


@pytest.mark.parametrize(
    ("role", "source"), [("building_head", "patrol"), ("worker", "patrol"), ("intake", "hotline")]
)
def test_a_report_that_names_no_source_has_the_one_of_its_reporters_post(
    town, caller, role, source
):
    member = Member.objects.create(username="tc_new", name="new")
    Post.objects.create(
        member=member, role=role, city=town.city, duty_grid=town.duty_grid, valid_from=BEGAN
    )
    client = caller(member)
    place = {"longitude": 113.9005, "latitude": 30.9005, "category": "E-01-13"}
    answer = client.post("/api/cases/", place | {"evidence": [send(client)]}, format="json")
    assert answer.status_code == 201, answer.data
    assert Case.objects.get(number=answer.json()["number"]).source == source
