"""A bulletin as it is shown: what its entry says, with rates, a map of communities and the days
around it. Everything is read from published bodies, never from the counts behind them."""

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from publication.models import Bulletin
from publication.outlines import outlines_of

TREND = timedelta(days=29)
PAGE = 500  # entries of one page of the index
# Columns of the tables, in the order in which a case goes through them.
FIGURES = ("intake", "filed", "due", "closed", "on_time", "late", "overdue")
# Lower bounds of the map's classes; wider where a city has more.
CLASSES = (3, 6, 13, 25)


@dataclass(frozen=True)
class Edition:
    """One day as the page shows it."""

    entry: Bulletin
    body: dict
    before: date | None
    after: date | None
    entries: list

    @property
    def total(self):
        return self.body["total"]

    @property
    def is_correction(self):
        return self.body["corrects"] is not None

    @property
    def streets(self):
        return self.body["streets"]

    @property
    def most(self):
        """The longest bar of the streets."""
        return max([row["closed"] or 0 for row in self.streets], default=0) or 1

    @property
    def units(self):
        """Units of which any count is told, those with most due or closed first."""
        rows = [row for row in self.body["units"] if any(row[f] is not None for f in _OF_UNITS)]
        return sorted(rows, key=lambda row: (-(row["dispatched"] or 0), row["code"]))

    @property
    def silent_units(self):
        """How many units have nothing that is told."""
        return len(self.body["units"]) - len(self.units)


_OF_UNITS = ("dispatched", "due", "closed", "on_time", "late", "overdue")


@dataclass(frozen=True)
class Trend:
    """The totals of the last thirty days, as bars: (day, total, heights of 0 to 100)."""

    bars: list
    most: int

    @property
    def width(self):
        return 10 * max(len(self.bars), 1)


@dataclass(frozen=True)
class CommunityMap:
    """The newest week of communities: shapes with the class of what was filed there."""

    week: dict
    first: date
    last: date
    shapes: list
    labels: object
    box: str
    letter: int
    classes: list

    @property
    def communities(self):
        return self.week["communities"]


def edition_of(city, day=None):
    """The newest edition, or that of a day; None if there is none."""
    entries = Bulletin.objects.of(city)
    entry = (entries if day is None else entries.filter(day=day)).newest_edition()
    if entry is None:
        return None
    days = entries.order_by("day").values_list("day", flat=True)
    before = days.filter(day__lt=entry.day).reverse().first()
    after = days.filter(day__gt=entry.day).first()
    same = entries.filter(day=entry.day).order_by("number").defer("body")
    return Edition(entry, json.loads(entry.body), before, after, list(same))


def trend_of(city, day):
    """The month up to a day, from what was told."""
    rows = Bulletin.objects.of(city).filter(day__lte=day, day__gte=day - TREND)
    rows = list(rows.newest_of_days().telling("total").values_list("day", "told"))
    most = max([row[f] or 0 for _day, row in rows for f in ("filed", "closed")], default=0) or 1
    bars = [
        {
            "day": each,
            "total": told,
            "x": 10 * place,
            **{f: 100 * (told[f] or 0) // most for f in ("filed", "closed")},
        }
        for place, (each, told) in enumerate(rows)
    ]
    return Trend(bars, most)


def map_of(city, day):
    """The communities of the last whole week up to a day; None before the first."""
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    found = Bulletin.objects.of(city).filter(day=sunday).order_by("-number")
    told = found.telling("week").values_list("told", flat=True).first()
    if not told:
        return None
    rows = {row["code"]: row for row in told["communities"]}
    edges = edges_of([row["filed"] for row in rows.values()])
    drawn = outlines_of(city, sunday)
    shapes = [
        {"path": path, "row": rows[code], "class": class_of(rows[code]["filed"], edges)}
        for code, path, *_label in drawn.shapes
        if code in rows
    ]
    return CommunityMap(
        week=told,
        first=sunday - timedelta(days=6),
        last=sunday,
        shapes=shapes,
        labels=_labels(drawn, rows),
        box=drawn.box,
        letter=drawn.letter,
        classes=spans_of(edges),
    )


def _labels(drawn, rows):
    """Names where they have room; the table has them all."""
    for code, _path, x, y, room in drawn.shapes:
        name = rows[code]["name"].removesuffix("社区") if code in rows else ""
        if name and len(name) <= room:
            yield {"x": x, "y": y, "name": name}


def edges_of(amounts):
    """Lower bounds of the classes for these amounts: doubled until few lie in the last."""
    known = sorted(amount for amount in amounts if amount is not None)
    edges = list(CLASSES)
    if known:
        middle = known[len(known) * 3 // 4]
        while edges[-1] * 2 <= middle:
            edges = [edges[0], *(edge * 2 for edge in edges[1:])]
    return edges


def class_of(amount, edges):
    """0 where the count is withheld, else 1 to 4."""
    return 0 if amount is None else bisect_right(edges, amount)


def spans_of(edges):
    """[(class, words)] of the legend."""
    ends = [f"{a}–{b - 1}" for a, b in zip(edges, edges[1:], strict=False)]
    return list(enumerate([*ends, f"{edges[-1]}+"], start=1))


def rate(over, under):
    """A share in percent to two decimals, half up; None where a part is withheld."""
    if over is None or not under:
        return None
    return (Decimal(100 * over) / under).quantize(Decimal("0.01"), ROUND_HALF_UP)


def months_of(city):
    """First days of the months that have bulletins, newest first."""
    return list(Bulletin.objects.of(city).months())


def days_of(city, month):
    """[(day, number, hash, whether corrected, total)] of a month, newest first."""
    after = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    rows = Bulletin.objects.of(city).filter(day__gte=month, day__lt=after).newest_of_days()
    columns = ("day", "number", "sha256", "corrects_id", "told", "published_at")
    rows = rows.telling("total").values(*columns)
    return sorted(rows, key=lambda row: row["day"], reverse=True)


def index_of(city, after, most=PAGE):
    """(at most so many entries from a number on, the number to go on after or None)."""
    rows = Bulletin.objects.of(city).after_number(after)
    found = list(rows.values("number", "day", "sha256", "corrects__number")[: most + 1])
    more = found[most - 1]["number"] if len(found) > most else None
    return found[:most], more
