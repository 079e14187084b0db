"""The site of the administration: who may enter, whose cities they see, in whose time zone."""

from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from grids.backends import posts_of
from staff.models import City


class GridcityAdminSite(UnfoldAdminSite):
    """Open to every active member one of whose posts lets them look at something; what they see
    and do inside, each model asks `member.has_perm`. There is one page to sign in: `/`."""

    def has_permission(self, request):
        user = request.user
        if not user.is_active:
            return False
        return user.is_superuser or any(
            permission.partition(".")[2].startswith("view_")
            for permission in user.get_all_permissions()
        )

    def login(self, request, extra_context=None):
        if self.has_permission(request):
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", "/admin/"), login_url=settings.LOGIN_URL)

    def admin_view(self, view, cacheable=False):
        @wraps(view)
        def at_home(request, *args, **kwargs):
            # What models of lower apps know about the member's cities they read from here.
            request.cities = cities_of(request.user)
            with timezone.override(zone_of(request.cities)):
                response = view(request, *args, **kwargs)
                # Rendered here, since afterwards the zone is the server's again.
                if not getattr(response, "is_rendered", True):
                    response.render()
            return response

        return super().admin_view(at_home, cacheable)


def cities_of(user):
    """The keys of the cities of today's posts; None, which is all of them, for set-up."""
    return None if user.is_superuser else {post.city_id for post in posts_of(user)}


def zone_of(cities):
    """The zone of a member's city, for set-up of the first one."""
    rows = City.objects.all() if cities is None else City.objects.filter(pk__in=cities)
    name = rows.order_by("pk").values_list("time_zone", flat=True).first()
    return ZoneInfo(name or settings.TIME_ZONE)
