"""The words of the loop as choices, and what the database never lets anybody do."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents.querysets import ENDS

NEVER_CHANGED = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


NEVER_DELETED = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)


class Kind(models.TextChoices):
    COMPONENT = "component", _("component")
    EVENT = "event", _("event")


class Stage(models.TextChoices):
    REPORTED = "reported", _("reported")
    CONFIRMING = "confirming", _("being confirmed")
    ACCEPTED = "accepted", _("accepted")
    FILED = "filed", _("filed")
    DISPATCHED = "dispatched", _("dispatched")
    SUSPENDED = "suspended", _("suspended")
    HANDLED = "handled", _("handled")
    VERIFIED = "verified", _("verified")
    CLOSED = "closed", _("closed")
    DISMISSED = "dismissed", _("dismissed")
    VOIDED = "voided", _("voided")
    MERGED = "merged", _("merged")


OPEN = tuple(stage for stage in Stage.values if stage not in ENDS)


class Move(models.TextChoices):
    """The moves of `workflow.TABLE`, as a person calls them."""

    REPORT = "report", _("Report")
    SELF_HANDLE = "self_handle", _("Handle on the spot")
    ACCEPT = "accept", _("Accept")
    ASK_CONFIRM = "ask_confirm", _("Ask to confirm")
    CONFIRM = "confirm", _("Confirm")
    RECALL = "recall", _("Recall")
    REASSIGN = "reassign", _("Ask another worker")
    MERGE = "merge", _("Merge")
    BRING_BACK = "bring_back", _("Bring back")
    DISMISS = "dismiss", _("Dismiss")
    HAND_BACK = "hand_back", _("Hand back")
    FILE = "file", pgettext_lazy("stage", "File")
    HAND_BACK_FILING = "hand_back_filing", _("Hand back filing")
    CORRECT = "correct", _("Correct")
    DISPATCH = "dispatch", _("Dispatch")
    HANDLE = "handle", _("Handle")
    VERIFY = "verify", _("Verify")
    REWORK = "rework", _("Rework")
    CLOSE = "close", pgettext_lazy("stage", "Close")
    SEND_BACK = "send_back", _("Send back")
    VOID = "void", _("Void")
    ASK_EXTEND = "ask_extend", _("Ask to extend")
    ASK_SUSPEND = "ask_suspend", _("Ask to suspend")
    ASK_RETURN = "ask_return", _("Ask to return")
    GRANT = "grant", _("Grant")
    REFUSE = "refuse", _("Refuse")
    RESUME = "resume", _("Resume")
    ADJUDICATE = "adjudicate", _("Adjudicate")
    REOPEN = "reopen", _("Reopen")
    SUPERVISE = "supervise", _("Supervise")
    REPLY = "reply", _("Reply")
    ANSWER = "answer", _("Answer")
    HAND_UP = "hand_up", _("Hand up")
    APPEAL = "appeal", _("Appeal")
    OPINE = "opine", _("Give an opinion")
    DECIDE = "decide", _("Decide")
    DRAW = "draw", _("Draw for a spot check")
    SPOT_CHECK = "spot_check", _("Spot check")
    WARN = "warn", _("Warn")
    BREACH = "breach", _("Breach")
    LIFT = "lift", _("Lift")


class Priority(models.TextChoices):
    URGENT = "urgent", _("urgent")
    HIGH = "high", _("high")
    NORMAL = "normal", _("normal")


class Basis(models.TextChoices):
    """How sure a row of the standard tables is."""

    PRACTICE = "practice", _("practice")
    INFERRED = "inferred", _("inferred")
    ASSUMED = "assumed", _("assumed")
    PLACEHOLDER = "placeholder", _("placeholder")


class LimitUnit(models.TextChoices):
    HOUR = "hour", _("hour, day and night")
    WORK_HOUR = "work_hour", _("working hour")
    WORK_DAY = "work_day", _("work day")
    DAY = "day", _("day")
