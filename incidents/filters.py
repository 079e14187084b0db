"""What a reader gets: the list narrowed and cut into pages by key, and no case beyond the step up
to which they may read it."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from grids.backends import posts_of
from grids.models import Area
from incidents.clocks import replayed
from incidents.facts import BadFacts
from incidents.forms import left_out
from incidents.lights import LIGHTS
from incidents.models import OPEN, Category, Demand, Kind, Stage, Step
from incidents.scope import last_steps, units_cut, whole
from lib import now as clock
from staff.models import Unit

PAGE, LONGEST_PAGE = 50, 200
_SALT = "incidents.cases.cursor"


class Strict(serializers.Serializer):
    """A serializer that refuses what it does not know: a misspelt filter or fact must not pass
    for one that was obeyed. It reads; it never saves."""

    def to_internal_value(self, data):
        if hasattr(data, "keys") and (unknown := [k for k in data if k not in self.fields]):
            # A lone surrogate could not be written into the answer.
            names = [str(k)[:80].encode("utf-8", "backslashreplace").decode() for k in unknown]
            raise serializers.ValidationError(
                {name: [_("There is no such field here.")] for name in names}
            )
        return super().to_internal_value(data)


class CaseFilters(Strict):
    """What GET /api/cases/ may be asked for."""

    stage = serializers.CharField(
        required=False,
        max_length=200,
        help_text="One or more stages, separated by commas; `open` for all but the ends.",
    )
    kind = serializers.ChoiceField(Kind.choices, required=False)
    category = serializers.CharField(required=False, max_length=12, help_text="`E-01-13`")
    area = serializers.CharField(
        required=False, max_length=20, help_text="Code of an area of any level, city to grid."
    )
    unit = serializers.CharField(required=False, max_length=40, help_text="Code of the lead unit.")
    light = serializers.ChoiceField(LIGHTS, required=False)
    within = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=168,
        help_text="Whose running clock falls due within so many hours from now.",
    )
    waiting_on = serializers.ChoiceField(
        ["me"], required=False, help_text="Whose turn it is: stages and demands."
    )
    text = serializers.CharField(
        required=False, max_length=100, help_text="In the number, place, description or subclass."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=LONGEST_PAGE, default=PAGE
    )
    cursor = serializers.CharField(
        required=False, max_length=200, help_text="As `next` of the page before has it."
    )

    def validate_stage(self, value):
        words = value.split(",")
        if set(words) - {"open", *Stage.values}:
            raise serializers.ValidationError(_("There is no such stage."))
        return words


def readable(given, user):
    """(the filters of an address that can be read, what they say, what is left out as `left_out`):
    a page opens whatever its address says, and says which filter it did not obey."""
    wrong = {}
    while given:
        read = CaseFilters(data=given)
        fits = read.is_valid()
        names = read.errors.keys() if not fits else _unknown(given, user)
        if not names:
            said = {name: value for name, value in read.validated_data.items() if name in given}
            return given, said, left_out(wrong)
        wrong |= {name: given[name] for name in given if name in names}
        given = {name: value for name, value in given.items() if name not in names}
    return {}, {}, left_out(wrong)


def _unknown(given, user):
    """The filters whose code nobody has in the cities of a member."""
    cities = {post.city_id for post in posts_of(user)}
    rows = {
        "area": Area.objects.filter(city__in=cities) if cities else Area.objects,
        "unit": Unit.objects.filter(city__in=cities) if cities else Unit.objects,
        "category": Category.objects,
    }
    asked = given.keys() & rows.keys()
    return {name for name in asked if not rows[name].filter(code=given[name]).exists()}


class SimilarQuery(Strict):
    """What GET /api/cases/similar/ must be asked with."""

    longitude = serializers.FloatField(min_value=-180, max_value=180)
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    category = serializers.CharField(max_length=12)


def narrowed(cases, asked, user):
    """`cases` (already `visible_to(user)`) that fit the validated `CaseFilters`."""
    for name in asked.keys() & _NARROW.keys():
        cases = _NARROW[name](cases, asked[name], user)
    # A unit that a case has left may not learn its later state by asking for it. What waits on a
    # member is told by what they owe themselves.
    later = asked.keys() & {"stage", "light", "within", "unit"}
    return cases.filter(whole(user)) if later and units_cut(user) else cases


def _stages(cases, words, user):
    return cases.filter(stage__in=[*words, *OPEN] if "open" in words else words)


def _area(cases, code, user):
    where = Q(pk__in=[])
    for area in Area.objects.filter(code=code):
        column = "city" if area.level == "city" else area.level
        where |= Q(**{column: area.city_id if column == "city" else area.pk})
    return cases.filter(where)


_NARROW = {
    "stage": _stages,
    "kind": lambda cases, kind, user: cases.filter(kind=kind),
    "category": lambda cases, code, user: cases.filter(category__code=code),
    "area": _area,
    "unit": lambda cases, code, user: cases.filter(unit__code=code),
    "light": lambda cases, light, user: cases.with_light(light),
    "within": lambda cases, hours, user: cases.filter(
        due_at__gte=clock.now(), due_at__lt=clock.now() + timedelta(hours=hours)
    ),
    "waiting_on": lambda cases, whom, user: cases.waiting_on(user),
    "text": lambda cases, text, user: cases.saying(text),
}


# --- Pages by key -------------------------------------------------------------------------


def page_of(cases, asked):
    """(cases of one page, cursor of the next or None): newest first, by (reported_at, id)."""
    if "cursor" in asked:
        moment, key = read_cursor(asked["cursor"], _SALT)
        # The first condition alone is what the index can begin at.
        cases = cases.filter(reported_at__lte=moment).filter(
            Q(reported_at__lt=moment) | Q(pk__lt=key)
        )
    rows = list(cases.newest()[: asked["limit"] + 1])
    more = len(rows) > asked["limit"]
    rows = rows[: asked["limit"]]
    return rows, cursor_of(rows[-1].reported_at, rows[-1], _SALT) if more else None


def cursor_of(moment, row, salt):
    """The place of a row in a list by time: signed, so that nobody builds one by hand and comes to
    rely on what is inside; `salt` names the list."""
    return signing.dumps([moment.isoformat(), row.pk], salt=salt)


def read_cursor(text, salt):
    """(moment, key) of a cursor; BadFacts for one that this list has not given out."""
    try:
        moment, key = signing.loads(text, salt=salt)
    except signing.BadSignature:
        raise BadFacts({"cursor": [_("This is no page of this list.")]}) from None
    return datetime.fromisoformat(moment), key


# --- No further than one may read ---------------------------------------------------------


def as_read_by(user, cases):
    """The same cases, unsaved, each set back to the last step that the member's unit may read of
    it. No query for who reads everything, two for the members of units."""
    ends = last_steps(user, [case.pk for case in cases])
    if ends:
        where = reduce(or_, (Q(case=pk, seq=seq) for pk, seq in ends.items()))
        steps = {step.case_id: step for step in Step.objects.filter(where)}
        for case in cases:
            if case.pk in ends:
                set_back(case, steps.get(case.pk))
    return cases


def set_back(case, step):
    """Let a case look as it did at a step: where it went from there is nobody's business here."""
    case.stage, case.version = (step.to_stage, step.seq) if step else ("", 0)
    case.round = step.round if step else 1
    for name in (
        "unit",
        "worker",
        "merged_into",
        "due_at",
        "warn_at",
        "suspended_until",
        "ended_at",
    ):
        setattr(case, name, None)
    case.clock_kind, case.is_set_back = "", True


