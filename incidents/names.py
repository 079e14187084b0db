"""How people are named to others: masked everywhere, and to whoever works for a handling unit the
reporter not at all (invariant 5 of the loop). A name in full is asked for with a reason, and that
is recorded (`views.case.unmask`)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents.scope import hidden_from

# The two members who are nobody in particular. A theme of the administration is a "System" too.
NAMELESS = {
    "system": pgettext_lazy("member", "System"),
    "public": _("A member of the public"),
}
# The moves of whoever reported: the first step of a case, and bringing it back.
_REPORTERS = ("report", "self_handle", "reopen")


def masked(member):
    """A person, or a name, as everybody is shown it: the first character and a star."""
    if member is None:
        return ""
    username = getattr(member, "username", "")
    if words := NAMELESS.get(username):
        return str(words)
    full = member.get_full_name() if hasattr(member, "get_full_name") else member
    name = (str(full) or username).strip()
    return f"{name[:1]}{'*' * max(1, min(2, len(name) - 1))}" if name else ""


def masked_phone(phone):
    """A telephone number, as much of it as tells two of them apart."""
    if len(phone) > 10:
        return f"{phone[:3]}****{phone[-4:]}"
    return "****" if phone else ""


def tells_reporter(step):
    """True for a step whose doer is the one who reported the case."""
    return step.move in _REPORTERS and step.by.username not in NAMELESS


def is_secret(step, reader):
    """True for a step that would tell a reader who the reporter is, whom they never learn."""
    return tells_reporter(step) and hidden_from(reader)


def doer(step, reader):
    """Who made a step, as a reader is told: masked, nobody where that is secret."""
    return "" if is_secret(step, reader) else masked(step.by)


def winner(step):
    """Who was there first, as the other is told: in full, since the two have to talk; whoever
    reported the case by no name."""
    return str(_("Reporter")) if tells_reporter(step) else str(step.by)
