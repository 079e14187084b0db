"""How scores look on every page: values, periods, bands, small charts, links to drawers."""

from decimal import Decimal
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.drawer import unit_of
from assessment.measures import MEASURES, POSTS, RATES, SUMS, named
from assessment.measures.meanings import MEANINGS
from assessment.models import Formula
from incidents.models import Basis
from incidents.templatetags.loop import span, spoken
from lib.numbers import in_thousands
from staff.models import in_language

register = template.Library()
SPARK = (92, 22, 3)  # width, height, margin of a small chart in px
_CELL = '<td class="number"><a class="figure" href="{}{}{}">{}</a></td>'
_SVG = (
    '<svg class="spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true"'
    ' focusable="false">{2}<circle cx="{3}" cy="{4}" r="2.6"/></svg>'
)


@register.filter
def value_of(value, code):
    """A figure as it is read: "93.11%", "4 456", "2 h 10 min", or a dash for none."""
    if value is None:
        return "–"
    unit = unit_of(code)
    if unit == "min":
        return span(int(value))
    if unit == "%":
        return f"{value}%"
    whole = int(value) if value == int(value) else value
    return in_thousands(whole)


@register.filter
def score_words(value):
    """A score to two decimals, or a dash for none."""
    return "–" if value is None else f"{value:.2f}"


@register.filter
def weight_words(value):
    """A weight as the formula has it, without noughts at the end."""
    return format(Decimal(str(value)).normalize(), "f")


@register.simple_tag
def subject_name(subject, user):
    """The name of a subject, masked where it is another person's."""
    return spoken(subject.name_for(user))


@register.filter
def figure_name(code):
    """The name of a figure in the reader's language."""
    return in_language(*named(code))


@register.filter
def basis_mark(code):
    """How sure a figure is, where it is less than read from a city's table: inferred, assumed."""
    measure = MEASURES.get(code)
    basis = measure.basis if measure else ""
    return Basis(basis).label if basis in ("inferred", "assumed") else ""


@register.filter
def basis_word(basis):
    """The name of a basis that is less than practice."""
    return Basis(basis).label if basis in ("inferred", "assumed") else ""


@register.simple_tag
def formula_words(code, formula=None):
    """How a figure is reckoned, in the reader's language: what is counted, what is divided by
    what, or which count gives which score."""
    if code in MEANINGS:
        return in_language(*MEANINGS[code])
    if code in RATES:
        over, under = (figure_name(part) for part in RATES[code])
        return f"{over} ÷ {under}" + ("" if unit_of(code) == "min" else " × 100%")
    if code in SUMS:
        return " + ".join(figure_name(part) for part in SUMS[code])
    steps = formula.steps.get(code, []) if formula else []
    said = [f"≤ {most} → {points}" if most is not None else f"→ {points}" for most, points in steps]
    return _("a month: %(steps)s") % {"steps": ", ".join(said)} if said else ""


@register.filter
def period_words(period):
    """A period as it is read: 2026年6月, June 2026."""
    if period.kind == "day":
        return date_format(period.first, in_language("Y年n月j日", "j M Y"))
    if period.kind == "week":
        year, week, _day = period.first.isocalendar()
        return _("Week %(week)s, %(year)s") % {"week": week, "year": year}
    if period.kind == "quarter":
        quarter = (period.first.month + 2) // 3
        return _("Q%(quarter)s %(year)s") % {"quarter": quarter, "year": period.first.year}
    if period.kind == "year":
        return pgettext("year", "%(year)s") % {"year": period.first.year}
    return date_format(period.first, in_language("Y年n月", "F Y"))


@register.filter
def period_short(period):
    """A period on an axis."""
    if period.kind == "day":
        return f"{period.first:%m-%d}"
    return str(period)


@register.simple_tag
def band_mark(band):
    """The letter of a band in its colour; never the colour alone."""
    if not band:
        return "–"
    return format_html('<b class="band band-{}">{}</b>', band.lower(), band)


@register.simple_tag
def spark(values):
    """A small chart of scores, None where there is none; the numbers stand in a table below."""
    width, height, margin = SPARK
    held = [float(value) for value in values if value is not None]
    if len(held) < 2:
        return "–"
    low, high = min(held), max(held)
    reach = max(high - low, 1)
    step = (width - 2 * margin) / (len(values) - 1)
    lines, line = [], []
    for place, value in enumerate([*values, None]):
        if value is None:
            lines, line = lines + [line] if line else lines, []
            continue
        y = height - margin - (float(value) - low) / reach * (height - 2 * margin)
        line.append(f"{margin + place * step:.1f},{y:.1f}")
    x, y = lines[-1][-1].split(",")
    drawn = format_html_join("", '<polyline points="{}"/>', ((" ".join(line),) for line in lines))
    return format_html(_SVG, width, height, drawn, x, y)


@register.simple_tag
def drawer_url(kind, key, code, period):
    """The address of a figure's drawer."""
    return f"{_page_of(kind, key)}{code}/?period={period}"


@register.simple_tag
def figure_cells(row, codes, kind, key, period):
    """The cells of a subject's figures in a ranking, each a link to its drawer; made at once, for
    there are hundreds on a page."""
    page, asked = _page_of(kind, key), f"/?period={period}"
    cells = ((page, code, asked, value_of(row.figures[code].value, code)) for code in codes)
    return format_html_join("", _CELL, cells)


@register.simple_tag
def trend_cells(values):
    """The cells of a subject's past scores, made at once like those of its figures."""
    cells = ((score_words(value),) for value in values)
    return format_html_join("", '<td class="number">{}</td>', cells)


@lru_cache(maxsize=4096)
def _page_of(kind, key):
    # A ranking has hundreds of links: what they share is found once.
    return reverse("subject", args=[kind, key])


@register.simple_tag(takes_context=True)
def with_query(context, **changed):
    """This page's address with some of what it asks for changed; an empty value is left out."""
    query = context["request"].GET.copy()
    for name in ("open", "from", "entry"):
        query.pop(name, None)
    for name, value in changed.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def formula_name(formula):
    """The name of a formula in the reader's language."""
    return in_language(formula.name_zh, formula.name_en) if isinstance(formula, Formula) else ""


@register.filter
def pick(mapping, key):
    """The value of a key that is not known when the page is written."""
    return mapping.get(key)


@register.filter
def at(row, place):
    """The item at a place of a list."""
    return row[place]


@register.filter
def late_span(minutes):
    """By how much a handling was late: time on the wall clock, as the ledger keeps it."""
    return span(minutes)


@register.filter
def has_score(role):
    """True for a role whose posts are scored."""
    return role in POSTS or role == "grid_head"
