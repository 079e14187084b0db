"""Making the entries of the chain: the bulletins of the days that are over, and corrections.

Each entry is written whole, as canonical JSON: keys in order, no spaces, UTF-8, integers. Which
counts it withholds is decided in `suppression`, never here.
"""

import hashlib
import json
import logging
from collections import namedtuple
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from assessment.models import Progress
from lib import now as clock
from publication import counts
from publication.models import Bulletin, Schedule
from publication.suppression import SMALL, WEEK, Day, Unsafe, Week, shown, withheld

FORMAT = "gridcity-bulletin/1"
# A closed case can be reopened for 30 days; a late verdict is settled long before.
CORRECTED_FOR = timedelta(days=35)
# The tables of a body by the kind of their rows.
TABLES = {"street": "streets", "unit": "units"}
_log = logging.getLogger(__name__)

Change = namedtuple("Change", "table code figure before after")


def open_schedule(city, first_day):
    """Begin to publish; a city that does already goes on as it did."""
    return Schedule.objects.get_or_create(city=city, defaults={"first_day": first_day})[0]


def publish_due(city):
    """Publish the bulletins of all days that are over and have none, oldest first, corrections of
    earlier days before them; returns the entries. Twice at once or again, nothing more is made."""
    day = next_day(city)
    if day is None:
        return []
    made = [] if day == first_day(city) else correct(city, day)
    while (day := next_day(city)) is not None:
        made.append(publish_day(city, day))
    return [entry for entry in made if entry is not None]


def first_day(city):
    return Schedule.objects.filter(city=city).values_list("first_day", flat=True).first()


def next_day(city):
    """The oldest day that a bulletin is due for, or None; it waits until the roll-ups have come
    that far."""
    schedule = Schedule.objects.filter(city=city).first()
    if schedule is None:
        return None
    newest = Bulletin.objects.of(city).order_by("-day").values_list("day", flat=True).first()
    day = schedule.first_day if newest is None else newest + timedelta(days=1)
    due = due_at(schedule, day, ZoneInfo(city.time_zone))
    if due > clock.now():
        return None
    return day if Progress.objects.filter(city=city, rolled_at__gte=due).exists() else None


