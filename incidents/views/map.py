"""The map of open cases, the table behind it, and the tiles that it draws."""

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from grids.tiles import Tile
from grids.views import answered
from incidents.filters import narrowed, readable
from incidents.lights import LIGHTS
from incidents.models import OPEN, Case, Category
from incidents.templatetags.loop import FIVE, STAGE_NUMBER
from incidents.tiles import cases_tile
from incidents.views.signed import signed_in
from lib import now as clock

# The open stages by the five that people see.
GROUPS = {
    number: ",".join(stage for stage in OPEN if STAGE_NUMBER[stage] == number) for number in FIVE
}

FIELDS = ("stage", "light", "category")
# Communities are shaded by their open cases: interface guide, section 3, five classes of one blue.
SHADE, SHADES = "community", 4


@signed_in
@require_safe
def city_map(request):
    """Every open case that the member may see, by light and stage."""
    asked = _asked(request)
    context = _counted(request.user, asked)
    context |= {
        "shades": shades_of(context["rows"]) if asked.shade else None,
        "shade": asked.shade,
        "groups": [(number, FIVE[number][1], words) for number, words in GROUPS.items()],
        "lights": LIGHTS,
        # What the form has no field for stays in the address.
        "kept": [item for item in asked.given.items() if item[0] not in FIELDS]
        + ([("shade", asked.shade)] if asked.shade else []),
        "categories": _categories(request.user),
    }
    return render(request, "incidents/map.html", context)


@signed_in
@require_safe
def map_table(request):
    """The same numbers as a table: community by light."""
    asked = _asked(request)
    context = _counted(request.user, asked) | {"lights": LIGHTS, "shade": asked.shade}
    name = "incidents/_map_table.html" if request.htmx else "incidents/map_table.html"
    return render(request, name, context)


@require_safe
def case_tile(request, z, x, y):
    """One tile of the open cases that the member may see, by the filters of the map."""
    if not request.user.has_perm("incidents.view_case"):
        return HttpResponse(status=403)
    asked = _asked(request)
    try:
        where = Tile.at(z, x, y)
    except ValueError:
        return HttpResponse(status=400)
    if asked.left_out:
        return HttpResponse(status=400)
    body = cases_tile(_cases(request.user, asked.filters), where, clock.now())
    return answered(request, body, 0)


@dataclass(frozen=True)
class Asked:
    """The filters of an address: as given, and as `narrowed` reads them; those that are left out.
    `shade` says that communities are shaded by their open cases."""

    given: dict
    filters: dict
    left_out: list = field(default_factory=list)
    shade: str = ""


def _asked(request):
    """What the address asks for. The stages are always asked for, so that a unit that a case has
    left does not see where it went."""
    given = {name: value for name, value in request.GET.items() if value}
    shade = SHADE if given.pop("shade", "") == SHADE else ""
    everything = {"stage": list(OPEN)}
    if not given:
        return Asked({}, everything, shade=shade)
    given, filters, left_out = readable(given, request.user)
    return Asked(given, everything | filters, left_out, shade)


def _cases(user, filters):
    """The open cases on a member's map."""
    return narrowed(Case.objects.visible_to(user).open(), filters, user)


def _counted(user, asked):
    """Counts by light, by stage and by community: what the legend and the table say."""
    if not user.has_perm("incidents.view_case"):
        raise PermissionDenied
    lights, stages, communities = Counter(), Counter(), defaultdict(Counter)
    groups = _cases(user, asked.filters).counted_by_community(clock.now())
    for code, name, stage, light, count in groups:
        lights[light] += count
        stages[STAGE_NUMBER[stage]] += count
        communities[code or "", name or ""][light] += count
    return {
        "asked": asked.given,
        "query": urlencode(asked.given),
        "left_out": asked.left_out,
        "total": lights.total(),
        "by_light": [(light, lights[light]) for light in LIGHTS],
        "by_stage": [(number, GROUPS[number], stages[number]) for number in FIVE],
        "rows": _rows(communities),
    }


def _rows(communities):
    """[(code, name, [(light, how many)], all)] of {(code, name): {light: how many}}, the worst
    first."""
    return [
        (code, name, [(light, counts[light]) for light in LIGHTS], counts.total())
        for (code, name), counts in sorted(communities.items(), key=_worst_first)
    ]


def shades_of(rows):
    """What the shades of communities mean: {"of": {community: class}, "classes": [(class, from,
    until, how many communities)]}. Class 0 is for none open; above it up to SHADES classes of about
    as many communities each, so that a few busy ones leave the rest to be told apart."""
    totals = {code: total for code, _name, _counts, total in rows if code}
    ordered = sorted(totals.values())
    places = {ceil(len(ordered) * step / SHADES) - 1 for step in range(1, SHADES + 1)}
    tops = sorted({ordered[place] for place in places if ordered})
    of = {code: bisect_left(tops, total) + 1 for code, total in totals.items()}
    counted = Counter(of.values())
    starts = [1, *(top + 1 for top in tops)]
    classes = [
        (number, start, top, counted[number])
        for number, (start, top) in enumerate(zip(starts, tops, strict=False), 1)
    ]
    return {"of": of, "classes": [(0, 0, 0, None), *classes]}


def _worst_first(row):
    (code, _name), counts = row
    return -counts["red"], -counts["yellow"], -counts.total(), code


def _categories(user):
    """The categories that there are open cases of."""
    open_cases = _cases(user, {"stage": list(OPEN)}).order_by().values("category")
    return Category.objects.filter(pk__in=open_cases)
