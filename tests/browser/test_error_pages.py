"""What a person reads when something is not there, not allowed, too old or broken."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Not found"), ("zh-hans", "未找到")], ids=["en", "zh"]
)
def test_a_page_that_is_not_there_says_so_in_both_languages(client, language, heading):
    answer = client.get("/nothing-here", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert answer.text.count("<h1>") == 1
    assert f'lang="{language}"' in answer.text
    assert heading in answer.text


def test_a_form_without_its_token_is_refused_and_says_what_to_do():
    answer = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"}).post("/enter/")
    assert answer.status_code == 403
    assert "load the page again" in answer.text


def test_the_page_for_faults_of_ours_needs_nothing_that_may_be_broken():
    text = render_to_string("500.html")
    assert "出错了" in text and "Something went wrong" in text


def test_the_page_for_what_is_not_allowed_leads_back():
    assert 'href="/"' in render_to_string("403.html", request=None)


def test_a_fault_has_a_number_that_stands_in_the_log(town, settings, tmp_path, caplog):
    broken = tmp_path / "incidents" / "cases.html"
    broken.parent.mkdir()
    broken.write_text("{% no_such_tag %}")
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [templates | {"DIRS": [tmp_path, *templates["DIRS"]]}]
    client = Client(raise_request_exception=False)
    client.force_login(town.dispatcher)
    answer = client.get("/cases/")
    assert answer.status_code == 500
    number = answer["X-Fault"]
    assert f"<b>{number}</b>" in answer.text
    told = next(record for record in caplog.records if number in record.getMessage())
    assert told.exc_info and "/cases/" in told.getMessage()
