"""The administration of the catalogue and the matrix, and a window on the loop.

A case and its history are read-only here; its moves go through the one door, `workflow.move`.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from grids.admin import in_degrees
from grids.backends import posts_of
from incidents import evidence, workflow
from incidents.facts import BadFacts, Conflict, Refused
from incidents.forms import MoveForm
from incidents.models import (
    Case,
    CaseUnit,
    Category,
    Clock,
    ClockEntry,
    Condition,
    Demand,
    Evidence,
    MatrixRow,
    NumberCounter,
    Outbox,
    Reporter,
    Step,
    Transition,
    Words,
)
from incidents.querysets import last_step_for
from lib import now as clock
from staff.admin import CityAdmin, ReadOnly
from staff.roles import ROLES

LIGHTS = {
    "green": gettext_lazy("on time"),
    "yellow": gettext_lazy("due soon"),
    "red": gettext_lazy("overdue"),
    "paused": gettext_lazy("paused"),
    "none": gettext_lazy("no clock running"),
}
SHOWN = {"green": "success", "yellow": "warning", "red": "danger", "paused": "info"}


def light_of(case):
    """The light of a case's running clock, as `CaseQuerySet.with_light` names it."""
    moment = clock.now()
    if case.stage == "suspended":
        return "paused"
    if case.due_at is None:
        return "none"
    if case.due_at < moment:
        return "red"
    return "yellow" if case.warn_at and case.warn_at <= moment else "green"


def units_alone(user):
    """The keys of a member's units if units are all the member works for, else an empty list."""
    posts = posts_of(user)
    if user.is_superuser or any(post.role != "handler" for post in posts):
        return []
    return [post.unit_id for post in posts]


# --- the catalogue -------------------------------------------------------------------------------


@admin.register(Category)
class CategoryAdmin(CityAdmin):
    shared = True
    list_display = ["code", "name_zh", "name_en", "kind", "class_zh", "basis", "is_active"]
    list_filter = ["kind", "basis", "is_active", "city"]
    search_fields = ["code__startswith", "name_zh", "name_en"]
    autocomplete_fields = ["city"]


@admin.register(Condition)
class ConditionAdmin(CityAdmin):
    """A changed limit makes a new version; cases keep the one under which they were filed."""

    city_path, shared = "category__city", True
    list_display = [
        "code",
        "version",
        "text",
        "limit_value",
        "limit_unit",
        "priority",
        "basis",
        "is_active",
    ]
    list_filter = ["priority", "limit_unit", "basis", "is_active"]
    list_select_related = ["category"]
    search_fields = ["code__startswith", "text_zh", "text_en"]
    autocomplete_fields = ["category"]
    readonly_fields = ["version"]

    @admin.display(description=gettext_lazy("filing condition"))
    def text(self, condition):
        return str(condition)[:80]

    def save_model(self, request, obj, form, change):
        if change and {"limit_value", "limit_unit"} & set(form.changed_data):
            Condition.objects.filter(pk=obj.pk).update(is_active=False)
            obj.pk, obj.version, obj.is_active = None, obj.version + 1, True
            obj._state.adding = True
        super().save_model(request, obj, form, change)


@admin.register(MatrixRow)
class MatrixRowAdmin(CityAdmin):
    list_display = [
        "id",
        "kind",
        "class_code",
        "category",
        "area",
        "lead",
        "valid_from",
        "valid_until",
    ]
    list_filter = ["kind", "area__level", "city"]
    list_select_related = ["category", "area", "lead"]
    search_fields = [
        "class_code",
        "category__code__startswith",
        "area__code__startswith",
        "lead__name_zh",
        "lead__name_en",
    ]
    autocomplete_fields = ["city", "category", "area", "lead", "assisting"]


# --- the loop ------------------------------------------------------------------------------------


class LightFilter(admin.SimpleListFilter):
    title = gettext_lazy("light")
    parameter_name = "light"

    def lookups(self, request, model_admin):
        return LIGHTS.items()

    def queryset(self, request, queryset):
        return queryset.with_light(self.value()) if self.value() in LIGHTS else queryset


class MineFilter(admin.SimpleListFilter):
    title = gettext_lazy("waiting on")
    parameter_name = "waiting_on"

    def lookups(self, request, model_admin):
        return [("me", _("me"))]

    def queryset(self, request, queryset):
        return queryset.waiting_on(request.user) if self.value() == "me" else queryset


