"""What the address of a page of scores asks for, read once: the kind of subject, the period."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.measures import AREAS, EVERYDAY, KINDS, POSTS, is_person
from assessment.periods import KINDS as LENGTHS
from assessment.periods import Period
from assessment.subjects import WORDS, find, has_persons, may_see
from grids.backends import posts_of
from lib import now as clock

LENGTH_WORDS = {
    "day": pgettext_lazy("period", "Day"),
    "week": pgettext_lazy("period", "Week"),
    "month": pgettext_lazy("period", "Month"),
    "quarter": pgettext_lazy("period", "Quarter"),
    "year": pgettext_lazy("period", "Year"),
}
# A year outside is a slip of the finger, not a period of a city.
YEARS = range(2000, 2100)
assert set(LENGTH_WORDS) == set(LENGTHS)


@dataclass
class Asked:
    """What a page is asked for, and the choices beside it."""

    city: object
    kind: str
    period: Period
    today: object

    @property
    def lengths(self):
        """[(period of that length, its name, whether it is this one)]."""
        last = min(self.period.until.toordinal() - 1, self.today.toordinal())
        day = type(self.today).fromordinal(max(last, self.period.first.toordinal()))
        return [
            (Period.of(kind, day, self.period.zone), words, kind == self.period.kind)
            for kind, words in LENGTH_WORDS.items()
        ]

    @property
    def period_is_over(self):
        return self.period.end <= clock.now()

    @property
    def after(self):
        """The next period, unless it has not begun."""
        following = self.period.after()
        return following if following.first <= self.today else None


def city_of(user):
    """The city of a member's first post. Raises PermissionDenied for who holds none."""
    city = next((post.city for post in posts_of(user)), None)
    if city is None:
        raise PermissionDenied
    return city


def period_of(request, city, length="month"):
    """The period that `?period=` names, else the one of that length that runs."""
    today = city.today()
    text = request.GET.get("period") or request.POST.get("period", "")
    try:
        period = Period.read(text, city.time_zone)
        if period.first.year not in YEARS:
            raise ValueError
    except (ValueError, IndexError):
        period = Period.of(length, today, city.time_zone)
    return period, today


def asked_of(request, kinds=KINDS, kind="community"):
    """What a ranking is asked for. Raises PermissionDenied for what is not this member's."""
    city = city_of(request.user)
    wanted = request.GET.get("kind") or request.POST.get("kind") or kind
    if wanted not in kinds:
        raise Http404
    may = has_persons if is_person(wanted) else may_rank
    if not may(request.user):
        raise PermissionDenied
    period, today = period_of(request, city, "day" if wanted in EVERYDAY else "month")
    return Asked(city, wanted, period, today)


def may_rank(user):
    """True if a member reads the scores of areas and units."""
    return user.has_perm("assessment.view_score")


def subject_of(request, kind, key):
    """(city, Subject) of an address; 404 for one that is not there or not for this member."""
    city = city_of(request.user)
    subject = find(city, kind, key)
    if subject is None or not may_see(request.user, city, subject):
        raise Http404
    return city, subject


def tabs_of(user, kind):
    """The kinds beside each other, in the groups of the interface guide: areas, units, posts."""
    groups = []
    if may_rank(user):
        areas = [(each, WORDS[each]) for each in AREAS if each != "city"]
        groups.append({"label": _("Areas"), "kinds": areas, "closed": False})
        groups.append({"label": _("Units"), "kinds": [("unit", WORDS["unit"])], "closed": False})
    if has_persons(user):
        posts = [(each, WORDS[each]) for each in ("grid_head", *POSTS)]
        groups.append({"label": _("Posts (not public)"), "kinds": posts, "closed": True})
    for group in groups:
        group["current"] = kind in dict(group["kinds"])
    return groups
