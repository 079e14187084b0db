"""The facts a move needs: read from plain values, named when they are missing or wrong.

A row of the table lists its facts as words ("condition grid? reason"); `?` marks one that may be
left out. Refusals are here too, for everybody who asks the loop for something.
"""

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db.models import Exists, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from grids.coverage import containing, point_of
from grids.models import Area
from incidents.models import Case, Category, Condition, Evidence
from lib import now as clock
from staff.models import Member, Unit

LONGEST_TEXT = 4000


class Refused(Exception):
    """The loop says no; `message` says why in the reader's language. Nothing was done."""

    def __init__(self, message):
        super().__init__(message)
        self.message = message


class Hidden(Refused):
    """There is no such case for this member."""


class Forbidden(Refused):
    """The member's role, or the separation of duties, forbids the move."""


class Conflict(Refused):
    """The case's stage or version no longer allows the move; says who was there first."""

    def __init__(self, message, *, who=None, when=None, move=None):
        super().__init__(message)
        self.who, self.when, self.move = who, when, move


class BadFacts(Refused):
    """Facts are missing or wrong: {field: [message, …]}."""

    def __init__(self, errors):
        super().__init__(_("Some facts are missing or wrong."))
        self.errors = {k: v if isinstance(v, list) else [v] for k, v in errors.items()}


class Faults:
    """What is wrong with facts, gathered so that all of it is said at once. `refused` is what a
    form has found already: {field: [message, …]}."""

    def __init__(self, refused=()):
        self.errors = dict(refused)

    @contextmanager
    def gathered(self):
        """A BadFacts raised within is kept until `say`; of a field the first."""
        try:
            yield
        except BadFacts as wrong:
            self.errors = wrong.errors | self.errors

    def any_of(self, *names):
        return not self.errors.keys().isdisjoint(names)

    def missing(self, name, message=None):
        """Say that a fact is missing, unless something wrong is why."""
        if not self.any_of(name, *BROUGHT_BY.get(name, ())):
            self.errors[name] = [message or needed(name)]

    def say(self):
        """Raises BadFacts with everything that was wrong, if anything was."""
        if self.errors:
            raise BadFacts(self.errors)


@dataclass(frozen=True)
class Need:
    """A fact that a move takes, as the API and the forms show it."""

    name: str
    type: str
    required: bool
    choices: object = None


TYPES = {
    "category": "category",
    "condition": "condition",
    "area": "area",
    "grid": "area",
    "unit": "unit",
    "assisting": "units",
    "worker": "worker",
    "into": "case",
    "found": "boolean",
    "longitude": "number",
    "latitude": "number",
    "until": "datetime",
    "due": "datetime",
    "promised": "datetime",
    "decision": "choice",
    "photo": "evidence",
    "position": "position",
    "to": "unit",
}
DECISIONS = ("granted", "refused")
# What people call the facts.
TITLES = {
    "category": _("Category"),
    "condition": _("Filing condition"),
    "area": _("Unit grid"),
    "grid": _("Unit grid"),
    "unit": _("Lead unit"),
    "assisting": _("Assisting units"),
    "worker": _("Grid worker"),
    "into": _("Number of the earlier case"),
    "found": _("Found there?"),
    "longitude": _("Longitude"),
    "latitude": _("Latitude"),
    "until": _("Until"),
    "due": _("Due"),
    "promised": _("Promised for"),
    "decision": _("Decision"),
    "photo": _("Photos"),
    "position": _("My position"),
    "to": _("To the unit"),
    "reason": _("Reason"),
    "result": _("What was done"),
    "description": _("Description"),
    "note": _("Note"),
    "words": _("Words"),
    "opinion": _("Opinion"),
}
# Facts that another one may bring along: without that one nobody can say that they are missing.
BROUGHT_BY = {"photo": {"evidence"}, "position": {"evidence", "photo"}}


def wanted(needs):
    """[(name, required)] of a row's words."""
    return [(word.rstrip("?"), not word.endswith("?")) for word in needs.split()]


def choices(name, case):
    """The values that a fact is chosen from, as plain values; None if it is not chosen."""
    if name == "decision":
        return list(DECISIONS)
    if name == "condition" and case.category_id:
        rows = Condition.objects.in_use_for(case.category_id)
        return list(rows.values_list("code", flat=True))
    return None


def named_by(needs, given):
    """What was given, without a photo and position that the row does not name: those are facts
    only of the moves that ask for them, and kept on the step of any other (`kept_with`)."""
    names = {name for name, _required in wanted(needs)}
    return {k: v for k, v in given.items() if k in names or k not in ("photo", "position")}


