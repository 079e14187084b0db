"""Who is on duty at this moment, community by community, for those who ask workers to go and look:
the roster less the absent, and where there are fewer than the rule says."""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views.decorators.http import require_safe

from grids.backends import posts_of
from grids.models import Area, Roster
from incidents.clocks import current_version
from incidents.division import LEAST_ON_DUTY
from incidents.views.signed import signed_in
from lib import now as clock
from staff.models import calendar_of

# Any of these lets a member see the roster: they ask workers, file, or give cases away.
ASKS = ("incidents.confirming_case", "incidents.file_case", "incidents.dispatch_case")


@dataclass
class Place:
    """A community, or a street that has its own duty worker, and who is there now."""

    area: object
    there: list = field(default_factory=list)
    few: bool = False


@signed_in
@require_safe
def duty(request):
    """The table; `?few=1` leaves only places with fewer than the rule says."""
    if not any(request.user.has_perm(permission) for permission in ASKS):
        raise PermissionDenied
    city = posts_of(request.user)[0].city
    context = shown(city, only_few=bool(request.GET.get("few")))
    return render(request, "incidents/duty.html", context)


def shown(city, *, only_few):
    """The context of the table as it is at this moment."""
    moment = clock.now()
    patrol = patrols(city, moment)
    places = places_of(city, moment, patrol)
    few = [place for place in places if place.few]
    return {
        "places": few if only_few else places,
        "few": len(few),
        "only_few": only_few,
        "there": sum(len(place.there) for place in places),
        "patrol": patrol,
        "least": LEAST_ON_DUTY,
        "at": moment,
    }


def patrols(city, moment):
    """True in the city's patrol hours."""
    version = current_version(city.patrol_calendar_id)
    return version is not None and calendar_of(version.pk).is_open(moment)


def places_of(city, moment, patrol):
    """[Place] by code: where somebody is on duty, or too few are. Two queries."""
    areas = Area.objects.filter(city=city).streets_and_communities()
    places = {area.pk: Place(area) for area in areas.select_related("parent")}
    rows = Roster.objects.on_duty(moment, city).filter(area__in=places)
    for row in rows.select_related("post__member", "post__duty_grid", "area").order_by("post"):
        places[row.area_id].there.append(row)
    for place in places.values():
        place.few = patrol and place.area.level == "community" and len(place.there) < LEAST_ON_DUTY
    return [p for p in places.values() if p.there or p.few]
