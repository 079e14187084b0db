"""How figures stand on the paper of a digest."""

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.measures import RATES
from assessment.measures import named as names_of_code
from assessment.periods import Period
from assessment.subjects import WORDS
from assessment.templatetags.scores import period_words as words_of_period
from lib.numbers import in_thousands
from staff.models import in_language

register = template.Library()
_NOTHING = "–"
_CHINESE_NUMBERS = "零一二三四五六七八九"
HIGHEST = 60  # of a bar on the paper


@register.filter
def period_words(period):
    """2026年11月, in English November 2026."""
    return words_of_period(period)


@register.simple_tag
def digest_title(contents):
    """The title in the style of a circular."""
    said = {"city": contents.city, "period": words_of_period(contents.period)}
    if contents.period.kind == "quarter":
        return _("%(city)s: quarterly report on city grid management, %(period)s") % said
    return _("%(city)s: monthly report on city grid management, %(period)s") % said


@register.simple_tag
def digest_number(contents, digest):
    """The number of the circular: its year, its period, its version."""
    said = {
        "year": contents.period.first.year,
        "period": str(contents.period)[5:].lstrip("0"),
        "version": digest.version,
    }
    return _("%(year)s, no. %(period)s, version %(version)s") % said


@register.simple_tag
def section_number(number):
    """一、 in Chinese, 1. in English."""
    return in_language(f"{_CHINESE_NUMBERS[number]}、", f"{number}. ")


@register.filter
def figure_name(code):
    """The name of a figure."""
    return in_language(*names_of_code(code))


@register.filter
def kind_words(kind):
    """The name of a kind of subject."""
    return WORDS[kind]


def _said(value):
    if value is None:
        return _NOTHING
    return in_thousands(value, 0 if value == int(value) else 2)


@register.filter
def plain(figure):
    """A count as it is, a rate with two decimals; a dash where there is none."""
    return _NOTHING if figure is None else _said(figure.value)


@register.filter
def percent(figure):
    """A rate with its sign."""
    return _NOTHING if figure is None or figure.value is None else f"{figure.value:.2f}%"


@register.simple_tag
def cell(row, code):
    """A figure of a line."""
    figure = row.figures.get(code)
    if figure is None or figure.value is None:
        return _NOTHING
    return f"{figure.value:.2f}" if code in RATES else _said(figure.value)


@register.simple_tag
def change(now, before):
    """By how much a figure rose or fell, with its sign."""
    if before is None or now.value is None or before.value is None:
        return _NOTHING
    by = now.value - before.value
    return f"{'+' if by > 0 else '−' if by < 0 else '±'}{_said(abs(by))}"


@register.filter
def names_of(lines):
    """Names in a row, as the language joins them."""
    return pgettext("digest", ", ").join(line.subject.name for line in lines)


@register.filter
def names_with_counts(pairs):
    """The same with a count behind each."""
    said = [_("%(name)s (%(count)s)") % {"name": of.name, "count": n} for of, n in pairs]
    return pgettext("digest", ", ").join(said)


@register.filter
def words(text):
    """The words of a text."""
    return text.split()


@register.filter
def width_of(bars):
    """The width of the drawing."""
    return 10 * max(len(bars), 1)


@register.filter
def dot(value):
    """A number as SVG has it, in every language."""
    return f"{value:.1f}"


@register.filter
def down(height):
    """Where a bar of a height begins, from above."""
    return f"{HIGHEST + 1 - height:.1f}"


@register.filter
def day_of_moment(moment):
    """The local day of a moment: 2026年11月29日, in English 29 November 2026."""
    return date_format(timezone.localtime(moment), in_language("Y年n月j日", "j F Y"))


@register.filter
def period_of_digest(digest):
    """The period of a digest in words."""
    return words_of_period(Period.read(digest.period, "UTC"))
