"""A window on the rows of cases: steps, clocks, demands, photos. The loop alone writes them."""

from django.contrib import admin, messages
from django.db.models import BooleanField, Value
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display

from grids.admin import in_degrees
from incidents import names, workflow
from incidents.models import (
    Case,
    CaseUnit,
    Clock,
    ClockEntry,
    Demand,
    Evidence,
    Look,
    NumberCounter,
    Outbox,
    Reporter,
    SetAside,
    Step,
    Transition,
    Words,
)
from incidents.scope import hidden_from, within_reach
from lib import now as clock
from staff.admin import CityAdmin, ReadOnly


class PartOfCaseAdmin(ReadOnly, CityAdmin):
    """Rows of cases: those of the cases that a member may see, and for a unit that a case has
    left nothing of a later step (`seq_path` leads to the step's place)."""

    city_path, case_path, seq_path = "case__city", "case", "seq"
    actions = None
    sortable_by = []

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(within_reach(request.user, self.case_path, self.seq_path))


@admin.register(Step)
class StepAdmin(PartOfCaseAdmin):
    list_display = ["case", "seq", "what", "to_stage", "who", "role", "at"]
    list_filter = ["move", "to_stage"]
    list_select_related = ["case", "by"]
    search_fields = ["case__number__startswith"]
    ordering = ["-id"]
    fields = [
        "case",
        "seq",
        "round",
        "what",
        "from_stage",
        "to_stage",
        "who",
        "role",
        "unit",
        "at",
        "facts",
        "words",
        "device",
    ]

    def get_queryset(self, request):
        hides = Value(hidden_from(request.user), BooleanField())
        return super().get_queryset(request).annotate(hides_reporter=hides)

    @display(description=gettext_lazy("move"))
    def what(self, step):
        return workflow.LABELS.get(step.move, step.move)

    @display(description=gettext_lazy("by"))
    def who(self, step):
        return "–" if step.hides_reporter and names.tells_reporter(step) else names.masked(step.by)

    @display(description=gettext_lazy("position"))
    def device(self, step):
        return in_degrees(step.position)


@admin.register(ClockEntry)
class ClockEntryAdmin(PartOfCaseAdmin):
    city_path, case_path, seq_path = "clock__case__city", "clock__case", "step__seq"
    list_display = ["clock", "seq", "kind", "at", "limit_value", "limit_unit", "calendar", "judged"]
    list_filter = ["kind", "clock__kind"]
    list_select_related = ["clock", "calendar__calendar"]
    search_fields = ["clock__case__number__startswith"]
    ordering = ["-id"]


@admin.register(Clock)
class ClockAdmin(PartOfCaseAdmin):
    seq_path = "first_seq"
    list_display = [
        "case",
        "kind",
        "round",
        "state",
        "started_at",
        "due_at",
        "stopped_at",
        "verdict",
        "late_by",
    ]
    list_filter = ["kind", "state", "verdict"]
    list_select_related = ["case"]
    search_fields = ["case__number__startswith"]
    ordering = ["-id"]

    def get_queryset(self, request):
        rows = super(PartOfCaseAdmin, self).get_queryset(request)
        if request.user.is_superuser:
            return rows
        # A clock goes on after a unit was relieved of the case, so it reads the ledger instead.
        followed = Case.objects.followed_by(request.user).order_by()
        return rows.filter(case__in=followed.values("pk"))


