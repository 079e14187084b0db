"""One move at a time: a case is locked for whoever moves it, the same request is answered once, and
who comes second is told who was first."""

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from grids.backends import posts_of
from incidents import names, rules, scope
from incidents.clocks import with_calendars, with_next
from incidents.facts import Conflict, Hidden
from incidents.models import Case, Stage, Step


def _named(case):
    """Q of a case that is given as a Case or by its number."""
    if isinstance(case, Case):
        return Q(pk=case.pk)
    return Q(number=str(case).replace("\x00", ""))


def lock_in_order(case, into):
    """Lock both cases of a merge, the older first: two members who merge them into each other wait
    for each other and not for ever, and neither case goes into one that is merged meanwhile."""
    both = Case.objects.filter(_named(case) | _named(into)).order_by("pk")
    list(both.select_for_update().values_list("pk"))


def locked(case, by, name):
    """The case, locked, if this member may see it, with what the move will read of it."""
    seen = Case.objects.all() if by.username == rules.SYSTEM else Case.objects.visible_to(by)
    joined = _JOINED.get(name, ())
    rows = with_next(with_calendars(rules.with_past(seen.filter(_named(case)))))
    if joined:
        rows = rows.select_related(*joined)
    found = next(iter(rows.select_for_update(of=("self",))[:1]), None)
    if found is None:
        raise Hidden(_("There is no such case."))
    rules.keep_past(found)
    for path in joined:
        # Whoever held the lock before may have set another condition; the database then gives the
        # new row of the case joined to nothing, and what it means is read when it is asked for.
        column = path.partition("__")[0]
        if getattr(found, f"{column}_id") and found._state.fields_cache.get(column) is None:
            found._state.fields_cache.pop(column, None)
    city = next((p.city for p in posts_of(by) if p.city_id == found.city_id), None)
    if city is not None:
        found.city = city
    return found


# What a move reads of the rows that the case points to; a join costs all others more than it saves.
_JOINED = {
    "dispatch": ("category", "condition"),
    "adjudicate": ("category", "condition"),
    "verify": ("community__unit",),
    "close": ("community",),
    "send_back": ("community",),
    "supervise": ("unit",),
    "hand_up": ("unit",),
    "lift": ("unit",),
}


# --- who was first ------------------------------------------------------------------------------


def is_version(case, by, version):
    """True if this is the version that the member sees: of a case that is cut for them, the last
    step that they read."""
    return version in (None, case.version) or version == scope.last_step_for(by, case)


def lost(case, by):
    """Conflict naming who moved the case last, and when, as far as this member reads it."""
    last = case.steps.up_to(scope.last_step_for(by, case)).order_by("-seq").first()
    stage = Stage(last.to_stage).label if last else "–"
    return Conflict(
        _("The case has moved on: it is %(stage)s now.") % {"stage": stage},
        **({"who": names.winner(last), "when": last.at, "move": last.move} if last else {}),
    )


def said_before(by, key, body_hash):
    """The case that this member's key made or moved, or None. Conflict for another body."""
    if not key:
        return None
    step = Step.objects.said_by(by, key).select_related("case__city").first()
    if step is None:
        return None
    if step.body_hash != body_hash:
        raise Conflict(_("This key was used for another request."))
    return step.case


def lost_race(by, key, body_hash, error):
    """What a breach of a unique constraint means: the same key won the race and its case is the
    answer, or somebody else was first, as where the database ended a deadlock. Any other error is
    a mistake of the code, or no race, and stays one."""
    if not isinstance(error.__cause__, _RACES):
        raise error
    unique = isinstance(error.__cause__, UniqueViolation)
    earlier = said_before(by, key, body_hash) if unique else None
    if earlier is None:
        raise Conflict(_("Somebody else was there first.")) from error
    return earlier


_RACES = (UniqueViolation, DeadlockDetected, SerializationFailure)


def is_poison(error):
    """True for an error that one row brings about, not the state of database or connection, nor a
    race that the next try will not lose."""
    away = (OperationalError, InterfaceError, ProgrammingError)
    return not isinstance(error, away) and not isinstance(error.__cause__, OperationalError)
