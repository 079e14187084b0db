"""The page at `/`: sign in, see who I am and what runs, go on, sign out."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from staff.forms import Named
from staff.models import Member
from staff.roles import ADMINISTRATION, COMMAND, HANDLING, LEADING, ROLES, SUPERVISION

TOO_MANY_REQUESTS = 429
PARTS = {
    "database": _("Database"),
    "postgis": _("Maps in the database"),
    "redis": _("Redis"),
    "worker": _("Background worker"),
    "beat": _("Timetable"),
    "engine": _("Enforcing of deadlines"),
    "deadlines": _("Deadlines recorded"),
}
# What each axis of the loop is for: who is on one of the first two is never on the other.
AXES = {
    SUPERVISION: _("Supervision: finds, files, verifies, closes, assesses"),
    COMMAND: _("Command: dispatches and adjudicates"),
    HANDLING: _("Handling: puts it right"),
    LEADING: _("Leading"),
    ADMINISTRATION: _("Administration: three who exclude one another"),
}


@never_cache
@sensitive_post_parameters("password")
def entry(request, *, health, posts_of):
    """Sign in, or who I am. `health` and `posts_of` come from above, by `gridcity.urls`."""
    if request.user.is_authenticated:
        return render(request, "staff/entry.html", at_home(request.user, health, posts_of))
    form = SignIn(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(next_page(request))
    return render(request, "staff/entry.html", {"form": form} | doors(request))


class SignIn(Named, AuthenticationForm):
    """User name and password, tied to what is wrong with them for those who hear the page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # As the page says it.
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs |= {"class": "form-control", "autofocus": False}
        self.fields["password"].widget.attrs |= {"class": "form-control"}
        if self.is_bound and self.errors:
            # A wrong pair names neither of the two.
            for name in self.errors.keys() & self.fields or self.fields:
                wrong = {"aria-invalid": "true", "aria-describedby": "refusal"}
                self.fields[name].widget.attrs |= wrong


def doors(request):
    """What the page needs for whoever is not signed in."""
    return {"demo_roles": demo_roles(), "next": next_page(request)}


def demo_roles():
    """[(axis, what it is for, its roles with a demo account)] in the order of the table; none
    outside demo mode."""
    if not settings.DEMO:
        return []
    there = Member.objects.filter(username__in=ROLES, is_active=True, is_superuser=False)
    names = set(there.values_list("username", flat=True))
    roles = {axis: [] for axis in AXES}
    for role in ROLES.values():
        if role.key in names:
            roles[role.axis].append(role)
    return [(axis, AXES[axis], roles[axis]) for axis in AXES if roles[axis]]


def at_home(user, health, posts_of):
    """What the page shows a member: posts with what they are for, the system's parts."""
    posts = posts_of(user)
    return {
        "posts": [(post, ROLES[post.role]) for post in posts],
        "parts": [(PARTS.get(name, name), part) for name, part in health().items()],
        "may_administrate": user.may_look_inside(),
        "api_docs": _address("docs"),
    }


def _address(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


@require_POST
def enter_demo(request):
    """Sign in as a role with one click; there is no such page in a real city."""
    if not settings.DEMO:
        raise Http404
    role = request.POST.get("role")
    if role not in ROLES:
        raise Http404
    there = Member.objects.filter(username=role, is_active=True, is_superuser=False).first()
    if there is None:
        raise Http404
    login(request, there, backend="grids.backends.PostBackend")
    return redirect(next_page(request))


@require_POST
def leave(request):
    """Sign out."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def next_page(request):
    """Where somebody wanted to go, if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Anything else redirect() would take for the name of a view.
    return wanted if ours and wanted.startswith("/") else settings.LOGIN_REDIRECT_URL


def locked_out(request, original_response=None, credentials=None):
    """What django-axes answers after too many wrong passwords: the page again, and for how long.
    The API has said so in its own form."""
    if original_response is not None and request.path.startswith("/api/"):
        return original_response
    context = {
        "form": SignIn(request),
        "locked_minutes": round(settings.AXES_COOLOFF_TIME * 60),
    }
    return render(request, "staff/entry.html", context | doors(request), status=TOO_MANY_REQUESTS)
