"""The shapes of the API: what comes in is checked here, what goes out is described here.

Nothing here saves, and nothing here decides: a shape knows no stage, no role and no rule of the
loop. Codes go out as in domain.md (`E-01-13`, area and unit codes), times in UTC.
"""

import math

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents import evidence as photos
from incidents import names
from incidents.facts import DECISIONS, LONGEST_TEXT
from incidents.filters import Strict
from incidents.lights import LIGHTS, light_of
from incidents.models import Clock, Kind, Stage
from incidents.querysets import PARTY
from incidents.scope import hidden_from

MOST_PHOTOS = 20
# What an API client may give as the source: the public and an import come in by other doors.
SOURCES = ("patrol", "hotline", "counter", "superior")


# --- Coming in ----------------------------------------------------------------------------


class Degrees(serializers.FloatField):
    """A finite number of degrees; JSON strings may say "nan", and no comparison catches that."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if isinstance(data, bool) or not math.isfinite(value):
            self.fail("invalid")
        return value


def longitude(**options):
    return Degrees(min_value=-180, max_value=180, **options)


def latitude(**options):
    return Degrees(min_value=-90, max_value=90, **options)


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 2,
        "maxItems": 2,
        "description": "[longitude, latitude]",
        "example": [113.92, 30.93],
    }
)
class Position(serializers.Field):
    """[longitude, latitude] of a device, and of a Point on the way out."""

    default_error_messages = {"invalid": _("[longitude, latitude] is expected.")}

    def to_internal_value(self, data):
        if not isinstance(data, list) or len(data) != 2:
            self.fail("invalid")
        try:
            east, north = (float(v) for v in data if not isinstance(v, (bool, str)))
        except (TypeError, ValueError, OverflowError):
            self.fail("invalid")
        if not (-180 <= east <= 180 and -90 <= north <= 90):
            self.fail("invalid")
        return [east, north]

    def to_representation(self, point):
        return [round(point.x, 7), round(point.y, 7)]


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.CharField):
    """A date and time as text; the loop reads it, since without an offset it is the city's."""

    def __init__(self, **options):
        super().__init__(max_length=40, **options)


def code(length, **options):
    return serializers.CharField(max_length=length, required=False, **options)


def prose():
    return serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


def photo_ids(**options):
    return serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST_PHOTOS, required=False, **options
    )


class Credentials(Strict):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class Token(serializers.Serializer):
    token = serializers.CharField()


class ReceiptIn(serializers.Serializer):
    """What became of a text message, by the id under which it was sent. Whatever else a gateway
    adds is left alone."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["delivered", "failed"])
    error = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ReporterIn(Strict):
    """Who told of the problem; kept apart from the case and never shown to a unit."""

    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class Report(Strict):
    """A new case: `report`, or `self_handle` by a worker who dealt with it on the spot."""

    move = serializers.ChoiceField(["report", "self_handle"], required=False)
    longitude = longitude()
    latitude = latitude()
    category = code(12, help_text="`E-01-13`")
    condition = code(16, help_text="`E-01-13-2`")
    description = prose()
    source = serializers.ChoiceField(
        SOURCES,
        required=False,
        help_text="By default hotline for who takes down what others tell, else patrol.",
    )
    evidence = photo_ids(help_text="Photos by id; self_handle needs one before and one after.")
    after = photo_ids(help_text="self_handle: the photos of the result, if given apart.")
    position = Position(required=False, help_text="The device's; by default the photo's own.")
    component = code(20, help_text="16-digit code of the component.")
    reporter = ReporterIn(required=False)
    source_id = code(80)


class MoveIn(Strict):
    """A move and its facts; which it takes, GET on the same address says."""

    move = serializers.CharField(max_length=20)
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    evidence = photo_ids()
    position = Position(required=False)
    category = code(12)
    condition = code(16)
    area = code(20)
    grid = code(20)
    unit = code(40)
    assisting = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, required=False
    )
    worker = code(150)
    into = code(40)
    found = serializers.BooleanField(required=False)
    longitude = longitude(required=False)
    latitude = latitude(required=False)
    until = Moment(required=False)
    due = Moment(required=False)
    decision = serializers.ChoiceField(DECISIONS, required=False)
    to = code(40)
    reason = prose()
    note = prose()
    result = prose()
    words = prose()
    opinion = prose()


class Upload(Strict):
    file = serializers.FileField()


# --- Going out ----------------------------------------------------------------------------


class Problem(serializers.Serializer):
    """RFC 9457. `errors` names the fields of a 400; who, when and move the winner of a 409."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    who = serializers.CharField(required=False, allow_null=True)
    when = serializers.DateTimeField(required=False, allow_null=True)
    move = serializers.CharField(required=False, allow_null=True)


