"""The file of another system: what its columns mean, and its rows read, each whole or refused by
its line and reason."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from demo.geojson import Unreadable
from incidents.models import Kind
from lib import now as clock

_NEEDED = ("id", "opened", "closed", "longitude", "latitude", "class", "category", "unit")
_OPTIONAL = ("promised", "source", "grid", "on_time")


@dataclass(frozen=True)
class Mapping:
    """What a file's columns mean; the tables of the TOML file under their own names."""

    city: dict
    columns: dict
    format: dict
    sources: dict
    units: dict


@dataclass(frozen=True)
class Row:
    """One case of the file, read; `line` is where it begins, `on_time` the file's own verdict."""

    line: int
    id: str
    opened: datetime
    promised: datetime | None
    closed: datetime | None
    longitude: float
    latitude: float
    class_name: str
    type_name: str
    unit: str
    description: str
    grid: str
    on_time: bool | None


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken, by line, column and reason."""

    line: int
    field: str
    reason: str

    def __str__(self):
        return _("line %(line)s, %(field)s: %(reason)s") % vars(self)


class _Bad(Exception):
    """A value that cannot be read: (column, reason)."""


def read_mapping(path):
    """The Mapping of a TOML file. Raises Unreadable for one that leaves out what is needed."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Unreadable(_("%(file)s: %(why)s") % {"file": path, "why": problem}) from None
    columns, wanted = told.get("columns", {}), told.get("city", {})
    missing = [f"columns.{name}" for name in _NEEDED if not columns.get(name)]
    missing += [f"city.{name}" for name in ("slug", "time_zone", "prefix") if name not in wanted]
    unknown = [f"columns.{name}" for name in columns if name not in _NEEDED + _OPTIONAL]
    shape = {
        "kind": Kind.EVENT.value,
        "time": "%Y-%m-%d %H:%M:%S",
        "on_time": [],
        "late": [],
        "description": "",
    } | told.get("format", {})
    if shape["kind"] not in Kind.values:
        unknown.append(f"format.kind = {shape['kind']}")
    if missing or unknown:
        raise Unreadable(
            *(_("the mapping lacks %s") % name for name in missing),
            *(_("the mapping names an unknown %s") % name for name in unknown),
        )
    return Mapping(wanted, columns, shape, told.get("sources", {}), told.get("units", {}))


def read_rows(path, mapping, *, zone, today=None):
    """([Row], [Refusal]) of a CSV file; raises Unreadable when columns are missing."""
    reader_of = _Reader(mapping, zone, today or clock.now())
    rows, refused = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            lacking = reader_of.lacking(reader.fieldnames or [])
            if lacking:
                raise Unreadable(*(_("the file has no column %s") % name for name in lacking))
            last = reader.line_num
            for given in reader:
                line, last = last + 1, reader.line_num
                try:
                    rows.append(reader_of.row(line, given))
                except _Bad as bad:
                    refused.append(Refusal(line, *bad.args))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Unreadable(_("%(file)s: %(why)s") % {"file": path, "why": problem}) from None
    return rows, refused


class _Reader:
    """Reads the rows of one file; remembers the numbers that it has seen."""

    def __init__(self, mapping, zone, today):
        self.mapping, self.zone, self.today = mapping, zone, today
        self.seen = {}

    def lacking(self, names):
        return [c for c in self.mapping.columns.values() if c not in names]

    def row(self, line, given):
        if None in given or None in given.values():
            raise _Bad("", _("another number of columns than the first line"))
        opened = self._moment(given, "opened")
        if opened is None:
            raise _Bad(self.mapping.columns["opened"], _("is empty"))
        closed = self._moment(given, "closed", not_before=opened)
        if closed is not None and closed < opened:
            raise _Bad(self.mapping.columns["closed"], _("closed before it was opened"))
        return Row(
            line=line,
            id=self._identity(given, line),
            opened=opened,
            closed=closed,
            promised=self._moment(given, "promised", may_be_ahead=True, not_before=opened),
            longitude=self._degrees(given, "longitude", 180),
            latitude=self._degrees(given, "latitude", 90),
            class_name=self._text(given, "class", 80),
            type_name=self._text(given, "category", 80),
            unit=self._text(given, "unit", 40),
            description=self._description(given),
            grid=self._value(given, "grid"),
            on_time=self._verdict(given),
        )

    def _value(self, given, name):
        column = self.mapping.columns.get(name)
        return given[column].strip() if column else ""

    def _text(self, given, name, longest):
        value, column = self._value(given, name), self.mapping.columns[name]
        if not value:
            raise _Bad(column, _("is empty"))
        if "\x00" in value or len(value) > longest:
            raise _Bad(column, _("is longer than %s characters") % longest)
        return value

    def _identity(self, given, line):
        value, column = self._text(given, "id", 80), self.mapping.columns["id"]
        if value in self.seen:
            raise _Bad(
                column,
                _("%(id)s stands on line %(line)s already")
                % {"id": value, "line": self.seen[value]},
            )
        self.seen[value] = line
        return value

    def _moment(self, given, name, *, may_be_ahead=False, not_before=None):
        """A wall-clock time of the city. In the hour that occurs twice it is the first one, unless
        that would come before `not_before`."""
        value = self._value(given, name)
        if not value:
            return None
        column = self.mapping.columns[name]
        try:
            local = datetime.strptime(value, self.mapping.format["time"])
            moment = local.replace(tzinfo=self.zone).astimezone(UTC)
            if not_before is not None and moment < not_before:
                moment = local.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        except (ValueError, OverflowError):
            raise _Bad(column, _("%s is no time of the mapping's form") % value[:40]) from None
        if moment > self.today and not may_be_ahead:
            raise _Bad(column, _("%s lies in the future") % value)
        return moment

    def _degrees(self, given, name, most):
        value, column = self._value(given, name), self.mapping.columns[name]
        try:
            number = float(value)
        except ValueError:
            raise _Bad(column, _("%s is no number") % (value[:40] or "–")) from None
        if not -most <= number <= most:  # false for a NaN, too
            raise _Bad(
                column,
                _("%(value)s is not between -%(most)s and %(most)s")
                % {"value": value, "most": most},
            )
        return number

    def _verdict(self, given):
        value = self._value(given, "on_time")
        if value in self.mapping.format["on_time"]:
            return True
        return False if value in self.mapping.format["late"] else None

    def _description(self, given):
        source = self._value(given, "source")
        words = {**given, "source": self.mapping.sources.get(source, source)}
        try:
            text = self.mapping.format["description"].format_map(words)
        except (KeyError, IndexError, ValueError) as problem:
            raise Unreadable(_("the mapping's description names %s") % problem) from None
        return " ".join(text.replace("\x00", "").split())[:4000]
