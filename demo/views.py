"""What pages show while the demo city's month is still being filled in."""

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from demo.progress import progress


@require_safe
@never_cache
def fill(request):
    """The bar of templates/_fill.html, which asks again every few seconds; nothing once the month
    is there, so that the bar goes away."""
    days, wanted = progress() or (0, 0)
    fill = {"days": days, "wanted": wanted} if settings.DEMO else {}
    return render(request, "_fill.html", {"fill": fill})
