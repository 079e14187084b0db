"""How far the demo city's month is, for the pages, which need nothing of what fills it."""

from django.core.cache import cache

KEPT_S = 3600 * 12  # seconds until a month that is complete is looked at again
KEY = "demo-progress"


def tell(days, wanted):
    """Note how many days are there."""
    cache.set(KEY, (days, wanted), timeout=KEPT_S)


def progress():
    """(days there, days wanted) of the demo month, or None before it began."""
    return cache.get(KEY)