def read(row, case, given, faults):
    """The facts of a row from plain values, as model instances where they name one; every field
    that is missing, unknown or wrong goes to the Faults."""
    facts = {}
    known = wanted(row.needs)
    for name in sorted(set(given) - {n for n, _r in known}):
        faults.errors.setdefault(name, [_("This move takes no such fact.")])
    for name, required in known:
        value = given.get(name)
        if value is None or value == "" or value == [] or value == ():
            if required:
                faults.missing(name)
            continue
        try:
            facts[name] = _reader(name)(value, case)
        except _Wrong as wrong:
            faults.errors.setdefault(name, [wrong.args[0]])
    return facts


def needed(name):
    """That a fact is missing, by its name."""
    return _("“%(label)s” must not be empty.") % {"label": TITLES.get(name, name)}


def brought(evidence, position, by, faults):
    """(photos, position) that came with a move; the position by default the photos' own."""
    photos = []
    with faults.gathered():
        photos = read_evidence(evidence, by)
    with faults.gathered():
        return photos, position_of(position, photos)
    return photos, None


def kept_with(facts, photos, position):
    """The facts of a move with the photos and the position that came with it, asked for or not:
    whatever was sent along stays with the step."""
    return {"photo": photos, "position": position} | facts


class _Wrong(Exception):
    """A value that cannot be read; carries the message."""


def _reader(name):
    return _READERS.get(name) or _READERS.get(TYPES.get(name, "text"), _text)


def _text(value, case):
    if not isinstance(value, str) or "\x00" in value:
        raise _Wrong(_("Text is expected."))
    value = value.strip()
    if not value:
        raise _Wrong(_("Only blanks were written."))
    if len(value) > LONGEST_TEXT:
        raise _Wrong(_("At most 4,000 characters."))
    return value


def _code(value):
    if not isinstance(value, str) or "\x00" in value or len(value) > 200:
        raise _Wrong(_("A code is expected."))
    return value


def _catalogue(case):
    """The catalogue of the case's city, as `CategoryQuerySet.of_city` gives it, in no query of its
    own."""
    own = Category.objects.filter(city=case.city_id, is_active=True)
    shared = Q(city__isnull=True) & ~Exists(own)
    return Category.objects.filter(Q(city=case.city_id) | shared, is_active=True)


def _category(value, case):
    if isinstance(value, Category):
        return value
    found = _catalogue(case).filter(code=_code(value)).first()
    if found is None:
        raise _Wrong(_("There is no such category in the catalogue."))
    return found


def _condition(value, case):
    if isinstance(value, Condition):
        return value
    found = (
        Condition.objects.filter(
            code=_code(value),
            is_active=True,
            category__in=_catalogue(case),
        )
        .select_related("category")
        .order_by("-version")
        .first()
    )
    if found is None:
        raise _Wrong(_("There is no such filing condition in the catalogue."))
    return found


def _area(value, case):
    found = Area.objects.filter(city=case.city_id, code=_code(value)).first()
    if found is None:
        raise _Wrong(_("There is no such area in this city."))
    return found


def _unit(value, case):
    found = Unit.objects.filter(city=case.city_id, code=_code(value), is_active=True).first()
    if found is None:
        raise _Wrong(_("There is no such unit in this city."))
    return found


def _units(value, case):
    if not isinstance(value, (list, tuple)) or len(value) > 20:
        raise _Wrong(_("A list of unit codes is expected."))
    return [_unit(code, case) for code in value]


def _worker(value, case):
    found = Member.objects.filter(username=_code(value), is_active=True).first()
    if found is None:
        raise _Wrong(_("There is no such member."))
    return found


def _case(value, case):
    found = Case.objects.filter(city=case.city_id, number=_code(value)).first()
    if found is None:
        raise _Wrong(_("There is no such case in this city."))
    return found


def _boolean(value, case):
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise _Wrong(_("Yes or no is expected."))


def _degrees(name, most):
    """A reader of a longitude or latitude, at most so many degrees either way."""

    def number(value, case):
        named = {"label": TITLES[name], "most": most}
        try:
            if isinstance(value, bool):
                raise ValueError
            degrees = float(value)
        except (TypeError, ValueError, OverflowError):
            raise _Wrong(_("“%(label)s” is a number of degrees.") % named) from None
        if not -most <= degrees <= most:  # nor is NaN
            raise _Wrong(_("“%(label)s” lies between −%(most)s and %(most)s degrees.") % named)
        return degrees

    return number


# The end of a day is a time of that day (domain rule), which Python's parser does not know.
_END_OF_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[T ]24:00(?::00(?:\.0+)?)?(Z|[+-]\d\d:?\d\d)?$")


