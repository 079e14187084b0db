"""The closed loop's tables: the catalogue, the matrix, cases with their steps, clocks and demands.

Only `incidents.workflow` writes cases, steps, clocks and demands; the triggers here hold its rules
against everybody else, raw SQL included.
"""

import uuid

import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from grids.models import Area, AreaVersion, Component, DutyGrid
from incidents.draws import Draw, Drawn, DrawRule, Seal  # noqa: F401 - Django finds models here
from incidents.letters import Folded, Gateway, Message, Preference, PushDevice  # noqa: F401 - Django finds models here
from incidents.querysets import (
    ENDS,
    CaseQuerySet,
    CategoryQuerySet,
    ClockQuerySet,
    DemandQuerySet,
    EvidenceQuerySet,
    OutboxQuerySet,
)
from incidents.undertakings import JointCall, JointTask, Milestone, Plan  # noqa: F401 - Django finds models here
from staff.models import CalendarVersion, City, Member, Unit, in_language
from staff.roles import ROLES, Role  # noqa: F401 - permissions below are made from it

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


class Category(models.Model):
    """A subclass of the catalogue. `city` is empty for the catalogue that all cities share."""

    city = models.ForeignKey(
        City, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("city")
    )
    code = models.CharField(_("code"), max_length=12, help_text="E-01-13")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    class_code = models.CharField(_("class"), max_length=4)
    class_zh = models.CharField(_("class, Chinese"), max_length=80)
    class_en = models.CharField(_("class, English"), max_length=120)
    subclass_code = models.CharField(_("subclass"), max_length=4)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    basis = models.CharField(_("basis"), max_length=12, choices=Basis, default=Basis.PRACTICE)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "code"], name="one_category_a_code", nulls_distinct=False
            )
        ]

    def __str__(self):
        return in_language(self.name_zh, self.name_en)


