"""The closed loop on one screen: the table of moves, and the one door through which they happen.

    report  → dispatch → handle → verify → close

Read a row as: *move*, from which stages, to which stage, the permission, who of those that have it
(`rules.WHO`), the facts it needs (`?` = may be left out), which clocks it turns, and when the row
applies (`rules.WHEN`). NEW begins a case, SAME leaves it in its stage, OPEN is every stage but the
ends, EVER those too. What a move changes besides stands in `effects`. Buttons, the API, the admin's
actions, the diagram in docs/loop.md, the permission tests and the trigger on steps all read this
table.
"""

from dataclasses import dataclass

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from incidents import facts, locking, notices, recording, reporting, rules
from incidents.clocks import Turns, due_move, is_due, next_of
from incidents.effects import EFFECTS, Doing, turn_clock
from incidents.facts import BadFacts, Faults, Forbidden, Need, Refused
from incidents.models import OPEN, Move, Stage
from incidents.rows import EVER, NEW, SAME, row, waived, without_proof
from lib import now as clock
from staff.models import Member

# fmt: off
TABLE = (
    # move                 from                       to            permission          who                  needs                        clocks                        when
    # report: what is wrong, and is it a case?
    row("report",          NEW,                       "reported",   "report_case",      "",                  "category? condition? description? photo? position?", "start intake"),
    row("self_handle",     NEW,                       "verified",   "self_handle_case", "",                  "category? condition description? photo position", "start close"),
    row("accept",          "reported",                "accepted",   "accept_case",      "",                  "category area?"),
    row("ask_confirm",     "reported",                "confirming", "confirming_case",  "",                  "worker? note?",             "pause intake, start confirm"),
    row("confirm",         "confirming",              "reported",   "confirm_case",     "asked worker",      "found photo note? position?", "stop confirm, resume intake"),
    row("recall",          "confirming",              "reported",   "confirming_case",  "",                  "note?",                     "drop confirm, resume intake"),
    row("reassign",        "confirming handled",      SAME,         "confirming_case",  "",                  "worker? note?"),
    row("merge",           "reported accepted",       "merged",     "merge_case",       "",                  "into note?",                "stop all"),
    row("bring_back",      "merged",                  "reported",   "system",           "system",            "",                          "start intake"),
    row("dismiss",         "reported",                "dismissed",  "dismiss_report",   "",                  "reason",                    "stop all"),
    row("dismiss",         "reported accepted",       "dismissed",  "dismiss_case",     "",                  "reason",                    "stop all"),
    row("hand_back",       "accepted",                "reported",   "hand_back_case",   "",                  "reason"),
    row("file",            "accepted",                "filed",      "file_case",        "",                  "condition grid? note?",     "stop intake, start dispatch"),
    row("hand_back_filing", "filed",                  "accepted",   "hand_back_filing_case", "",             "reason",                    "drop dispatch, start intake"),
    row("correct",         "accepted filed dispatched suspended", SAME, "correct_case", "",                  "reason condition? longitude? latitude?"),
    # dispatch: whose is it?
    row("dispatch",        "filed",                   "dispatched", "dispatch_case",    "",                  "unit assisting? note? promised?", "stop dispatch, give handle"),
    # handle and verify: done, and seen to be done
    row("handle",          "dispatched",              "handled",    "handle_case",      "lead unit",         "result photo",              "pause handle, start verify"),
    row("verify",          "handled",                 "verified",   "verify_case",      "verifier",          "photo position note?",      "stop verify, start close"),
    row("rework",          "handled",                 "dispatched", "verify_case",      "verifier",          "reason photo position?",    "stop verify, resume handle"),
    # close: approved, or back once more
    row("close",           "verified",                "closed",     "close_case",       "closer",            "note?",                     "stop close, stop handle"),
    row("send_back",       "verified",                "dispatched", "close_case",       "closer",            "reason",                    "stop close, resume handle",  "handled in round"),
    row("send_back",       "verified",                "filed",      "close_case",       "closer",            "reason",                    "stop close, start dispatch", "not handled in round"),
    row("void",            "filed dispatched suspended handled verified", "voided", "void_case", "",         "reason",                    "drop all"),
    # beside the road: what a unit asks for, and who decides
    row("ask_extend",      "dispatched",              SAME,         "request_case",     "lead unit",         "reason"),
    row("ask_suspend",     "dispatched",              SAME,         "request_case",     "lead unit",         "reason until"),
    row("ask_return",      "dispatched",              SAME,         "request_case",     "lead unit",         "reason"),
    row("grant",           "dispatched",              SAME,         "decide_request",   "owner of request",  "note?",                     "extend handle",              "asked extend"),
    row("grant",           "dispatched",              "suspended",  "decide_request",   "owner of request",  "note?",                     "pause handle",               "asked suspend"),
    row("grant",           "dispatched",              "filed",      "decide_request",   "owner of request",  "note?",                     "pause handle, start dispatch", "asked return"),
    row("refuse",          "dispatched",              SAME,         "decide_request",   "owner of request",  "reason"),
    row("refuse",          "dispatched",              SAME,         "system",           "owner or lapse",    "reason?"),
    row("resume",          "suspended",               "dispatched", "dispatch_case",    "",                  "note?",                     "resume handle"),
    row("resume",          "suspended",               "dispatched", "system",           "system",            "",                          "resume handle"),
    row("adjudicate",      "filed",                   "dispatched", "adjudicate_case",  "",                  "unit reason",               "stop dispatch, give handle"),
    row("adjudicate",      "dispatched",              SAME,         "adjudicate_case",  "",                  "unit reason",               "give handle"),
    # beside the road: orders, answers, appeals, spot checks
    row("reopen",          "closed",                  "filed",      "",                 "reporter",          "reason",                    "start dispatch"),
    row("supervise",       OPEN,                      SAME,         "supervise_case",   "",                  "words due to?"),
    row("reply",           OPEN,                      SAME,         "reply_case",       "owner of reply",    "words"),
    row("answer",          OPEN,                      SAME,         "answer_case",      "owner of answer",   "words"),
    row("hand_up",         "confirming handled",      SAME,         "hand_up_case",     "hander up",         "reason"),
    row("hand_up",         "dispatched",              SAME,         "hand_up_lead_case", "hander up",        "reason"),
    row("appeal",          "closed",                  SAME,         "appeal_case",      "late unit",         "reason"),
    row("opine",           EVER,                      SAME,         "opine_case",       "owner of opine",    "opinion"),
    row("decide",          EVER,                      SAME,         "decide_appeal",    "owner of decide",   "decision reason"),
    row("draw",            "closed",                  SAME,         "system",           "system",            "worker"),
    row("spot_check",      "closed",                  SAME,         "spot_check_case",  "owner of spot_check", "found photo position note?"),
    # what time brings
    row("warn",            EVER,                      SAME,         "system",           "system"),
    row("breach",          EVER,                      SAME,         "system",           "system"),
    row("lift",            OPEN,                      SAME,         "system",           "system"),
)
# fmt: on


