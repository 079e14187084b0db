"""The words for what clocks did: limits, verdicts, the effect of a step, what a decision means."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from incidents.templatetags.loop import moment, span

register = template.Library()

# A clock by the name that people use for it.
CLOCKS = {
    "intake": gettext_lazy("Intake clock"),
    "confirm": gettext_lazy("Confirming clock"),
    "dispatch": gettext_lazy("Dispatch clock"),
    "handle": gettext_lazy("Handling clock"),
    "verify": gettext_lazy("Verifying clock"),
    "close": gettext_lazy("Closing clock"),
}
DEMANDS = {
    "request": gettext_lazy("Decision on the request"),
    "answer": gettext_lazy("Answer to the escalation"),
    "reply": gettext_lazy("Reply to the supervise order"),
    "opine": gettext_lazy("Opinion on the appeal"),
    "decide": gettext_lazy("Decision on the appeal"),
    "spot_check": gettext_lazy("Spot check"),
}
ROADS = {
    "intake": gettext_lazy("Report and file"),
    "dispatch": gettext_lazy("Dispatch"),
    "handle": gettext_lazy("Handle"),
    "verify": gettext_lazy("Verify"),
    "close": pgettext_lazy("stage", "Close"),
}


@register.filter
def cell_word(kind):
    """The heading of a cell of the loop bar."""
    return ROADS[kind]


@register.filter
def limit_words(limit):
    """A limit as it was given: 40 working h, 3 work days."""
    if limit is None:
        return _("no limit")
    value, unit = limit
    if unit in ("hour", "work_hour"):
        return span(int(value * 60), unit == "work_hour")
    number = f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
    count = 1 if number == "1" else 2
    if unit == "work_day":
        words = ngettext("%(number)s work day", "%(number)s work days", count)
    else:
        words = ngettext("%(number)s day", "%(number)s days", count)
    return words % {"number": number}


@register.filter
def verdict_words(thing):
    """The frozen verdict of a clock: on time, so late, or none."""
    if thing.verdict == "on_time":
        return _("on time")
    if thing.verdict == "late":
        late = {"span": span(thing.late)}
        return _("%(span)s late") % late if thing.late else _("less than a minute late")
    return _("no verdict")


@register.filter
def late_words(clock):
    """How late the stopped clock of a row of the database is."""
    if clock is None or clock.late_by is None:
        return "–"
    return _("%(span)s late") % {"span": span(int(clock.late_by.total_seconds() // 60))}


@register.filter
def limit_of_line(line):
    """The limit that a clock was judged by, extensions apart."""
    entry = next(e for e in reversed(line.entries) if e.kind in ("start", "rebase"))
    return None if entry.limit_value is None else (entry.limit_value, entry.limit_unit)


def any_bad(effects):
    """True if one of the effects of a step must not be missed."""
    return any(effect.bad for effect in effects)


@register.filter
def effect_words(effect):
    """One line for what a step did to one clock."""
    say = _OWED if effect.demand else _SAID
    names = DEMANDS if effect.demand else CLOCKS
    words = say[effect.does](effect) if effect.does in say else ""
    return words % _Named(effect, clock=names.get(effect.demand or effect.clock, ""))


class _Named(dict):
    """What a line may name of an effect, put into words only where the line names it."""

    def __init__(self, effect, **known):
        super().__init__(known)
        self.effect = effect

    def __missing__(self, name):
        return _NAMED[name](self.effect)


_NAMED = {
    "used": lambda effect: span(effect.used, effect.worked),
    "left": lambda effect: span(effect.left or 0, effect.worked),
    "rested": lambda effect: span(effect.rested, effect.worked),
    "limit": lambda effect: limit_words(effect.limit),
    "due": lambda effect: moment(effect.due_at),
    "verdict": lambda effect: verdict_words(effect),
}


def _started(effect):
    if effect.limit is None:
        return _("%(clock)s starts, no limit")
    return _("%(clock)s starts, limit %(limit)s")


def _again(effect):
    if effect.limit is None:
        return _("Another unit: %(clock)s starts anew, no limit")
    return _("Another unit: %(clock)s starts anew, limit %(limit)s")


def _resumed(effect):
    if effect.left is None:
        return _("%(clock)s goes on after a pause of %(rested)s")
    if not effect.left:
        return _("%(clock)s goes on, nothing left")
    if not effect.rested:
        return _("%(clock)s goes on, %(left)s left")
    return _("%(clock)s goes on after a pause of %(rested)s, %(left)s left")


def _rebased(effect):
    if effect.limit is None:
        return _("%(clock)s has no limit any more")
    return _("%(clock)s: new limit %(limit)s from the old start, due %(due)s")


def _stopped(effect):
    if effect.verdict == "none":
        return _("%(clock)s stops after %(used)s, no verdict")
    return _("%(clock)s stops after %(used)s, %(verdict)s")


_SAID = {
    "start": _started,
    "again": _again,
    "pause": lambda effect: _("%(clock)s paused, %(used)s used"),
    "resume": _resumed,
    "extend": lambda effect: _("%(clock)s extended by %(limit)s, due %(due)s"),
    "rebase": _rebased,
    "recalendar": lambda effect: _("%(clock)s: the calendar changed, due %(due)s"),
    "warn": lambda effect: _("%(clock)s: four fifths used, %(left)s left"),
    "breach": lambda effect: _("%(clock)s overdue since %(due)s"),
    "stop": _stopped,
    "goes_on": lambda effect: _("%(clock)s goes on"),
    "stays_paused": lambda effect: _("%(clock)s stays paused"),
    "none": lambda effect: _("No clock is running"),
}


def _ended(effect):
    return _("%(clock)s not made, lapsed") if effect.lapsed else _("%(clock)s ended, %(verdict)s")


_OWED = {
    "start": lambda effect: _("%(clock)s is owed by %(due)s"),
    "warn": lambda effect: _("%(clock)s: four fifths of the time used"),
    "breach": lambda effect: _("%(clock)s overdue since %(due)s"),
    "stop": _ended,
    "recalendar": lambda effect: _("%(clock)s: the calendar changed, due %(due)s"),
}


@register.filter
def outcome_words(outcome, demand):
    """What one decision on a request would mean for the due time."""
    due = moment(outcome.due_at)
    if outcome.does == "refuse":
        return _("due %(due)s, the clock goes on") % {"due": due} if due else _("the clock goes on")
    if demand.ask == "extend" and outcome.limit_before is None:
        return _("not possible: the case has no limit now")
    if demand.ask == "extend" and outcome.limit is None:
        more = {"limit": limit_words(outcome.limit_before), "due": due}
        return _("%(limit)s more, due %(due)s") % more
    if demand.ask == "extend":
        return _("%(before)s → %(limit)s, due %(due)s") % {
            "before": limit_words(outcome.limit_before),
            "limit": limit_words(outcome.limit),
            "due": due,
        }
    if demand.ask == "suspend":
        return _("paused until %(until)s, then due %(due)s") % {
            "until": moment(demand.until),
            "due": due or _("without a limit"),
        }
    return _(
        "the clock rests, back to the dispatcher: another unit starts anew with %(limit)s, "
        "this one would have %(left)s left"
    ) % {
        "limit": limit_words(outcome.limit_before),
        "left": span(outcome.left or 0, outcome.worked),
    }
