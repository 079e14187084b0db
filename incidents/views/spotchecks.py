"""Spot checks: the seeds sealed ahead, each day's draw with its result, how much is drawn, and what
anybody needs to draw a day again."""

from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from grids.backends import cities_with
from grids.models import Area
from incidents import drawing, evidence
from incidents.chips import show_demand_clocks
from incidents.draws import Draw, Drawn, DrawRule, sealed_ahead
from incidents.models import Evidence, Kind
from incidents.views.signed import signed_in
from incidents.views.tabs import city_with
from lib import now as clock
from staff.forms import Named
from staff.models import Member, Unit

PAGE = 31
SUMMED = timedelta(days=30)
SCRIPT = settings.BASE_DIR / "docs" / "recompute_draw.py"


class RuleForm(Named, forms.ModelForm):
    class Meta:
        model = DrawRule
        fields = ["share", "least", "by_street", "by_kind"]


@dataclass
class Stratum:
    """A part of the city that is drawn by itself: its name, how many cases were closed there and
    how many of them were drawn, and what came of these."""

    name: str
    among: int = 0
    drawn: int = 0
    open: int = 0
    overdue: int = 0
    passed: int = 0
    failed: int = 0

    @property
    def looked(self):
        return self.passed + self.failed

    @property
    def share(self):
        """Failed, per cent of those looked at; None before the first."""
        return round(100 * self.failed / self.looked, 2) if self.looked else None

    @property
    def drawn_share(self):
        return round(100 * self.drawn / self.among, 2) if self.among else None


def _city(request, permission="incidents.view_draw"):
    """The city whose checks a member reads; PermissionDenied without the permission."""
    return city_with(request.user, permission)


# --- all days ------------------------------------------------------------------------------------


@signed_in
@require_GET
def spot_checks(request):
    """Seals, what came of the last thirty days, the rule, and the draws by day."""
    city = _city(request)
    before = parse_date_or_none(request.GET.get("before", ""))
    draws = Draw.objects.of_cities([city.pk]).before(before).select_related("seal")
    rows = list(draws.with_counts()[: PAGE + 1])
    context = {
        "seals": sealed_ahead(city.pk, drawing.today_of(city)),
        "rows": rows[:PAGE],
        "more": rows[PAGE - 1].seal.day.isoformat() if len(rows) > PAGE else "",
        "paged": before is not None,
    }
    return render(
        request, "incidents/spotchecks/list.html", context | _summed(city) | rule_of(request, city)
    )


def parse_date_or_none(text):
    try:
        return parse_date(text)
    except ValueError:
        return None


def _summed(city):
    """{"strata", "whole"}: the draws of the last thirty days."""
    since = drawing.today_of(city) - SUMMED
    draws = Draw.objects.of_cities([city.pk]).since(since)
    among = {}
    for text in draws.values_list("population", flat=True):
        _count(text, among)
    rows = Drawn.objects.since(city, since)
    strata = _strata(city, rows.by_stratum(clock.now()), among)
    whole = Stratum("")
    for each in strata:
        for name in ("among", "drawn", "open", "overdue", "passed", "failed"):
            setattr(whole, name, getattr(whole, name) + getattr(each, name))
    return {"strata": strata, "whole": whole, "days": SUMMED.days}


def _count(population, among):
    """Add the cases of a draw's population to {stratum: how many}."""
    for line in population.splitlines():
        stratum = line.rpartition("|")[2]
        among[stratum] = among.get(stratum, 0) + 1


def _strata(city, rows, among):
    """[Stratum] by code, also of those where nothing was drawn. One query."""
    counted = {row.pop("stratum"): row for row in rows}
    codes = {part for key in (*among, *counted) for part in key.split("/")}
    areas = Area.objects.filter(city=city, code__in=codes).values_list("code", "name")
    names = dict(areas) | {kind.value: kind.label for kind in Kind}
    return [
        Stratum(name_of(key, names), among.get(key, 0), **counted.get(key, {}))
        for key in sorted({*among, *counted})
    ]


def name_of(key, names):
    """A stratum in words: its street, its kind, or the whole city."""
    return " · ".join(str(names.get(part, part)) for part in key.split("/") if part) or _(
        "the whole city"
    )


# --- the rule ------------------------------------------------------------------------------------


def rule_of(request, city, form=None, effect=None):
    """The context of the rule: what it says, and the form for who may change it."""
    rule = drawing.rule_of(city)
    may = city in cities_with(request.user, "incidents.change_drawrule")
    return {
        "rule": rule,
        "rule_form": (form or RuleForm(instance=rule)) if may else None,
        "effect": effect,
    }