def report(
    by, *, city, point, move="report", source="patrol", idempotency_key="", body_hash="", **given
):
    """Take a problem in (`report`), or one that its finder has handled on the spot
    (`self_handle`); returns the Case.

    `point` is a Point or [longitude, latitude] in WGS 84; the rest as in `reporting.begun`. A key
    that this member used before with the same body gives the case it made; with another body
    Conflict. Raises Forbidden, BadFacts."""
    earlier = locking.said_before(by, idempotency_key, body_hash)
    if earlier:
        return earlier
    try:
        with transaction.atomic():
            key = (idempotency_key, body_hash)
            return _begin(by, city, point, given, name=move, source=source, key=key)
    except (IntegrityError, OperationalError) as error:
        return locking.lost_race(by, idempotency_key, body_hash, error)


def move(
    case,
    name,
    by,
    *,
    version=None,
    evidence=(),
    position=None,
    idempotency_key="",
    body_hash="",
    refused=(),
    **given,
):
    """Make one move of the table: the only door. `case` is a Case or its number; facts are plain
    values (see `facts.TYPES`); `version` is the one that the member saw; what a form has `refused`
    by itself is said together with all that the loop refuses. Returns the case as it is.

    Raises Hidden (no such case for this member), Forbidden (role, or separation of duties),
    Conflict (stage or version; says who won), BadFacts (names each field). Nothing is half done.
    """
    earlier = locking.said_before(by, idempotency_key, body_hash)
    if earlier:
        return earlier
    try:
        with transaction.atomic():
            if name == "merge":
                locking.lock_in_order(case, given.get("into"))
            case = locking.locked(case, by, name)
            if by.username != rules.SYSTEM and is_due(case):
                case, version = _settle_first(case, by, name, version)
            chosen = _row_for(case, name, by, version)
            read = _read(case, chosen, by, given, evidence, position, Faults(refused))
            return _do(case, chosen, by, read, key=(idempotency_key, body_hash))
    except (IntegrityError, OperationalError) as error:
        return locking.lost_race(by, idempotency_key, body_hash, error)