def due_at(schedule, day, zone):
    """When the bulletin of a day appears: at the hour of the schedule, the day after."""
    hour = datetime.min.time().replace(hour=schedule.minute // 60, minute=schedule.minute % 60)
    return datetime.combine(day + timedelta(days=1), hour, zone)


@transaction.atomic
def publish_day(city, day):
    """The first entry of a day; None if another was quicker."""
    Schedule.objects.select_for_update().get(city=city)
    if next_day(city) != day:
        return None
    draft = _Draft(city, day)
    if draft.ends_a_week and (told := _told(city, counts.week_of(day)[0], day)):
        # The days of the week say what is true now before its communities are summed up.
        _correct_week(city, told)
        draft.take_in_the_week(_told(city, counts.week_of(day)[0], day))
    return _append(city, day, draft.tables({day}, draft.withheld())[day])


def _told(city, first, until):
    """{day: the entry that counts} of days that are told of."""
    entries = Bulletin.objects.of(city).filter(day__gte=first, day__lt=until)
    return {entry.day: entry for entry in entries.newest_of_days()}


@transaction.atomic
def correct(city, until):
    """Entries for those days before `until` of which now something else would be told."""
    Schedule.objects.select_for_update().get(city=city)
    told = _told(city, until - CORRECTED_FOR, until)
    made = []
    for monday in sorted({counts.week_of(day)[0] for day in told}):
        week = {day: told[day] for day in sorted(told) if counts.week_of(day)[0] == monday}
        made += _correct_week(city, week)
    return made


def _correct_week(city, told):
    draft = _Draft(city, max(told), told=told)
    try:
        tables = draft.tables(told, draft.withheld(corrects=True))
    except Unsafe:
        _log.warning("no safe way to correct the week of %s", draft.last)
        return []
    made = []
    for day, entry in told.items():
        changes = changes_between(json.loads(entry.body), tables[day])
        if changes:
            made.append(_append(city, day, tables[day], entry, changes))
    return made


def changes_between(body, tables):
    """What a correction changes, each count before and after, as published."""
    changes = []
    for name in ("total", "streets", "units", "communities"):
        was, now = _lines(body, name), _lines(tables, name)
        for code, figures in now.items():
            old = was.get(code, {})
            changes += [
                Change(name, code, figure, old.get(figure), value)
                for figure, value in figures.items()
                if figure in old and old[figure] != value
            ]
    return changes


def _lines(body, name):
    """{code: line} of a table of a body; the city's own line has the code ""."""
    if name == "total":
        return {"": body["total"]}
    rows = (body["week"] or {}).get("communities", []) if name == "communities" else body[name]
    return {row["code"]: row for row in rows}


def _append(city, day, tables, corrects=None, changes=()):
    last = Bulletin.objects.of(city).last_entry()
    number, previous = (last.number + 1, last.sha256) if last else (1, "")
    moment = clock.now().replace(microsecond=0)
    body = canonical(
        {
            "format": FORMAT,
            "city": {"slug": city.slug, "zh": city.name_zh, "en": city.name_en},
            "number": number,
            "previous": previous,
            "day": day.isoformat(),
            "published_at": moment.astimezone(ZoneInfo(city.time_zone)).isoformat(),
            "least": SMALL,
            "corrects": corrects and corrects.number,
            "changes": [change._asdict() for change in changes],
            **tables,
        }
    )
    return Bulletin.objects.create(
        city=city,
        number=number,
        day=day,
        corrects=corrects,
        published_at=moment,
        body=body,
        previous=previous,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
    )


def canonical(content):
    """The one way to write a body down."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass
class _Lines:
    """Whose lines a day has: taken from the entry that is corrected, so that they stay the same."""

    streets: list
    units: list


class _Draft:
    """The true counts of the days of one week that are told of, and what was told before."""

    def __init__(self, city, day, told=None):
        self.city, self.last = city, day
        self.told = dict(told or {})
        monday, after = counts.week_of(day)
        self.counted = counts.counted(city, monday, after)
        self.days = sorted(self.told) or [day]
        self.lines = self._read_lines()
        bodies = [json.loads(entry.body) for entry in self.told.values()]
        self.communities = None
        if any(body["week"] for body in bodies):
            self.communities = counts.communities_of(city, day)

    @property
    def ends_a_week(self):
        return self.last.weekday() == 6

    def take_in_the_week(self, told):
        """The communities of the week that ends, and its earlier days as they were told; a week
        that was begun late is left out."""
        if len(told) == 6:
            self.told, self.days = told, [*sorted(told), self.last]
            self.lines = self._read_lines()
            self.communities = counts.communities_of(self.city, self.last)

    def _read_lines(self):
        """The lines of each day: those of its entry, or of today's streets and units."""
        lines = {}
        for day in self.days:
            if day in self.told:
                body = json.loads(self.told[day].body)
                lines[day] = _Lines(
                    counts.streets_told(self.city, body["streets"]),
                    counts.units_told(self.city, body["units"]),
                )
            else:
                lines[day] = _Lines(counts.streets_of(self.city, day), counts.units_of(self.city))
        return lines

    def withheld(self, *, corrects=False):
        """{(row, cell)}, decided over all days of the draft and its communities together. Raises
        Unsafe."""
        before, public = set(), set()
        for day, entry in self.told.items():
            closed, out = self._known(day, json.loads(entry.body))
            before, public = before | closed, public | out
        return withheld(self._week(), before, public, corrects=corrects)

    def _known(self, day, body):
        """What an entry withheld, and what it told that still holds."""
        rows = [((str(day), "total", ""), body["total"], self._total(day))]
        for kind, table in TABLES.items():
            told = _lines(body, table)
            rows += [((str(day), kind, c), told[c], true) for c, true in self._rows(day, kind)]
        if self.communities is not None and body["week"]:
            told = _lines(body, "communities")
            rows += [
                ((WEEK, "community", c), told[c], true)
                for c, (_street, true) in self._weekly().items()
                if c in told
            ]
        before, public = set(), set()
        for row, line, true in rows:
            for cell, figure, value in _cells(line, true):
                if figure is None:
                    before.add((row, cell))
                elif figure == value:
                    public.add((row, cell))
        return before, public

    def _week(self):
        days = {
            str(day): Day(
                self._total(day), dict(self._rows(day, "street")), dict(self._rows(day, "unit"))
            )
            for day in self.days
        }
        weekly = None if self.communities is None else self._weekly()
        return Week(days, weekly, str(max(self.days)))

    def _total(self, day):
        return counts.of_area(self.counted[day]["city"][self.city.pk])

    def _rows(self, day, kind):
        lines = getattr(self.lines[day], TABLES[kind])
        read = counts.of_unit if kind == "unit" else counts.of_area
        return [(each.code, read(self.counted[day][kind][each.key])) for each in lines]

    def _weekly(self):
        last = max(self.days)
        return {
            each.code: (each.names["street"], counts.of_week(self.counted, each.key, last))
            for each in self.communities
        }

    # --- as published -----------------------------------------------------------------------

    def tables(self, days, hidden):
        """{day: tables of its body}; the week stands in that of its Sunday."""
        cells = {}
        for row, cell in hidden:
            cells.setdefault(row, set()).add(cell)
        return {day: self._tables(day, cells) for day in days}

    def _tables(self, day, cells):
        name = str(day)
        total = shown(self._total(day), cells.get((name, "total", ""), set()))
        total |= {"patrol": self._patrol(day, total), **self._everydays(day)}
        tables = {"total": total, "week": None}
        for kind, table in TABLES.items():
            tables[table] = [
                {"code": code, **line.names, **shown(true, cells.get((name, kind, code), set()))}
                for line, (code, true) in zip(
                    getattr(self.lines[day], table), self._rows(day, kind), strict=True
                )
            ]
        if self.communities is not None and day == max(self.days):
            tables["week"] = self._week_table(day, cells)
        return tables

    def _week_table(self, day, cells):
        weekly = self._weekly()
        year, week, _day = day.isocalendar()
        return {
            "week": f"{year}-W{week:02}",
            "communities": [
                {
                    "code": each.code,
                    **each.names,
                    **shown(weekly[each.code][1], cells.get((WEEK, "community", each.code), set())),
                }
                for each in self.communities
            ],
        }

    def _patrol(self, day, total):
        """Cases found on patrol, where neither they nor the others are few."""
        patrol = self.counted[day]["city"][self.city.pk].get("patrol", 0)
        told = self.told.get(day)
        was_withheld = told is not None and json.loads(told.body)["total"]["patrol"] is None
        few = total["filed"] is None or min(patrol, total["filed"] - patrol) < SMALL
        return None if few or was_withheld else patrol

    def _everydays(self, day):
        """The line of the six every-days. Its counts add up with no others that are told, so each
        is withheld by itself: where it is small, and where it was before."""
        told = self.told.get(day)
        before = json.loads(told.body)["total"] if told else {}
        return {
            figure: None if amount < SMALL or before.get(figure, amount) is None else amount
            for figure, amount in counts.everydays_of(self.city, day).items()
        }


def _cells(line, true):
    """(cell, figure told or None, true value) of what is withheld or told by itself."""
    for name in ("intake", "filed", "dispatched", "closed", "overdue"):
        if name in line:
            yield name, line[name], true[name]
    yield "split", line["late"], true["late"]
