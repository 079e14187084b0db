"""Cases of another system, sent round our own loop at their real times.

A mapping (TOML, see docs/examples/boston.toml) says which column of a CSV file means what. The
importer makes what the loop needs in the city — units, its own catalogue, a matrix, people with
posts — and plays every role through `workflow.report` and `move`: the opening of a case (report to
dispatch) at the time it was opened, its closing (handle to close) at the time it was closed. Each
is done whole or not at all, and a case is known again by its number at the source, so that an
import can be broken off and run again.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from demo import catalogue
from demo.geojson import SINCE_EVER, root_of
from demo.passing import SETTLED_AFTER
from demo.source import Refusal
from grids.models import Area, Post
from incidents import workflow
from incidents.clocks import next_of
from incidents.facts import BadFacts, Refused
from incidents.models import Case, Category, Clock, Condition, Kind, MatrixRow
from lib import now as clock
from staff.models import Member, Unit

# Acts in one transaction: commits cost little then, and a broken-off run loses a second's work.
BATCH = 100
_LEDGER_STEP = timedelta(hours=1) / 10_000


@dataclass
class Outcome:
    """What an import did and how well it agrees with the file."""

    rows: int = 0
    opened: int = 0
    closed: int = 0
    known: int = 0
    left: int = 0
    seconds: float = 0.0
    refused: list = field(default_factory=list)
    located: int = 0
    inside_named: int = 0
    judged: int = 0
    agreed: int = 0
    disagreed: list = field(default_factory=list)


# --- what the loop needs -------------------------------------------------------------------------


class Office:
    """The units, catalogue and people of a city that carry an import; made when missing."""

    def __init__(self, city, mapping, rows):
        self.city, self.kind = city, mapping.format["kind"]
        self.root = root_of(city)
        catalogue.add_members()  # the system warns and breaches by the way
        catalogue.add_formulas()
        self.units = self._units(sorted({row.unit for row in rows}), mapping.units)
        self.conditions = self._catalogue({(row.class_name, row.type_name) for row in rows})
        self._matrix(rows)
        self.intake, self.chief = self._citywide("intake"), self._citywide("chief")
        self.dispatcher = self._citywide("dispatcher")
        self.worker = self._member("worker", "worker", area=self.root)
        self.handlers = {
            code: self._member(f"handler.{slugify(code) or unit.pk}", "handler", unit=unit)
            for code, unit in self.units.items()
        }
        self.supervisors = {
            area.pk: self._member(f"supervisor.{slugify(area.code)}", "supervisor", area=area)
            for area in Area.objects.filter(city=city, level=Area.Level.COMMUNITY)
        }

    def _units(self, codes, names):
        made = {}
        for code in codes:
            name = names.get(code, code)
            made[code], _new = Unit.objects.get_or_create(
                city=self.city,
                code=code,
                defaults={"name_zh": name, "name_en": name, "kind": Unit.Kind.DEPARTMENT},
            )
        return made

    def _catalogue(self, wanted):
        """{(class, type): Condition}. New ones follow those that the city has, so that a code
        never changes its meaning."""
        known = {(c.class_en, c.name_en): c for c in Category.objects.filter(city=self.city)}
        classes = {c.class_en: c.class_code for c in known.values()}
        letter = "E" if self.kind == Kind.EVENT else "C"
        for class_name, type_name in sorted(wanted - set(known)):
            number = classes.setdefault(class_name, f"{len(classes) + 1:02d}")
            place = f"{sum(1 for name, _type in known if name == class_name) + 1:02d}"
            known[class_name, type_name] = Category.objects.create(
                city=self.city,
                code=f"{letter}-{number}-{place}",
                kind=self.kind,
                class_code=number,
                class_zh=class_name,
                class_en=class_name,
                subclass_code=place,
                name_zh=type_name,
                name_en=type_name,
            )
        return {pair: self._condition(known[pair]) for pair in wanted}

    @staticmethod
    def _condition(category):
        """One condition a category and without a limit: the promise comes with each case."""
        condition, _new = Condition.objects.get_or_create(
            category=category,
            code=f"{category.code}-1",
            version=1,
            defaults={"text_zh": category.name_zh, "text_en": category.name_en},
        )
        condition.category = category
        return condition

    def _matrix(self, rows):
        """A row for each category, in the whole city: the unit that had most of its cases."""
        counts = Counter((row.class_name, row.type_name, row.unit) for row in rows)
        for (class_name, type_name, unit), _count in counts.most_common():
            MatrixRow.objects.get_or_create(
                city=self.city,
                kind=self.kind,
                area=self.root,
                category=self.conditions[class_name, type_name].category,
                defaults={"lead": self.units[unit], "valid_from": SINCE_EVER},
            )

    def _citywide(self, role):
        return self._member(role, role)

    def _member(self, name, role, **place):
        """A member of the import's own without a password, with one post since ever."""
        username = f"{self.city.slug}.{name}"
        member, new = Member.objects.get_or_create(
            username=username, defaults={"name": username, "language": "en"}
        )
        if new:
            member.set_unusable_password()
            member.save(update_fields=["password"])
        Post.objects.get_or_create(
            member=member,
            role=role,
            city=self.city,
            **place,
            defaults={"valid_from": SINCE_EVER},
        )
        return member