def _read(case, chosen, by, given, evidence, position, faults):
    """The facts of a move; BadFacts says at once all that is wrong with them."""
    photos, position = facts.brought(evidence, position, by, faults)
    given |= {"photo": photos, "position": position}
    named = facts.named_by(chosen.needs, given)
    read = facts.read(waived(chosen, case), case, named, faults)
    must, rests_on = rules.MUST.get(chosen.move, (None, ""))
    if must and not faults.any_of(*rests_on.split()):
        with faults.gathered():
            must(case, by, read)
    faults.say()
    return facts.kept_with(read, photos, position)


@dataclass(frozen=True)
class Offer:
    """A move that a member may make now, with its label and the facts it takes."""

    move: str
    label: object
    needs: list


def moves(case, by, *, cut=False):
    """What a member may do with a case now: Offers in the order of the table. Of a case that is
    `cut` for them (see `scope`) only what they owe on it, and an appeal of their own verdict."""
    offers = {}
    for candidate in TABLE:
        if (
            case.stage in candidate.stages
            and candidate.move not in offers
            and (not cut or candidate.who in rules.OF_THE_PAST)
            and rules.may(by, candidate.permission)
            and _allows(candidate, case, by)
        ):
            needs = [
                Need(name, facts.TYPES.get(name, "text"), required, facts.choices(name, case))
                for name, required in facts.wanted(candidate.needs)
                if name != "promised"
            ]
            offers[candidate.move] = Offer(candidate.move, LABELS[candidate.move], needs)
    return list(offers.values())


# --- choosing the row ----------------------------------------------------------------------------


def _row_for(case, name, by, version):
    """The row of the table for a move, or the refusal that says why not."""
    named = [r for r in TABLE if r.move == name and r.stages != NEW]
    if not named:
        raise BadFacts({"move": [_("There is no such move.")]})
    allowed = [r for r in named if rules.may(by, r.permission)]
    if not allowed:
        raise Forbidden(_("Your post does not include this move."))
    here = [r for r in allowed if case.stage in r.stages]
    if not here or not locking.is_version(case, by, version):
        raise locking.lost(case, by)
    fitting = [r for r in here if rules.WHEN[r.when](case, by)]
    if not fitting:
        raise locking.lost(case, by)
    _may_now(fitting[0], case, by)
    return fitting[0]


def _may_now(chosen, case, by):
    """Raises the refusal of who this is, or of how the case stands, whatever facts are given."""
    rules.WHO[chosen.who](case, by)
    rules.apart(case, chosen.move, by)
    if chosen.move in rules.CAN:
        rules.CAN[chosen.move](case, by)


