"""Months and quarters as papers and workbooks: asked for, made in the background, kept."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from assessment.models import DayCount, Progress
from assessment.periods import Period
from assessment.publishing import publish
from lib import now
from publication import binding
from publication.contents import contents_of
from publication.models import Digest
from publication.paper import laid_out, text_of
from publication.tasks import make_digest, make_forgotten_digests
from publication.workbook import workbook_of
from tests.cast import MORNING, client_of, make_city
from tests.publication.conftest import MONDAY, full_day

pytestmark = pytest.mark.django_db
ROLES = (
    "worker",
    "intake",
    "chief",
    "dispatcher",
    "handler",
    "supervisor",
    "leader",
    "street_leader",
    "assessor",
    "sysadmin",
    "secadmin",
    "auditor",
)
OPENS = {"leader", "street_leader", "assessor"}


@pytest.fixture
def month(counted, settings, tmp_path):
    """March of the small city, looked at in April."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    for number in range(30):
        full_day(counted, MONDAY + timedelta(days=number), one=20 + number % 7)
    Progress.objects.update(day=MONDAY + timedelta(days=40))
    now.set_to(MORNING + timedelta(days=35))
    return counted


def ask(town, period="2026-03", language="en", by=None):
    """(a digest that was asked for, whether it is new)."""
    period = Period.read(period, town.city.time_zone)
    return binding.ask(town.city, period=period, language=language, by=by or town.assessor)


def made(town, period="2026-03", language="en"):
    asked, _new = ask(town, period, language)
    make_digest(asked.pk)
    asked.refresh_from_db()
    return asked


def kept(town, language="en"):
    """A digest that is done, as far as pages are concerned."""
    digest, _new = ask(town, language=language)
    digest.paper.save("a.pdf", ContentFile(b"%PDF-"), save=False)
    digest.workbook.save("a.xlsx", ContentFile(b"PK"), save=False)
    digest.state, digest.done_at = "done", now.now()
    digest.save()
    return digest


def book_of(town):
    """The workbook of March in English."""
    with translation.override("en"):
        period = Period.read("2026-03", town.city.time_zone)
        return load_workbook(io.BytesIO(workbook_of(contents_of(town.city, period))))


def keep_a_copy(digest):
    """For whoever wants to look at what the tests made."""
    if folder := os.environ.get("GRIDCITY_KEEP_DIGESTS"):
        for file in (digest.paper, digest.workbook):
            file.seek(0)
            (Path(folder) / Path(file.name).name).write_bytes(file.read())


@pytest.mark.parametrize(("period", "language"), [("2026-03", "zh-hans"), ("2026-Q1", "en")])
def test_a_period_is_made_into_a_paper_and_a_workbook(month, period, language):
    digest = made(month, period, language)
    assert (digest.state, digest.share, digest.version) == ("done", 100, 1)
    assert digest.paper.read(5) == b"%PDF-" and digest.pages >= 3
    assert len(digest.paper_sha256) == len(digest.workbook_sha256) == 64
    keep_a_copy(digest)


def test_the_workbook_holds_the_figures_as_numbers(month):
    book = book_of(month)
    sheets = ["Whole city", "Street offices", "Units", "Communities", "Days", "Notes"]
    assert book.sheetnames == sheets
    filed = DayCount.objects.filter(kind="city", code="R_INST", day__month=3)
    rows = {row[0]: row[1] for row in book["Whole city"].iter_rows(values_only=True)}
    assert sum(filed.values_list("amount", flat=True)) in rows.values()
    assert book["Days"].max_row == 1 + 31


@pytest.mark.parametrize(
    ("language", "centre"), [("zh-hans", "监督中心"), ("en", "Supervision centre")]
)
def test_the_citys_own_centre_signs_it_or_the_city_itself(month, language, centre):
    digest, _new = ask(month, language=language)
    period = Period.read("2026-03", month.city.time_zone)
    with translation.override(language):
        text = text_of(contents_of(month.city, period), digest)
        assert text.count(centre) >= 2 and "城市管理监督中心" not in text
        month.centre.is_active = False
        month.centre.save()
        assert contents_of(month.city, period).office == str(month.city)


