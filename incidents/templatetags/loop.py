"""How the loop looks on every page: chips, stage marks, moments and spans of time in the reader's
language and the city's zone."""

import re

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.html import format_html
from django.utils.translation import (
    get_language,
    gettext_lazy,
    ngettext,
    pgettext_lazy,
)
from django.utils.translation import gettext as _

from incidents.models import Case, Priority, Stage
from incidents.names import masked
from incidents.workflow import LABELS
from lib import now as clock
from staff.models import in_language
from staff.roles import ROLES

register = template.Library()
_CHINESE = re.compile(r"[\u3400-\u9fff]")

# The five that people see, with the character that stands for each (interface guide, section 3).
FIVE = {
    1: (pgettext_lazy("stage letter", "R"), gettext_lazy("Report")),
    2: (pgettext_lazy("stage letter", "D"), gettext_lazy("Dispatch")),
    3: (pgettext_lazy("stage letter", "H"), gettext_lazy("Handle")),
    4: (pgettext_lazy("stage letter", "V"), gettext_lazy("Verify")),
    5: (pgettext_lazy("stage letter", "C"), pgettext_lazy("stage", "Close")),
}
STAGE_NUMBER = {
    "": 1,
    "reported": 1,
    "confirming": 1,
    "accepted": 1,
    "filed": 2,
    "dispatched": 3,
    "suspended": 3,
    "handled": 4,
    "verified": 5,
    "closed": 5,
    "dismissed": 1,
    "voided": 2,
    "merged": 1,
}
# What a stage waits for, as a queue is headed.
WAITS = {
    "reported": gettext_lazy("To be accepted"),
    "confirming": gettext_lazy("To be confirmed"),
    "accepted": gettext_lazy("To be filed"),
    "filed": gettext_lazy("To be dispatched"),
    "dispatched": gettext_lazy("Being handled"),
    "suspended": gettext_lazy("Suspended"),
    "handled": gettext_lazy("To be verified"),
    "verified": gettext_lazy("To be closed"),
    "closed": gettext_lazy("Closed"),
    "dismissed": gettext_lazy("Dismissed"),
    "voided": gettext_lazy("Voided"),
    "merged": gettext_lazy("Merged"),
}
HOUR, DAY = 60, 24 * 60
_CHIP = (
    '<span class="chip {0}" data-chip="{0}" {1} title="{2}"><svg class="shape" aria-hidden="true"'
    ' width="14" height="14" viewBox="0 0 14 14">{3}</svg><span class="words">{4}</span>{5}</span>'
)
# Ring, triangle, octagon, square: the state is never told by the colour alone.
_SHAPES = {
    "running": '<circle class="rail" cx="7" cy="7" r="5" pathLength="100"/><circle class="used"'
    ' cx="7" cy="7" r="5" pathLength="100" stroke-dasharray="{} 100"/>',
    "warning": '<path d="M7 1 13.4 12.6H.6Z"/><path class="cut" d="M7 5v4M7 10.4v1"/>',
    "overdue": '<path d="M4.2.5h5.6l3.7 3.7v5.6l-3.7 3.7H4.2L.5 9.8V4.2Z"/>'
    '<path class="cut" d="M7 3.4v4.4M7 9.6v1.2"/>',
    "suspended": '<path d="M1 1h12v12H1Z"/><path class="cut" d="M5 4v6M9 4v6"/>',
}


@register.simple_block_tag
def table_panel(content, label, table="plain rows"):
    """A table in a panel of its own that scrolls by itself; `label` is the name of the region,
    `table` the classes of the table."""
    return format_html(
        '<div class="panel table-panel" tabindex="0" role="region" aria-label="{}">'
        '<table class="{}">{}</table></div>',
        label,
        table,
        content,
    )


@register.filter
def stage_word(stage):
    """The name of a stage, as a queue is headed."""
    return WAITS.get(stage, stage)


@register.filter
def move_word(name):
    """The label of a move."""
    return LABELS.get(name, name)


@register.filter
def role_word(key):
    """The name of a role."""
    return ROLES[key].name if key in ROLES else key


@register.filter
def priority_word(value):
    """The name of a priority."""
    return Priority(value).label


@register.filter
def source_word(value):
    """The name of a source."""
    return Case.Source(value).label


@register.filter
def stage_number(stage):
    """Which of the five that people see a stage belongs to, 1 to 5."""
    return STAGE_NUMBER.get(stage, 1)


@register.simple_tag
def stage_mark(stage, number=None):
    """The coloured square with the stage's character; its word stands beside it, so it is hidden
    from screen readers."""
    number = number or stage_number(stage)
    return format_html(
        '<span class="mark-stage s{}" aria-hidden="true">{}</span>', number, FIVE[number][0]
    )


