"""The report form: what it needs, what it keeps, what it looks up, and one case for one report."""

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, Point
from django.test import Client
from django.urls import reverse

from grids.models import Component, Crossing, Road
from grids.querysets import places_matching
from incidents.models import Case, Evidence
from tests.cast import client_of, photo_of
from tests.incidents import play
from tests.incidents.conftest import media, phone_photo, upload

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
store = media
PLACE = {"longitude": "113.9005", "latitude": "30.9005"}


def send(member, **sent):
    return client_of(member).post(reverse("report_case"), {"key": "k1", **sent})


def test_a_worker_reports_with_photo_and_place(town):
    photo = photo_of(town.worker, town)
    answer = send(town.worker, category="E-01-13", evidence=[photo.pk], **PLACE)
    case = Case.objects.get()
    assert answer.url == reverse("report_sent", args=[case.number])
    assert (case.source, case.stage, case.reported_by) == ("patrol", "reported", town.worker)
    page = client_of(town.worker).get(answer.url).text
    assert case.number in page and "Next: an intake officer takes it in" in page
    assert "Report another" in page


def test_the_hotline_reports_with_who_told_it(town):
    answer = send(
        town.intake,
        source="hotline",
        description="a cover is gone",
        name="Wang",
        phone="13900001234",
        **PLACE,
    )
    assert answer.status_code == 302
    case = Case.objects.get()
    assert (case.source, case.reporter.name, case.reporter.phone) == (
        "hotline",
        "Wang",
        "13900001234",
    )


def test_two_clicks_make_one_case_and_another_body_says_so(town):
    first = send(town.intake, source="counter", category="E-01-13", **PLACE)
    assert send(town.intake, source="counter", category="E-01-13", **PLACE).url == first.url
    other = send(town.intake, source="counter", category="C-01-03", **PLACE)
    assert other.status_code == 409
    number = Case.objects.get().number
    assert number in other.text and 'value="C-01-03"' in other.text


def test_what_is_wrong_is_named_and_everything_is_kept(town):
    photo = photo_of(town.worker, town)
    answer = send(
        town.worker,
        evidence=[photo.pk],
        description="",
        longitude="here",
        latitude="",
        category="E-01-13",
    )
    assert answer.status_code == 422
    assert 'href="#part-place"' in answer.text and str(photo.pk) in answer.text
    assert 'value="E-01-13"' in answer.text and Case.objects.count() == 0
    empty = send(town.worker, **PLACE)
    for part in ("evidence", "category", "position"):
        assert f'href="#part-{part}"' in empty.text
    told = send(town.intake, source="hotline", phone="139", name="<b>Wang</b>", **PLACE)
    assert told.status_code == 422 and "&lt;b&gt;Wang" in told.text and 'value="139"' in told.text


@pytest.mark.parametrize("bad", ["\x00", "x" * 5000, "999999", "-1", "[]", "<script>"])
def test_no_field_breaks_the_form(town, bad):
    for name in ("category", "condition", "component", "source", "evidence", "longitude", "into"):
        answer = send(town.intake, **{**PLACE, "source": "hotline", name: bad})
        assert answer.status_code in (403, 404, 409, 422)
    for name in ("places", "here", "categories", "conditions", "similar"):
        asked = {"text": bad, "category": bad, "longitude": bad, "latitude": bad}
        answer = client_of(town.intake).get(reverse(name), asked)
        assert answer.status_code in (200, 204)


def test_a_photo_is_taken_in_at_once_and_again_makes_no_second(town):
    client = client_of(town.worker)
    sent = [
        client.post(reverse("upload"), {"file": upload(phone_photo()), "key": "p1"})
        for _again in range(2)
    ]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    assert sent[0].json()["position"] == pytest.approx([113.9005, 30.9005], abs=1e-4)
    bad = client.post(reverse("upload"), {"file": upload(b"no picture")})
    assert bad.status_code == 422 and "JPEG" in bad.json()["error"]
    assert Evidence.objects.count() == 1
    assert client_of(town.chief).post(reverse("upload")).status_code == 403


def test_handled_on_the_spot(town):
    before, after = photo_of(town.worker, town), photo_of(town.worker, town)
    sent = {
        "move": "self_handle",
        "category": "E-01-13",
        "description": "swept",
        "evidence": [before.pk],
        "after": [after.pk],
    }
    missing = send(town.worker, **sent, **PLACE)
    assert missing.status_code == 422 and 'href="#part-condition"' in missing.text
    answer = send(town.worker, **sent, condition="E-01-13-1", **PLACE)
    case = Case.objects.get()
    assert case.stage == "verified" and answer.status_code == 302
    page = client_of(town.worker).get(answer.url).text
    assert "approves closing" in page


