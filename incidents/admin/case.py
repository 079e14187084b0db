"""A case read-only, with its history; its moves go through the one door, `workflow.move`."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from grids.admin import in_degrees
from grids.models import Area
from incidents import evidence, names, workflow
from incidents.facts import TYPES
from incidents.filters import as_read_by
from incidents.forms import DECISIONS, TITLES, MoveForm
from incidents.lights import WORDS, light_of
from incidents.models import Case, Category, ClockEntry, Condition, Evidence, Kind
from incidents.routing import RESULTS
from incidents.scope import hidden_from, last_step_for, units_cut, whole
from incidents.views.panel import done, offers, take
from staff.admin import CityAdmin, ReadOnly
from staff.models import Member, Unit
from staff.roles import ROLES

SHOWN = {"green": "success", "yellow": "warning", "red": "danger", "paused": "info"}


class LightFilter(admin.SimpleListFilter):
    title = gettext_lazy("light")
    parameter_name = "light"

    def lookups(self, request, model_admin):
        return WORDS.items()

    def queryset(self, request, queryset):
        return queryset.with_light(self.value()) if self.value() in WORDS else queryset


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
        "finder",
    ]
    standing = [
        "where_it_stands",
        "light_in_words",
        "due_at",
        "condition",
        "unit",
        "asked",
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
        if units_cut(request.user):
            to_the_end = ExpressionWrapper(whole(request.user, each=True), BooleanField())
            cases = cases.annotate(still=to_the_end)
        return cases

    def get_fields(self, request, obj=None):
        # A unit that the case has left reads what it was, not where it stands now; and no handling
        # unit learns who found it.
        facts = [f for f in self.facts if f != "finder" or not hidden_from(request.user)]
        return [*facts, *(self.standing if self._present(obj) else [])]

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
        return light_of(case), WORDS[light_of(case)]

    @display(description=gettext_lazy("light"))
    def light_in_words(self, case):
        return WORDS[light_of(case)]

    @display(description=gettext_lazy("description"))
    def words(self, case):
        # Without a link: the table of words is nobody's to browse.
        return case.description

    @display(description=gettext_lazy("taken down by"))
    def finder(self, case):
        return names.masked(case.reported_by)

    @display(description=gettext_lazy("worker asked to confirm or verify"))
    def asked(self, case):
        return names.masked(case.worker) or None

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
        case = as_read_by(request.user, [case])[0]
        sent = request.method == "POST"
        panel = (take(request, case, name) if sent else offers(case, request.user, name))["panel"]
        if panel.form is None:
            if panel.made:
                messages.success(request, done(panel.made, name))
            return redirect("admin:incidents_case_change", pk)
        return TemplateResponse(
            request, "admin/incidents/case/move.html", self._asked(request, panel)
        )

    def _asked(self, request, panel):
        """The context of the page with the form of one move."""
        return self.admin_site.each_context(request) | {
            "title": f"{panel.form.offer.label} · {panel.case}",
            "opts": self.opts,
            "case": panel.case,
            "form": panel.form,
            "panel": panel,
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


class FactsInWords:
    """The facts of a case's steps as people read them: titles and names for codes, four queries
    for all steps together."""

    def __init__(self, case, steps):
        facts = [step.facts for step in steps]
        routed = [row for each in facts for row in each.get("routing", [])]
        whats = [row.get("what") for row in routed]
        self.categories = _by_code(
            Category.objects.of_city(case.city_id), _named(facts, "category") + whats
        )
        self.conditions = _by_code(
            Condition.objects.filter(is_active=True), _named(facts, "condition")
        )
        units = [code for row in routed for code in [row.get("lead"), *row.get("assisting", [])]]
        self.units = _by_code(
            Unit.objects.filter(city=case.city_id),
            [*_named(facts, "unit", "assisting", "to"), *units],
        )
        self.areas = _by_code(
            Area.objects.filter(city=case.city_id),
            [*_named(facts, "area", "grid"), *(row.get("area") for row in routed)],
        )
        members = Member.objects.filter(username__in=_named(facts, "worker"))
        self.members = {member.username: member for member in members}
        self.kinds = dict(Kind.choices)

    def of(self, step):
        """[(title, words)] of a step, without the routing."""
        return [
            (TITLES.get(name, name), self._value(name, value))
            for name, value in step.facts.items()
            if name != "routing"
        ]

    def routing(self, step):
        """The rows of the matrix that were looked at: row, what, area, units and the result."""
        return [
            {
                "row": row.get("row"),
                "what": self._what(row.get("what", "")),
                "area": self._name(self.areas, row.get("area")),
                "units": [
                    self._name(self.units, code)
                    for code in [row.get("lead"), *row.get("assisting", [])]
                    if code
                ],
                "won": row.get("result") == "won",
                "result": RESULTS.get(row.get("result"), row.get("result")),
            }
            for row in step.facts.get("routing", [])
        ]

    def _what(self, what):
        if what in self.kinds:
            return self.kinds[what]
        if what in self.categories:
            return f"{what} {self.categories[what]}"
        return _("class %(code)s") % {"code": what} if what else ""

    @staticmethod
    def _name(rows, code):
        found = rows.get(code)
        return f"{code} {found}" if found and str(found) != code else code or "–"

    def _value(self, name, value):
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(str(self._value(name, each)) for each in value)
        kind = TYPES.get(name)
        rows = {"category": self.categories, "condition": self.conditions, "area": self.areas}
        rows |= {"unit": self.units, "units": self.units, "worker": self.members}
        if kind in rows:
            return self._name(rows[kind], value)
        if kind == "datetime":
            moment = parse_datetime(str(value))
            return date_format(localtime(moment), "Y-m-d H:i") if moment else value
        return dict(DECISIONS).get(value, value) if kind == "choice" else value


def _named(facts, *names):
    """Every code that stands under these names, in lists or alone."""
    found = []
    for each in facts:
        for name in names:
            value = each.get(name)
            found += value if isinstance(value, list) else [value]
    return [value for value in found if isinstance(value, str)]


def _by_code(rows, codes):
    codes = {code for code in codes if code}
    return {row.code: row for row in rows.filter(code__in=codes)} if codes else {}


def history(case, user):
    """What the page of a case shows besides its fields, in six queries and those of the moves:
    steps with their effect on clocks, ledgers, demands, photos, and the forms of my moves."""
    last = last_step_for(user, case)
    steps = case.steps.select_related("by", "unit", "words").order_by("-seq")
    steps = list(steps if last is None else steps.filter(seq__lte=last))
    clocks, effects = _ledgers(case, last)
    photos, words = _photos_by_step(case, user, last), FactsInWords(case, steps)
    offers = workflow.moves(case, user, cut=last is not None)
    return {
        "case": case,
        "move_forms": [MoveForm(offer, case) for offer in offers],
        "history": [
            {
                "step": step,
                "who": names.doer(step, user),
                "move": workflow.LABELS.get(step.move, step.move),
                "effects": effects.get(step.pk, []),
                "photos": photos.get(step.pk, []),
                "facts": words.of(step),
                "routing": words.routing(step),
            }
            for step in steps
        ],
        "clocks": clocks,
        "ended_then": last is not None,
        "demands": _demands(case, last) if _reads_demands(user, last) else [],
    }


def _reads_demands(user, last):
    return user.has_perm("incidents.view_demand") or last is None


def _ledgers(case, last):
    """(the clocks with their `ledger`, {step: its entries}) up to the step `last`."""
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
    return [row for row in clocks.values() if row.ledger], effects


def _photos_by_step(case, user, last):
    photos = Evidence.objects.visible_to(user).filter(case=case).select_related("step")
    if last is not None:
        photos = photos.filter(step__seq__lte=last)
    found = {}
    for photo in photos.order_by("uploaded_at"):
        photo.metres = evidence.distance_m(photo, case)
        found.setdefault(photo.step_id, []).append(photo)
    return found


def _demands(case, last):
    """The demands that may be read, each with the words for its owner."""
    demands = case.demands.select_related(
        "owner", "owner_area", "owner_unit", "owner_duty_grid", "unit", "cause", "clock"
    ).order_by("pk")
    if last is not None:
        demands = demands.filter(cause__seq__lte=last)
    for demand in demands:
        role = ROLES[demand.owner_role].name if demand.owner_role else ""
        demand.role = names.masked(demand.owner) or role
    return demands