@admin.register(Demand)
class DemandAdmin(PartOfCaseAdmin):
    seq_path = "cause__seq"
    list_display = ["case", "kind", "ask", "owner_role", "who", "outcome", "due"]
    list_filter = ["kind", "ask", "outcome"]
    list_select_related = ["case", "owner", "clock"]
    search_fields = ["case__number__startswith"]
    ordering = ["-id"]

    def get_fields(self, request, obj=None):
        return ["who" if f == "owner" else f for f in super().get_fields(request, obj)]

    @display(description=pgettext_lazy("person", "owner"))
    def who(self, demand):
        return names.masked(demand.owner) or None

    @display(description=gettext_lazy("due at"))
    def due(self, demand):
        return demand.clock.due_at if hasattr(demand, "clock") else None


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly, CityAdmin):
    """Photos, without their sealed originals."""

    list_display = ["thumb", "case", "step", "who", "uploaded_at", "taken_at", "device"]
    list_filter = ["media_type"]
    list_select_related = ["case", "step", "uploaded_by"]
    search_fields = ["case__number__startswith"]
    ordering = ["-uploaded_at"]
    fields = [
        "picture",
        "case",
        "step",
        "who",
        "uploaded_at",
        "taken_at",
        "device",
        "width",
        "height",
        "size",
        "media_type",
        "sha256",
    ]
    list_per_page = 20

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    def get_fields(self, request, obj=None):
        return [f for f in self.fields if f != "who" or not hidden_from(request.user)]

    def get_list_display(self, request):
        return [f for f in self.list_display if f != "who" or not hidden_from(request.user)]

    @display(description=gettext_lazy("uploaded by"))
    def who(self, photo):
        return names.masked(photo.uploaded_by)

    @display(description=gettext_lazy("photo"))
    def thumb(self, photo):
        return self._image(photo, "thumbnail", 80)

    @display(description=gettext_lazy("photo"))
    def picture(self, photo):
        return self._image(photo, "shown", 640)

    @staticmethod
    def _image(photo, which, width):
        address = reverse("api:evidence_file", args=[photo.pk, which])
        return format_html(
            '<img src="{}" alt="{}" width="{}" loading="lazy">', address, _("photo"), width
        )

    @display(description=gettext_lazy("position"))
    def device(self, photo):
        return in_degrees(photo.position)


@admin.register(CaseUnit)
class CaseUnitAdmin(PartOfCaseAdmin):
    seq_path = "from_step"
    list_display = ["case", "unit", "is_lead", "round", "from_step", "until_step", "until_at"]
    list_select_related = ["case", "unit"]
    search_fields = ["case__number__startswith"]
    ordering = ["-id"]


@admin.register(Outbox)
class OutboxAdmin(ReadOnly, CityAdmin):
    city_path = "step__case__city"
    list_display = ["notice", "case", "to_role", "to_member", "made_at", "told_at"]
    list_filter = ["notice"]
    list_select_related = ["step__case", "to_member"]
    search_fields = ["step__case__number__startswith"]
    ordering = ["-made_at"]

    @display(description=gettext_lazy("case"))
    def case(self, row):
        return row.step.case if row.step else None


@admin.register(SetAside)
class SetAsideAdmin(ReadOnly, CityAdmin):
    """What the enforcing of deadlines could not do, and when it tries again."""

    city_path = "case__city"
    list_display = ["case", "clock", "error", "at", "tries", "again_at"]
    list_select_related = ["case", "clock"]
    search_fields = ["case__number__startswith"]
    ordering = ["-at"]
    actions = ["try_again"]

    @admin.action(description=gettext_lazy("Try again at once"), permissions=["again"])
    def try_again(self, request, rows):
        for row in rows:
            row.again_at = clock.now()
            row.save(update_fields=["again_at"])
            self.log_change(request, row, _("tried again"))
        messages.success(request, _("They are tried again within seconds."))

    def has_again_permission(self, request):
        return request.user.has_perm("incidents.change_setaside")


@admin.register(Words)
class WordsAdmin(ReadOnly, CityAdmin):
    city_path = ""
    list_display = ["id", "text", "erased_at"]
    ordering = ["-id"]


@admin.register(Reporter)
class ReporterAdmin(ReadOnly, CityAdmin):
    """That there is a reporter, never who."""

    city_path = ""
    list_display = fields = ["id", "erased_at"]
    ordering = ["-id"]


@admin.register(Look)
class LookAdmin(ReadOnly, CityAdmin):
    """Who looked at what is masked, when and why."""

    city_path, keeper = "case__city", "auditor"
    list_display = ["at", "by", "number", "reason", "fields_seen"]
    list_select_related = ["by", "case"]
    search_fields = ["by__username", "by__name", "case__number__startswith", "reason"]
    date_hierarchy = "at"
    ordering = ["-at"]
    fields = ["at", "by", "number", "reason", "fields_seen"]

    @display(description=gettext_lazy("case"))
    def number(self, look):
        # Without a link: a case is not the audit administrator's to read.
        return look.case.number

    @display(description=gettext_lazy("fields"))
    def fields_seen(self, look):
        return ", ".join(look.fields)


@admin.register(NumberCounter)
class NumberCounterAdmin(ReadOnly, CityAdmin):
    list_display = ["city", "day", "last"]
    list_select_related = ["city"]
    ordering = ["-day"]


@admin.register(Transition)
class TransitionAdmin(ReadOnly, CityAdmin):
    city_path = ""
    list_display = ["move", "from_stage", "to_stage"]
    list_filter = ["move"]
    ordering = ["move", "from_stage"]