@admin.register(Case)
class CaseAdmin(ReadOnly, CityAdmin):
    """A case read-only, with its history and the moves that the member may make now."""

    change_form_template = "admin/incidents/case/change_form.html"
    list_display = [
        "number",
        "where_it_stands",
        "light",
        "due",
        "category",
        "place",
        "lead",
        "reported_at",
    ]
    list_filter = [MineFilter, LightFilter, "stage", "kind", "priority", "source"]
    list_select_related = ["category", "unit"]
    search_fields = ["number__startswith", "place", "category__code__startswith"]
    ordering = ["-reported_at", "-id"]
    actions = None
    sortable_by = ["reported_at"]
    facts = [
        "number",
        "category",
        "words",
        "place",
        "position",
        "kind",
        "priority",
        "source",
        "reported_at",
        "reported_by",
    ]
    standing = [
        "where_it_stands",
        "light_in_words",
        "due_at",
        "condition",
        "unit",
        "worker",
        "community",
        "street",
        "duty_grid",
        "grid",
        "component",
        "round",
        "version",
        "merged_into",
        "suspended_until",
        "ended_at",
    ]

    def get_queryset(self, request):
        cases = super().get_queryset(request).visible_to(request.user)
        units = units_alone(request.user)
        if units:
            still = CaseUnit.objects.filter(
                case=OuterRef("pk"), unit__in=units, until_step__isnull=True
            )
            cases = cases.annotate(still=Exists(still))
        return cases

    def get_fields(self, request, obj=None):
        # A unit that the case has left reads what it was, not where it stands now.
        return [*self.facts, *(self.standing if self._present(obj) else [])]

    @staticmethod
    def _present(case):
        return getattr(case, "still", True)

    @display(description=gettext_lazy("stage"), ordering="stage")
    def where_it_stands(self, case):
        return case.get_stage_display() if self._present(case) else "–"

    @display(description=gettext_lazy("light"), label=SHOWN)
    def light(self, case):
        if not self._present(case) or light_of(case) == "none":
            return None
        return light_of(case), LIGHTS[light_of(case)]

    @display(description=gettext_lazy("light"))
    def light_in_words(self, case):
        return LIGHTS[light_of(case)]

    @display(description=gettext_lazy("description"))
    def words(self, case):
        # Without a link: the table of words is nobody's to browse.
        return case.description

    @display(description=gettext_lazy("due at"), ordering="due_at")
    def due(self, case):
        return case.due_at if self._present(case) else None

    @display(description=gettext_lazy("lead unit"))
    def lead(self, case):
        return case.unit if self._present(case) else None

    @display(description=gettext_lazy("position"))
    def position(self, case):
        return in_degrees(case.point)

    def get_urls(self):
        door = path(
            "<int:pk>/move/<slug:name>/",
            self.admin_site.admin_view(self.take_move),
            name="incidents_case_move",
        )
        return [door, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        case = self.get_object(request, object_id)
        context = history(case, request.user) if case is not None else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def take_move(self, request, pk, name):
        """One move, through the one door; back to the case when it is made, else the form again
        with what the loop said."""
        case = self.get_queryset(request).select_related("city", "category").filter(pk=pk).first()
        if not self.has_view_permission(request):
            raise PermissionDenied
        if case is None:
            raise Http404
        offer = next((o for o in workflow.moves(case, request.user) if o.move == name), None)
        made = None
        if request.method == "POST":
            offer_then = offer or workflow.Offer(name, workflow.LABELS.get(name, name), [])
            form = MoveForm(offer_then, case, request.POST, request.FILES)
            made = form.is_valid() and self._made(request, case, name, form)
        elif offer is None:
            return redirect("admin:incidents_case_change", pk)
        else:
            form = MoveForm(offer, case)
        if made:
            return redirect("admin:incidents_case_change", pk)
        return TemplateResponse(
            request,
            "admin/incidents/case/move.html",
            {
                **self.admin_site.each_context(request),
                "title": f"{form.offer.label} · {case}",
                "opts": self.opts,
                "case": case,
                "form": form,
                "offered": offer is not None,
            },
        )

    def _made(self, request, case, name, form):
        """True if the loop made the move; what it refuses is written into the form or said."""
        try:
            photos = [
                evidence.take_in(file, request.user, city=case.city)
                for file in form.cleaned_data.get("photo") or []
            ]
            now = workflow.move(
                case,
                name,
                request.user,
                version=form.cleaned_data["version"],
                evidence=[photo.pk for photo in photos],
                position=form.cleaned_data.get("position"),
                **form.facts(),
            )
        except BadFacts as refused:
            form.add_refusal(refused.errors)
        except Conflict as refused:
            form.add_error(None, refused.message)
            form.add_error(None, won_by(refused))
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(
                request,
                _("%(move)s: done. The case is %(stage)s now.")
                % {"move": form.offer.label, "stage": now.get_stage_display()},
            )
            return True
        return False


def won_by(conflict):
    """Who was there first, when and with what, in a sentence; what I typed stays."""
    if conflict.who is None:
        return _("Nothing of yours was done. Look at the case again.")
    return _("%(who)s was there first, at %(when)s: %(move)s. Nothing of yours was done.") % {
        "who": conflict.who,
        "when": localtime(conflict.when).strftime("%Y-%m-%d %H:%M"),
        "move": workflow.LABELS.get(conflict.move, conflict.move),
    }


ENTRIES = {
    "start": gettext_lazy("starts"),
    "pause": gettext_lazy("is paused"),
    "resume": gettext_lazy("goes on"),
    "extend": gettext_lazy("is extended"),
    "rebase": gettext_lazy("gets another limit"),
    "stop": gettext_lazy("stops"),
    "warn": gettext_lazy("warns"),
    "breach": gettext_lazy("is overdue"),
}


def history(case, user):
    """What the page of a case shows besides its fields, in six queries and those of the moves:
    steps with their effect on clocks, ledgers, demands, photos, and the forms of my moves."""
    last = last_step_for(user, case)
    steps = case.steps.select_related("by", "unit", "words").order_by("-seq")
    photos = Evidence.objects.visible_to(user).filter(case=case).select_related("step")
    demands = case.demands.select_related(
        "owner", "owner_area", "owner_unit", "owner_duty_grid", "unit", "cause", "clock"
    ).order_by("pk")
    if last is not None:
        steps, photos = steps.filter(seq__lte=last), photos.filter(step__seq__lte=last)
        demands = demands.filter(cause__seq__lte=last)
    clocks = {c.pk: c for c in case.clocks.select_related("unit", "owner").order_by("pk")}
    for row in clocks.values():
        row.ledger = []
    entries = ClockEntry.objects.filter(clock__case=case).select_related("step", "calendar")
    if last is not None:
        entries = entries.filter(step__seq__lte=last)
    effects = {}
    for entry in entries.order_by("clock", "seq"):
        entry.does = ENTRIES.get(entry.kind, entry.kind)
        entry.of = clocks[entry.clock_id]
        entry.of.ledger.append(entry)
        effects.setdefault(entry.step_id, []).append(entry)
    for demand in demands:
        demand.role = ROLES[demand.owner_role].name if demand.owner_role else ""
    pictures = {}
    for photo in photos.order_by("uploaded_at"):
        photo.metres = evidence.distance_m(photo, case)
        pictures.setdefault(photo.step_id, []).append(photo)
    offers = workflow.moves(case, user) if last is None else []
    return {
        "case": case,
        "move_forms": [MoveForm(offer, case) for offer in offers],
        "history": [
            {
                "step": step,
                "move": workflow.LABELS.get(step.move, step.move),
                "effects": effects.get(step.pk, []),
                "photos": pictures.get(step.pk, []),
            }
            for step in steps
        ],
        "clocks": [row for row in clocks.values() if row.ledger],
        "ended_then": last is not None,
        "demands": demands if user.has_perm("incidents.view_demand") or last is None else [],
    }


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
        visible = Case.objects.visible_to(request.user)
        rows = rows.filter(**{f"{self.case_path}__in": visible.values("pk")})
        units = units_alone(request.user)
        if not units:
            return rows
        times = CaseUnit.objects.filter(case=OuterRef(self.case_path), unit__in=units)
        return rows.filter(
            Exists(
                times.filter(
                    Q(until_step__isnull=True) | Q(until_step__gte=OuterRef(self.seq_path))
                )
            )
        )


@admin.register(Step)
class StepAdmin(PartOfCaseAdmin):
    list_display = ["case", "seq", "what", "to_stage", "by", "role", "at"]
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
        "by",
        "role",
        "unit",
        "at",
        "facts",
        "words",
        "device",
    ]

    @display(description=gettext_lazy("move"))
    def what(self, step):
        return workflow.LABELS.get(step.move, step.move)

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
        rows = rows.filter(case__in=Case.objects.visible_to(request.user).values("pk"))
        units = units_alone(request.user)
        # A clock goes on after a unit was relieved of the case, so it reads the ledger instead.
        now_theirs = CaseUnit.objects.filter(
            case=OuterRef("case"), unit__in=units, until_step__isnull=True
        )
        return rows.filter(Exists(now_theirs)) if units else rows


