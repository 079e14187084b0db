"""The counts that a bulletin tells, read from the roll-ups: the city, its streets and units by day,
its communities by week."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, Sum

from assessment.models import DayCount
from grids.models import Area
from publication.querysets import areas_on, handling_units
from staff.models import Unit

# Figures of a bulletin, by the codes of the indicators.
OF_AREAS = {
    "R_ACCEPT": "intake",
    "R_INST": "filed",
    "R_CLOSE": "closed",
    "R_OVERTIME_CLOSE": "late",
    "R_OVERDUE_OPEN": "overdue",
    "R_PATROL": "patrol",
}
OF_UNITS = {
    "D_INST": "dispatched",
    "D_CLOSE": "closed",
    "D_INTIME_CLOSE": "on_time",
    "D_OVERDUE_OPEN": "overdue",
}
# What the five kinds of subject did on a day, over the whole city; what is maintained is counted
# once, by who maintains.
OF_EVERYDAYS = {
    "E_MNT_DONE": "maintained",
    "E_OVS_DONE": "supervised",
    "E_MNG_DONE": "managed",
    "E_ENF_DONE": "enforced",
}
STOCK = "overdue"
_AREAS_HAVE = ("intake", "filed", "closed", "late", "overdue")
_UNITS_HAVE = ("dispatched", "closed", "late", "overdue")


@dataclass(frozen=True)
class Subject:
    """Somebody with a line of the bulletin: the key of the row, and what the line says of it."""

    key: int
    code: str
    names: dict


def streets_of(city, day):
    """Street offices whose border holds on a day."""
    return [Subject(a.pk, a.code, {"name": a.name}) for a in areas_on(city, "street", day)]


def communities_of(city, day):
    """Communities whose border holds on a day, with the code of their street."""
    return [
        Subject(area.pk, area.code, {"name": area.name, "street": area.parent.code})
        for area in areas_on(city, "community", day)
        if area.parent is not None
    ]


def units_of(city):
    """Units that handle cases."""
    return [
        Subject(unit.pk, unit.code, {"zh": unit.name_zh, "en": unit.name_en})
        for unit in handling_units(city)
    ]


def streets_told(city, rows):
    """The street offices of an entry's rows, as it named them."""
    keys = dict(Area.objects.filter(city=city, level="street").values_list("code", "pk"))
    return [Subject(keys[row["code"]], row["code"], {"name": row["name"]}) for row in rows]


def units_told(city, rows):
    """The units of an entry's rows, as it named them."""
    keys = dict(Unit.objects.filter(city=city).values_list("code", "pk"))
    return [
        Subject(keys[row["code"]], row["code"], {"zh": row["zh"], "en": row["en"]}) for row in rows
    ]


def counted(city, first, until):
    """{day: {kind: {key: {figure: amount}}}} of the days from `first` to before `until`; kinds are
    city, street, community and unit."""
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    rows = DayCount.objects.between(city, first, until).filter(
        Q(kind__in=("city", "street", "community"), code__in=OF_AREAS)
        | Q(kind="unit", code__in=OF_UNITS)
    )
    for day, kind, key, code, amount in rows.values_list(
        "day", "kind", "subject", "code", "amount"
    ):
        figure = OF_UNITS[code] if kind == "unit" else OF_AREAS[code]
        found[day][kind][key][figure] = amount
    return found


def everydays_of(city, day):
    """{figure: amount} of the six every-days: what was done on a day, and how many communities the
    platform evaluated. The sixth is the bulletin itself."""
    rows = DayCount.objects.filter(city=city, day=day, code__in=OF_EVERYDAYS)
    done = dict(rows.values_list("code").annotate(total=Sum("amount")))
    found = {figure: int(done.get(code, 0)) for code, figure in OF_EVERYDAYS.items()}
    return found | {"evaluated": areas_on(city, "community", day).count()}


def of_area(counts):
    """The counts of an area with every figure there."""
    return {name: counts.get(name, 0) for name in _AREAS_HAVE}


def of_unit(counts):
    """The same of a unit; late is what was closed and not on time."""
    late = counts.get("closed", 0) - counts.get("on_time", 0)
    return {name: counts.get(name, 0) for name in _UNITS_HAVE} | {"late": late}


def of_week(days, key, last):
    """The sums of a community's days, and what stood overdue on the last one."""
    sums = dict.fromkeys(_AREAS_HAVE, 0)
    for day, kinds in days.items():
        for name, amount in of_area(kinds["community"][key]).items():
            if name != STOCK or day == last:
                sums[name] += amount
    return sums


def week_of(day):
    """(Monday, the Monday after) of the week of a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)
