"""The rows of a board. Each is written at once: there are twenty on a page, and as a template of
their own they took longer than all the queries of the page."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from incidents.templatetags.loop import (
    clock_chip,
    in_words,
    priority_word,
    source_word,
    spoken,
)

register = template.Library()
_ROW = (
    '<li class="queue-row{current}" tabindex="-1" data-row="{number}" data-version="{version}"'
    ' data-stage="{stage}"><label class="tick"><input type="checkbox" name="case"'
    ' value="{number}:{version}" autocomplete="off" aria-label="{select}"{checked}></label>{chip}'
    '<div class="row-words"><p class="row-first"><a href="{page}?{query}"{is_shown}>{heading}</a>'
    '<span class="cut" title="{detail}">{detail}</span>{urgent}{above}</p><p class="row-second">'
    '<span class="cut">{where}</span>{below}</p></div></li>'
)
_URGENT = '<span class="tag urgent">{}</span>'
# What stands at the end of the lines: a request with who asks, else the number and the source.
_ASKED = '<span class="row-end tag blue">{}</span>', '<span class="row-end cut">{}</span>'
_TOLD = '<span class="row-end" title="{}">{}</span>', '<span class="row-end">{}</span>'
_NO, _CURRENT, _SHOWN, _CHECKED = map(
    mark_safe, ("", " current", ' aria-current="true"', " checked")
)


@register.simple_tag
def queue_row(row, asked, query):
    """One case of a queue; `query` is the address of the queue."""
    is_current = row.number == asked.current
    places = [spoken(place) for place in (row.community, row.place) if place]
    if row.asks:
        above, below = format_html(_ASKED[0], row.asks), format_html(_ASKED[1], in_words(row.unit))
    else:
        above = format_html(_TOLD[0], row.number, row.number[-4:])
        below = format_html(_TOLD[1], source_word(row.source))
    return format_html(
        _ROW,
        current=_CURRENT if is_current else _NO,
        number=row.number,
        version=row.version,
        stage=row.stage,
        select=_("Select %(number)s") % {"number": row.number},
        checked=_CHECKED if row.number in asked.picked else _NO,
        chip=clock_chip(row),
        page=reverse("board_preview", args=[row.number]),
        query=query,
        is_shown=_SHOWN if is_current else _NO,
        heading=in_words(row.category) or row.place or row.number,
        detail=in_words(row.condition),
        urgent=format_html(_URGENT, priority_word(row.priority)) if row.urgent else _NO,
        above=above,
        where=format_html_join(" · ", "{}", ((place,) for place in places)),
        below=below,
    )