@register.filter
def span(minutes, worked=False):
    """A span of time given in minutes, "2 h 10 min"; with `worked` it says that these are office
    hours."""
    minutes = int(minutes or 0)
    hours, rest = divmod(abs(minutes), HOUR)
    if worked:
        return _working_span(hours, rest)
    if abs(minutes) >= 2 * DAY:
        days, over = divmod(abs(minutes), DAY)
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": over // HOUR}
    if hours and rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if hours:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(minutes)s min") % {"minutes": rest}


def _working_span(hours, rest):
    if hours and rest:
        words = _("%(hours)s working h %(minutes)s min")
    elif hours:
        words = _("%(hours)s working h")
    else:
        words = _("%(minutes)s working min")
    return words % {"hours": hours, "minutes": rest}


@register.filter
def left_words(chip):
    """What a chip says: "6 min left", "4 min over", "paused"."""
    if chip.state == "suspended":
        return _("Paused")
    if chip.state == "overdue":
        return _("%(span)s over") % {"span": span(chip.over // 60)}
    return _("%(span)s left") % {"span": span(chip.left // 60, chip.worked)}


@register.simple_tag
def clock_chip(case):
    """The chip of a case's clock, which the view has put on it (`chips.show_clocks`)."""
    return _drawn(case.chip)


@register.simple_tag
def clock_chip_in_full(case):
    """The same, with the share of the limit that is used: for the one case that is being read."""
    return _drawn(case.chip, with_share=True)


@register.simple_tag
def chip_of_demand(demand):
    """The chip of a demand that `chips.show_demand_clocks` has seen."""
    return _drawn(getattr(demand, "chip", None))


def _drawn(chip, with_share=False):
    """A chip as HTML; written at once, for a board has dozens, and a template of its own for each
    took longer than the rest of their rows."""
    if not chip:
        return format_html('<span class="chip endless">{}</span>', _("No limit"))
    due = {"due": moment_long(chip.due_at), "percent": chip.percent}
    share = ""
    if with_share and chip.over == 0 and chip.state != "suspended":
        words = _("· %(percent)s %% used") % {"percent": chip.percent}
        share = format_html('<span class="share">{}</span>', words)
    return format_html(
        _CHIP,
        chip.state,
        chip.numbers,
        _("Due %(due)s, %(percent)s %% used") % due,
        format_html(_SHAPES[chip.state], chip.percent),
        left_words(chip),
        share,
    )


@register.filter
def moment(value):
    """A moment in the city's zone: 07-14 10:42, in English 14 Jul, 10:42; with the year when it is
    another one."""
    if value is None:
        return ""
    # Written out, as below: every line says it, and to read a format takes ten times as long.
    local = timezone.localtime(value)
    this_year = local.year == timezone.localtime(clock.now()).year
    hour = f"{local.hour:02}:{local.minute:02}"
    if (get_language() or "zh").startswith("zh"):
        year = "" if this_year else f"{local.year}-"
        return f"{year}{local.month:02}-{local.day:02} {hour}"
    year = "" if this_year else f" {local.year}"
    return f"{local.day} {MONTHS_3[local.month].title()}{year}, {hour}"


@register.filter
def moment_long(value):
    """A moment in full: 2026年7月14日 星期二 10:42, in English Tue 14 Jul 2026, 10:42."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    day, hour = local.weekday(), f"{local:%H:%M}"
    if (get_language() or "zh").startswith("zh"):
        return f"{local.year}年{local.month}月{local.day}日 {WEEKDAYS[day]} {hour}"
    month = MONTHS_3[local.month].title()
    return f"{WEEKDAYS_ABBR[day]} {local.day} {month} {local.year}, {hour}"


@register.filter
def clock_time(value):
    """The hour of a moment in the city's zone, 10:42."""
    return f"{timezone.localtime(value):%H:%M}" if value else ""


@register.filter
def is_chinese(text):
    """True for words in Chinese on a page in another language: such an element says so."""
    return not (get_language() or "zh").startswith("zh") and bool(_CHINESE.search(text or ""))


@register.filter
def spoken(value):
    """A name as it was typed; on a page in another language it says that it is Chinese, so that it
    is read out and drawn as such."""
    text = "" if value is None else str(value)
    return format_html('<span lang="zh-Hans">{}</span>', text) if is_chinese(text) else text


register.filter(masked)


@register.filter
def in_words(thing):
    """The name of a thing in the reader's language."""
    if thing is None:
        return ""
    if hasattr(thing, "name_zh"):
        return in_language(thing.name_zh, thing.name_en)
    return str(thing)


@register.filter
def in_a_row(words):
    """Words one after the other, as the reader's language parts them."""
    return _(", ").join(str(word) for word in words)


@register.filter
def days_ago(value):
    """How long ago a moment is, in whole days."""
    days = (clock.now() - value).days
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


assert set(WAITS) == set(Stage.values)
