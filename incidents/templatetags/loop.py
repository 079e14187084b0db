"""How the loop looks on every page: chips, stage marks, moments and spans of time in the reader's
language and the city's zone."""

import re

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
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
def chip_of_demand(demand):
    """The chip of a demand that `chips.show_demand_clocks` has seen."""
    return _drawn(getattr(demand, "chip", None))


def _drawn(chip):
    """A chip without the page's own context: an inclusion tag would have the frame of the whole
    page put together again for each."""
    return render_to_string("incidents/_chip.html", {"chip": chip})


@register.filter
def moment(value):
    """A moment in the city's zone: 07-14 10:42, in English 14 Jul, 10:42; with the year when it is
    another one."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    this_year = local.year == timezone.localtime(clock.now()).year
    if (get_language() or "zh").startswith("zh"):
        return date_format(local, "m-d H:i" if this_year else "Y-m-d H:i")
    return date_format(local, "j M, H:i" if this_year else "j M Y, H:i")


@register.filter
def moment_long(value):
    """A moment in full: 2026年7月14日 星期二 10:42, in English Tue 14 Jul 2026, 10:42."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    chinese = (get_language() or "zh").startswith("zh")
    return date_format(local, "Y年n月j日 l H:i" if chinese else "D j M Y, H:i")


@register.filter
def clock_time(value):
    """The hour of a moment in the city's zone, 10:42."""
    return date_format(timezone.localtime(value), "H:i") if value else ""


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
def days_ago(value):
    """How long ago a moment is, in whole days."""
    days = (clock.now() - value).days
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


assert set(WAITS) == set(Stage.values)
