"""The line of the six every-days: what was done in the whole city, nothing under three, and in a
correction what has changed."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from assessment.models import DayCount
from grids.models import Area, AreaVersion
from lib import now
from publication import publishing
from publication.models import Bulletin
from publication.templatetags.bulletin import EVERYDAYS, everydays
from tests.cast import MORNING
from tests.publication.conftest import MONDAY, full_day

pytestmark = pytest.mark.django_db


def done(town, day, **figures):
    """So much done by the first two subjects of a kind each."""
    for kind, (code, amounts) in figures.items():
        for subject, amount in enumerate(amounts, 1):
            DayCount.objects.update_or_create(
                city=town.city,
                day=day,
                kind=kind,
                subject=subject,
                code=code,
                defaults={"amount": amount},
            )


@pytest.fixture
def published(counted):
    """Monday with deeds of all kinds, among them an owner's that are a maintainer's too."""
    full_day(counted, MONDAY)
    done(
        counted,
        MONDAY,
        owner=("E_OWN_DONE", (7,)),
        maintainer=("E_MNT_DONE", (4, 5)),
        overseer=("E_OVS_DONE", (20, 11)),
        managing=("E_MNG_DONE", (2, 1)),
        enforcer=("E_ENF_DONE", (1, 1)),
    )
    for number in range(3, 5):
        area = Area.objects.create(
            city=counted.city,
            code=f"42090200100{number}",
            level="community",
            parent=counted.street,
            name=f"社区{number}",
        )
        border = AreaVersion.objects.get(area=counted.community)
        border.pk, border.area = None, area
        border.save()
    publishing.publish_due(counted.city)
    return counted


def totals(town):
    entries = Bulletin.objects.of(town.city).order_by("number")
    return [json.loads(entry.body) for entry in entries]


def test_each_deed_is_summed_over_the_city_and_few_are_withheld(published):
    (body,) = totals(published)
    told = body["total"]
    assert (told["maintained"], told["supervised"], told["managed"]) == (9, 31, 3)
    assert told["enforced"] is None and told["evaluated"] == 4


def test_the_page_and_the_table_say_so(published):
    page = " ".join(Client().get("/public/en/").text.split())
    assert "Six every-days" in page and "Maintained <b>9</b>" in page
    assert "Published <b>No. 1</b>" in page
    sheet = Client().get("/public/1.csv").content.decode("utf-8-sig").splitlines()
    assert sheet[0].endswith("maintained,supervised,managed,enforced,evaluated")
    assert sheet[1].endswith("9,31,3,,4")


def test_a_correction_tells_what_changed_and_keeps_what_was_withheld(published):
    done(published, MONDAY, maintainer=("E_MNT_DONE", (4, 8)), enforcer=("E_ENF_DONE", (5, 1)))
    full_day(published, MONDAY + timedelta(days=1))
    with now.at(MORNING + timedelta(days=1)):
        publishing.publish_due(published.city)
    correction = totals(published)[1]
    assert correction["corrects"] == 1 and correction["total"]["enforced"] is None
    change = {"table": "total", "code": "", "figure": "maintained", "before": 9, "after": 12}
    assert correction["changes"] == [change]


def test_an_entry_from_before_the_line_has_none(published):
    (body,) = totals(published)
    old = {name: value for name, value in body["total"].items() if name not in EVERYDAYS}
    assert everydays(old) == [] and len(everydays(body["total"])) == len(EVERYDAYS)
