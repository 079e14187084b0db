"""How a person comes to be signed in in a browser."""

from django.conf import settings
from django.test import Client

from staff.models import Member

SECRET = "a long and plain sentence"


def sign_in(page, house, name, password=SECRET):
    """By name and password, at the entry page."""
    page.goto(house)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def enter(page, house, name):
    """Be signed in without a page: what the entry page does is asked in test_entry.py."""
    client = Client()
    member = Member.objects.get(username=name)
    client.force_login(member, backend="grids.backends.PostBackend")
    key = settings.SESSION_COOKIE_NAME
    cookie = {"name": key, "value": client.cookies[key].value, "url": house, "httpOnly": True}
    page.context.add_cookies([cookie])
