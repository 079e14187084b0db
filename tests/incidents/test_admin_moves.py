"""The moves of a case are made from its page in the administration, through the one door."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from incidents import workflow
from incidents.models import Case, Evidence
from tests import cast
from tests.cast import client_of

pytestmark = pytest.mark.django_db


def page_of(case):
    return reverse("admin:incidents_case_change", args=[case.pk])


def make(member, case, name, **facts):
    """The answer to a move sent as the page's form sends it."""
    sent = {"move": name, "version": Case.objects.get(pk=case.pk).version} | facts
    address = reverse("admin:incidents_case_move", args=[case.pk, name])
    return client_of(member).post(address, sent)


def picture():
    file = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(file, "JPEG")
    return SimpleUploadedFile("photo.jpg", file.getvalue(), "image/jpeg")


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    stores = {**settings.STORAGES}
    stores["default"] = {**stores["default"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = stores


@pytest.fixture
def case(town):
    return workflow.report(
        town.intake, city=town.city, point=town.inside, category="E-01-13", source="hotline"
    )


def stage_of(case):
    return Case.objects.get(pk=case.pk).stage


def test_the_page_offers_exactly_the_moves_of_the_member(town, case):
    text = client_of(town.intake).get(page_of(case)).text
    for offer in workflow.moves(case, town.intake):
        assert reverse("admin:incidents_case_move", args=[case.pk, offer.move]) in text
    assert "/move/" not in client_of(town.assessor).get(page_of(case)).text


def test_a_case_goes_once_round_the_loop_by_these_forms(town, case):
    position = f"{town.inside.x}, {town.inside.y}"
    for member, name, facts in [
        (town.intake, "accept", {"category": "E-01-13"}),
        (town.chief, "file", {"condition": "E-01-13-2"}),
        (town.dispatcher, "dispatch", {"unit": town.water.code, "note": "today please"}),
        (town.handler, "handle", {"result": "swept", "photo": picture()}),
        (town.worker, "verify", {"photo": picture(), "position": position}),
        (town.supervisor, "close", {}),
    ]:
        answer = make(member, case, name, **facts)
        assert answer.status_code == 302, (name, answer.text)
    assert stage_of(case) == "closed"
    assert Evidence.objects.filter(case=case).count() == 2
    text = client_of(town.dispatcher).get(page_of(case)).text
    assert "swept" in text and "today please" in text and "Handle" in text


def test_what_is_missing_is_said_beside_its_field(town, case):
    answer = make(town.intake, case, "dismiss")
    assert answer.status_code == 200
    assert "reason" in answer.context["form"].errors
    assert stage_of(case) == "reported"


def test_what_the_loop_refuses_is_said_beside_its_field(town, case):
    answer = make(town.intake, case, "merge", into="TC-NONE")
    assert "into" in answer.context["form"].errors


def test_a_file_that_is_no_picture_is_refused_beside_the_photos(town, case):
    make(town.intake, case, "accept", category="E-01-13")
    make(town.chief, case, "file", condition="E-01-13-2")
    make(town.dispatcher, case, "dispatch", unit=town.water.code)
    text = SimpleUploadedFile("photo.jpg", b"not a picture", "image/jpeg")
    answer = make(town.handler, case, "handle", result="swept", photo=text)
    assert "photo" in answer.context["form"].errors
    assert "swept" in answer.text
    assert stage_of(case) == "dispatched"


def test_a_lost_race_says_who_won_and_keeps_my_words(town, case):
    seen = case.version
    make(town.intake, case, "accept", category="E-01-13")
    answer = make(town.chief, case, "dismiss", reason="my own words", version=seen)
    assert stage_of(case) == "accepted"
    assert "my own words" in answer.text
    assert str(town.intake) in answer.text and "Accept" in answer.text


def test_a_move_of_another_role_is_not_made(town, case):
    answer = make(town.assessor, case, "accept", category="E-01-13")
    assert answer.status_code == 200 and answer.context["form"].errors
    assert stage_of(case) == "reported"


def test_a_stranger_finds_no_case_to_move(town, case):
    elsewhere = cast.make_city(prefix="OC", lon=115.0)
    assert make(elsewhere.intake, case, "dismiss", reason="x").status_code == 404


def test_a_unit_that_a_case_has_left_reads_no_later_step(town, case):
    make(town.intake, case, "accept", category="E-01-13")
    make(town.chief, case, "file", condition="E-01-13-2")
    make(town.dispatcher, case, "dispatch", unit=town.water.code)
    make(town.handler, case, "ask_return", reason="not ours")
    make(town.dispatcher, case, "grant")
    make(town.dispatcher, case, "dispatch", unit=town.gardens.code)
    make(town.gardener, case, "handle", result="swept by the gardens", photo=picture())
    answer = client_of(town.handler).get(page_of(case))
    assert answer.status_code == 200
    assert "not ours" in answer.text
    assert "swept by the gardens" not in answer.text and "/move/" not in answer.text
    assert "swept by the gardens" in client_of(town.gardener).get(page_of(case)).text
