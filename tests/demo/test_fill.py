"""Pages tell how far the demo city's month is, as long as it is not there."""

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse

from demo.living import LIVED
from demo.planned import KEY as SIMULATED
from demo.progress import KEY, progress
from demo.tasks import fill_month
from incidents.models import Case
from tests.incidents import play

FILL = reverse("fill")


@pytest.fixture(autouse=True)
def no_progress(settings):
    settings.DEMO = True
    cache.delete_many([KEY, LIVED])
    yield
    cache.delete_many([KEY, LIVED])


def test_the_bar_says_how_many_days_are_there_and_asks_again(client):
    cache.set(KEY, (12, 30))
    said = client.get(FILL, headers={"accept-language": "en"}).content.decode()
    assert "12 of 30 days" in said
    assert '<progress id="fill-days" value="12" max="30">' in said
    assert 'hx-trigger="every 5s"' in said


def test_before_it_began_it_asks_again_without_a_bar(client):
    said = client.get(FILL, headers={"accept-language": "en"}).content.decode()
    assert 'hx-trigger="every 5s"' in said
    assert "<progress" not in said


def test_when_the_month_is_there_the_bar_goes_away(client):
    cache.set(KEY, (30, 30))
    assert client.get(FILL).content.strip() == b""


def test_nothing_is_told_outside_a_demonstration(client, settings):
    settings.DEMO = False
    cache.set(KEY, (12, 30))
    assert client.get(FILL).content.strip() == b""


@pytest.mark.parametrize("demo", [True, False])
def test_a_page_of_the_demonstration_asks_at_once(demo):
    asks = 'hx-trigger="load"' in render_to_string("_fill.html", {"demo": demo})
    assert asks is demo


@pytest.mark.django_db
def test_a_city_that_nobody_invented_is_left_alone(town, settings):
    settings.DEMO_LIVES = True
    # A case such as the simulator makes: it is not what keeps the city from being filled.
    play.reported(town, idempotency_key=f"{SIMULATED}2")
    fill_month()
    assert (cache.get(LIVED), progress()) == (None, None)
    assert Case.objects.count() == 1