@signed_in
@require_http_methods(["GET", "POST"])
def spot_check_rule(request):
    """The rule: `do=preview` says what it would have drawn of yesterday, else it is kept; it holds
    from the next draw on."""
    city = _city(request, "incidents.change_drawrule")
    rule = drawing.rule_of(city)
    form = RuleForm(request.POST if request.method == "POST" else None, instance=rule)
    effect = None
    if form.is_bound and form.is_valid():
        if request.POST.get("do") != "preview":
            return _kept(request, form, is_new=rule.pk is None)
        effect = effect_of(city, form.instance)
    status = 422 if form.errors else 200
    context = rule_of(request, city, form, effect)
    return render(request, "incidents/spotchecks/rule.html", context, status=status)


@transaction.atomic
def _kept(request, form, *, is_new):
    rule = form.save()
    LogEntry.objects.log_actions(
        request.user.pk,
        [rule],
        ADDITION if is_new else CHANGE,
        [{"changed": {"fields": form.changed_data}}],
        single_object=True,
    )
    messages.success(request, _("The rule is kept; it holds from the next draw on."))
    return redirect("spot_checks")


def effect_of(city, rule):
    """What a rule would draw of yesterday: {"day", "among", "drawn"}. How many are drawn does not
    depend on the seed."""
    day = drawing.today_of(city) - timedelta(days=1)
    lines = drawing.population_of(city, day, rule)
    drawn = drawing.drawn_of("", lines, rule.share, rule.least)
    return {"day": day, "among": len(lines), "drawn": len(drawn)}


# --- one day -------------------------------------------------------------------------------------


def _drawn_on(request, day):
    city = _city(request)
    draws = Draw.objects.of_cities([city.pk]).select_related("seal__city")
    return get_object_or_404(draws.with_counts(), seal__day=day)


@signed_in
@require_GET
def spot_check_day(request, day):
    """The draw of a day: the seed, the strata, each case with who looks at it and the result."""
    made = _drawn_on(request, day)
    city, among = made.seal.city, {}
    _count(made.population, among)
    rows = results_of(made)
    strata = _strata(city, made.cases.all().by_stratum(clock.now()), among)
    context = {
        "draw": made,
        "seal": made.seal,
        "rows": rows,
        "strata": strata,
        "file": file_of_draw(made),
        "intact": drawing.sha256(made.seal.seed) == made.seal.seed_hash,
    }
    return render(request, "incidents/spotchecks/day.html", context)


def results_of(made):
    """The drawn cases in their place, each with `state` (open, passed, failed, none), the chip of
    an open one, the `metres` at which its photo was taken, and against whom a failed one counts.
    Five queries at most."""
    rows = made.cases.with_hands().order_by("place")
    rows = list(
        rows.select_related(
            "case__category", "case__community", "worker", "demand__ended_by__words"
        )
    )
    show_demand_clocks([row.demand for row in rows if row.demand])
    photos = Evidence.objects.filter(step__in=[_step_of(row) for row in rows if _step_of(row)])
    taken = {photo.step_id: photo for photo in photos.order_by("uploaded_at")}
    bad = [row for row in rows if _state(row) == "failed"]
    people = Member.objects.in_bulk(
        {key for row in bad for key in (row.handled_by_then, row.verified_by_then) if key}
    )
    units = Unit.objects.in_bulk({row.unit_then for row in bad if row.unit_then})
    for row in rows:
        row.state, photo = _state(row), taken.get(_step_of(row))
        row.metres = (
            round(evidence.distance_m(photo, row.case)) if photo and photo.position else None
        )
        row.handler = people.get(row.handled_by_then)
        row.verifier = people.get(row.verified_by_then)
        row.unit = units.get(row.unit_then)
    return rows


def _step_of(row):
    """The key of the step that ended a check, or None."""
    return row.demand.ended_by_id if row.demand else None


def _state(row):
    if row.demand is None:
        return "none"
    ended = row.demand.ended_by
    if ended is None:
        return "open"
    if ended.move != "spot_check":
        return "ended"
    return "failed" if ended.facts.get("found") else "passed"


# --- to take along -------------------------------------------------------------------------------


def file_of_draw(made):
    """The name under which an export is saved."""
    return f"draw-{made.seal.city.slug}-{made.seal.day.isoformat()}.json"


@signed_in
@require_GET
def spot_check_export(request, day):
    """What docs/recompute_draw.py reads."""
    made = _drawn_on(request, day)
    named = {"Content-Disposition": f'attachment; filename="{file_of_draw(made)}"'}
    return HttpResponse(
        drawing.export_text(made), content_type="application/json; charset=utf-8", headers=named
    )


@signed_in
@require_GET
def spot_check_script(request):
    """The script that draws a day again; it needs nothing but Python."""
    _city(request)
    if not SCRIPT.exists():
        raise Http404(gettext_lazy("The script is not installed here; it stands in docs/."))
    return FileResponse(
        SCRIPT.open("rb"), as_attachment=True, content_type="text/x-python; charset=utf-8"
    )