_TURN = {stage: role for role, stages in PARTY.items() for stage in stages}


def field_of(source, kind=serializers.CharField, **options):
    return kind(source=source, allow_null=True, read_only=True, default=None, **options)


class CaseRow(serializers.Serializer):
    """A case as a row of the list."""

    number = serializers.CharField()
    stage = serializers.ChoiceField(Stage.choices)
    kind = serializers.ChoiceField([*Kind.choices, ("", "–")])
    category = field_of("category.code")
    condition = field_of("condition.code")
    area = field_of("community.code", help_text="The community.")
    grid = field_of("grid.code")
    place = serializers.CharField()
    unit = field_of("unit.code")
    reported_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    light = serializers.SerializerMethodField()
    waiting_on = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    @extend_schema_field(serializers.ChoiceField(LIGHTS))
    def get_light(self, case):
        return light_of(case)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_waiting_on(self, case):
        """Roles whose turn it is: the party of the stage, then the owners of open demands."""
        if getattr(case, "is_set_back", False):
            return []
        owed = self.context.get("owed", {}).get(case.pk, ())
        return list(dict.fromkeys([*filter(None, [_TURN.get(case.stage)]), *owed]))


class CasePage(serializers.Serializer):
    results = CaseRow(many=True)
    next = serializers.URLField(allow_null=True)


class MaskedReporter(serializers.Serializer):
    """Who told of a case, as much as tells two of them apart."""

    name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()

    def get_name(self, reporter) -> str:
        return names.masked(reporter.name)

    def get_phone(self, reporter) -> str:
        return names.masked_phone(reporter.phone)


class CaseDetail(CaseRow):
    """A case as its page shows it."""

    round = serializers.IntegerField()
    priority = serializers.CharField()
    longitude = serializers.FloatField(source="point.x")
    latitude = serializers.FloatField(source="point.y")
    description = serializers.CharField(source="description.text", default="")
    on_border = serializers.ListField(child=serializers.CharField())
    duty_grid = field_of("duty_grid.code")
    street = field_of("street.code")
    district = field_of("district.code")
    component = field_of("component.code")
    worker = field_of("worker.username")
    reported_by = serializers.SerializerMethodField(
        help_text="Account of who took it down; null for a handling unit."
    )
    source = serializers.CharField()
    source_id = serializers.CharField()
    clock = serializers.CharField(source="clock_kind", help_text="The running clock.")
    warn_at = serializers.DateTimeField(allow_null=True)
    suspended_until = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    merged_into = field_of("merged_into.number")
    reporter = serializers.SerializerMethodField()

    def get_reported_by(self, case) -> str | None:
        return None if hidden_from(self.context["user"]) else case.reported_by.username

    @extend_schema_field(MaskedReporter(allow_null=True))
    def get_reporter(self, case):
        user = self.context["user"]
        if case.reporter is None or not user.has_perm("incidents.reporter_contact"):
            return None
        return MaskedReporter(case.reporter).data


ROW_NEEDS = ("category", "condition", "community", "grid", "unit")
DETAIL_NEEDS = (
    *ROW_NEEDS,
    "description",
    "duty_grid",
    "street",
    "district",
    "component",
    "worker",
    "reported_by",
    "merged_into",
    "reporter",
    "city",
)


class NeedOut(serializers.Serializer):
    """One fact of a move: its name is the field of the POST, its type what is expected there."""

    name = serializers.SerializerMethodField()
    type = serializers.CharField()
    required = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.CharField(), required=False)
    suggested = serializers.CharField(
        required=False, help_text="The code of the unit that the responsibility matrix names."
    )

    def get_name(self, need) -> str:
        return FIELD_NAMES.get(need.name, need.name)

    def to_representation(self, need):
        shown = super().to_representation(need)
        choice = self.context["choice"]
        if need.name == "unit" and choice and choice.lead:
            shown["suggested"] = choice.lead.code
        if not shown["choices"]:
            del shown["choices"]
        return shown