def test_similar_cases_come_with_photo_distance_and_age(town):
    case = play.reported(town)
    asked = {"category": "E-01-13", **PLACE}
    page = client_of(town.worker).get(reverse("similar"), asked).text
    assert case.number in page and "0 m away" in page and "thumbnail" in page
    assert case.number not in client_of(town.far_worker).get(reverse("similar"), asked).text


def test_it_is_this_one_makes_no_second_case_for_a_worker(town):
    case = play.reported(town)
    answer = send(town.worker, into=case.number, category="E-01-13", **PLACE)
    assert answer.url == reverse("report_sent", args=[case.number])
    assert Case.objects.count() == 1
    assert send(town.far_worker, into=case.number, **PLACE).status_code == 404


def test_it_is_this_one_joins_a_call_to_the_earlier_case(town):
    case = play.reported(town)
    sent = {"source": "hotline", "category": "E-01-13", "name": "Wang", "into": case.number}
    answer = send(town.intake, **sent, **PLACE)
    joined = Case.objects.exclude(pk=case.pk).get()
    assert (joined.stage, joined.merged_into, joined.reporter.name) == ("merged", case, "Wang")
    assert case.number in client_of(town.intake).get(answer.url).text
    assert send(town.intake, **sent, **PLACE).url == answer.url


def test_categories_by_words_and_by_what_is_usual(town):
    client = client_of(town.worker)
    find = reverse("categories")
    for words in ("rubbish", "垃圾", "exposed rub", "E-01-13", "条件"):
        assert 'data-category="E-01-13"' in client.get(find, {"text": words}).text
    assert "E-01-13" not in client.get(find, {"text": "manhole"}).text
    play.reported(town)
    usual = client.get(find, PLACE).text
    assert "Usual here" in usual and "1 time in 90 days" in usual
    assert 'data-category="C-01-03"' in client.get(find, {"all": "1"}).text


def test_places_by_words(town):
    line = MultiLineString(LineString((113.9, 30.9), (113.904, 30.9)), srid=4326)
    Road.objects.create(city=town.city, name="人民路", kind="main", line=line)
    Crossing.objects.create(city=town.city, one="人民路", other="长征路", point=town.inside)
    Component.objects.create(
        city=town.city,
        code="4209020103000123",
        category_code="C-01-03",
        grid=town.grids[0],
        point=Point(113.9, 30.9, srid=4326),
    )

    def kinds(text):
        return [(row["kind"], row["name"]) for row in places_matching(town.city.pk, text)]

    assert kinds("建设街 人民路")[0] == ("crossing", "人民路 × 建设街")
    assert kinds("人民路与长征")[0] == ("crossing", "人民路 × 长征路")
    assert kinds("人民路")[0] == ("road", "人民路")
    assert kinds("北外")[0] == ("community", "北外社区")
    assert kinds("4209020103000123") == [("component", "4209020103000123")]
    assert kinds("001002")[0][0] == "grid"
    assert kinds("") == kinds("nowhere") == []
    page = client_of(town.intake).get(reverse("places"), {"text": "000123"}).text
    assert 'data-category="C-01-03"' in page


def test_a_point_in_words(town):
    page = client_of(town.worker).get(reverse("here"), PLACE).text
    assert town.grids[0].code in page and "书院社区" in page
    outside = {"longitude": "100", "latitude": "20"}
    assert "Outside every grid" in client_of(town.worker).get(reverse("here"), outside).text


def test_who_may_not_report_sees_no_form(town):
    assert client_of(town.chief).get(reverse("report_case")).status_code == 403
    assert Client().get(reverse("report_case")).status_code == 302
    assert "report" in Client().get(reverse("report_case")).url


@pytest.mark.parametrize("who", ["worker", "intake"])
def test_every_page_takes_few_queries(town, who, django_assert_max_num_queries):
    play.reported(town)
    client = client_of(getattr(town, who))
    asked = {"text": "垃圾", "category": "E-01-13", **PLACE}
    for name in ("report_case", "places", "here", "categories", "conditions", "similar"):
        client.get(reverse(name), asked)
        with django_assert_max_num_queries(MOST_QUERIES):
            client.get(reverse(name), asked)
