"""Nobody works out a small count from a bulletin: not by algebra, not by bounds, not by an integer
program over all that is published."""

import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publication.suppression import (
    SMALL,
    WEEK,
    Day,
    Week,
    shown,
    small_cells,
    withheld,
)
from tests.publication.attack import reader_of

FIGURES = ("intake", "filed", "on_time", "late", "overdue")


def rows_of(week):
    for label, day in week.days.items():
        yield (label, "total", ""), day.total
        yield from (((label, "street", code), counts) for code, counts in day.streets.items())
        yield from (((label, "unit", code), counts) for code, counts in day.units.items())
    for code, (_street, counts) in (week.communities or {}).items():
        yield (WEEK, "community", code), counts


def published(week, hidden):
    return {
        row: shown(counts, {cell for r, cell in hidden if r == row})
        for row, counts in rows_of(week)
    }


def made_week(chance, *, streets=2, communities=2, days=2, units=2, most=5, whole=True):
    """A week that hangs together, drawn by chance: counts of communities by day, added up."""

    def few(top):
        return chance.choice((0, 0, 1, 2, chance.randint(0, top), chance.randint(0, top)))

    weekly, week = defaultdict(Counter), {}
    names = {f"s{s}": [f"s{s}c{c}" for c in range(communities)] for s in range(streets)}
    for number in range(days):
        by_street = {}
        for street, inside in names.items():
            sums = Counter()
            for community in inside:
                late, on_time = few(most // 2), few(most)
                counts = {
                    "intake": few(2 * most),
                    "filed": few(2 * most),
                    "closed": late + on_time,
                    "late": late,
                    "overdue": few(most // 2),
                }
                sums.update(counts)
                weekly[community].update({k: n for k, n in counts.items() if k != "overdue"})
                weekly[community]["overdue"] = counts["overdue"]
            by_street[street] = {name: sums[name] for name in counts}
        total = {name: sum(row[name] for row in by_street.values()) for name in counts}
        week[f"d{number}"] = Day(total, by_street, _units(chance, total, units))
    last = f"d{days - 1}"
    if not whole:
        return Week({last: week[last]})
    inside = {c: (s, dict(weekly[c])) for s, some in names.items() for c in some}
    return Week(week, inside, last)


def _units(chance, total, number):
    """Units that share out what was late and overdue, and most of what was on time."""
    units = {f"u{n}": Counter(closed=0, late=0, overdue=0) for n in range(number)}
    for figure in ("late", "overdue", "on_time"):
        amount = total["closed"] - total["late"] if figure == "on_time" else total[figure]
        for _case in range(amount):
            if figure == "on_time" and chance.random() < 0.2:
                continue
            unit = units[f"u{chance.randrange(number)}"]
            unit.update(["closed"] if figure == "on_time" else [figure])
            unit.update(["closed"] if figure == "late" else [])
    return {code: dict(counts) for code, counts in units.items()}


def small_parts(week):
    """(row, parts) of every small count: a figure, or closed as the sum of two."""
    for row, counts in rows_of(week):
        values = counts | {"on_time": counts["closed"] - counts["late"]}
        for figure in FIGURES:
            if values.get(figure, SMALL) < SMALL:
                yield [(row, figure)]
        if counts["closed"] < SMALL:
            yield [(row, "on_time"), (row, "late")]
        if counts["closed"] + counts["overdue"] < SMALL:
            yield [(row, "on_time"), (row, "late"), (row, "overdue")]


def decided_as_it_is_published(week):
    """What is withheld when the days come out one by one and the communities with the last."""
    before, public = set(), set()
    labels = list(week.days)
    for label in labels if week.communities is None else labels[:-1]:
        alone = Week({label: week.days[label]})
        hidden = withheld(alone)
        for row, counts in rows_of(alone):
            told = published(alone, hidden)[row]
            for cell, figure in (("split", "late"), *((f, f) for f in counts if f != "late")):
                (before if told[figure] is None else public).add((row, cell))
    return before if week.communities is None else withheld(week, before, public)


def assert_nothing_is_told_of_small_counts(week, *, knows_small=False, whole=True):
    lines = published(week, decided_as_it_is_published(week))
    for row, line in lines.items():
        assert [v for v in line.values() if v is not None and v < SMALL] == [], row
    reader = reader_of(week, lines)
    wanted = list(small_parts(week))
    small = [parts[0] for parts in wanted if len(parts) == 1] if knows_small else ()
    ends = reader.extremes(wanted, small, whole=whole)
    for parts, (least, most) in zip(wanted, ends, strict=True):
        assert least < 0.01 and most > 1.99, (parts, least, most)
    assert reader.determined(wanted) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_every_small_count_of_a_small_town_could_be_none_or_two(seed, whole):
    assert_nothing_is_told_of_small_counts(made_week(random.Random(seed), whole=whole))


@pytest.mark.parametrize("seed", range(2))
def test_neither_algebra_nor_bounds_give_a_small_count_of_a_city(seed):
    """A reader who even knows which of the withheld counts are small."""
    size = {"streets": 3, "communities": 4, "days": 7, "units": 6, "most": 6}
    week = made_week(random.Random(seed), **size)
    assert_nothing_is_told_of_small_counts(week, knows_small=True, whole=False)


@pytest.mark.parametrize("seed", range(4))
def test_little_more_is_withheld_than_the_rule_itself_asks(seed):
    week = made_week(random.Random(seed), streets=10, communities=6, days=7, units=60, most=12)
    hidden = decided_as_it_is_published(week)
    by_rule = {(row, cell) for row, counts in rows_of(week) for cell in small_cells(counts)}
    assert len(hidden) <= 1.2 * len(by_rule)


def test_one_small_street_takes_a_second_one_along():
    """10 + 1 = 11: the city would tell of the small street at once."""
    quiet = {"intake": 9, "filed": 9, "closed": 9, "late": 4, "overdue": 9}
    busy = {"a": quiet | {"intake": 10}, "b": quiet | {"intake": 1}, "c": quiet | {"intake": 7}}
    total = {name: sum(row[name] for row in busy.values()) for name in quiet}
    hidden = withheld(Week({"d": Day(total, busy)}))
    assert hidden == {(("d", "street", "b"), "intake"), (("d", "street", "c"), "intake")}


def test_a_week_of_communities_does_not_tell_of_one_small_day():
    """Six days of a street are public; with the week of its communities the seventh would be."""
    counts = {"intake": 9, "filed": 9, "closed": 9, "late": 4, "overdue": 9}
    rows = {"a": counts, "b": counts}
    days = {}
    for number in range(7):
        of_day = {c: dict(row) for c, row in rows.items()}
        if number == 2:
            of_day["a"]["intake"] = of_day["b"]["intake"] = 1
        total = {name: sum(row[name] for row in of_day.values()) for name in counts}
        days[f"d{number}"] = Day(total, of_day)
    weekly = {
        name: sum(day.streets["a"][name] for day in days.values()) if name != "overdue" else 9
        for name in counts
    }
    half = {name: amount // 2 for name, amount in weekly.items()}
    other = {name: weekly[name] - half[name] for name in weekly}
    inside = {f"{s}{n}": (s, part) for s in "ab" for n, part in enumerate((half, other))}
    week = Week(days, inside, "d6")
    assert_nothing_is_told_of_small_counts(week)
