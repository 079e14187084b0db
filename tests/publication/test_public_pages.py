"""The pages and files of the bulletin: anybody may read them, caches may keep them, nobody is named
in them, and nobody may ask without end."""

import csv
import io
import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.models import Area
from incidents import workflow
from incidents.models import Case
from lib import now
from publication import publishing
from publication.editions import index_of
from publication.models import Bulletin
from tests import cast
from tests.cast import MORNING
from tests.publication.conftest import MONDAY, full_day, write

pytestmark = pytest.mark.django_db
DAYS = 9
PAGES = ("", "2026-03-08/", "archive/", "archive/2026-03/", "data/")


@pytest.fixture
def told(counted):
    """Nine days of bulletins, a whole week and a correction among them."""
    cache.clear()
    for number in range(DAYS):
        full_day(counted, MONDAY + timedelta(days=number))
    with now.at(MORNING + timedelta(days=DAYS - 2)):
        publishing.publish_due(counted.city)
    for kind, subject in (("city", counted.city), ("street", counted.street)):
        write(counted.city, MONDAY, kind, subject, filed=41)
    now.set_to(MORNING + timedelta(days=DAYS - 1))
    publishing.publish_due(counted.city)
    return counted


def paths():
    numbers = Bulletin.objects.values_list("number", flat=True)
    files = [f"{number}.{kind}" for number in numbers for kind in ("json", "csv")]
    pages = [f"{language}{page}" for language in ("", "en/") for page in PAGES]
    days = [f"{MONDAY + timedelta(days=n)}/" for n in range(DAYS)]
    return [f"/public/{each}" for each in (*pages, *days, "index.json", *files)]


def test_everybody_reads_everything_without_a_cookie(told):
    client = Client()
    for path in paths():
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert not answer.cookies and "Cookie" not in answer.headers.get("Vary", ""), path


def test_the_page_says_what_the_entry_says_in_both_languages(told):
    english = Client().get("/public/2026-03-09/").content.decode()
    assert 'lang="zh-Hans"' in english
    english = Client().get("/public/en/2026-03-09/").content.decode()
    assert 'lang="en"' in english and "Mon 9 Mar 2026" in english
    assert "<b>37</b> reports were taken in" in english and "87.18" in english
    chinese = Client().get("/public/2026-03-09/").content.decode()
    assert "2026年3月9日 星期一" in chinese


def test_members_come_to_it_in_the_language_that_they_read(told):
    for language, path in (("en", "/public/en/"), ("zh-hans", "/public/")):
        answer = Client(headers={"Accept-Language": language}).get("/bulletin/")
        assert answer.headers["Location"] == path


def test_a_day_is_shown_as_it_was_corrected_last_and_says_so(told):
    page = Client().get(f"/public/en/{MONDAY}/").content.decode()
    assert "No. 9 corrects No. 1" in page and "Filed: 35 → 41" in page


@pytest.mark.parametrize("path", ["2020-01-01/", "2026-99-99/", "archive/2020-01/", "99.json"])
def test_what_was_not_published_is_missing_and_sets_no_cookie(told, path):
    answer = Client().get(f"/public/{path}")
    assert answer.status_code == 404 and not answer.cookies


def test_before_the_first_bulletin_the_page_says_when_it_comes(counted):
    cache.clear()
    for path in ("", "archive/"):
        with now.at(MORNING - timedelta(hours=2)):
            said = Client().get(f"/public/en/{path}").content.decode()
        assert "still to come" in said
        assert "It is published on Tue 3 Mar 2026 at 08:00." in said


def test_where_no_city_publishes_the_pages_of_the_bar_say_so_and_the_rest_is_missing(town):
    cache.clear()
    for path in ("", "archive/", "data/"):
        answer = Client().get(f"/public/en/{path}")
        assert answer.status_code == 200 and "still to come" in answer.content.decode()
    for path in ("?city=nowhere", "archive/2026-03/", "2026-03-08/"):
        answer = Client().get(f"/public/en/{path}")
        assert answer.status_code == 404
        assert "The newest bulletin" not in answer.content.decode()


