"""The base map's tiles. Who has a post in a city may see its map."""

from hashlib import blake2b

from django.core.cache import caches
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from grids.backends import posts_of
from grids.tiles import LAYERS, Tile, drawn
from staff.models import City

# Borders and roads change rarely; a browser may keep them so many seconds without asking, and so
# may this process: to join the borders that neighbours share takes longer than all the rest.
KEPT = 300
# Layers that every map asks for and that are the same for all members of a city.
SHARED = ("base", "areas", "communities")


@require_safe
def tile(request, layer, z, x, y):
    """One tile of a layer of the base map; `?version=` picks one border of a unit grid."""
    if layer not in LAYERS:
        return HttpResponse(status=404)
    if not request.user.has_perm("grids.view_area"):
        return HttpResponse(status=403)
    version = request.GET.get("version", "")
    try:
        where = Tile.at(z, x, y)
        version = int(version[:18]) if version else None
    except ValueError:
        return HttpResponse(status=400)
    cities = days_of(request.user)
    if layer in SHARED:
        return answered(request, _kept(layer, where, cities), KEPT)
    return answered(request, drawn(layer, where, cities=cities, version=version), KEPT)


def _kept(layer, where, cities):
    """A tile that was drawn here lately, or drawn now."""
    days = ",".join(f"{pk}:{day}" for pk, day in cities.items())
    key = f"{layer}-{where.z}-{where.x}-{where.y}-{days}"
    return caches["tiles"].get_or_set(key, lambda: drawn(layer, where, cities=cities), KEPT)


def days_of(user):
    """{id: its day} of the cities that a member has a post in today; of all of them for a
    superuser, who sets up."""
    cities = City.objects.all() if user.is_superuser else [post.city for post in posts_of(user)]
    return dict(sorted((city.pk, city.today()) for city in cities))


def answered(request, body, seconds):
    """A tile as an answer: 204 for nothing, 304 if the asker has it already. It is kept by nobody
    but the asker's own browser."""
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    answer = HttpResponse(
        body, status=200 if body else 204, content_type="application/vnd.mapbox-vector-tile"
    )
    answer["ETag"] = tag
    answer = get_conditional_response(request, etag=tag, response=answer)
    answer["Cache-Control"] = f"private, max-age={seconds}" if seconds else "private, no-cache"
    return answer
