"""A person objects to their own score; somebody else answers, once; both stay."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessment.models import Objection, ObjectionAnswer
from tests.assessment.busy import MONTH
from tests.cast import client_of

pytestmark = pytest.mark.django_db


def object_to(town, member, **sent):
    address = reverse("object_to", args=["worker", member.pk])
    sent = {"words": "I was told too late", "period": MONTH, **sent}
    return client_of(member).post(f"{address}?period={MONTH}", sent, follow=True)


def answer(town, row, member=None, **sent):
    sent = {"outcome": "upheld", "words": "The clock was paused", **sent}
    address = reverse("answer_objection", args=[row.pk])
    return client_of(member or town.assessor).post(address, sent, follow=True)


def test_an_objection_is_kept_with_its_figure_and_case_and_shown_with_its_answer(filled):
    case = filled.cases["told"]
    said = object_to(filled, filled.worker, code="P_SUP_CHECK_RATE", case=case.number.lower())
    assert "Your objection is kept" in said.text and "waits for an answer" in said.text
    row = Objection.objects.get()
    assert (row.code, row.case, row.period) == ("P_SUP_CHECK_RATE", case, MONTH)
    assert "I was told too late" in client_of(filled.assessor).get(reverse("objections")).text
    assert "The answer is kept" in answer(filled, row).text
    page = client_of(filled.worker).get(reverse("subject", args=["worker", filled.worker.pk]))
    assert "The clock was paused" in page.text and "upheld" in page.text


def test_a_case_out_of_sight_is_as_unknown_as_one_that_is_not_there(filled):
    for number in (filled.cases["late"].number, "NOPE"):
        page = object_to(filled, filled.far_worker, words="It rained.", case=number)
        assert page.status_code == 422 and "There is no such case." in page.text
        assert "It rained." in page.text and number in page.text
    assert not Objection.objects.exists()


def test_an_objection_says_why_and_names_a_figure_of_the_score(filled):
    assert "Say what is wrong, and why." in object_to(filled, filled.worker, words=" ").text
    refused = object_to(filled, filled.worker, code="R_CLOSE").text
    assert "“Figure”: choose one of those offered." in refused
    assert not Objection.objects.exists()


def test_nobody_objects_for_somebody_else(filled):
    address = reverse("object_to", args=["worker", filled.worker.pk])
    for who in ("grid_head", "assessor", "leader"):
        assert client_of(getattr(filled, who)).post(address, {"words": "x"}).status_code == 403
    assert client_of(filled.mate).post(address, {"words": "x"}).status_code == 404


def test_it_is_answered_once_in_words(filled):
    object_to(filled, filled.worker)
    row = Objection.objects.get()
    assert "in words" in answer(filled, row, words="").text
    answer(filled, row)
    assert "Somebody else has answered" in answer(filled, row, outcome="rejected").text
    assert ObjectionAnswer.objects.get().outcome == "upheld"


def test_both_are_kept_as_they_were(filled):
    object_to(filled, filled.worker)
    answer(filled, Objection.objects.get())
    for model in (Objection, ObjectionAnswer):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(words=model.objects.get().words)