# The loop's word for a fact, and the API's field for it where that is another.
FIELD_NAMES = {"photo": "evidence"}


class OfferOut(serializers.Serializer):
    """A move that the caller may make now."""

    move = serializers.CharField()
    label = serializers.CharField()
    needs = NeedOut(many=True)


class StepOut(serializers.Serializer):
    """One recorded move of a case."""

    seq = serializers.IntegerField()
    round = serializers.IntegerField()
    move = serializers.CharField()
    from_stage = serializers.CharField()
    to_stage = serializers.CharField()
    by = serializers.SerializerMethodField(
        help_text="Account; null where a handling unit would learn who reported the case."
    )
    by_name = serializers.SerializerMethodField(help_text="Masked; empty where `by` is null.")
    role = serializers.CharField()
    unit = field_of("unit.code")
    at = serializers.DateTimeField()
    facts = serializers.DictField()
    words = serializers.CharField(source="words.text", default="")
    position = Position(allow_null=True)
    evidence = serializers.SerializerMethodField()

    def get_by(self, step) -> str | None:
        return None if names.is_secret(step, self.context["user"]) else step.by.username

    def get_by_name(self, step) -> str:
        return names.doer(step, self.context["user"])

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_evidence(self, step):
        return [photo.pk for photo in step.evidence.all()]


class EntryOut(serializers.Serializer):
    """One line of a clock's ledger."""

    seq = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    step = field_of("step.seq", serializers.IntegerField)
    limit = serializers.DecimalField(
        10, 4, source="limit_value", allow_null=True, normalize_output=True
    )
    limit_unit = serializers.CharField()


class ClockOut(serializers.Serializer):
    """A clock of a case, as its ledger says, with that ledger."""

    kind = serializers.CharField()
    round = serializers.IntegerField()
    unit = field_of("unit.code")
    demand = field_of("demand.kind")
    state = serializers.ChoiceField(Clock.State.choices)
    started_at = serializers.DateTimeField()
    warn_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    verdict = serializers.CharField()
    late_seconds = serializers.SerializerMethodField(
        help_text="As time passes, pauses left out; null while it is on time or not judged."
    )
    light = serializers.ChoiceField(LIGHTS)
    ledger = EntryOut(many=True)

    def get_late_seconds(self, clock_) -> int | None:
        return None if clock_.late_by is None else int(clock_.late_by.total_seconds())


class EvidenceOut(serializers.Serializer):
    """A photo: when and where it was taken, and the addresses of what may be seen of it."""

    id = serializers.UUIDField()
    taken_at = serializers.DateTimeField(allow_null=True)
    position = Position(allow_null=True)
    uploaded_at = serializers.DateTimeField()
    uploaded_by = serializers.SerializerMethodField(
        help_text="Account; of others' photos null for a handling unit."
    )
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    size = serializers.IntegerField()
    media_type = serializers.CharField()
    case = field_of("case.number")
    step = field_of("step.seq", serializers.IntegerField)
    shown = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()

    def get_uploaded_by(self, photo) -> str | None:
        user = self.context["user"]
        if photo.uploaded_by_id != user.pk and hidden_from(user):
            return None
        return photo.uploaded_by.username

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_shown(self, photo):
        return file_address(photo, "shown")

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_thumbnail(self, photo):
        return file_address(photo, "thumbnail")


class CaseEvidenceOut(EvidenceOut):
    """A photo of a case, with how far from it and how long before its step it was taken: facts
    for who judges, held against nobody."""

    distance_m = serializers.SerializerMethodField()
    seconds_before_step = serializers.SerializerMethodField()

    def get_distance_m(self, photo) -> float | None:
        return photos.distance_m(photo, self.context["case"])

    def get_seconds_before_step(self, photo) -> int | None:
        between = photos.time_between(photo, self.context["case"])
        return None if between is None else int(between.total_seconds())


class SimilarOut(serializers.Serializer):
    """A case that a new report may be about as well."""

    number = serializers.CharField()
    stage = serializers.ChoiceField(Stage.choices)
    place = serializers.CharField()
    reported_at = serializers.DateTimeField()
    age_seconds = serializers.IntegerField()
    distance_m = serializers.FloatField()
    photo = serializers.CharField(allow_null=True, help_text="Address of the thumbnail.")


def file_address(photo, which):
    return reverse("api:evidence_file", kwargs={"pk": photo.pk, "which": which})
