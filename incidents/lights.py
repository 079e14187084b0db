"""The light of a case: what the clock of its stage shows at a moment. Said once in SQL and once in
Python, from the same three columns; a test holds them against each other and against the ledger.

Domain rule: green to 80 % of the limit, yellow to 100 %, red beyond. A clock that rests is paused,
but one that was late when it was paused stays red: `Case.due_at` keeps the time that had passed.
"""

from django.db.models import Case, CharField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from lib import now as clock

# Each light in words, in the order of filters.
WORDS = {
    "green": _("on time"),
    "yellow": _("due soon"),
    "red": _("overdue"),
    "paused": _("paused"),
    "none": _("no clock running"),
}
LIGHTS = tuple(WORDS)
_RESTS = "suspended"


def is_light(moment):
    """{light: Q of the cases that show it at a moment}."""
    return {
        "red": Q(due_at__lt=moment),
        "yellow": Q(warn_at__lte=moment, due_at__gte=moment),
        "green": Q(due_at__gte=moment) & ~Q(warn_at__lte=moment),
        "paused": Q(stage=_RESTS, due_at__isnull=True),
        "none": Q(due_at__isnull=True) & ~Q(stage=_RESTS),
    }


def light_at(moment):
    """The same as an expression: the light of a case."""
    whens = [When(q, then=Value(light)) for light, q in is_light(moment).items()]
    return Case(*whens, output_field=CharField())


def light_of(case, moment=None):
    """The light that a case shows, now by default."""
    moment = moment or clock.now()
    if case.due_at is None:
        return "paused" if case.stage == _RESTS else "none"
    if case.due_at < moment:
        return "red"
    return "yellow" if case.warn_at is not None and case.warn_at <= moment else "green"
