"""The steps of a case and the cells of its loop on its page. Each is written at once, as the rows
of a board are: as templates of their own they took longer than all the queries of the page."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.templatetags.ledger import (
    any_bad,
    cell_word,
    effect_words,
    limit_words,
    verdict_words,
)
from incidents.templatetags.loop import (
    in_words,
    is_chinese,
    masked,
    moment,
    moment_long,
    move_word,
    role_word,
    span,
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


# --- the loop ------------------------------------------------------------------------------------

_CELL = (
    '<li class="cell s{number} {state}{look}"{current}><div class="cell-head">{mark}'
    '<span class="cell-name">{name}</span>{times}<span class="cell-verdict">{verdict}</span></div>'
    '<svg class="cell-bar" width="100%" height="9" aria-hidden="true">{pieces}</svg>'
    '<p class="cell-foot">{foot}</p></li>'
)
_PIECE = '<rect class="{}" x="{}%" y="0" width="{}%" height="100%"/>'
_HERE = mark_safe(' aria-current="step"')


@register.simple_tag
def loop_cell(cell, case, exempted):
    """One cell of the loop bar; `exempted`: the lateness of this round counts in no score."""
    look = " waiting" if cell.state == "skipped" else ""
    look += " late" if cell.verdict == "late" or cell.light == "red" else ""
    return format_html(
        _CELL,
        number=cell.number,
        state=cell.state,
        look=look,
        current=_HERE if cell.state in ("running", "paused") else _NO,
        mark=stage_mark("", cell.number),
        name=cell_word(cell.kind),
        times=_times(cell.times) if cell.times > 1 else _NO,
        verdict=_verdict(cell, case, exempted),
        pieces=format_html_join("", _PIECE, cell.pieces),
        foot=format_html_join(" ", "{}", ((part,) for part in _foot(cell, case))),
    )


def _times(times):
    words = _("so many times in this round")
    return format_html('<span class="tag" title="{}">×{}</span>', words, times)


def _verdict(cell, case, exempted):
    if cell.state == "done":
        return _frozen(cell, exempted)
    if cell.state == "paused":
        return f"‖ {_('paused')}"
    if cell.state == "running" and cell.light == "red":
        over = _("%(span)s over") % {"span": span(cell.late)}
        return format_html('<span class="bad">! {}</span>', over)
    if cell.state == "running":
        due = _("due %(due)s") % {"due": moment(cell.due_at)}
        return format_html('<span class="due">{}</span>', due) if cell.due_at else ""
    waits = cell.state == "waiting" and case.is_open
    return _("not begun") if waits else _("not gone through")


def _frozen(cell, exempted):
    words = verdict_words(cell)
    if cell.verdict == "on_time":
        return format_html('<span class="ok">✓ {}</span>', words)
    if cell.verdict != "late":
        return words
    tag = _tag(_("exempted")) if exempted and cell.kind == "handle" else _NO
    return format_html('<span class="bad">! {}</span>{}', words, tag)


def _foot(cell, case):
    """The limit, what was added to it, and how long the clock ran and rested."""
    begun = cell.state not in ("waiting", "skipped")
    if not begun and not (cell.state == "waiting" and case.is_open):
        yield "–"
    else:
        yield (
            _("limit %(limit)s") % {"limit": limit_words(cell.limit)}
            if cell.limit
            else _("no limit")
        )
    if cell.extensions:
        many = ngettext("+ %(times)s extension", "+ %(times)s extensions", cell.extensions)
        yield _part(many % {"times": cell.extensions})
    if begun:
        yield _part(_("used %(used)s") % {"used": span(cell.used, cell.worked)})
    if cell.rested:
        yield _part(_("paused %(rested)s") % {"rested": span(cell.rested, cell.worked)})


def _part(words):
    return format_html("<span>{}</span>", words)


# --- photos --------------------------------------------------------------------------------------


@register.filter
def photo_caption(photo):
    """When and how far from the reported point a photo was taken, as its own data say."""
    taken = timezone.localtime(photo.taken_at) if photo.taken_at else None
    when = f"{taken:%m-%d %H:%M:%S}" if taken else _("time unknown")
    if photo.metres is None:
        return f"{when} · {_('place unknown')}"
    metres = {"metres": int(photo.metres + 0.5)}
    return f"{when} · {_('%(metres)s m from the reported point') % metres}"
