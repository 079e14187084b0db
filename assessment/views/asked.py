"""What the address of a page of scores asks for, read once: the kind of subject, the period."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.measures import AREAS, EVERYDAY, KINDS, POSTS
from assessment.periods import KINDS as LENGTHS
from assessment.periods import Period
from assessment.subjects import AREA_SCORES, WORDS, find, may_see, scores_read
from grids.backends import cities_with
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
_PREFERRED = "scores-city"


@dataclass
class Asked:
    """What a page is asked for, and the choices beside it."""

    city: object
    kind: str
    period: Period
    today: object
    cities: list = ()

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


def cities_of(request, *permissions):
    """The cities in which the member holds one of some permissions, with none named a post; first
    the one that `city` names, in this request or an earlier one. Raises PermissionDenied where
    there is none."""
    cities = cities_with(request.user, *permissions)
    if not cities:
        raise PermissionDenied
    asked = request.POST.get("city") or request.GET.get("city")
    if asked in {city.slug for city in cities}:
        request.session[_PREFERRED] = asked
    wanted = request.session.get(_PREFERRED)
    return sorted(cities, key=lambda city: city.slug != wanted)


def asked_of(request, kinds=KINDS, kind="community"):
    """What a ranking is asked for. Raises PermissionDenied for what is not this member's."""
    wanted = request.GET.get("kind") or request.POST.get("kind") or kind
    if wanted not in kinds:
        raise Http404
    cities = cities_of(request, *scores_read(wanted))
    period, today = period_of(request, cities[0], "day" if wanted in EVERYDAY else "month")
    return Asked(cities[0], wanted, period, today, cities)


def subject_of(request, kind, key):
    """(city, Subject) of an address, of the first of the member's cities that has one for them;
    404 where none has. Raises PermissionDenied for who holds no post."""
    for city in cities_of(request):
        subject = find(city, kind, key)
        if subject is not None and may_see(request.user, city, subject):
            return city, subject
    raise Http404


def tabs_of(user, kind):
    """The kinds beside each other, in the groups of the interface guide: areas, units, posts."""
    groups = []
    if cities_with(user, AREA_SCORES):
        areas = [(each, WORDS[each]) for each in AREAS if each != "city"]
        groups.append({"label": _("Areas"), "kinds": areas, "closed": False})
        groups.append({"label": _("Units"), "kinds": [("unit", WORDS["unit"])], "closed": False})
    if cities_with(user, *scores_read("worker")):
        posts = [(each, WORDS[each]) for each in ("grid_head", *POSTS)]
        groups.append({"label": _("Posts (not public)"), "kinds": posts, "closed": True})
    for group in groups:
        group["current"] = kind in dict(group["kinds"])
    return groups
