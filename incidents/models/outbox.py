"""What somebody must be told, written in the transaction of what happened."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Area, DutyGrid
from incidents.models.step import Step
from incidents.querysets import OutboxQuerySet
from incidents.undertakings import JointTask, Plan
from staff.models import Member, Unit


class Outbox(models.Model):
    """What somebody must be told of a step, a joint task or a plan; written in the transaction of
    what happened, taken up by `incidents.telling`. The words, ways and time of each `notice` stand
    in `notices.NOTICES`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    step = models.ForeignKey(
        Step, models.PROTECT, null=True, related_name="+", verbose_name=_("step")
    )
    joint_task = models.ForeignKey(
        JointTask, models.PROTECT, null=True, related_name="+", verbose_name=_("joint task")
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, related_name="+", verbose_name=_("plan")
    )
    to_role = models.CharField(_("to the role"), max_length=20, blank=True)
    to_area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    to_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    to_duty_grid = models.ForeignKey(DutyGrid, models.PROTECT, null=True, related_name="+")
    to_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    notice = models.CharField(_("notice"), max_length=30)
    made_at = models.DateTimeField(_("made at"))
    told_at = models.DateTimeField(_("told at"), null=True)
    error = models.CharField(
        _("why it cannot be told"), max_length=200, blank=True, default="", db_default=""
    )

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice to tell")
        verbose_name_plural = _("notices to tell")
        constraints = [
            models.CheckConstraint(
                condition=Q(step__isnull=False, joint_task__isnull=True, plan__isnull=True)
                | Q(step__isnull=True, joint_task__isnull=False, plan__isnull=True)
                | Q(step__isnull=True, joint_task__isnull=True, plan__isnull=False),
                name="notice_has_one_cause",
            ),
        ]
        indexes = [
            # telling.tell: what was not told yet
            models.Index(
                fields=["made_at"], name="outbox_not_told", condition=Q(told_at__isnull=True)
            )
        ]

    def __str__(self):
        return f"{self.notice} · {self.step_id or self.joint_task_id or self.plan_id}"