def test_pages_and_files_are_kept_by_caches(told):
    client = Client()
    answer = client.get("/public/")
    assert answer.headers["Cache-Control"] == "public, max-age=120"
    again = client.get("/public/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert "immutable" in client.get("/public/1.json").headers["Cache-Control"]


def test_an_address_that_asks_too_much_is_told_when_to_come_back(told, settings):
    settings.PUBLIC_RATE = "3/min"
    client = Client()
    assert [client.get("/public/").status_code for _each in range(5)] == [200] * 3 + [429] * 2
    answer = client.get("/public/index.json")
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 60
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client(REMOTE_ADDR="10.0.0.9").get("/public/").status_code == 200


def test_the_files_hold_the_entry_to_the_byte_and_as_a_table(told):
    entry = Bulletin.objects.get(number=7)
    client = Client()
    assert client.get("/public/7.json").content.decode() == entry.body
    text = client.get("/public/7.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["table"] for row in rows} == {"total", "streets", "units", "communities"}
    assert rows[0]["intake"] == "37" and rows[0]["name_zh"] == "试城"


def test_the_index_goes_on_page_by_page(told):
    pages, after = [], 0
    while after is not None:
        entries, after = index_of(told.city, after, most=4)
        pages.append([row["number"] for row in entries])
    assert pages == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    rest = Client().get("/public/index.json", {"after": 8}).json()
    assert [row["number"] for row in rest["entries"]] == [9, 10] and rest["next"] is None


@pytest.mark.parametrize("path", ["", "archive/", "data/", "index.json", "1.json"])
def test_a_page_costs_few_queries(told, path):
    with CaptureQueriesContext(connection) as asked:
        Client().get(f"/public/{path}")
    assert len(asked) <= 12


# --- what must never stand there -----------------------------------------------------------------


def test_nothing_published_names_a_person_a_case_or_a_place(told):
    """Everything that anybody can fetch, against every word of every person, case and photo."""
    with now.at(MORNING):
        case = workflow.report(
            told.intake,
            city=told.city,
            point=told.inside,
            source="hotline",
            category="E-01-13",
            place="人民路与建设街交叉口东北侧 30 米",
            words="门前有一堆垃圾，请找王小明",
            reporter_name="王小明",
            reporter_phone="13812345678",
        )
    members = get_user_model().objects.exclude(username__in=["system", "public"])
    words = {m.username for m in members} | {m.phone for m in members if m.phone}
    words |= {"王小明", "13812345678", case.number, "人民路", "建设街", "垃圾"}
    words |= set(Case.objects.values_list("number", flat=True))
    words |= set(Area.objects.filter(level="grid").values_list("code", flat=True))
    words |= {duty.code for duty in told.duty_grids} | {duty.name for duty in told.duty_grids}
    for path in paths():
        text = Client().get(path).content.decode()
        assert [word for word in words if word in text] == [], path
        assert not re.search(r"\b1[3-9]\d{9}\b|\b\d{17}[\dXx]\b", text), path


ROW = {"due", "closed", "on_time", "late", "overdue"}
KEYS = {
    "body": {"format", "city", "number", "previous", "day", "published_at", "least", "corrects"}
    | {"changes", "total", "streets", "units", "week"},
    "total": ROW
    | {"intake", "filed", "patrol"}
    | {"maintained", "supervised", "managed", "enforced", "evaluated"},
    "streets": ROW | {"intake", "filed", "code", "name"},
    "units": ROW | {"dispatched", "code", "zh", "en"},
    "communities": ROW | {"intake", "filed", "code", "name", "street"},
}


def test_a_body_has_these_fields_and_no_others(told):
    for text in Bulletin.objects.values_list("body", flat=True):
        body = json.loads(text)
        assert set(body) == KEYS["body"]
        assert set(body["total"]) == KEYS["total"]
        tables = {"streets": body["streets"], "units": body["units"]}
        if body["week"]:
            tables["communities"] = body["week"]["communities"]
        for name, rows in tables.items():
            assert all(set(row) == KEYS[name] for row in rows), name
            counts = [v for row in rows for v in row.values() if isinstance(v, int)]
            assert all(count >= 3 for count in counts)


def test_another_city_is_told_of_by_its_own_name_alone(told):
    other = cast.make_city("XX", lon=114.9)
    publishing.open_schedule(other.city, MONDAY)
    assert "XX" not in Client().get("/public/index.json").content.decode()
    answer = Client().get("/public/index.json", {"city": other.city.slug}).json()
    assert (answer["city"], answer["entries"]) == (other.city.slug, [])


# --- the verifier --------------------------------------------------------------------------------


def verify(live_server):
    script = project.BASE_DIR / "docs" / "verify_bulletins.py"
    return subprocess.run(
        [sys.executable, str(script), f"{live_server.url}/public/"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_member_comes_to_the_bulletin_of_their_own_city(counted):
    other = cast.make_city(prefix="OC", lon=115.0)
    publishing.open_schedule(counted.city, MONDAY)
    publishing.open_schedule(other.city, MONDAY)
    assert cast.client_of(counted.leader).get("/bulletin/").url == "/public/en/"
    assert cast.client_of(other.leader).get("/bulletin/").url == "/public/en/?city=oc"
    assert Client(headers={"Accept-Language": "zh-hans"}).get("/bulletin/").url == "/public/"


def test_the_verifier_is_short_and_uses_pythons_own_library_alone():
    text = (project.BASE_DIR / "docs" / "verify_bulletins.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 100
    used = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert used <= sys.stdlib_module_names
    assert Client().get("/public/verify_bulletins.py").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_verifier_finds_the_chain_whole_and_one_changed_letter(live_server, told):
    ran = verify(live_server)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{Bulletin.objects.count()} entries, 0 faults" in ran.stdout
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE publication_bulletin DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE publication_bulletin SET body = replace(body, '\"filed\":35', '\"filed\":36')"
            " WHERE number = 3"
        )
        cursor.execute("ALTER TABLE publication_bulletin ENABLE TRIGGER USER")
    ran = verify(live_server)
    assert ran.returncode == 1 and "3 (2026-03-04): its hash is not the one" in ran.stdout
