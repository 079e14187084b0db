"""A value in an address that no filter has is left out of it, and the page says so, on every page
that filters cases in the same words."""

import pytest

from tests.cast import client_of
from tests.incidents import play

pytestmark = pytest.mark.django_db
PAGES = ("/board/?tab=open&", "/cases/?", "/warnings/?", "/map/?", "/map/table/?")
# The value, what its filter is called, and the pages that have no such filter.
WRONG = (
    ("stage=nonsense", "Stage", ("/warnings/?",)),
    ("light=blue", "Time left", ()),
    ("unit=NOBODY", "Lead unit", ()),
    ("area=999", "Area", ()),
)


@pytest.mark.parametrize("query, name, without", WRONG, ids=[each[0] for each in WRONG])
def test_what_no_filter_has_is_named_and_left_out(town, query, name, without):
    case = play.filed(town)
    client = client_of(town.chief)
    value = query.partition("=")[2]
    for page in PAGES:
        if page in without:
            continue
        answer = client.get(page + query)
        assert answer.status_code == 200, page
        assert f"“{name}”: there is no “{value}”. The filter is left out." in answer.text, page
        assert (
            page == "/warnings/?"
            or case.number in answer.text
            or "1 case" in answer.text
            or (answer.context["total"] == 1)
        )


def test_a_filter_of_another_city_or_of_no_name_is_no_filter_of_ours(town):
    client = client_of(town.chief)
    assert "“colour”: there is no “red”" in client.get("/map/?colour=red").text
    for page in PAGES:
        assert "left out" not in client.get(page + f"unit={town.water.code}").text
    assert "left out" not in client.get("/cases/?stage=&unit=&text=").text


def test_of_two_filters_the_right_one_is_obeyed(town):
    play.filed(town)
    client = client_of(town.chief)
    for page in ("/board/?tab=open&", "/cases/?", "/map/?"):
        text = client.get(page + "light=blue&stage=dispatched").text
        assert "“Time left”: there is no “blue”" in text
        assert "No case fits" in text or "0 case" in text, page
