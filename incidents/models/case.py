"""A case: what it is about, where it lies, where it stands, and whose hands it went through."""

import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from grids.models import Area, AreaVersion, Component, DutyGrid
from incidents.models.catalogue import Category, Condition
from incidents.models.terms import NEVER_DELETED, Kind, Priority, Stage
from incidents.querysets import ENDS, CaseQuerySet
from staff.models import City, Member, Unit
from staff.roles import ROLES


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
            # CaseQuerySet.of_stage_by_due and .waiting_on: boards by stage and time left;
            # .counted_by_queue: how many there are, from the index alone
            models.Index(
                fields=["stage", "due_at", "id"],
                name="open_cases_by_due",
                include=["city"],
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
            # scope.visible: the cases that a member's reports were merged into
            models.Index(
                fields=["reported_by"],
                name="merged_reports",
                condition=Q(merged_into__isnull=False),
            ),
            # CaseQuerySet.saying: parts of a number or a place, from three characters on
            GinIndex(OpClass(Upper("number"), "gin_trgm_ops"), name="cases_by_part_of_number"),
            GinIndex(OpClass(Upper("place"), "gin_trgm_ops"), name="cases_by_part_of_place"),
            # CaseQuerySet.similar_to: same subclass, near, recent
            models.Index(fields=["category", "-reported_at"], name="cases_of_a_category"),
            # settling._SUSPENDED: suspensions that end
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
            # Where a case came from: by it the number, the clocks and who may reopen are reckoned.
            pgtrigger.Protect(
                name="came_from_there",
                operation=pgtrigger.UpdateOf(
                    "city_id", "number", "source", "source_id", "reported_by_id", "reported_at"
                ),
                condition=pgtrigger.AnyChange(
                    "city", "number", "source", "source_id", "reported_by", "reported_at"
                ),
            ),
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