# --- the loop ------------------------------------------------------------------------------------


class Import:
    """One run over a file: the acts still to be done, each whole or not at all."""

    def __init__(self, city, mapping, rows, refused):
        self.city, self.mapping = city, mapping
        self.columns = mapping.columns
        self.outcome = Outcome(rows=len(rows) + len(refused), refused=refused)
        self.rows = _in_the_city(city, rows, refused, self.columns["longitude"])

    def run(self, *, in_order=False, progress=lambda acts: acts):
        """Do every act; `in_order`: as they happened, all cases side by side, instead of case by
        case. `progress` wraps the list of acts."""
        outcome, began = self.outcome, time.monotonic()
        with transaction.atomic():
            self.office = Office(self.city, self.mapping, self.rows)
        self.cases = dict(
            Case.objects.filter(city=self.city, source=Case.Source.IMPORT).values_list(
                "source_id", "pk"
            )
        )
        self.ended = set(
            Case.objects.filter(
                city=self.city, source=Case.Source.IMPORT, stage="closed"
            ).values_list("source_id", flat=True)
        )
        outcome.known = sum(1 for row in self.rows if row.id in self.cases)
        acts = self._acts(in_order)
        with clock.at(clock.now()):
            shown = iter(progress(acts))
            for _start in range(0, len(acts), BATCH):
                with transaction.atomic():
                    for _at, act, row in islice(shown, BATCH):
                        self._try(act, row)
        outcome.seconds = time.monotonic() - began
        return outcome

    def _acts(self, in_order):
        acts = []
        for row in self.rows:
            if row.id not in self.cases:
                acts.append((row.opened, self._open, row))
            if row.closed is not None and row.id not in self.ended:
                acts.append((row.closed, self._close, row))
        return sorted(acts, key=lambda act: act[0]) if in_order else acts

    def _try(self, act, row):
        try:
            with transaction.atomic():
                act(row)
        except BadFacts as bad:
            for name, reasons in bad.errors.items():
                reason = " ".join(str(r) for r in reasons)
                self.outcome.refused.append(Refusal(row.line, self.columns.get(name, name), reason))
        except Refused as refused:
            self.outcome.refused.append(Refusal(row.line, "", str(refused.message)))

    def _open(self, row):
        """Report, accept, file and dispatch at the time the case was opened."""
        office, condition = self.office, self.office.conditions[row.class_name, row.type_name]
        clock.set_to(row.opened)
        case = workflow.report(
            office.intake,
            city=self.city,
            point=[row.longitude, row.latitude],
            source=Case.Source.IMPORT,
            source_id=row.id,
            category=condition.category,
            description=row.description,
        )
        case = workflow.move(case, "accept", office.intake, category=condition.category)
        case = workflow.move(case, "file", office.chief, condition=condition)
        promised = {"promised": _on_the_ledger(row)} if row.promised else {}
        workflow.move(case, "dispatch", office.dispatcher, unit=row.unit, **promised)
        self.cases[row.id] = case.pk
        self.outcome.opened += 1

    def _close(self, row):
        """Handle, verify and close at the time the case was closed."""
        if row.id not in self.cases:
            return  # refused when it was to be opened
        office = self.office
        clock.set_to(row.closed)
        case = Case.objects.select_related("unit").get(pk=self.cases[row.id])
        if case.stage != "dispatched":
            self.outcome.left += 1  # somebody has moved it since it was imported
            return
        _settle_until(case, row.closed)
        handler = office.handlers[case.unit.code]
        case = workflow.move(case, "handle", handler, result=_("Closed at the source"))
        case = workflow.move(case, "verify", office.worker)
        workflow.move(case, "close", office.supervisors[case.community_id])
        self.outcome.closed += 1


