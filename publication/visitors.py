"""What every page for the public has in common: nobody is signed in, nothing is set on the side of
the visitor, caches may keep it, and nobody may ask without end."""

from functools import wraps
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe
from redis import RedisError
from rest_framework.throttling import SimpleRateThrottle

from publication.models import Schedule

MINUTES, HOUR = 120, 3600  # seconds that a cache keeps the newest page, and an older one
FOREVER = 365 * 24 * 3600


class Visits(SimpleRateThrottle):
    """So many requests a minute from one address, which is kept as a keyed hash alone."""

    scope = "public"

    def get_rate(self):
        return settings.PUBLIC_RATE

    def get_cache_key(self, request, view):
        key = settings.SECRET_KEY.encode()[:64]
        ident = blake2b(self.get_ident(request).encode(), key=key, digest_size=12).hexdigest()
        return f"visits:{ident}"


def open_to_all(seconds):
    """A view that anybody may ask, as `view(request, city, **parts)`; the address says the language
    and `?city=` another city than the first that publishes."""

    def decorate(view):
        @require_safe
        @conditional_page
        @wraps(view)
        def answer(request, language="zh-hans", **parts):
            with translation.override(language):
                if (wait := seconds_to_wait(request)) is not None:
                    return _too_many(wait, language)
                city = city_asked_for(request)
                if city is None:
                    return page("publication/missing.html", language, status=404)
                with timezone.override(ZoneInfo(city.time_zone)):
                    response = view(request, city, **parts)
            response.headers.setdefault("Content-Language", language)
            if response.status_code == 200:
                kept = {"immutable": True} if seconds == FOREVER else {}
                patch_cache_control(response, public=True, max_age=seconds, **kept)
            return response

        return answer

    return decorate


def seconds_to_wait(request):
    """None if this address may ask now, else how long it should wait. Without Redis nobody is
    counted, and nobody turned away."""
    visits = Visits()
    try:
        return None if visits.allow_request(request, None) else max(1, int(visits.wait() or 1))
    except RedisError:
        return None


def city_asked_for(request):
    """The city of `?city=`, else the first that publishes; None if there is none."""
    schedules = Schedule.objects.select_related("city").order_by("city_id")
    if slug := request.GET.get("city"):
        schedules = schedules.filter(city__slug=slug)
    schedule = schedules.first()
    return schedule and schedule.city


def page(template, language, *, status=200, **context):
    """A page without a request: what it shows depends on the address alone."""
    context |= {"language": language, "chinese": language == "zh-hans"}
    return HttpResponse(render_to_string(template, context), status=status)


def _too_many(wait, language):
    response = page("publication/too_many.html", language, status=429, wait=wait)
    response.headers["Retry-After"] = str(wait)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    return response
