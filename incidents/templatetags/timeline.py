"""The steps of a case on its page. Each is written at once, as the rows of a board are: a case has
dozens, and as a template of their own they took longer than all the queries of the page."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.templatetags.ledger import any_bad, effect_words
from incidents.templatetags.loop import (
    in_words,
    is_chinese,
    masked,
    moment,
    moment_long,
    move_word,
    role_word,
    spoken,
    stage_mark,
)

register = template.Library()
_STEP = (
    '<li class="step"><time datetime="{at}" title="{long}">{short}</time>{mark}'
    '<div class="step-body"><p><b>{move}</b> <span class="who-did">{who}</span>{round}</p>'
    '{facts}{said}{photos}<p class="effect{bad}">{face}<span>{effects}</span></p></div></li>'
)
_FACE = mark_safe(
    '<svg aria-hidden="true" width="12" height="12" viewBox="0 0 12 12">'
    '<circle cx="6" cy="6" r="5"/><path d="M6 3.2V6l2 1.4"/></svg>'
)
_NO, _BAD, _CHINESE = mark_safe(""), mark_safe(" bad"), mark_safe(' lang="zh-Hans"')


@register.simple_tag
def timeline(steps):
    """The steps of a case, newest first, each with what it did to the clocks."""
    return format_html(
        '<ol class="timeline" reversed>{}</ol>',
        format_html_join("", "{}", ((_step(step),) for step in steps)),
    )


def _step(step):
    words = step.words.text if step.words else ""
    return format_html(
        _STEP,
        at=timezone.localtime(step.at).isoformat(),
        long=moment_long(step.at),
        short=moment(step.at),
        mark=stage_mark(step.from_stage),
        move=move_word(step.move),
        who=_who(step),
        round=_tag(_("round %(number)s") % {"number": step.round}) if step.round > 1 else _NO,
        facts=_line("facts", " · ".join(step.facts_in_words)) if step.facts_in_words else _NO,
        said=_line("said", linebreaksbr(words), is_chinese(words)) if words else _NO,
        photos=_line("quiet", _photos(len(step.photos))) if step.photos else _NO,
        bad=_BAD if any_bad(step.effects) else _NO,
        face=_FACE,
        effects=" · ".join(effect_words(effect) for effect in step.effects),
    )


def _who(step):
    if step.is_secret:
        return role_word(step.role)
    post = in_words(step.unit) if step.unit else role_word(step.role) if step.role else ""
    return format_html("{} {}", post, spoken(masked(step.by)))


def _tag(words):
    return format_html(' <span class="tag">{}</span>', words)


def _line(look, words, in_chinese=False):
    return format_html('<p class="{}"{}>{}</p>', look, _CHINESE if in_chinese else _NO, words)


def _photos(number):
    return ngettext("%(number)s photo", "%(number)s photos", number) % {"number": number}


@register.filter
def photo_caption(photo):
    """When and how far from the reported point a photo was taken, as its own data say."""
    taken = timezone.localtime(photo.taken_at) if photo.taken_at else None
    when = f"{taken:%m-%d %H:%M:%S}" if taken else _("time unknown")
    if photo.metres is None:
        return f"{when} · {_('place unknown')}"
    metres = {"metres": int(photo.metres + 0.5)}
    return f"{when} · {_('%(metres)s m from the reported point') % metres}"