def _settle_until(case, moment):
    """The warning and the breach of a promise before a moment, each at its own time. What became of
    the escalation the file does not say: it ends with the case."""
    for _event in ("warn", "breach"):
        due_at = next_of(case)
        if due_at is None or due_at >= moment:
            break
        clock.set_to(min(due_at + SETTLED_AFTER, moment))
        workflow.settle_case(case)
    clock.set_to(moment)


def _on_the_ledger(row):
    """The promised time, or the first one after it that the ledger can hold: a limit is kept in
    hours with four decimals, so steps of 0.36 s. Never earlier: a case closed in its very last
    second is on time."""
    steps = -((row.opened - row.promised) // _LEDGER_STEP)  # rounded up
    return row.opened + steps * _LEDGER_STEP


# --- agreement with the file ---------------------------------------------------------------------


def _in_the_city(city, rows, refused, column):
    """The rows whose point lies in a grid of the city or, as in any report, within its tolerance
    of one; the others are refused."""
    inside = {index for index, _named in _located(city, rows)}
    for index, row in enumerate(rows):
        if index not in inside:
            refused.append(
                Refusal(
                    row.line,
                    column,
                    _("%(lon)s, %(lat)s lies in no grid of the city")
                    % {"lon": row.longitude, "lat": row.latitude},
                )
            )
    return [row for index, row in enumerate(rows) if index in inside]


def agreement(city, rows, outcome, *, verdicts=True):
    """How many points lie in the grid that the file names, and whether the loop's verdicts are the
    file's own, on every row with both dates; into `outcome`."""
    known = set(Area.objects.filter(city=city, level="grid").values_list("code", flat=True))
    named = [row.grid in known for row in rows]
    outcome.located = sum(named)
    outcome.inside_named = sum(1 for index, at_home in _located(city, rows) if at_home)
    if not verdicts:
        return
    given = dict(
        Clock.objects.filter(
            case__city=city,
            case__source=Case.Source.IMPORT,
            kind="handle",
            round=1,
            state="stopped",
        ).values_list("case__source_id", "verdict")
    )
    for row in rows:
        if row.promised and row.closed and row.on_time is not None and row.id in given:
            outcome.judged += 1
            if given[row.id] == ("on_time" if row.on_time else "late"):
                outcome.agreed += 1
            else:
                outcome.disagreed.append((row.line, row.id, given[row.id]))


def _located(city, rows):
    """[(index, whether the point lies in the grid that the row names)] for those in any grid, or
    within the city's tolerance of one."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCATED,
            {
                "city": city.pk,
                "lon": [row.longitude for row in rows],
                "lat": [row.latitude for row in rows],
                "grid": [row.grid for row in rows],
                "day": [city.local_date(row.opened) for row in rows],
                "metres": city.border_tolerance_m,
                # At least as far, up to 74 degrees of latitude.
                "degrees": city.border_tolerance_m / 30_000,
            },
        )
        return cursor.fetchall()


_LOCATED = """
    SELECT r.n - 1, bool_or(a.code = r.grid AND ST_Intersects(v.geometry, p.point))
      FROM unnest(%(lon)s::float8[], %(lat)s::float8[], %(grid)s::text[], %(day)s::date[])
           WITH ORDINALITY AS r(lon, lat, grid, day, n)
     CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326) AS point) p
      JOIN grids_areaversion v
        ON v.geometry && ST_Expand(p.point, %(degrees)s)
           AND (ST_Intersects(v.geometry, p.point)
                OR ST_DWithin(v.geometry::geography, p.point::geography, %(metres)s))
           AND v.valid_from <= r.day AND (v.valid_until IS NULL OR v.valid_until > r.day)
      JOIN grids_area a ON a.id = v.area_id AND a.level = 'grid' AND a.city_id = %(city)s
     GROUP BY r.n
"""
