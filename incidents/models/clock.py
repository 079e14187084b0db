"""What is owed and by when: demands, clocks with their ledger, and what could not be settled."""

import pgtrigger
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.models import Area, DutyGrid
from incidents.models.case import Case
from incidents.models.step import Step
from incidents.models.terms import NEVER_CHANGED, NEVER_DELETED, LimitUnit
from incidents.querysets import ClockQuerySet, DemandQuerySet
from staff.models import CalendarVersion, Member, Unit

# The clocks that figures are counted from; those of demands and of the centres' own steps are more.
COUNTED = Q(kind__in=("handle", "confirm", "verify"))


class Demand(models.Model):
    """Something one party owes beside the loop; never a stage or a flag of the case."""

    class Kind(models.TextChoices):
        REQUEST = "request", _("decide a request")
        ANSWER = "answer", _("answer an escalation")
        REPLY = "reply", _("reply to a supervise order")
        OPINE = "opine", _("give an opinion on an appeal")
        DECIDE = "decide", _("decide an appeal")
        SPOT_CHECK = "spot_check", _("do a spot check")

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        DONE = "done", _("done")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        LAPSED = "lapsed", _("lapsed")
        UNANSWERED = "unanswered", _("unanswered")
        ENDED = "ended", _("ended with the case")

    case = models.ForeignKey(Case, models.PROTECT, related_name="demands", verbose_name=_("case"))
    round = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    ask = models.CharField(
        _("asked for"),
        max_length=10,
        blank=True,
        choices=[("extend", _("extend")), ("suspend", _("suspend")), ("return", _("return"))],
    )
    until = models.DateTimeField(_("asked until"), null=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    # The one owner: a role in an area, unit or duty grid (empty: the whole city), or a member.
    owner_role = models.CharField(_("owner's role"), max_length=20, blank=True)
    owner_area = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", verbose_name=_("owner's area")
    )
    owner_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("owner's unit")
    )
    owner_duty_grid = models.ForeignKey(
        DutyGrid,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("owner's duty grid"),
    )
    owner = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("person", "owner"),
    )
    cause = models.ForeignKey(Step, models.PROTECT, related_name="+", verbose_name=_("cause"))
    ended_by = models.ForeignKey(
        Step, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=Outcome, blank=True, default=Outcome.OPEN
    )

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                name="one_open_request",
                condition=Q(kind="request", outcome=""),
            ),
            models.UniqueConstraint(
                fields=[
                    "case",
                    "kind",
                    "owner_role",
                    "owner_area",
                    "owner_unit",
                    "owner_duty_grid",
                    "owner",
                    "cause",
                ],
                name="one_open_demand_a_cause",
                condition=Q(outcome=""),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(owner_role="") | Q(owner__isnull=False), name="demand_has_an_owner"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_by__isnull=True)
                | ~Q(outcome="") & Q(ended_by__isnull=False),
                name="ended_demand_has_its_step",
            ),
        ]
        indexes = [
            # DemandQuerySet.owned_by
            models.Index(
                fields=["owner_role", "owner_area"],
                name="open_demands_of_a_role",
                condition=Q(outcome=""),
            ),
            # rules.owed: the demands of a case
            models.Index(fields=["case", "kind"], name="demands_of_a_case"),
        ]
        triggers = [NEVER_DELETED]

    def __str__(self):
        return f"{self.case_id} · {self.get_kind_display()}"


LOOP_CLOCKS = ("intake", "confirm", "dispatch", "handle", "verify", "close")


