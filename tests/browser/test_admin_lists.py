"""The lists of the administration in a browser: axe finds nothing, in either language."""

import pytest

from staff.models import Member
from tests.browser.looks import faults_of
from tests.browser.play import SECRET, enter

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("grids/area", "grids/post", "incidents/matrixrow", "incidents/case", "staff/member")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_in_lists_and_their_filters(house, town_of_browsers, open_page, language):
    boss = Member(username="boss", name="boss", is_superuser=True)
    boss.set_password(SECRET)
    boss.save()
    page = open_page(language)
    enter(page, house, "boss")
    for path in LISTS:
        page.goto(f"{house}/admin/{path}/")
        # The library makes its boxes that scroll, admin.js names them.
        boxes = page.locator(".simplebar-content-wrapper[role=group][aria-label]")
        boxes.nth(1).wait_for(state="attached")
        assert faults_of(page) == [], path
