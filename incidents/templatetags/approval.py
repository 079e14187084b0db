"""The evidence checks in words: the result first, then the tolerance."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents.checks import FILE, MIRRORED, PART, PICTURE
from incidents.templatetags.loop import in_a_row, in_words, masked, moment
from lib.numbers import in_thousands

register = template.Library()

PARTS = {
    "report": gettext_lazy("reported"),
    "handle": gettext_lazy("handled"),
    "verify": gettext_lazy("verified"),
}


@register.filter
def check_result(check):
    """The result of a check, one line."""
    return _RESULTS[check.kind](check.passed, check.facts)


@register.filter
def check_tolerance(check):
    """What the result was measured against, one line."""
    return _TOLERANCES[check.kind](check.facts)


def _place(passed, facts):
    if facts["metres"] is None:
        return _("The last photo says no place")
    if facts["work_metres"] and facts["metres"] <= facts["tolerance"]:
        return _("The photo of the handling was taken %(work_metres)s m away") % facts
    words = {True: _("Same place, %(metres)s m apart"), False: _("%(metres)s m apart")}
    return words[passed] % facts


def _place_tolerance(facts):
    return _("%(tolerance)s m are allowed: phones are wrong among houses") % facts


def _order(passed, facts):
    if passed:
        return _("Taken in the right order")
    if not facts["wrong"]:
        part, days = facts["old"][0]
        return ngettext(
            "A photo is %(days)s day older than its step: %(part)s",
            "A photo is %(days)s days older than its step: %(part)s",
            days,
        ) % {"days": days, "part": PARTS[part]}
    parts = in_a_row(PARTS[part] for part in dict.fromkeys(facts["wrong"]))
    return _("A photo does not fit the order of the work: %(parts)s") % {"parts": parts}


def _order_tolerance(facts):
    line = " → ".join(f"{PARTS[part]} {moment(at)}" for part, at in facts["times"])
    if not facts["all_told"]:
        return _("%(times)s (a photo says no time: the server's counts)") % {"times": line}
    return line


def _parties(passed, facts):
    if facts.get("alone"):
        return _("Handled on the spot by its finder: you are the second party")
    return _("Handled and verified by different parties") if passed else _("The same party twice")


def _parties_tolerance(facts):
    if facts.get("alone"):
        return _("Grid worker %(name)s") % {"name": masked(facts["finder"])}
    words = {
        True: _("%(unit)s / grid worker %(name)s, who had found it too"),
        False: _("%(unit)s / grid worker %(name)s"),
    }
    return words[facts["found_it"]] % {
        "unit": in_words(facts["unit"]) or "–",
        "name": masked(facts["verifier"]) or "–",
    }


def _reuse(passed, facts):
    if passed:
        return _("No photo was used before")
    number = len({hit.photo.pk for hit in facts["hits"]})
    return ngettext(
        "%(number)s photo was used before", "%(number)s photos were used before", number
    ) % {"number": number}


def _reuse_tolerance(facts):
    if not facts["photos"]:
        return _("There is no photo to compare")
    if not facts["counted"]:
        return _("Compared with about %(number)s photos of all cases") % {
            "number": in_thousands(round(facts["compared"], -3))
        }
    return ngettext(
        "Compared with %(number)s photo of all cases",
        "Compared with %(number)s photos of all cases",
        facts["compared"],
    ) % {"number": in_thousands(facts["compared"])}


HOW = {
    FILE: gettext_lazy("the same file"),
    PICTURE: gettext_lazy("the same picture saved again"),
    MIRRORED: gettext_lazy("the same picture, mirrored"),
    PART: gettext_lazy("a part of the same picture"),
}
CHECKS = {
    "place": gettext_lazy("place"),
    "order": gettext_lazy("time order"),
    "parties": gettext_lazy("different parties"),
    "reuse": gettext_lazy("photo used before"),
}


@register.filter
def how_alike(hit):
    """How a photo is like the one that was used before."""
    words = str(HOW[hit.how])
    if hit.how == FILE:
        return words
    return _("%(how)s (%(bits)s of 64 bits differ)") % {"how": words, "bits": hit.bits}


@register.filter
def check_words(kinds):
    """The checks that failed, by name."""
    return in_a_row(CHECKS.get(kind, kind) for kind in kinds)


_RESULTS = {"place": _place, "order": _order, "parties": _parties, "reuse": _reuse}
_TOLERANCES = {
    "place": _place_tolerance,
    "order": _order_tolerance,
    "parties": _parties_tolerance,
    "reuse": _reuse_tolerance,
}