def test_a_frozen_period_names_what_froze_it(month):
    period = Period.read("2026-03", month.city.time_zone)
    frozen = publish(month.city, "street", period)
    book = book_of(month)
    notes = {row[0]: row for row in book["Notes"].iter_rows(values_only=True)}
    assert notes["Street offices"][1:4:2] == ("frozen", frozen.input_hash)
    assert notes["Units"][1] == "running, not frozen"


def test_made_again_it_is_a_new_version_beside_the_old(month):
    first, second = kept(month), kept(month)
    assert (first.version, second.version) == (1, 2) and first.paper.name != second.paper.name


def test_a_period_that_runs_or_was_never_counted_can_be_made_too(month):
    assert made(month, "2025-06").pages == 1
    assert made(month, "2026-04").pages >= 1


def test_who_asks_twice_gets_the_one_that_is_underway(month):
    first, is_new = ask(month)
    again, is_new_again = ask(month, by=month.leader)
    assert (again, is_new, is_new_again) == (first, True, False)


def test_one_that_was_forgotten_is_made_later(month):
    asked, _new = ask(month)
    make_forgotten_digests()
    asked.refresh_from_db()
    assert asked.state == "waiting"
    now.set_to(now.now() + timedelta(minutes=11))
    make_forgotten_digests()
    asked.refresh_from_db()
    assert asked.state == "done"


def test_one_that_is_done_stays_as_it_is(month):
    digest = kept(month)
    make_digest(digest.pk)
    digest.refresh_from_db()
    assert digest.paper_sha256 == ""
    for change in (
        lambda: Digest.objects.update(share=3),
        lambda: Digest.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("address", ["file:///etc/hostname", "data:image/gif;base64,R0lGODlhAQ"])
def test_a_paper_fetches_nothing(address, caplog):
    _content, pages = laid_out(f'<link rel="stylesheet" href="{address}">')
    assert pages == 1 and "Failed to load stylesheet" in caplog.text


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_ask_and_fetch(month, role):
    digest = kept(month)
    client = client_of(getattr(month, role))
    expected = 200 if role in OPENS else 403
    assert client.get(reverse("digests")).status_code == expected
    assert client.get(reverse("digest_row", args=[digest.pk])).status_code == expected
    for form in ("pdf", "xlsx"):
        assert client.get(reverse("digest_file", args=[digest.pk, form])).status_code == expected
    answer = client.post(reverse("digest_ask"), {"period": "2025-05", "language": "en"})
    assert answer.status_code == (302 if role in OPENS else 403)


def test_nobody_else_gets_in(month):
    assert Client().get(reverse("digests")).status_code in (302, 401, 403)


def test_another_city_has_its_own(month):
    digest = kept(month)
    from_elsewhere = client_of(make_city("XX", lon=114.9).assessor)
    assert from_elsewhere.get(reverse("digest_row", args=[digest.pk])).status_code == 404
    assert from_elsewhere.get(reverse("digest_file", args=[digest.pk, "pdf"])).status_code == 404


def test_the_page_shows_versions_newest_first_at_few_queries(month):
    for _each in range(3):
        kept(month)
    client = client_of(month.leader)
    client.get(reverse("digests"))
    with CaptureQueriesContext(connection) as asked:
        text = client.get(reverse("digests")).content.decode()
    assert len(asked) <= 12
    assert text.index(">3<") < text.index(">2<") < text.index(">1<")


def test_a_line_asks_again_while_it_is_made_and_then_no_more(month):
    asked, _new = ask(month)
    client = client_of(month.assessor)
    row = reverse("digest_row", args=[asked.pk])
    assert "hx-get" in client.get(row).content.decode()
    Digest.objects.update(state="done")
    assert "hx-get" not in client.get(row).content.decode()


def test_a_choice_that_is_none_is_refused(month):
    client = client_of(month.assessor)
    client.post(reverse("digest_ask"), {"period": "1999-01", "language": "fr"})
    assert not Digest.objects.exists()
