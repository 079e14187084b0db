"""Every form filled in badly, in a browser: it says what is wrong beside the field, has no fault of
axe then either, and keeps what was typed, even when the session ended in between."""

import pytest

from incidents.models import Look
from staff.models import Calendar
from tests.browser.looks import faults_of
from tests.browser.play import SECRET, enter
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
    """The leader, the street and the system administrator can sign in too."""
    for name in ("leader", "street_handler", "sysadmin"):
        member = getattr(town_of_browsers, name)
        member.username = name
        member.set_password(SECRET)
        member.save()
    return town_of_browsers


def entered(open_page, house, name, **given):
    page = open_page(expected=REFUSED, **given)
    enter(page, house, name)
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


def test_a_calendar_that_cannot_be_counted_by_is_refused_field_by_field(house, accounts, open_page):
    office = Calendar.objects.get(name="office")
    page = open_page(expected=REFUSED)
    enter(page, house, "sysadmin")
    page.goto(f"{house}/calendars/{office.pk}/edit/")
    wrong = {
        "hours": "nine to five",
        "day_minutes": "0",
        "exceptions": "2026-13-01 off",
        "known_until": "",
    }
    for name, text in wrong.items():
        page.locator(f"main [name={name}]").fill(text)
    for box in page.locator("main [name=workweek]").all():
        box.set_checked(False)
    page.get_by_role("button", name="Preview what moves").click()
    page.locator(".field-error").first.wait_for()
    for name in ("hours", "day_minutes", "exceptions"):
        field = page.locator(f"main [name={name}]")
        assert field.get_attribute("aria-invalid") == "true"
        said = field.get_attribute("aria-describedby").split()[-1]
        assert page.locator(f"#{said}").inner_text().strip()
        assert field.input_value() == wrong[name]
    assert page.locator(".week .field-error").count() == 1
    assert faults_of(page) == []
    assert office.versions.count() == 1


def test_nobody_is_unmasked_without_a_reason(house, accounts, open_page):
    case = play.accepted(accounts)
    page = entered(open_page, house, "intake")
    page.goto(f"{house}/cases/{case.number}/")
    page.get_by_text("See the full values").click()
    page.get_by_role("button", name="Look for 60 seconds").click()
    reason = page.locator("#reporter [aria-invalid=true]")
    reason.wait_for()
    assert page.locator(f"#{reason.get_attribute('aria-describedby')}").inner_text()
    reason.fill("x" * 201)
    assert len(reason.input_value()) == 200
    assert faults_of(page) == []
    assert not Look.objects.exists()


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


def test_a_move_that_could_not_be_sent_says_so_and_keeps_what_was_typed(house, accounts, open_page):
    page = open_page(expected=(*REFUSED, "ERR_INTERNET_DISCONNECTED", "htmx:"))
    enter(page, house, "chief")
    case = play.accepted(accounts)
    page.goto(f"{house}/board/?case={case.number}")
    form = page.locator(".move-form:visible").first
    note = form.locator("textarea").first
    note.fill(TYPED)
    page.context.set_offline(True)
    form.locator(".send").click()
    page.locator("#trouble", has_text="No connection").wait_for()
    assert note.input_value() == TYPED and faults_of(page) == []
    page.context.set_offline(False)
    page.locator("#trouble").wait_for(state="hidden")
