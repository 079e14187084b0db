"""How numbers, days and addresses of the bulletin look in the reader's language."""

from django import template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from lib.numbers import in_thousands
from publication.editions import rate
from staff.models import in_language

register = template.Library()


@register.filter
def count(value):
    """A count with thin spaces at the thousands; a dash for one that is withheld, said in words."""
    if value is None:
        return format_html(
            '<span class="held"><span aria-hidden="true">–</span>'
            '<span class="unseen">{}</span></span>',
            _("withheld"),
        )
    return in_thousands(value)


@register.simple_tag
def share(over, under):
    """A rate in percent with its fraction, or a dash."""
    found = rate(over, under)
    if found is None:
        return count(None)
    return format_html(
        '{}<span class="percent">%</span> <span class="fraction">{}/{}</span>',
        found,
        count(over),
        count(under),
    )


@register.filter
def day_long(value):
    """2026年7月13日 星期一, in English Mon 13 Jul 2026."""
    return date_format(value, in_language("Y年n月j日 l", "D j M Y"))


@register.filter
def day_short(value):
    """7月13日, in English 13 Jul."""
    return date_format(value, in_language("n月j日", "j M"))


@register.filter
def month_long(value):
    """2026年7月, in English July 2026."""
    return date_format(value, in_language("Y年n月", "F Y"))


@register.filter
def named(row):
    """The name of a row of a bulletin in the reader's language."""
    if "zh" in row:
        return in_language(row["zh"], row["en"])
    return row["name"]


@register.simple_tag(takes_context=True)
def to(context, name, *parts, language=""):
    """The address of a page of the bulletin in this language or another, of the same city."""
    language = language or context["language"]
    suffix = "" if language == "zh-hans" else "_en"
    return reverse(f"{name}{suffix}", args=parts) + context.get("query", "")


@register.simple_tag(takes_context=True)
def file_of(context, name, *parts):
    """The address of a file, of the same city."""
    return reverse(name, args=parts) + context.get("query", "")


FIGURES = {
    "dispatched": pgettext_lazy("bulletin", "Dispatched"),
    "intake": pgettext_lazy("bulletin", "Taken in"),
    "filed": pgettext_lazy("bulletin", "Filed"),
    "due": pgettext_lazy("bulletin", "Due for closing"),
    "closed": pgettext_lazy("bulletin", "Closed"),
    "on_time": pgettext_lazy("bulletin", "On time"),
    "late": pgettext_lazy("bulletin", "Late"),
    "overdue": pgettext_lazy("bulletin", "Overdue, open"),
    "patrol": pgettext_lazy("bulletin", "Found on patrol"),
    "maintained": pgettext_lazy("bulletin", "Maintained"),
    "supervised": pgettext_lazy("bulletin", "Supervised"),
    "managed": pgettext_lazy("bulletin", "Managed"),
    "enforced": pgettext_lazy("bulletin", "Enforced"),
    "evaluated": pgettext_lazy("bulletin", "Communities evaluated"),
}
EVERYDAYS = ("maintained", "supervised", "managed", "enforced", "evaluated")


@register.filter
def everydays(total):
    """[(figure, count)] of the six every-days; nothing for entries from before they were told."""
    return [(name, total[name]) for name in EVERYDAYS if name in total]


@register.filter
def figure(name):
    """The name of a figure."""
    return FIGURES[name]


@register.simple_tag
def subject(body, change):
    """Whose count a correction changed."""
    if change["table"] == "total":
        return in_language(body["city"]["zh"], body["city"]["en"])
    rows = (
        body["week"]["communities"] if change["table"] == "communities" else body[change["table"]]
    )
    return next((named(row) for row in rows if row["code"] == change["code"]), change["code"])
