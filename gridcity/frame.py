"""The frame around every page: which items the top bar has for whom, where a role lands, and the
zone of the member's city."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.backends import posts_of
from incidents.letters import numbers_for
from staff.roles import ROLES


@dataclass(frozen=True)
class Item:
    """One entry of the top bar. `counts` marks the one that shows how much waits on me; `leads_to`
    are the pages behind it, which an item of their own may claim."""

    address: str
    label: object
    counts: bool = False
    leads_to: tuple = ()


_CASES = Item("cases", _("Cases"))
_MAP = Item("map", _("Map"))
_ADMIN = Item("admin:index", _("Administration"))
_MATRIX = Item("admin:incidents_matrixrow_changelist", _("Responsibility matrix"))
_DUTY = Item("duty", _("On duty"))
_REPORT = Item("report_case", _("Report"))
_TIME = Item(
    "time",
    pgettext_lazy("page", "Time"),
    leads_to=("warnings", "orders", "ladder", "plans", "joint"),
)
_ORDERS = Item("orders", _("Orders"))
_PLANS = Item("plans", _("Plans"))
_JOINT = Item("joint", _("Joint tasks"))
_HEALTH = Item("health", _("Health"))
_STATISTICS = Item("scores", _("Statistics"), leads_to=("everydays",))
_ASSESSMENT = Item("scores", _("Assessment"), leads_to=("everydays",))
_MY_SCORE = Item("my_scores", _("My score"))
_SPOT_CHECKS = Item("spot_checks", pgettext_lazy("page", "Spot checks"))
_APPEALS = Item("appeals", _("Appeals"))
_DIGESTS = Item("digests", pgettext_lazy("page", "Reports"), leads_to=("bulletin_home",))
_BULLETIN = Item("bulletin_home", _("Daily bulletin"))

# Interface guide, section 1: a role's items in their order; it lands on the first.
ITEMS = {
    "intake": (Item("board", _("Intake board"), True), _REPORT, _CASES, _MAP, _DUTY, _STATISTICS),
    "chief": (Item("board", _("Filing board"), True), _CASES, _MAP, _DUTY, _TIME, _STATISTICS),
    "dispatcher": (
        Item("board", _("Dispatch board"), True),
        _CASES,
        _MAP,
        _MATRIX,
        _TIME,
        _STATISTICS,
    ),
    "adjudicator": (
        Item("board", _("Adjudication board"), True),
        _CASES,
        _MAP,
        _MATRIX,
        _TIME,
        _STATISTICS,
    ),
    "handler": (
        Item("board", _("My handling"), True),
        _CASES,
        _MAP,
        _ORDERS,
        _JOINT,
        _APPEALS,
        _STATISTICS,
    ),
    "supervisor": (
        Item("approvals", _("Closing approval"), True),
        Item("approval_done", _("Done")),
        _CASES,
        _MAP,
        _STATISTICS,
    ),
    "worker": (Item("board", _("Tasks"), True), _REPORT, _CASES, _MAP, _MY_SCORE),
    "grid_head": (Item("board", _("To answer"), True), _CASES, _MAP, _MY_SCORE),
    "building_head": (_REPORT, _CASES),
    "leader": (
        Item("board", _("To answer"), True),
        _CASES,
        _MAP,
        _TIME,
        _ORDERS,
        _STATISTICS,
        _DIGESTS,
    ),
    "assessor": (_ASSESSMENT, _CASES, _SPOT_CHECKS, _APPEALS, _MAP, _DIGESTS, _BULLETIN),
    "sysadmin": (_ADMIN, Item("calendars", _("Calendars")), _PLANS, _HEALTH),
    "secadmin": (_ADMIN,),
    "auditor": (_ADMIN, _SPOT_CHECKS),
}
assert set(ITEMS) == set(ROLES)

# What the modules of every page say; `{…}` is filled in by static/js/words.js.
PAGE_WORDS = {
    "left": _("{span} left"),
    "over": _("{span} over"),
    "days_hours": _("{days} d {hours} h"),
    "hours_minutes": _("{hours} h {minutes} min"),
    "hours": _("{hours} h"),
    "minutes": _("{minutes} min"),
    "seconds": _("{seconds} s"),
    "share_used": _("· {share} used"),
    "work_hours_minutes": _("{hours} working h {minutes} min"),
    "work_hours": _("{hours} working h"),
    "work_minutes": _("{minutes} working min"),
    "went_wrong": _("That did not work. Nothing was changed; try again."),
    "offline": _("No connection. Nothing was sent; try again when it is back."),
    "photo_lost": _("Photo not loaded"),
    "signed_out": _("You were signed out. What you typed is kept; sign in to go on."),
    "stale": _("The data stands at {time}; you can look, not act, until the connection is back."),
    "new_notices": _("New notices: {number}"),
    "keys_off": _("Keys are off"),
    "keys_on": _("Keys are on"),
}


def frame(request):
    """What base.html needs: the items, the post, how many cases wait on the member and how many
    notices are not read (both asked only when the bar is drawn)."""
    user = request.user
    if not user.is_authenticated:
        return {"items": [], "demo": settings.DEMO, "page_words": {}}
    posts = posts_of(user)
    items = items_of(posts, request.path)
    # A board has just counted what waits on the member.
    known = getattr(request, "waiting", None)
    with_waiting = known is None and any(item["counts"] for item in items)
    counts = SimpleLazyObject(lambda: numbers_for(user, with_waiting=with_waiting))
    return {
        "items": items,
        "post": posts[0] if posts else None,
        "waiting": SimpleLazyObject(lambda: counts["waiting"]) if known is None else known,
        "unread": SimpleLazyObject(lambda: counts["unread"]),
        "demo": settings.DEMO,
        "page_words": {key: str(words) for key, words in PAGE_WORDS.items()},
    }


def items_of(posts, path=""):
    """The items of a member's posts in order, each once: address, label, counts, current. A member
    of several posts sees them all; the fullest address that the path lies under is current."""
    seen = {}
    for post in posts:
        for item in ITEMS[post.role]:
            seen.setdefault(item.address, item)
    links = []
    for item in seen.values():
        try:
            href = reverse(item.address)
        except NoReverseMatch:
            continue
        links.append(
            {"href": href, "label": item.label, "counts": item.counts, "current": False}
            | {"behind": [reverse(address) for address in item.leads_to]}
        )
    if here := max(links, key=lambda link: _fits(link, path), default=None):
        here["current"] = _fits(here, path) > (0, 0)
    return links


def _fits(link, path):
    """How well a path lies under an item: its own address before what is behind it."""
    behind = max((len(href) for href in link["behind"] if path.startswith(href)), default=0)
    return (len(link["href"]) if path.startswith(link["href"]) else 0, behind)


def start(request):
    """Where a member's day begins: the first item of the bar, or the entry page."""
    links = items_of(posts_of(request.user)) if request.user.is_authenticated else []
    return redirect(links[0]["href"] if links else "entry")


def favicon(request):
    """Browsers ask for it by this name where a page names no icon: a photo opened alone."""
    return redirect(static("css/mark.svg"))


class CityZoneMiddleware:
    """Shows every time in the zone of the member's city, never in the server's.

    It asks for nothing unless the request brings a session: /healthz must answer without a
    database."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        posts = posts_of(request.user)
        zone = ZoneInfo(posts[0].city.time_zone) if posts else None
        with timezone.override(zone):
            return self.get_response(request)