def owed_on(cases):
    """{case: roles, or the user name of the one member, that owe something beside the loop}."""
    whole = [case.pk for case in cases if not getattr(case, "is_set_back", False)]
    owed = defaultdict(list)
    rows = Demand.objects.open().filter(case__in=whole).order_by("pk")
    for pk, role, name in rows.values_list("case", "owner_role", "owner__username"):
        owed[pk].append(name or role)
    return owed


def ledgers_of(case, last):
    """The clocks of a case with their ledgers, up to the step `last` (None: all), each as the
    ledger alone says: state, times and verdict are replayed, not read from the cache."""
    clocks = []
    for row in (
        case.clocks.select_related("unit", "demand")
        .prefetch_related("entries__step")
        .order_by("started_at", "pk")
    ):
        entries = sorted(row.entries.all(), key=lambda entry: entry.seq)
        row.ledger = [e for e in entries if last is None or (e.step and e.step.seq <= last)]
        if row.ledger:
            clocks.append(_replay(row))
    return clocks


def _replay(row):
    state = replayed(row.ledger)
    row.light = state.light(clock.now())
    row.due_at, row.warn_at, row.stopped_at = state.due_at, state.warn_at, state.stopped_at
    if not state.stopped_at:
        row.state = "running" if state.running else "paused"
        row.verdict, row.late_by = "", None
    return row
