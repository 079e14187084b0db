"""The site of the administration: who may enter, whose cities they see, in whose time zone."""

from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.dataclasses import Favicon
from unfold.sites import UnfoldAdminSite

from grids.backends import posts_of
from grids.models import Post
from staff.models import City
from staff.roles import ADMINISTRATION, ROLES


class GridcityAdminSite(UnfoldAdminSite):
    """Open to every active member one of whose posts lets them look at something; what they see
    and do inside, each model asks `member.has_perm`. There is one page to sign in: `/`."""

    def has_permission(self, request):
        return request.user.is_active and request.user.may_look_inside()

    def each_context(self, request):
        mark = Favicon(href=static("css/mark.svg"), rel="icon", sizes=None, type="image/svg+xml")
        context = super().each_context(request)
        scripts = [*context["scripts"], static("js/admin.js")]
        return context | {"site_favicons": [mark], "scripts": scripts}

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "axes":
                app["name"] = _("Sign-ins")
        return apps

    def login(self, request, extra_context=None):
        if self.has_permission(request):
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", "/admin/"), login_url=settings.LOGIN_URL)

    def admin_view(self, view, cacheable=False):
        @wraps(view)
        def at_home(request, *args, **kwargs):
            # What pages of lower apps know about the member they read from here.
            request.cities = cities_of(request.user)
            request.colleagues = colleagues_of(request.cities)
            request.administers = administers(request.user)
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


def colleagues_of(cities):
    """Q of the members with a post in these cities, whenever, and of those who never had one;
    None, which is everybody, for set-up."""
    if cities is None:
        return None
    here = Post.objects.filter(city__in=cities).values("member")
    return Q(pk__in=here) | ~Q(pk__in=Post.objects.values("member"))


def administers(user):
    """Which of the three administrators a member is: "sysadmin", "secadmin", "auditor"."""
    held = {post.role for post in posts_of(user)} if user.is_authenticated else set()
    return {role for role in held if ROLES[role].axis == ADMINISTRATION}


def zone_of(cities):
    """The zone of a member's city, for set-up of the first one."""
    rows = City.objects.all() if cities is None else City.objects.filter(pk__in=cities)
    name = rows.order_by("pk").values_list("time_zone", flat=True).first()
    return ZoneInfo(name or settings.TIME_ZONE)
