"""How a move is written down: its step with facts and words, the photos that it names, and those
columns of the case that it changed."""

from grids.backends import posts_with
from incidents import routing, rules
from incidents.models import Case, Evidence, Step, Words

_TEXTS = ("reason", "result", "words", "opinion", "note", "description")


def record(case, chosen, by, read, *, key, at):
    """Insert the step of a move on a locked case: `chosen` is its row of the table, `read` its
    facts, `key` the idempotency key with the hash of its body. Returns the Step."""
    kept = _kept(read)
    if chosen.move in ("dispatch", "adjudicate") and case.category_id:
        kept["routing"] = routing.route(case).explanation
    last = rules.past_of(case)[-1].at if case.version else at
    return Step.objects.create(
        case=case,
        seq=case.version + 1,
        round=case.round + (chosen.move == "reopen"),
        move=chosen.move,
        from_stage=case.stage,
        to_stage=chosen.target(case.stage),
        by=by,
        role=_role(by, chosen.permission),
        unit_id=case.unit_id if chosen.who == "lead unit" else None,
        at=max(at, last),
        facts=kept,
        words=words_of(read),
        position=read.get("position"),
        idempotency_key=key[0],
        body_hash=key[1],
    )


def _kept(read):
    """The facts as they stand on the step: codes and plain values, no free words."""
    kept = {}
    for name, value in read.items():
        if name in _TEXTS or name in ("photo", "position"):
            continue
        kept[name] = _plain(value)
    return kept


def _plain(value):
    if isinstance(value, list):
        return [_plain(item) for item in value]
    for column in ("code", "number", "username"):
        if hasattr(value, column):
            return getattr(value, column)
    return value.isoformat() if hasattr(value, "isoformat") else value


def words_of(read):
    """The free words among the facts, in a row of their own; None if there are none."""
    text = next((read[name] for name in _TEXTS if read.get(name)), "")
    return Words.objects.create(text=text) if text else None


def _role(by, permission):
    """The role by which a member made the move, for the record."""
    return next((post.role for post in posts_with(by, f"incidents.{permission}")), "")


_SAVED = [
    "stage",
    "version",
    "round",
    "kind",
    "category",
    "condition",
    "priority",
    "point",
    "place",
    "on_border",
    "grid",
    "grid_version",
    "duty_grid",
    "community",
    "street",
    "district",
    "unit",
    "worker",
    "handled_by",
    "verified_by",
    "closed_by",
    "merged_into",
    "level",
    "ended_at",
    "clock_kind",
    "warn_at",
    "due_at",
    "suspended_until",
]
_COLUMNS = {name: Case._meta.get_field(name).attname for name in _SAVED}


def columns(case):
    """The values of the columns that a move may change."""
    return {name: case.__dict__.get(column) for name, column in _COLUMNS.items()}


def save_changed(case, before):
    """Write those columns of the case that are no longer as `columns` gave them."""
    after = columns(case)
    case.save(update_fields=[name for name in _SAVED if after[name] != before[name]])


def name_photos(photos, *, case, step):
    """Photos belong from now on to the step that named them."""
    if photos:
        named = Evidence.objects.filter(pk__in=[photo.pk for photo in photos])
        named.update(case=case, step=step, city=case.city)
        for photo in photos:
            photo.case, photo.step, photo.city = case, step, case.city
