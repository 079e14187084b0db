"""The forms of the administration name the field that is missing, as those of the pages do."""

import pytest
from django.contrib import admin

from tests.admin.conftest import page
from tests.cast import client_of
from tests.pages.test_named_faults import NAMELESS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["sysadmin", "secadmin"])
def test_an_empty_new_row_is_refused_field_by_field(town, who):
    client, asked = client_of(getattr(town, who), "zh-hans"), 0
    for model in admin.site._registry:
        # Without a single row in it, or of a post that may not add one, there is no such form.
        answer = client.post(page(model, "add"), {})
        if answer.status_code == 200:
            asked += 1
            assert "不能为空" in answer.text, model
            assert not NAMELESS.search(answer.text), (model, NAMELESS.search(answer.text))
    assert asked >= 2
