"""The words for what an edit of a calendar does."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from incidents.templatetags.loop import span

register = template.Library()


@register.filter
def moved_words(move):
    """How far a due time moves: 2 h later, 1 d 3 h earlier."""
    words = span(abs(move.by) // timedelta(minutes=1))
    return (_("%(span)s later") if move.later else _("%(span)s earlier")) % {"span": words}
