"""What a page with a map loads and what its module must know: see static/js/map.js."""

from urllib.parse import urlencode

from django import template
from django.contrib.gis.db.models import Extent
from django.core.cache import cache
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from leaflet import app_settings

from grids.backends import posts_of
from grids.models import AreaVersion
from incidents.models import OPEN
from incidents.templatetags.loop import FIVE, STAGE_NUMBER, stage_word
from lib import now as clock
from staff.models import City, in_language

register = template.Library()

# A map says for so many seconds what the borders of its city were.
KEPT = 600
ZOOMS = (10, 19)
LIGHTS = {
    "green": gettext_lazy("On time"),
    "yellow": gettext_lazy("Warning"),
    "red": gettext_lazy("Overdue"),
    "paused": gettext_lazy("Suspended"),
    "none": gettext_lazy("No limit"),
}


@register.filter
def light_word(light):
    """The name of a light."""
    return LIGHTS.get(light, light)


@register.filter
def five_word(number):
    """The name of one of the five stages that people see."""
    return FIVE[number][1]


@register.simple_tag(takes_context=True)
def map_link(context, **changed):
    """The address of the map with one filter more, or without it if it holds already."""
    asked = dict(context.get("asked") or {})
    if context.get("shade"):
        asked["shade"] = context["shade"]
    for name, value in changed.items():
        if asked.get(name) == value and len(changed) == 1:
            del asked[name]
        else:
            asked[name] = value
    return f"{reverse('map')}?{urlencode(asked)}" if asked else reverse("map")


@register.simple_tag(takes_context=True)
def map_head(context):
    """Style sheets, scripts and settings of every map of the page; goes into block `modules`. The
    same for everybody of the same areas, and kept as long as the borders that it names."""
    user = context["request"].user
    key = f"map-head-{get_language()}-{_places_of(user)}".replace(" ", "")
    return cache.get_or_set(key, lambda: _head(user), KEPT)


def _head(user):
    words = {"setting": _setting(user), "words": _words()}
    return render_to_string("incidents/_map_head.html", words)


@register.simple_tag(takes_context=True)
def map_origin(context):
    """In words, what of the map is invented; empty for a surveyed one."""
    return " ".join(_invented(city) for city in _cities(context["request"].user) if city.invented)


def _setting(user):
    everything, home = _bounds(user)
    tile = reverse("tile", args=["LAYER", "0", "0", "0"])
    return {
        "tiles": tile.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        "page": reverse("case", args=["NUMBER"]),
        "bounds": everything,
        "home": home,
        "zooms": ZOOMS,
        "credit": " ".join(_credit(city) for city in _cities(user)),
        "stages": {stage: _stage(stage) for stage in OPEN},
        "lights": {light: str(words) for light, words in LIGHTS.items()},
        "leaflet": {
            "srid": None,
            "layers": app_settings["TILES"],
            "overlays": app_settings["OVERLAYS"],
            "attributionprefix": app_settings["ATTRIBUTION_PREFIX"],
        },
    }


def _words():
    return {
        "map": _("Map; move it by the arrow keys, plus and minus"),
        "map_closer": _("Closer"),
        "map_farther": _("Farther"),
        "map_more": _("and {count} more here; go closer"),
        "map_trouble": _("A part of the map did not come. The table has the same numbers."),
        "map_again": _("Try again"),
    }


def _stage(stage):
    number = STAGE_NUMBER[stage]
    return {"number": number, "letter": str(FIVE[number][0]), "word": str(stage_word(stage))}


def _cities(user):
    if user.is_superuser:
        return list(City.objects.all())
    return list({post.city_id: post.city for post in posts_of(user)}.values())


def _invented(city):
    lines = city.invented.splitlines()
    return in_language(lines[0], lines[-1])


def _credit(city):
    if not city.invented:
        return str(format_html("© {}", city))
    return str(
        format_html('<span title="{}">{}</span>', _invented(city), _("Generated map, no real city"))
    )


def _bounds(user):
    """([[south, west], [north, east]] of the member's cities, the same of what the map opens at:
    the areas of their posts)."""
    cities, areas = _places_of(user)
    return _measured(list(cities), areas)


def _places_of(user):
    """({city of a member: its day}, the areas of their posts; none for a post of a whole city)."""
    cities = dict(sorted((city.pk, str(city.today())) for city in _cities(user)))
    areas = [post.area_id for post in posts_of(user)]
    return cities, [] if None in areas else sorted(set(areas))


def _measured(cities, areas):
    borders = AreaVersion.objects.at_moment(clock.now()).filter(area__city__in=cities)
    found = borders.filter(Q(area__level="city") | Q(area__in=areas)).aggregate(
        everything=Extent("geometry"), home=Extent("geometry", filter=Q(area__in=areas))
    )
    everything = found["everything"] or (-180, -60, 180, 70)
    corners = [
        [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]
        for west, south, east, north in (everything, found["home"] or everything)
    ]
    return corners[0], corners[1]
