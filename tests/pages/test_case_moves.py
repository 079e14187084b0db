"""Moves from the page of a case: the form shows what is permitted, keeps what was typed, and says
who was first."""

import io

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from incidents import workflow
from incidents.models import Case, Evidence
from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def move(member, case, name, *, htmx=False, **facts):
    sent = {"move": name, "version": Case.objects.get(pk=case.pk).version} | facts
    address = reverse("case_move", args=[case.number])
    return client_of(member).post(address, sent, headers=HTMX if htmx else {})


def form_of(member, case, name=""):
    address = reverse("case_move", args=[case.number]) + (f"?move={name}" if name else "")
    return client_of(member).get(address, headers=HTMX)


def stage_of(case):
    return Case.objects.get(pk=case.pk).stage


def picture():
    file = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(file, "JPEG")
    return SimpleUploadedFile("photo.jpg", file.getvalue(), "image/jpeg")


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    stores = {**settings.STORAGES}
    stores["default"] = {**stores["default"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = stores


def test_exactly_the_permitted_moves_are_offered(town):
    case = play.filed(town)
    for who in (town.dispatcher, town.chief, town.assessor, town.intake):
        shown = form_of(who, case).text
        for name in workflow.LABELS:
            offered = name in [offer.move for offer in workflow.moves(case, who)]
            several = f'data-move="{name}"' in shown
            alone = f'name="move" value="{name}"' in shown
            assert (several or alone) == offered, (who, name)


def test_the_matrix_suggests_the_unit(town):
    case = play.filed(town)
    assert f'value="{town.street_office.code}" selected' in form_of(town.dispatcher, case).text


def test_a_case_goes_once_round_the_loop_by_these_forms(town):
    case = play.reported(town)
    position = f"{town.inside.x}, {town.inside.y}"
    for member, name, facts in [
        (town.intake, "accept", {"category": "E-01-13"}),
        (town.chief, "file", {"condition": "E-01-13-1"}),
        (town.dispatcher, "dispatch", {"unit": town.water.code}),
        (town.handler, "handle", {"result": "swept", "photo": picture()}),
        (town.worker, "verify", {"photo": picture(), "position": position}),
        (town.supervisor, "close", {}),
    ]:
        answer = move(member, case, name, **facts)
        assert answer.status_code == 302, (name, answer.text)
    assert stage_of(case) == "closed"


def test_htmx_is_sent_to_the_case(town):
    case = play.reported(town)
    answer = move(town.intake, case, "accept", htmx=True, category="E-01-13")
    assert answer["HX-Redirect"] == reverse("case", args=[case.number])


def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(town):
    case = play.filed(town)
    answer = move(town.dispatcher, case, "dispatch", htmx=True, note="my words", unit="")
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text and "id_dispatch_unit_error" in answer.text
    assert "my words" in answer.text and stage_of(case) == "filed"


def test_a_whole_page_says_the_same_with_its_status(town):
    case = play.filed(town)
    answer = move(town.dispatcher, case, "dispatch", note="my words", unit="")
    assert answer.status_code == 422 and "my words" in answer.text


def test_a_fresh_form_speaks_of_no_photo_kept(town):
    case = play.dispatched(town, town.slow)
    fresh = client_of(town.handler).get(f"/cases/{case.number}/").text
    assert 'name="photo"' in fresh and "kept from before" not in fresh
    again = move(town.handler, case, "handle", result="", photo=picture())
    assert "1 photo is kept from before." in again.text


def test_photos_are_kept_when_something_else_is_wrong(town):
    case = play.dispatched(town)
    answer = move(town.handler, case, "handle", htmx=True, result="", photo=picture())
    kept = Evidence.objects.get(uploaded_by=town.handler, case=None)
    assert f'name="kept" value="{kept.pk}"' in answer.text
    assert (
        move(town.handler, case, "handle", result="swept", kept=[str(kept.pk)]).status_code == 302
    )
    kept.refresh_from_db()
    assert kept.case_id == case.pk and stage_of(case) == "handled"


def test_nobody_names_the_photo_of_another(town):
    case = play.dispatched(town)
    theirs = cast_photo(town.worker, town)
    answer = move(town.handler, case, "handle", htmx=True, result="x", kept=[str(theirs.pk)])
    assert "There is no such photo" in answer.text and stage_of(case) == "dispatched"


def cast_photo(member, town):
    return Evidence.objects.create(
        city=town.city,
        uploaded_by=member,
        uploaded_at=town.city.calendar.current().created_at,
        sha256="1" * 64,
        original="o",
        shown="s",
        thumbnail="t",
        width=1,
        height=1,
        size=1,
        media_type="image/jpeg",
    )


def test_a_file_that_is_no_picture_is_refused_beside_the_photos(town):
    case = play.dispatched(town)
    text = SimpleUploadedFile("photo.jpg", b"not a picture", "image/jpeg")
    answer = move(town.handler, case, "handle", htmx=True, result="swept", photo=text)
    assert "id_handle_photo_error" in answer.text and "swept" in answer.text


def test_a_lost_race_says_who_won_and_keeps_my_words(town):
    case = play.filed(town)
    seen = case.version
    workflow.move(case, "dispatch", town.second_dispatcher, unit=town.water.code)
    facts = {"unit": town.gardens.code, "note": "my own words", "version": seen}
    answer = move(town.dispatcher, case, "dispatch", **facts)
    assert answer.status_code == 409
    assert str(town.second_dispatcher) in answer.text and "my own words" in answer.text
    assert "is not open to you any more" in answer.text
    assert Case.objects.get(pk=case.pk).unit == town.water


def test_who_lost_a_race_over_an_open_move_may_look_and_send_again(town):
    case = play.filed(town)
    seen = case.version
    workflow.move(case, "supervise", town.leader, words="hurry", due="2026-03-04T09:00:00Z")
    facts = {"unit": town.gardens.code, "note": "mine", "version": seen}
    answer = move(town.dispatcher, case, "dispatch", htmx=True, **facts)
    assert str(town.leader) in answer.text and "mine" in answer.text
    assert f'name="version" value="{seen + 1}"' in answer.text


def test_a_move_of_another_role_is_not_made(town):
    case = play.filed(town)
    assert move(town.assessor, case, "dispatch", unit=town.water.code).status_code in (403, 422)
    assert stage_of(case) == "filed"


def test_a_session_that_ended_comes_back_to_the_form(town):
    case = play.filed(town)
    address = reverse("case_move", args=[case.number])
    answer = Client().post(address, {"move": "dispatch", "version": 1})
    assert answer.status_code == 302
    assert f"next={address}%3Fmove%3Ddispatch" in answer["Location"]
    assert Client().post(address, {"move": "dispatch"}, headers=HTMX).status_code == 401


def test_a_form_is_small_and_takes_few_queries(town, django_assert_max_num_queries):
    case = play.filed(town)
    client = client_of(town.dispatcher)
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("case_move", args=[case.number]), headers=HTMX)
    assert len(answer.content) < 30_000


def test_only_a_place_on_a_border_may_be_filed_in_another_grid(town):
    case = play.accepted(town)
    assert 'name="grid"' not in form_of(town.chief, case, "file").text
    edge = Point(town.lon + 0.001, town.lat + 0.0005, srid=4326)
    report = workflow.report(
        town.intake, city=town.city, point=edge, source="hotline", category="E-01-13"
    )
    case = workflow.move(report, "accept", town.intake, category="E-01-13")
    shown = form_of(town.chief, case, "file").text
    assert case.on_border and all(f'value="{code}"' in shown for code in case.on_border)
    assert town.grids[3].code not in shown