def _allows(candidate, case, by):
    try:
        if not rules.WHEN[candidate.when](case, by):
            return False
        _may_now(candidate, case, by)
    except Refused:
        return False
    return True


# --- doing it ------------------------------------------------------------------------------------


def _begin(by, city, point, given, *, name, source, key):
    """Make the case and its first step; `given` as in `reporting.begun`."""
    chosen = next((r for r in TABLE if r.move == name and r.stages == NEW), None)
    if chosen is None:
        raise BadFacts({"move": [_("Say report or self_handle.")]})
    reporting.may_report(by, city, chosen, source)
    case, read = reporting.begun(by, city, point, without_proof(chosen), source, given)
    case.description = recording.words_of({"description": read.pop("description", None)})
    case.number = reporting.next_number(city, case.reported_at)
    case.save(force_insert=True)
    return _do(case, chosen, by, read, key=key, at=case.reported_at)


def _do(case, chosen, by, read, *, key=("", ""), at=None):
    """Carry a move out on a locked case: step, effects, clocks, case, outbox, then what follows."""
    at = at or max(clock.now(), case.reported_at)
    before = recording.columns(case)
    turns = Turns(case, at=at)
    step = recording.record(case, chosen, by, read, key=key, at=at)
    do = Doing(case, step, turns, read, by)
    EFFECTS.get(chosen.move, lambda do: None)(do)
    for turn in filter(None, chosen.clocks.split(", ")):
        turn_clock(do, *turn.split())
    case.stage, case.version = step.to_stage, step.seq
    turns.write(step)
    recording.save_changed(case, before)
    recording.name_photos(read.get("photo"), case=case, step=step)
    notices.tell(case, step, demands=do.new_demands, also=do.also_told)
    for other, name in do.follow_ups:
        _follow(case, other, name)
    return case


def _follow(cause, case, name):
    """A move of the system that another move brings about, in the same transaction."""
    system = system_member()
    case = cause if case.pk == cause.pk else locking.locked(case, system, name)
    chosen = next(r for r in TABLE if r.move == name and case.stage in r.stages)
    _do(case, chosen, system, {})


# --- what falls due ------------------------------------------------------------------------------

# More than a case can have due at once; a circle of the system's own moves ends here.
MOST_AT_ONCE = 50


def settle_case(case):
    """Make the moves of the system that are due on one case: warnings, breaches, the end of a
    suspension, in their order. `settling` does it for all cases, many in one transaction.

    Safe to call twice; returns how many were made."""
    with transaction.atomic():
        return _settle(locking.locked(case, system_member(), "breach"))


def _settle(case):
    made = 0
    while is_due(case) and made < MOST_AT_ONCE:
        _follow(case, case, due_move(case))
        case.next_at = next_of(case)
        made += 1
    return made


def _settle_first(case, by, name, version):
    """Before anybody's move what fell due earlier is settled, so that no deadline depends on when
    the engine came by. Returns the case, and the version that the move is held against: what a
    member saw is the case as it was before. What cannot be settled stays for the engine to set
    aside and hinders nobody."""
    if version is not None and version != case.version:
        return case, version
    try:
        with transaction.atomic():
            _settle(case)
    except Exception as error:
        if not locking.is_poison(error):
            raise
        return locking.locked(case, by, name), version
    return case, None


# --- what others ask of the table ----------------------------------------------------------------


def transitions():
    """{(move, from, to)}: what the database's trigger on steps lets through."""
    return {(r.move, stage, r.target(stage)) for r in TABLE for stage in r.stages}


def system_member():
    """The member in whose name the system acts."""
    return Member.objects.get(username=rules.SYSTEM)


def public_member():
    """The member in whose name the public reports."""
    return Member.objects.get(username=rules.PUBLIC)


LABELS = dict(Move.choices)
assert {r.move for r in TABLE} == set(LABELS)
assert all(stage in ("", *Stage.values) for _m, f, t in transitions() for stage in (f, t))
