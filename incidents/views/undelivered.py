"""Messages that were given up and notices that could not be told, with "send again": for who looks
after the system."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents import sending
from incidents.letters import Gateway, Message
from incidents.models import Outbox
from incidents.notices import NOTICES
from incidents.views.signed import signed_in
from incidents.views.tabs import cities_of, tabs
from lib.numbers import whole
from lib.pages import page_behind

PAGE = 40


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def undelivered(request):
    """GET the dead letters of one's cities, newest first; POST sends one (`key`) or all again."""
    if not request.user.has_perm("incidents.change_message"):
        raise PermissionDenied
    if request.method == "POST":
        return _again(request)
    cities = cities_of(request.user)
    context = _dead(request.user, request.GET.get("before", "")) | {
        "aside": Outbox.objects.failed_in(cities).select_related("step__case")[:PAGE],
        "down": Gateway.objects.down_in(cities),
    }
    context |= tabs(request.user, "undelivered")
    return render(request, "incidents/notices/undelivered.html", context)


def _dead(user, before):
    """A page of the dead letters behind the key `before`, and the key of the next page."""
    rows = Message.objects.dead_of(user).select_related("member", "outbox__step__case")
    found, following = page_behind(rows, whole(before), PAGE)
    for row in found:
        row.title = NOTICES[row.notice].title if row.notice in NOTICES else ""
    return {"rows": found, "next": following}


def _again(request):
    dead = Message.objects.dead_of(request.user).order_by()
    if request.POST.get("aside"):
        failed = Outbox.objects.failed_in(cities_of(request.user))
        count = failed.order_by().update(error="")
    elif request.POST.get("all"):
        count = sending.send_again(dead)
    else:
        key = whole(request.POST.get("message", ""))
        count = sending.send_again(dead.filter(pk=key)) if key is not None else 0
    words = ngettext("%(number)d is sent again.", "%(number)d are sent again.", count)
    messages.success(request, words % {"number": count} if count else _("Nothing to send again."))
    return redirect("undelivered")
