"""Borders and places in the administration stand on the city's own map."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from grids.models import AreaVersion, Component
from staff.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(town):
    client = Client(headers={"Accept-Language": "en"})
    member = Member.objects.create(username="boss", name="boss", is_superuser=True)
    client.force_login(member, backend="grids.backends.PostBackend")
    return client


def test_a_place_is_moved_on_a_map_above_its_text(town, boss):
    component = Component.objects.create(
        city=town.city, code="1", category_code="C-01-03", grid=town.grids[0], point=town.inside
    )
    page = boss.get(reverse("admin:grids_component_change", args=[component.pk]))
    assert re.search(r'class="map" data-map .*data-field="id_point" data-kind="POINT"', page.text)
    assert "gridcity/map.js" in page.text and "js/admin_map" in page.text


def test_who_may_only_read_a_border_sees_it_on_a_map(town):
    client = Client()
    client.force_login(town.sysadmin, backend="grids.backends.PostBackend")
    version = AreaVersion.objects.get(area=town.grids[0])
    page = client.get(reverse("admin:grids_areaversion_change", args=[version.pk]))
    assert 'data-shape="MULTIPOLYGON (((' in page.text


def test_the_map_takes_no_inline_script_from_the_theme(town, boss):
    # A nonce in the policy would switch off the inline scripts that the theme lives on.
    policy = boss.get(reverse("admin:grids_areaversion_add")).headers["Content-Security-Policy"]
    assert "nonce-" not in policy
