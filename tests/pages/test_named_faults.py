"""Every form names the field that is missing or wrong, in the reader's language, and says all that
is wrong at once."""

import re

import pytest
from django import forms
from django.contrib.gis.forms import GeometryField
from django.contrib.postgres.forms import SimpleArrayField
from django.forms.forms import BaseForm
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation

from incidents import workflow
from incidents.facts import BadFacts
from incidents.forms import ListFilters
from incidents.models import Case
from staff.forms import Named
from tests.cast import client_of, photo_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
OURS = ("assessment", "grids", "incidents", "publication", "staff")
# Django's own words for a form: "this field", "this variable", "this value".
NAMELESS = re.compile(r"该变量|该值|这个字段|该字段|This field|this value")


def said_in(page):
    """The messages beside the fields and above them."""
    found = re.findall(r'class="(?:field-error|refusal)[^>]*>(.*?)</(?:p|div|span)>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in found)


def kinds_of(form):
    for kind in form.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def test_every_form_of_ours_names_its_fields():
    assert get_resolver().url_patterns  # all views are there
    ours = {
        form
        for form in kinds_of(BaseForm)
        if form.__module__.partition(".")[0] in OURS and not form.__module__.endswith(".sheets")
    }
    # Filters are left out, not refused.
    nameless = {form for form in ours if not issubclass(form, (Named, ListFilters))}
    assert len(ours) > 20 and nameless == set()


class Odd(Named, forms.Form):
    """Fields whose own words are not kept where those of the others are."""

    when = forms.SplitDateTimeField(label="When")
    days = SimpleArrayField(forms.IntegerField(), label="Days, %")
    shape = GeometryField(label="Shape")
    words = forms.CharField(label="Words", error_messages={"required": "Say something."})


def test_odd_fields_are_named_too_and_a_forms_own_words_stay():
    with translation.override("en"):
        form = Odd({"when_0": "x", "when_1": "y", "days": "1,x", "shape": "zz"})
        said = {name: " ".join(messages) for name, messages in form.errors.items()}
    assert said["when"] == "“When” is a day, as 2026-07-14. “When” is a time of day, as 22:00."
    assert said["days"].startswith("“Days, ％”, entry 2:") and "“Shape”" in said["shape"]
    assert said["words"] == "Say something."


def test_a_call_says_all_that_is_wrong_at_once(town):
    sent = {"subject": "", "place": "here", "due_at": "2020-01-01T10:00", "units": []}
    answer = client_of(town.street_handler).post(reverse("joint_new"), sent)
    said = said_in(answer.text)
    for words in ("“What for” must not", "The arrival must lie ahead.", "at least one department"):
        assert words in said


def move(member, case, name, language="zh-hans", **facts):
    sent = {"move": name, "version": Case.objects.get(pk=case.pk).version} | facts
    return client_of(member, language).post(reverse("case_move", args=[case.number]), sent)


@pytest.mark.parametrize(
    "who, address, sent, named",
    [
        ("leader", "plan_new", {"starts": "soon"}, ("名称", "区域", "开始日期", "截止日期")),
        ("street_handler", "joint_new", {"subject": "x" * 201}, ("事由", "地点", "到场时限")),
        ("handler", "notice_settings", {"quiet_from": "25:00", "digest_hour": "24"}, ("免打扰",)),
        ("assessor", "spot_check_rule", {"share": "200", "least": ""}, ()),
    ],
)
def test_a_missing_or_long_field_is_named_in_chinese(town, who, address, sent, named):
    answer = client_of(getattr(town, who), "zh-hans").post(reverse(address), sent)
    assert answer.status_code == 422
    said = said_in(answer.text)
    assert said.count("“") >= max(1, len(named)) and not NAMELESS.search(said)
    assert all(name in said for name in named), said


def test_a_move_names_what_is_missing_and_what_is_too_long(town):
    case = play.dispatched(town)
    answer = move(town.handler, case, "ask_suspend", reason="x" * 4001)
    assert answer.status_code == 422
    assert "“理由”最多填写 4000 个字符，当前为 4001 个。" in answer.text
    assert "“至”不能为空。" in answer.text


def test_whoever_signs_in_without_a_name_or_a_password_is_told_which(town):
    page = Client(headers={"Accept-Language": "zh-hans"})
    assert "novalidate" in page.get(reverse("entry")).text
    answer = page.post(reverse("entry"), {"username": "somebody", "password": ""})
    assert said_in(answer.text) == "“密码”不能为空。"
    assert answer.text.count('aria-invalid="true"') == 1


def test_a_move_says_all_that_is_wrong_at_once(town):
    case = play.filed(town)
    answer = move(
        town.chief, case, "correct", "en", reason="", longitude="113.9005", latitude="-90.1"
    )
    said = said_in(answer.text)
    assert "“Reason” must not be empty." in said
    assert "“Latitude” lies between −90 and 90 degrees." in said and "Longitude" not in said
    far = said_in(move(town.chief, case, "correct", "en", longitude="1", latitude="1").text)
    assert "“Reason” must not be empty." in far and "lies in no grid" in far
    assert Case.objects.get(pk=case.pk).version == case.version


def test_what_a_form_refuses_keeps_the_loop_from_making_the_move(town):
    case = play.dispatched(town)
    photo = photo_of(town.handler, town)
    answer = move(
        town.handler, case, "handle", "en", result="done", kept=[photo.pk], note="x", version="one"
    )
    assert answer.status_code == 422 and Case.objects.get(pk=case.pk).stage == "dispatched"


def test_an_order_in_the_past_says_which_time_and_that_it_is_past(town):
    case = play.dispatched(town)
    answer = move(town.leader, case, "supervise", "en", words="", due="2026-03-02T10:00")
    said = said_in(answer.text)
    assert "2026-03-02 10:00 lies before now, 20" in said and "“Words” must not be empty." in said


def test_quiet_hours_from_an_hour_to_the_same_are_none(town):
    sent = {"quiet_from": "22:00", "quiet_until": "22:00", "digest": "", "digest_hour": "17"}
    answer = client_of(town.handler).post(reverse("notice_settings"), sent)
    assert answer.status_code == 422 and "from 22:00 to 22:00 would be none" in answer.text


def test_a_report_says_all_that_is_wrong_at_once(town):
    sent = {"key": "k", "source": "hotline", "longitude": "200", "latitude": "30.9"}
    answer = client_of(town.intake).post(reverse("report_case"), sent)
    assert answer.status_code == 422
    assert "“Longitude” lies between −180 and 180 degrees." in answer.text
    assert "“Latitude”" not in answer.text and "Name a category or describe" in answer.text
    sent |= {"longitude": "", "latitude": "", "component": "none", "category": "none"}
    page = client_of(town.intake).post(reverse("report_case"), sent).text
    assert "Say where it is" in page and "no such category" in page and "no such component" in page
    assert not Case.objects.exists()


def test_the_door_names_each_wrong_fact_at_once(town):
    with pytest.raises(BadFacts) as refused:
        workflow.report(
            town.worker,
            city=town.city,
            point=[999, "north"],
            category="none",
            position=[0, 99],
            evidence=["nothing"],
        )
    assert set(refused.value.errors) == {
        "longitude",
        "latitude",
        "category",
        "position",
        "evidence",
    }
