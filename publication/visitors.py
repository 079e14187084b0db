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

from lib import now as clock
from publication.models import Schedule

MINUTES, HOUR = 120, 3600  # seconds that a cache keeps the newest page, and an older one
FOREVER = 365 * 24 * 3600
# The pages that the bar leads to, which are there before anything is published.
FRONT = {f"bulletin{page}{end}" for page in ("", "_archive", "_data") for end in ("", "_en")}


class Visits(SimpleRateThrottle):
    """So many requests a minute from one address, which is kept as a keyed hash alone. They are
    counted from one full minute (hour, day) to the next, each by one atomic step of the cache: what
    is read and then written back, as Django REST framework does it, counts two at once as one."""

    scope = "public"

    def get_rate(self):
        return settings.PUBLIC_RATE

    def get_cache_key(self, request, view):
        key = settings.SECRET_KEY.encode()[:64]
        ident = blake2b(self.get_ident(request).encode(), key=key, digest_size=12).hexdigest()
        return f"visits:{ident}"

    def allow_request(self, request, view):
        self.now = int(clock.now().timestamp())
        key = f"{self.get_cache_key(request, view)}:{self.now // self.duration}"
        # Kept for longer than it counts, so that it never ends between the two steps.
        self.cache.add(key, 0, timeout=2 * self.duration)
        return self.cache.incr(key) <= self.num_requests

    def wait(self):
        """Seconds until it counts anew."""
        return self.duration - self.now % self.duration


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
                    return _nobody_publishes(request, language)
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
        return None if visits.allow_request(request, None) else visits.wait()
    except (RedisError, ValueError):  # away, or the count was put out to make room
        return None


def city_asked_for(request):
    """The city of `?city=`, else the first that publishes; None if there is none."""
    schedule = Schedule.objects.first_publishing(request.GET.get("city", ""))
    return schedule and schedule.city


def _nobody_publishes(request, language):
    """Where no city publishes yet, the pages of the bar say that the first bulletin is to come."""
    begun = Schedule.objects.exists()
    if begun or request.GET.get("city") or request.resolver_match.view_name not in FRONT:
        return page("publication/missing.html", language, status=404, begun=begun)
    return page("publication/none.html", language, demo=settings.DEMO)


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