class Condition(models.Model):
    """A filing condition: when a report becomes a case, its handling limit, what closes it.

    A changed limit is a new version: the older row is ended (`is_active`) and keeps its number."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="conditions", verbose_name=_("category")
    )
    code = models.CharField(_("code"), max_length=16, help_text="E-01-13-2")
    version = models.PositiveIntegerField(_("version"), default=1)
    text_zh = models.TextField(_("condition, Chinese"))
    text_en = models.TextField(_("condition, English"))
    limit_value = models.DecimalField(
        _("handling limit"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    limit_unit = models.CharField(
        _("unit of the limit"), max_length=12, choices=LimitUnit, blank=True
    )
    closing_zh = models.TextField(_("closing condition, Chinese"), blank=True)
    closing_en = models.TextField(_("closing condition, English"), blank=True)
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority, default=Priority.NORMAL
    )
    basis = models.CharField(_("basis"), max_length=12, choices=Basis, default=Basis.PRACTICE)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("filing condition")
        verbose_name_plural = _("filing conditions")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "code", "version"], name="one_condition_a_version"
            ),
            models.CheckConstraint(
                condition=Q(limit_value__isnull=True, limit_unit="")
                | Q(limit_value__gt=0, limit_unit__in=LimitUnit.values),
                name="limit_with_its_unit",
            ),
        ]

    def __str__(self):
        return in_language(self.text_zh, self.text_en)


class MatrixRow(models.Model):
    """A row of the responsibility matrix: (subclass, class or kind) x area -> units."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    class_code = models.CharField(_("class"), max_length=4, blank=True)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("subclass"),
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    lead = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("lead unit"))
    assisting = models.ManyToManyField(
        Unit, related_name="+", blank=True, verbose_name=_("assisting units")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("row of the responsibility matrix")
        verbose_name_plural = _("responsibility matrix")
        indexes = [
            models.Index(fields=["city", "kind", "class_code"], name="matrix_rows_of_a_class")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "class_code", "category", "area", "valid_from"],
                name="one_matrix_row",
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        what = self.category or self.class_code or self.get_kind_display()
        return f"{self.pk}: {what} × {self.area}"


class Words(models.Model):
    """What a person typed: kept apart from steps so that it can be erased and the chain stays."""

    text = models.TextField(_("words"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("words")
        verbose_name_plural = _("words")
        indexes = [
            # CaseQuerySet.saying: parts of a description, from three characters on
            GinIndex(OpClass(Upper("text"), "gin_trgm_ops"), name="words_by_their_parts")
        ]

    def __str__(self):
        return self.text[:60]


class Reporter(models.Model):
    """Who told of a case, apart from it: hidden from units, masked for everybody else."""

    name = models.CharField(_("name"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")

    def __str__(self):
        return f"{self.pk}"


class NumberCounter(models.Model):
    """The last number given in a city on a day; the row is locked last in a report."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "day"], name="one_counter_a_day")]

    def __str__(self):
        return f"{self.city_id} {self.day} {self.last}"


class Transition(models.Model):
    """The database's copy of the table of moves, written by `manage.py sync_moves` alone; the
    trigger on steps refuses what is no row of it."""

    read_only = True

    move = models.CharField(max_length=20)
    from_stage = models.CharField(max_length=12, blank=True)
    to_stage = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["move", "from_stage", "to_stage"], name="one_transition"
            )
        ]

    def __str__(self):
        return f"{self.move}: {self.from_stage or '–'} → {self.to_stage}"


class Case(models.Model):
    """A problem going round the loop. `stage`, the people of the round and the cached due time
    are set by `workflow` alone, each with a step that says so."""

    class Source(models.TextChoices):
        PATROL = "patrol", _("patrol")
        HOTLINE = "hotline", _("hotline")
        COUNTER = "counter", _("counter")
        SUPERIOR = "superior", _("superior's order")
        PUBLIC = "public", _("public")
        OPEN311 = "open311", "Open311"
        IMPORT = "import", _("import")

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    number = models.CharField(_("number"), max_length=40)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", verbose_name=_("category")
    )
    condition = models.ForeignKey(
        Condition, models.PROTECT, null=True, related_name="+", verbose_name=_("filing condition")
    )
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority, default=Priority.NORMAL
    )
    component = models.ForeignKey(
        Component, models.PROTECT, null=True, related_name="+", verbose_name=_("component")
    )
    description = models.ForeignKey(
        Words, models.PROTECT, null=True, related_name="+", verbose_name=_("description")
    )
    point = models.PointField(_("position"), srid=4326)
    place = models.CharField(_("place"), max_length=200, blank=True)
    on_border = models.JSONField(_("other grids within the tolerance"), default=list)
    grid = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", verbose_name=_("unit grid")
    )
    grid_version = models.ForeignKey(
        AreaVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("border then")
    )
    duty_grid = models.ForeignKey(
        DutyGrid, models.PROTECT, null=True, related_name="+", verbose_name=_("duty grid")
    )
    community = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", verbose_name=_("community")
    )
    street = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", verbose_name=_("street office")
    )
    district = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", verbose_name=_("district")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("lead unit")
    )
    worker = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("worker asked to confirm or verify"),
    )
    handled_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    verified_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    reported_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("taken down by")
    )
    reporter = models.ForeignKey(
        Reporter, models.PROTECT, null=True, related_name="+", verbose_name=_("reporter")
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="merged_cases",
        verbose_name=_("merged into"),
    )
    source = models.CharField(_("source"), max_length=12, choices=Source)
    source_id = models.CharField(_("number at the source"), max_length=80, blank=True)
    level = models.PositiveSmallIntegerField(_("levels lifted"), default=0)
    reported_at = models.DateTimeField(_("reported at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    clock_kind = models.CharField(_("running clock"), max_length=12, blank=True)
    warn_at = models.DateTimeField(_("warned at"), null=True)
    due_at = models.DateTimeField(_("due at"), null=True)
    suspended_until = models.DateTimeField(_("suspended until"), null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            (permission.partition(".")[2], permission.partition(".")[2].replace("_", " "))
            for permission in sorted({p for role in ROLES.values() for p in role.permissions})
            if permission.startswith("incidents.")
            and not permission.startswith(
                ("incidents.view_", "incidents.add_", "incidents.change_", "incidents.delete_")
            )
        ]
        indexes = [
            # CaseQuerySet.newest: the list of all cases by key
            models.Index(fields=["city", "-reported_at", "-id"], name="cases_newest"),
            # CaseQuerySet.waiting_on: boards by stage and time left
            models.Index(
                fields=["stage", "due_at", "id"],
                name="open_cases_by_due",
                condition=~Q(stage__in=ENDS),
            ),
            # CaseQuerySet.visible_to: a community's, a street's, a duty grid's cases
            models.Index(fields=["community", "-reported_at", "-id"], name="cases_of_a_community"),
            models.Index(fields=["street", "-reported_at", "-id"], name="cases_of_a_street"),
            models.Index(fields=["duty_grid", "-reported_at", "-id"], name="cases_of_a_duty_grid"),
            # CaseQuerySet.waiting_on: what a worker is asked to confirm or verify
            models.Index(
                fields=["worker", "due_at"],
                name="cases_of_a_worker",
                condition=Q(stage__in=("confirming", "handled")),
            ),
            # CaseQuerySet.waiting_on: what a unit has to handle
            models.Index(
                fields=["unit", "due_at"],
                name="cases_of_a_unit",
                condition=Q(stage__in=("dispatched", "suspended")),
            ),
            # CaseQuerySet.saying: parts of a number or a place, from three characters on
            GinIndex(OpClass(Upper("number"), "gin_trgm_ops"), name="cases_by_part_of_number"),
            GinIndex(OpClass(Upper("place"), "gin_trgm_ops"), name="cases_by_part_of_place"),
            # CaseQuerySet.similar_to: same subclass, near, recent
            models.Index(fields=["category", "-reported_at"], name="cases_of_a_category"),
            # CaseQuerySet.alive_in_suspension: suspensions that end
            models.Index(
                fields=["suspended_until"],
                name="suspended_cases",
                condition=Q(stage="suspended"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="one_case_a_number"),
            models.UniqueConstraint(
                fields=["city", "source", "source_id"],
                name="one_case_a_source_id",
                condition=~Q(source_id=""),
            ),
            # Invariant 3: who handled does not verify; who verified or handled does not close.
            models.CheckConstraint(
                condition=(
                    (
                        Q(verified_by__isnull=True)
                        | Q(handled_by__isnull=True)
                        | ~Q(verified_by=F("handled_by"))
                    )
                    & (
                        Q(closed_by__isnull=True)
                        | Q(verified_by__isnull=True)
                        | ~Q(closed_by=F("verified_by"))
                    )
                    & (
                        Q(closed_by__isnull=True)
                        | Q(handled_by__isnull=True)
                        | ~Q(closed_by=F("handled_by"))
                    )
                ),
                name="three_pairs_of_hands",
            ),
            models.CheckConstraint(
                condition=~Q(stage="merged") | Q(merged_into__isnull=False),
                name="merged_into_something",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["", *Stage.values]), name="stage_is_known"
            ),
        ]
        triggers = [
            NEVER_DELETED,
            pgtrigger.Trigger(
                name="begins_before_its_first_step",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                    IF NEW.stage <> '' OR NEW.version <> 0 OR NEW.round <> 1
                       OR num_nonnulls(NEW.handled_by_id, NEW.verified_by_id, NEW.closed_by_id) > 0
                    THEN
                        RAISE EXCEPTION 'a case begins with a step, not with a stage'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'only_by_a_step';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Invariant 1: stage, version, round and the three pairs of hands follow the step that
            # was inserted just before, and nothing else.
            pgtrigger.Trigger(
                name="only_by_a_step",
                operation=pgtrigger.UpdateOf(
                    "stage", "version", "round", "handled_by_id", "verified_by_id", "closed_by_id"
                ),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "ROW(OLD.stage, OLD.version, OLD.round, OLD.handled_by_id, OLD.verified_by_id,"
                    " OLD.closed_by_id) IS DISTINCT FROM ROW(NEW.stage, NEW.version, NEW.round,"
                    " NEW.handled_by_id, NEW.verified_by_id, NEW.closed_by_id)"
                ),
                declare=[("s", "incidents_step%ROWTYPE")],
                func="""
                    SELECT * INTO s FROM incidents_step
                     WHERE case_id = NEW.id AND seq = OLD.version + 1;
                    IF s.id IS NULL OR NEW.version <> OLD.version + 1
                       OR s.from_stage <> OLD.stage OR s.to_stage <> NEW.stage
                       OR s.round <> NEW.round
                       OR NEW.round <> OLD.round + (s.move = 'reopen')::int
                       OR (NEW.handled_by_id IS DISTINCT FROM OLD.handled_by_id AND NOT (
                            (s.move IN ('handle', 'self_handle') AND NEW.handled_by_id = s.by_id)
                            OR (s.move = 'reopen' AND NEW.handled_by_id IS NULL)))
                       OR (NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id AND NOT (
                            (s.move = 'verify' AND NEW.verified_by_id = s.by_id)
                            OR (s.move IN ('send_back', 'reopen', 'handle')
                                AND NEW.verified_by_id IS NULL)))
                       OR (NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id AND NOT (
                            (s.move = 'close' AND NEW.closed_by_id = s.by_id)
                            OR (s.move = 'reopen' AND NEW.closed_by_id IS NULL)))
                       OR (s.move IN ('handle', 'self_handle') AND NEW.handled_by_id <> s.by_id)
                       OR (s.move = 'verify' AND NEW.verified_by_id IS DISTINCT FROM s.by_id)
                       OR (s.move = 'close' AND NEW.closed_by_id IS DISTINCT FROM s.by_id)
                    THEN
                        RAISE EXCEPTION 'case % changes only by a step of the table', OLD.number
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'only_by_a_step';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # At the end of the transaction a case stands where its last step left it.
            pgtrigger.Trigger(
                name="stands_where_its_last_step_left_it",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("stage", "version"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                    PERFORM 1 FROM incidents_case c
                      JOIN incidents_step s ON s.case_id = c.id AND s.seq = c.version
                     WHERE c.id = NEW.id AND s.to_stage = c.stage;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'case % has no step for its stage', NEW.number
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'only_by_a_step';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def is_open(self):
        return self.stage not in ENDS

    @property
    def urgent(self):
        return self.priority == Priority.URGENT


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
        indexes = [models.Index(fields=["unit", "until_at", "case"], name="cases_seen_by_a_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                name="one_lead_unit_at_a_time",
                condition=Q(is_lead=True, until_step__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.case_id} · {self.unit_id}"


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
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
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
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
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
        _("late by"), null=True, help_text=_("In the clock's own kind of time.")
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
            models.Index(fields=["case", "round", "kind"], name="clocks_of_a_case"),
            # outlook.warnings_of: what is yellow or red
            models.Index(
                fields=["due_at"], name="running_clocks_by_due", condition=Q(state="running")
            ),
            models.Index(
                fields=["warn_at"], name="running_clocks_by_warn", condition=Q(state="running")
            ),
            # settling.claim: what was warned and breached already is no longer in it
            models.Index(
                fields=["next_at"], name="clocks_to_settle", condition=Q(next_at__isnull=False)
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


class Evidence(models.Model):
    """A photo: what it shows, when and where it was taken, where its files lie."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    city = models.ForeignKey(City, models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="evidence", verbose_name=_("case")
    )
    step = models.ForeignKey(
        Step, models.PROTECT, null=True, related_name="evidence", verbose_name=_("step")
    )
    sha256 = models.CharField(_("content hash"), max_length=64)
    phash = models.BigIntegerField(_("perceptual hash"), null=True)
    taken_at = models.DateTimeField(_("taken at"), null=True)
    position = models.PointField(_("position"), srid=4326, null=True)
    original = models.CharField(_("original"), max_length=200)
    shown = models.CharField(_("shown picture"), max_length=200)
    thumbnail = models.CharField(_("thumbnail"), max_length=200)
    width = models.PositiveIntegerField(_("width, pixels"))
    height = models.PositiveIntegerField(_("height, pixels"))
    size = models.PositiveIntegerField(_("size, bytes"))
    media_type = models.CharField(_("type"), max_length=40)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [
            models.Index(fields=["case", "step"], name="evidence_of_a_case"),
            models.Index(fields=["sha256"], name="evidence_by_content"),
            models.Index(
                fields=["uploaded_at"],
                name="evidence_not_named_yet",
                condition=Q(case__isnull=True),
            ),
        ]
        triggers = [
            # A photo belongs to the step that named it, for good.
            pgtrigger.Protect(
                name="named_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__step__isnull=False),
            ),
        ]

    def __str__(self):
        return str(self.pk)


class Fingerprint(models.Model):
    """The hashes of a photo (`lib.likeness`), beside it so that its own row stays slim and may be
    written after it was named; `keys` are what an index finds it by."""

    evidence = models.OneToOneField(
        Evidence, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("evidence")
    )
    prints = ArrayField(models.BigIntegerField(), verbose_name=_("prints"))
    grains = ArrayField(models.BigIntegerField(), verbose_name=_("grains"))
    keys = ArrayField(models.IntegerField(), verbose_name=_("keys"))

    class Meta:
        verbose_name = _("fingerprint of a photo")
        verbose_name_plural = _("fingerprints of photos")
        indexes = [
            # checks.reuses_of: photos of all time that may be the same picture. What waits to be
            # sorted into the index is read whole by every search, so little may wait.
            GinIndex(fields=["keys"], name="photos_by_likeness", gin_pending_list_limit=256)
        ]

    def __str__(self):
        return str(self.evidence_id)


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
    channel = models.CharField(_("channel"), max_length=12, default="page")
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
