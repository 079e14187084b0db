"""The words for what an edit of a calendar does."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.templatetags.loop import span

register = template.Library()

# The calendars that a set-up makes; a city names others as it likes, in its own words.
NAMES = {"office": gettext_lazy("Office hours"), "patrol": gettext_lazy("Patrol hours")}


@register.filter
def calendar_word(name):
    """The name of a calendar in the reader's language, where it is one of the set-up's."""
    return NAMES.get(name, name)


@register.filter
def moved_words(move):
    """How far a due time moves: 2 h later, 1 d 3 h earlier."""
    words = span(abs(move.by) // timedelta(minutes=1))
    return (_("%(span)s later") if move.later else _("%(span)s earlier")) % {"span": words}