def _datetime(value, case):
    """An ISO 8601 time; without an offset it is the city's wall time."""
    late = timedelta(0)
    if isinstance(value, str) and len(value) < 64:
        if match := _END_OF_DAY.match(value):
            value, late = f"{match[1]}T00:00{match[2] or ''}", timedelta(days=1)
        try:
            value = parse_datetime(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise _Wrong(_("A date and time is expected."))
    try:
        return late + (
            value if value.tzinfo else value.replace(tzinfo=ZoneInfo(case.city.time_zone))
        )
    except OverflowError:
        raise _Wrong(_("A date and time is expected.")) from None


def _decision(value, case):
    if value not in DECISIONS:
        raise _Wrong(_("Say granted or refused."))
    return value


def read_position(value):
    """A Point from a device's [longitude, latitude]; BadFacts("position") says which is wrong."""
    try:
        return None if value is None else read_place(value)
    except BadFacts as wrong:
        said = [message for messages in wrong.errors.values() for message in messages]
        raise BadFacts({"position": said}) from None


def read_place(value):
    """A Point from [longitude, latitude]; BadFacts names the one that is wrong."""
    if isinstance(value, Point):
        return value
    faults, degrees = Faults(), {}
    try:
        degrees = dict(zip(("longitude", "latitude"), value, strict=True))
    except (TypeError, ValueError):
        faults.errors["longitude"] = [_("[longitude, latitude] is expected.")]
    for name in degrees:
        try:
            degrees[name] = _READERS[name](degrees[name], None)
        except _Wrong as wrong:
            faults.errors[name] = [wrong.args[0]]
    faults.say()
    return point_of(degrees.values())


def _position(value, case):
    return read_position(value)


_READERS = {
    "category": _category,
    "condition": _condition,
    "area": _area,
    "unit": _unit,
    "units": _units,
    "worker": _worker,
    "case": _case,
    "boolean": _boolean,
    # Facts of their own name, not of their type: each has its range.
    "longitude": _degrees("longitude", 180),
    "latitude": _degrees("latitude", 90),
    "datetime": _datetime,
    "choice": _decision,
    "evidence": lambda value, case: value,
    "position": _position,
}


def must_lie_ahead(name, most):
    """A rule of `rules.MUST`: a time is neither past nor farther ahead than `most`."""

    def must(case, by, facts):
        now, moment = clock.now(), facts[name]
        if now < moment <= now + most:
            return
        words = _("%(given)s is too far ahead. A time within the next year is expected.")
        if moment <= now:
            words = _(
                "%(given)s lies before now, %(now)s. A time within the next year is expected."
            )
        said = {"given": _wall_time(case, moment), "now": _wall_time(case, now)}
        raise BadFacts({name: [words % said]})

    return must


def _wall_time(case, moment):
    with suppress(OverflowError):  # within a day of the first or last moment that there is
        moment = moment.astimezone(ZoneInfo(case.city.time_zone))
    return moment.replace(tzinfo=None).isoformat(" ", "minutes")


def place_of(case, point, day):
    """The Place of a point; BadFacts outside every grid of that day. Kept on the case's object, for
    a place is looked at before the case is put there."""
    kept = case.__dict__.get("_place")
    if kept is None or kept[0] != (point.coords, day):
        kept = case.__dict__["_place"] = ((point.coords, day), containing(point, case.city, day))
    if kept[1] is None:
        raise BadFacts({"longitude": [_("This place lies in no grid of the city.")]})
    return kept[1]


def position_of(position, photos):
    """The device's position, by default the photo's own; a Point in WGS 84 or None."""
    return read_position(position) or next((p.position for p in photos if p.position), None)


def read_evidence(ids, by, case_id=None):
    """Unnamed photos of this member, in the order named; locked, so that a photo is named once.

    Raises BadFacts for one that is unknown, somebody else's or named before."""
    keys = []
    for value in ids:
        try:
            keys.append(value if isinstance(value, UUID) else UUID(str(value)))
        except ValueError:
            raise BadFacts({"evidence": [_("There is no such photo.")]}) from None
    if not keys:
        return []
    if len(keys) > 20:
        raise BadFacts({"evidence": [_("At most 20 photos at once.")]})
    rows = {e.pk: e for e in Evidence.objects.select_for_update().filter(pk__in=keys)}
    for key in keys:
        photo = rows.get(key)
        if photo is None or photo.uploaded_by_id != by.pk:
            raise BadFacts({"evidence": [_("There is no such photo.")]})
        if photo.step_id is not None:
            raise BadFacts({"evidence": [_("This photo belongs to a step already.")]})
    return [rows[key] for key in dict.fromkeys(keys)]
