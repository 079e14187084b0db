"""Every form filled in badly, in a browser: it says what is wrong beside the field, has no fault of
axe then either, and keeps what was typed, even when the session ended in between."""

import pytest

from tests.browser.play import SECRET, faults_of, sign_in
from tests.incidents import play

pytestmark = pytest.mark.django_db(transaction=True)
# The browser's console tells of refused forms, and of the cast's photos, which have no file.
REFUSED = ("400", "401", "404", "422")
# Who, the stage of the case, the move that is sent without what it needs.
MOVES = (
    ("intake", "reported", "dismiss"),
    ("chief", "accepted", "file"),
    ("chief", "filed", "void"),
    ("dispatcher", "filed", "dispatch"),
    ("handler", "dispatched", "handle"),
    ("handler", "dispatched", "ask_suspend"),
    ("worker", "handled", "verify"),
)
TYPED = "written before it was refused"


@pytest.fixture
def accounts(town_of_browsers):
    """The leader and the street can sign in too."""
    for name in ("leader", "street_handler"):
        member = getattr(town_of_browsers, name)
        member.username = name
        member.set_password(SECRET)
        member.save()
    return town_of_browsers


def entered(open_page, house, name, **given):
    page = open_page(expected=REFUSED, **given)
    sign_in(page, house, name)
    page.get_by_role("navigation", name="Pages").wait_for()
    return page


def test_a_move_without_what_it_needs_is_refused_beside_its_field(house, accounts, open_page):
    pages, found = {}, []
    for who, stage, move in MOVES:
        page = pages.get(who) or pages.setdefault(who, entered(open_page, house, who))
        case = getattr(play, stage)(accounts)
        page.goto(f"{house}/cases/{case.number}/move/?move={move}")
        form = page.locator(f".move-form:has(input[name=move][value={move}])")
        for select in form.locator("select[name=unit]").all():
            select.select_option("")
        free = form.locator("[name=note], [name=result]")
        if free.count():
            free.first.fill(TYPED)
        form.locator(".send").click()
        page.locator(".move-form .field-error").first.wait_for()
        assert form.locator("[aria-invalid=true]").count(), move
        assert not free.count() or free.first.input_value() == TYPED
        found += [f"{move} {fault}" for fault in faults_of(page)]
    assert found == []


FORMS = (
    ("intake", "/report/", "[data-send]", "description"),
    ("leader", "/plans/new/", ".form-panel .button.primary", "goal"),
    ("street_handler", "/joint/new/", ".form-panel .button.primary", "subject"),
)


@pytest.mark.parametrize("who, path, button, field", FORMS, ids=[form[1] for form in FORMS])
def test_a_form_says_what_is_missing_and_keeps_the_rest(
    house, accounts, open_page, who, path, button, field
):
    page = entered(open_page, house, who)
    page.goto(house + path)
    page.locator(f"main [name={field}]").fill(TYPED)
    page.locator(button).click()
    page.locator(".field-error:visible").first.wait_for()
    assert page.locator(f"main [name={field}]").input_value() == TYPED
    assert faults_of(page) == []


@pytest.mark.parametrize("who, path, button, field", FORMS, ids=[form[1] for form in FORMS])
def test_what_was_typed_outlives_the_session(house, accounts, open_page, who, path, button, field):
    page = entered(open_page, house, who)
    page.goto(house + path)
    page.locator(f"main [name={field}]").fill(TYPED)
    page.context.clear_cookies(name="sessionid")
    page.locator(button).click()
    page.get_by_label("User name").fill(who)
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{path}*")
    kept = page.locator(f"main [name={field}]")
    kept.wait_for()
    page.wait_for_function(
        "([name, text]) => document.querySelector(`main [name=${name}]`).value === text",
        arg=[field, TYPED],
    )


def test_a_case_is_not_sent_back_without_a_reason(house, accounts, open_page):
    case = play.verified(accounts)
    page = entered(open_page, house, "supervisor")
    page.goto(f"{house}/approvals/")
    page.get_by_role("button", name="Send back").click()
    assert page.evaluate("document.activeElement.name") == "why"
    case.refresh_from_db()
    assert case.stage == "verified"
