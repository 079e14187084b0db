"""Who is told of what, by which ways and when: one table, and the outbox rows that a move writes by
it in its own transaction.

`incidents.telling` makes messages of the rows, `incidents.sending` sends them.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from incidents.letters import Channel
from incidents.models import Outbox
from incidents.querysets import ENDS, PARTY

# The role whose turn it is at a stage (read from the table of parties), to be told of new work.
_TURN = {stage: role for role, stages in PARTY.items() for stage in stages}


@dataclass(frozen=True)
class Notice:
    """A row of the table. `ways` are channels, one with "!" only for an urgent case; what `waits`
    goes with the digest of whoever wants one, all else at once. Nothing but an urgent case breaks
    quiet hours."""

    kind: str
    title: object
    who: object
    ways: tuple
    waits: bool

    def always(self):
        """The ways of every case."""
        return [way for way in self.ways if not way.endswith("!")]

    def if_urgent(self):
        """The ways that only an urgent case takes."""
        return [way.removesuffix("!") for way in self.ways if way.endswith("!")]


def row(kind, title, who, ways, when):
    """A row; ways as words, `when` "at once" or "may wait"."""
    return Notice(kind, title, who, tuple(ways.split()), {"at once": False, "may wait": True}[when])


_OWNER = _("who owes it")
_UNIT = _("the unit that handles the case")
# fmt: off
NOTICES = {notice.kind: notice for notice in (
    #   kind          title                                who                                   by which ways             when
    row("your_turn",  _("A case waits for you"),           _("whose turn it is"),                "page push email! sms!",  "at once"),
    row("assist",     _("Your unit is to assist with a case"), _("a unit that assists"), "page push email! sms!",  "at once"),
    row("warn",       _("Due soon"),                       _("whose clock it is"),               "page push sms!",         "at once"),
    row("breach",     _("Overdue"),                        _("whose clock it is"),               "page push email sms!",   "at once"),
    row("answer",     _("Escalated to you: please answer"), _("the head of that level"),         "page push email sms",    "at once"),
    row("reply",      _("Ordered by a leader: please reply"), _("the unit or centre ordered"),   "page push email sms",    "at once"),
    row("replied",    _("Your order was replied to"),      _("the leader who ordered"),          "page push email",        "may wait"),
    row("request",    _("A unit asks for a decision"),     _("who decides it"),                  "page push email",        "at once"),
    row("decided",    _("Your request was decided"),       _UNIT,                                "page push email",        "at once"),
    row("lapsed",     _("Your request lapsed: nobody decided it in time"), _UNIT,                "page push email",        "at once"),
    row("opine",      _("An appeal waits for your opinion"), _OWNER,                             "page push email",        "may wait"),
    row("decide",     _("An appeal waits for your decision"), _OWNER,                            "page push email",        "may wait"),
    row("spot_check", _("Please check a closed case on the spot"), _("the worker drawn"),        "page push email",        "may wait"),
    row("ended",      _("What you reported has ended"),    _("who reported it; somebody without an account by text message"), "page email", "may wait"),
    row("called",     _("Called to a place"),              _("the called department and its head"), "page push email sms", "at once"),
    row("called_off", _("The call is off"),                _("departments still on the way"),    "page push email sms",    "at once"),
    row("plan_red",   _("A plan has missed its mark"),     _("the head of the unit that answers"), "page email",           "may wait"),
)}
# fmt: on
WAYS = tuple(Channel.values)
assert all(way.removesuffix("!") in WAYS for notice in NOTICES.values() for way in notice.ways)


def tell(case, step, *, demands=(), also=()):
    """Write what must be told: whose turn it is, the owners of new demands, the reporter of an
    end, and `also` others: (notice, the columns of an outbox row that say to whom; None for whose
    turn it is). One insert."""
    rows = []
    if step.to_stage != step.from_stage:
        rows += _turn(case, step)
    rows += [
        Outbox(step=step, notice=notice, made_at=step.at, **(to or _whose_turn(case)))
        for notice, to in also
    ]
    for demand in demands:
        rows.append(
            Outbox(
                step=step,
                notice=demand.kind,
                made_at=step.at,
                to_role=demand.owner_role,
                to_area_id=demand.owner_area_id,
                to_unit_id=demand.owner_unit_id,
                to_duty_grid_id=demand.owner_duty_grid_id,
                to_member_id=demand.owner_id,
            )
        )
    Outbox.objects.bulk_create(rows)
    return rows


def _turn(case, step):
    if case.stage in ENDS:
        return [
            Outbox(step=step, notice="ended", made_at=step.at, to_member_id=case.reported_by_id)
        ]
    if case.stage not in _TURN:
        return []  # suspended: nobody's turn, and whoever asked for it hears of the decision
    return [Outbox(step=step, notice="your_turn", made_at=step.at, **_whose_turn(case))]


def _whose_turn(case):
    """The columns of an outbox row that say whose turn it is in an open case."""
    role = _TURN.get(case.stage, "")
    to = {"to_role": role}
    if role == "worker":
        to["to_member_id"] = case.worker_id
    elif role == "handler":
        to["to_unit_id"] = case.unit_id
    elif role == "supervisor":
        to["to_area_id"] = case.community_id
    return to


# --- beside the loop -----------------------------------------------------------------------------


def tell_called(task, units):
    """A joint task: every called department and its head."""
    _tell_units(task, units, "called", task.called_at)


def tell_called_off(task, units):
    """The departments that need not come any more."""
    _tell_units(task, units, "called_off", task.called_off_at)


def _tell_units(task, units, notice, moment):
    Outbox.objects.bulk_create(
        Outbox(joint_task=task, notice=notice, made_at=moment, to_role=role, to_unit_id=unit)
        for unit in units
        for role in ("handler", "leader")
    )
