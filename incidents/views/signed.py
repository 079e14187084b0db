"""Who is not signed in goes to the entry page and comes back to where they were."""

from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.utils.translation import gettext as _


def signed_in(view):
    """A view for members only. A page sends strangers to the entry and back again; a request by
    htmx gets 401, upon which the page says so and keeps what was typed."""

    @wraps(view)
    def only_signed_in(request, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.htmx:
            words = _("You were signed out. What you typed is kept; sign in to go on.")
            return HttpResponse(words, status=401, content_type="text/plain; charset=utf-8")
        return redirect_to_login(_where(request))

    return only_signed_in


def _where(request):
    """The page to come back to: this one, or the form from which something was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    if "move" in request.POST:
        return f"{request.path}?{urlencode({'move': request.POST['move']})}"
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.path if came_from.netloc == request.get_host() else "/"