@admin.register(Demand)
class DemandAdmin(PartOfCaseAdmin):
    seq_path = "cause__seq"
    list_display = ["case", "kind", "ask", "owner_role", "owner", "outcome", "due"]
    list_filter = ["kind", "ask", "outcome"]
    list_select_related = ["case", "owner", "clock"]
    search_fields = ["case__number__startswith"]
    ordering = ["-id"]

    @display(description=gettext_lazy("due at"))
    def due(self, demand):
        return demand.clock.due_at if hasattr(demand, "clock") else None


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly, CityAdmin):
    """Photos, without their sealed originals."""

    list_display = ["thumb", "case", "step", "uploaded_by", "uploaded_at", "taken_at", "device"]
    list_filter = ["media_type"]
    list_select_related = ["case", "step", "uploaded_by"]
    search_fields = ["case__number__startswith"]
    ordering = ["-uploaded_at"]
    fields = [
        "picture",
        "case",
        "step",
        "uploaded_by",
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
    list_display = ["notice", "case", "channel", "to_role", "to_member", "made_at", "told_at"]
    list_filter = ["notice", "channel"]
    list_select_related = ["step__case", "to_member"]
    search_fields = ["step__case__number__startswith"]
    ordering = ["-made_at"]

    @display(description=gettext_lazy("case"))
    def case(self, row):
        return row.step.case


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