class Clock(models.Model):
    """One clock of a case; its ledger is the truth, due time and state here are a cache."""

    class Kind(models.TextChoices):
        INTAKE = "intake", _("intake")
        CONFIRM = "confirm", _("confirm")
        DISPATCH = "dispatch", _("dispatch")
        HANDLE = "handle", _("handle")
        VERIFY = "verify", _("verify")
        CLOSE = "close", _("close")
        DEMAND = "demand", _("demand")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")

    class Verdict(models.TextChoices):
        PROVISIONAL = "", _("provisional")
        ON_TIME = "on_time", _("on time")
        LATE = "late", _("late")
        NONE = "none", _("no verdict")

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks", verbose_name=_("case"))
    round = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    demand = models.OneToOneField(
        Demand, models.PROTECT, null=True, related_name="clock", verbose_name=_("demand")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit")
    )
    owner = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("person", "owner"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State)
    started_at = models.DateTimeField(_("started at"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    warn_at = models.DateTimeField(_("warned at"), null=True)
    due_at = models.DateTimeField(_("due at"), null=True)
    next_at = models.DateTimeField(
        _("next warning or breach"), null=True, help_text=_("Empty if there is none to come.")
    )
    verdict = models.CharField(
        _("verdict"), max_length=8, choices=Verdict, blank=True, default=Verdict.PROVISIONAL
    )
    late_by = models.DurationField(
        _("late by"), null=True, help_text=_("Time on the wall clock, pauses left out.")
    )

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        constraints = [
            # Invariant 2: one running loop clock a case, never two open of one kind.
            models.UniqueConstraint(
                fields=["case"],
                name="one_running_loop_clock",
                condition=Q(state="running") & ~Q(kind="demand"),
            ),
            models.UniqueConstraint(
                fields=["case", "kind"],
                name="one_open_clock_a_kind",
                condition=~Q(state="stopped") & ~Q(kind="demand"),
            ),
            models.CheckConstraint(
                condition=Q(state="stopped", stopped_at__isnull=False) & ~Q(verdict="")
                | ~Q(state="stopped") & Q(stopped_at__isnull=True, verdict=""),
                name="verdict_when_stopped",
            ),
        ]
        indexes = [
            # clocks.Turns, ledger.lines_of: the clocks of a case
            models.Index(fields=["case", "round", "kind"], name="clocks_of_a_case"),
            # outlook.warnings_of: what is yellow or red
            models.Index(
                fields=["due_at"], name="running_clocks_by_due", condition=Q(state="running")
            ),
            models.Index(
                fields=["warn_at"], name="running_clocks_by_warn", condition=Q(state="running")
            ),
            # settling._CLAIM: what was warned and breached already is no longer in it
            models.Index(
                fields=["next_at"], name="clocks_to_settle", condition=Q(next_at__isnull=False)
            ),
            # assessment.measures: tasks and dispatches of a day, clocks that were open at its end
            models.Index(fields=["kind", "started_at"], name="clocks_begun", condition=COUNTED),
            GistIndex(
                # least(): no range where the server's time went back, and no error either.
                Func(
                    Least("started_at", "stopped_at"),
                    "stopped_at",
                    Value("(]"),
                    function="tstzrange",
                ),
                name="clocks_open_then",
                condition=COUNTED,
            ),
        ]
        triggers = [
            NEVER_DELETED,
            pgtrigger.Protect(
                name="frozen_when_stopped",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="stopped"),
            ),
        ]

    def __str__(self):
        return f"{self.case_id} · {self.get_kind_display()}"


class ClockEntry(models.Model):
    """One entry of a clock's ledger; `lib.worktime.replay` over them gives all the rest."""

    append_only = True

    clock = models.ForeignKey(
        Clock, models.PROTECT, related_name="entries", verbose_name=_("clock")
    )
    seq = models.PositiveSmallIntegerField(_("sequence"))
    kind = models.CharField(_("entry"), max_length=12)
    at = models.DateTimeField(_("at"))
    step = models.ForeignKey(
        Step, models.PROTECT, null=True, related_name="+", verbose_name=_("step")
    )
    limit_value = models.DecimalField(
        _("limit"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    limit_unit = models.CharField(_("unit"), max_length=12, choices=LimitUnit, blank=True)
    calendar = models.ForeignKey(
        CalendarVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("calendar")
    )
    judged = models.BooleanField(
        _("judged"),
        default=True,
        help_text=_("False on a stop that says nothing about the work when it came in time."),
    )
    due_at = models.DateTimeField(
        _("due at"), null=True, help_text=_("Of a warning or a breach: the due time it is for.")
    )

    class Meta:
        verbose_name = _("entry of a clock")
        verbose_name_plural = _("entries of clocks")
        constraints = [
            models.UniqueConstraint(fields=["clock", "seq"], name="one_entry_a_place"),
            # Domain rule: warned and breached exactly once for each due time.
            models.UniqueConstraint(
                fields=["clock", "kind", "due_at"],
                name="once_a_due_time",
                condition=Q(kind__in=("warn", "breach")),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("warn", "breach"), due_at__isnull=False)
                | ~Q(kind__in=("warn", "breach")) & Q(due_at__isnull=True),
                name="warned_for_a_due_time",
            ),
        ]
        indexes = [
            # rollups._dirty: open clocks that an edit of their calendar has moved
            models.Index(
                fields=["at"], name="entries_without_a_step", condition=Q(step__isnull=True)
            )
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{self.clock_id}/{self.seq} {self.kind}"


class SetAside(models.Model):
    """What the system could not do by the clock: a warning or breach of `clock`, without one the
    end of the case's suspension. Others are not kept waiting by it; it is tried again at
    `again_at`, and gone once it was done."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"))
    clock = models.ForeignKey(
        Clock, models.PROTECT, null=True, related_name="+", verbose_name=_("clock")
    )
    error = models.TextField(_("error"))
    at = models.DateTimeField(_("last tried at"))
    tries = models.PositiveIntegerField(_("tries"), default=1)
    again_at = models.DateTimeField(_("tried again at"))

    class Meta:
        verbose_name = _("clock set aside")
        verbose_name_plural = _("clocks set aside")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "clock"], name="set_aside_once", nulls_distinct=False
            )
        ]

    def __str__(self):
        return f"{self.case_id} · {self.clock_id or self._meta.verbose_name}"
