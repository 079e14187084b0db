"""What happened to a case: its steps, the units it was with, who looked at what is masked."""

import pgtrigger
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.models.case import Case, Words
from incidents.models.terms import NEVER_CHANGED, NEVER_DELETED, Stage
from incidents.querysets import StepQuerySet
from staff.models import Member, Unit


class Step(models.Model):
    """One recorded move: the append-only history that everything else reads."""

    append_only = True

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", verbose_name=_("case"))
    seq = models.PositiveIntegerField(_("sequence"))
    round = models.PositiveSmallIntegerField(_("round"))
    move = models.CharField(_("move"), max_length=20)
    from_stage = models.CharField(_("from"), max_length=12, blank=True)
    to_stage = models.CharField(_("to"), max_length=12, choices=Stage)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("by"))
    role = models.CharField(_("role"), max_length=20, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit")
    )
    at = models.DateTimeField(_("at"))
    facts = models.JSONField(_("facts"), default=dict)
    words = models.ForeignKey(
        Words, models.PROTECT, null=True, related_name="+", verbose_name=_("words")
    )
    position = models.PointField(_("position"), srid=4326, null=True)
    idempotency_key = models.CharField(max_length=200, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="one_step_a_place"),
            models.UniqueConstraint(
                fields=["by", "idempotency_key"],
                name="one_step_a_key",
                condition=~Q(idempotency_key=""),
            ),
        ]
        # assessment.rollups, plans._COUNTS: what was done in some days
        indexes = [models.Index(fields=["at", "move"], name="steps_of_a_day")]
        triggers = [
            NEVER_CHANGED,
            # Invariant 1: a step is a row of the table, follows the one before, and starts from
            # the stage where the case stands. The table and the order are checked, never the hour.
            pgtrigger.Trigger(
                name="row_of_the_table",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("c", "incidents_case%ROWTYPE")],
                func="""
                    SELECT * INTO c FROM incidents_case WHERE id = NEW.case_id FOR UPDATE;
                    IF NEW.seq <> c.version + 1 OR NEW.from_stage <> c.stage
                       OR NEW.round <> c.round + (NEW.move = 'reopen')::int
                       OR NOT EXISTS (SELECT 1 FROM incidents_transition t
                            WHERE t.move = NEW.move AND t.from_stage = NEW.from_stage
                              AND t.to_stage = NEW.to_stage)
                    THEN
                        RAISE EXCEPTION 'step % of case % is no row of the table of moves',
                              NEW.move, c.number
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'row_of_the_table';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="carried_out",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                    PERFORM 1 FROM incidents_case c
                     WHERE c.id = NEW.case_id AND c.version >= NEW.seq;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'step % was not carried out', NEW.move
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'carried_out';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.case_id}/{self.seq} {self.move}"


class CaseUnit(models.Model):
    """A unit's time with a case: it reads the case up to `until_step`, for 400 days after it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    is_lead = models.BooleanField(default=True)
    round = models.PositiveSmallIntegerField()
    from_step = models.PositiveIntegerField()
    until_step = models.PositiveIntegerField(null=True)
    until_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("unit of a case")
        verbose_name_plural = _("units of cases")
        # scope.of_posts: the cases that a unit has, or has left a while ago
        indexes = [models.Index(fields=["unit", "until_at", "case"], name="cases_seen_by_a_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                name="one_lead_unit_at_a_time",
                condition=Q(is_lead=True, until_step__isnull=True),
            )
        ]
        triggers = [
            NEVER_DELETED,
            # What a unit may read of a case it has left is settled when it leaves.
            pgtrigger.Protect(
                name="left_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__until_step__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.case_id} · {self.unit_id}"


class Look(models.Model):
    """Somebody looked at what is masked on a case: who, when, why, at which fields. Appended,
    never changed; the audit administrator reads it."""

    append_only = True

    case = models.ForeignKey(Case, models.PROTECT, related_name="looks", verbose_name=_("case"))
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=200)
    fields = models.JSONField(_("fields"), default=list)

    class Meta:
        verbose_name = _("look at a reporter")
        verbose_name_plural = _("looks at reporters")
        indexes = [
            # LookAdmin: the newest looks, and those of one member
            models.Index(fields=["-at"], name="looks_newest"),
            models.Index(fields=["by", "-at"], name="looks_of_a_member"),
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self):
        return f"{self.case_id} · {self.by_id} · {self.at:%Y-%m-%d %H:%M}"
