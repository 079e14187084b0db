"""The pages about deadlines and undertakings, as tabs above each of them: only those that a member
may open."""

from django.core.exceptions import PermissionDenied
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.backends import cities_with, posts_of

# Address, label, permission that opens it.
TABS = (
    ("time", pgettext_lazy("page", "Time"), "view_clockentry"),
    ("warnings", _("Warnings"), "view_clock"),
    ("orders", _("Orders and answers"), "view_case"),
    ("ladder", _("Solved at each level"), "view_clockentry"),
    ("plans", _("Plans"), "view_plan"),
    ("joint", _("Joint tasks"), "view_jointtask"),
    ("health", _("Health"), "view_outbox"),
    ("undelivered", _("Undelivered"), "change_message"),
)
_NEEDS = {address: permission for address, _label, permission in TABS}


def tabs(user, current):
    """The context of `_deadline_tabs.html`."""
    shown = []
    for address, label, permission in TABS:
        if user.has_perm(f"incidents.{permission}"):
            try:
                href = reverse(address)
            except NoReverseMatch:
                continue
            shown.append({"href": href, "label": label, "current": address == current})
    return {"tabs": shown}


def ask(user, address):
    """PermissionDenied for a member whose posts do not open a page."""
    if not user.has_perm(f"incidents.{_NEEDS[address]}"):
        raise PermissionDenied


def city_of(user):
    """The city of a member's first post, or None."""
    return next((post.city for post in posts_of(user)), None)


def city_with(user, permission):
    """The first city in which a member holds a permission. Raises PermissionDenied where none."""
    for city in cities_with(user, permission):
        return city
    raise PermissionDenied


def cities_of(user):
    """The keys of the cities of a member's posts."""
    return {post.city_id for post in posts_of(user)}
