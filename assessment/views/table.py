"""What an address asks of a ranking."""

from assessment.rankings import Wanted
from assessment.rankings import table_of as standings_of
from lib.numbers import whole


def wanted_of(request, asked):
    """The ranking that is asked for: `?within=` is the key of the area above, `?entry=` that of a
    publication, `?from=` the line at which the page begins."""
    given = request.GET.get
    within, entry, start = (whole(given(name, "")) for name in ("within", "entry", "from"))
    return Wanted(asked.city, asked.kind, asked.period, within, entry, start or 0)


def table_of(request, asked):
    """The whole of it, for a file."""
    return standings_of(wanted_of(request, asked), request.user)
