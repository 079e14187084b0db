"""Which counts of a bulletin stay unpublished, so that no small one can be worked out.

A count under `SMALL` is withheld, and of the others as few as are needed. The measure: from all
that is published, and even if one knows which of the withheld counts are small, each of them could
still be 0 and still be 2. That is proved for each by a second set of counts that fits everything
published. The relations a reader could use are all here: the streets of a day add up to the city,
so do the units and what no unit handled; the days of a street's week add up to the weeks of its
communities; closed = on time + late; due = closed + overdue. No Django, no database.

A figure is a network: each count is an arc, and what flows into a node flows out again.

    outside → units of a day → city that day → streets of that day → street's week → communities →

One may raise a count by one if a path of other withheld counts takes it back. `late` is a network
of its own inside `closed`: no more can be late than were closed.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field

SMALL = 3
PLAIN = ("intake", "filed", "overdue")
NETS = (*PLAIN, "closed", "late")
# What is published or withheld by itself; on time and late only together, due with both parts.
CELLS = ("intake", "filed", "closed", "split", "overdue")
_OUT = "outside"
_ENDLESS = 10**12
WEEK = "week"


class Unsafe(Exception):
    """Nothing that may still be withheld would protect a small count."""


@dataclass
class Day:
    """The counts of one day: {figure: amount} of the city, {code: the same} of streets and units.
    Figures of areas: intake, filed, closed, late, overdue; of units: closed, late, overdue."""

    total: dict
    streets: dict
    units: dict = field(default_factory=dict)


@dataclass
class Week:
    """Days of one week by name, those before them included as far as they are published, and,
    where the week is over, {community: (street, counts)}; `last` is the day of its overdue ones."""

    days: dict
    communities: dict | None = None
    last: str = ""


@dataclass(frozen=True)
class _Stuck:
    """What could not be moved: the network and the nodes that were reached."""

    net: str
    reached: frozenset = frozenset()


class _Net:
    """The arcs of one figure: row → (tail, head), the true values and those of the moment."""

    def __init__(self):
        self.ends, self.true, self.now = {}, {}, {}
        self.at = defaultdict(list)

    def add(self, row, tail, head, value):
        self.ends[row], self.true[row] = (tail, head), value
        self.at[tail].append(row)
        if head != tail:
            self.at[head].append(row)

    def rest(self, row, node, out):
        """An arc for what the parts leave over at a node, where they leave anything over."""
        over = sum(
            self.true[r] * ((self.ends[r][1] == node) - (self.ends[r][0] == node))
            for r in self.at[node]
        )
        if over:
            self.add(row, *((node, _OUT) if out else (_OUT, node)), over if out else -over)


def withheld(week, before=frozenset(), public=frozenset(), *, corrects=False):
    """{(row, cell)} to be withheld; rows are (day, "total" | "street" | "unit", code) and
    ("week", "community", code). `before` was withheld already and stays so; `public` is out and
    cannot be taken back. Where a figure finds no proof, all of it that is new is withheld: then it
    tells no more than was told before. That ends nothing where the counts themselves have changed
    since (`corrects`): raises Unsafe."""
    return _Choice(week, before, public, corrects).made()


def shown(counts, hidden):
    """The figures of a row as they are published, None where withheld; `hidden` are its cells."""
    found = {name: counts[name] for name in ("intake", "filed", "dispatched") if name in counts}
    found |= {name: None for name in found if name in hidden}
    closed, split = "closed" not in hidden, not hidden & {"closed", "split"}
    overdue = "overdue" not in hidden
    found["due"] = counts["closed"] + counts["overdue"] if closed and overdue else None
    found["closed"] = counts["closed"] if closed else None
    found["on_time"] = counts["closed"] - counts["late"] if split else None
    found["late"] = counts["late"] if split else None
    found["overdue"] = counts["overdue"] if overdue else None
    return found


def small_cells(counts):
    """The cells of a row that the rule itself withholds."""
    names = ("intake", "filed", "dispatched", "closed", "overdue")
    small = {name for name in names if counts.get(name, SMALL) < SMALL}
    parts = (counts["late"], counts["closed"] - counts["late"])
    if min(parts) < SMALL:
        small.add("split")
    if max(parts) < SMALL:
        # Two small parts of a known sum would tell of one another.
        small.add("closed")
    return small


class _Choice:
    """The search for what else must be withheld."""

    def __init__(self, week, before, public, corrects):
        self.public, self.corrects = public, corrects
        self.rows = dict(_rows(week))
        self.nets = _networks(week)
        self.hidden = set(before)
        for row, counts in self.rows.items():
            self.hidden |= {(row, cell) for cell in small_cells(counts)}
        self.hidden -= public

    def made(self):
        for row, what in self._to_protect():
            for value in (0, SMALL - 1):
                while (stuck := self._reach(row, what, value)) is not None:
                    if not self._withhold_one(stuck) and not self._withhold_all(what):
                        break
        return self.hidden

    def _to_protect(self):
        """Small counts, those of what the parts leave over included."""
        for name in (*PLAIN, "closed", "late"):
            for row, value in self.nets[name].true.items():
                if 0 <= value < SMALL:
                    yield row, name
        for row, closed in self.nets["closed"].true.items():
            if closed - self.nets["late"].true.get(row, 0) < SMALL:
                yield row, "on_time"

    # --- withholding more -------------------------------------------------------------------

    def _withhold_one(self, stuck):
        """Open the smallest count on the border of what was reached; the city's own last."""
        net = self.nets[stuck.net]
        cell = "split" if stuck.net == "late" else stuck.net
        choice = None
        for row, (tail, head) in net.ends.items():
            if (tail in stuck.reached) == (head in stuck.reached) or self._open(stuck.net, row):
                continue
            if (row, cell) in self.public:
                continue
            rank = (row[1] == "total", net.true[row], row)
            choice = min(choice or rank, rank)
        if choice is None:
            return False
        self.hidden.add((choice[-1], cell))
        return True

    def _withhold_all(self, what):
        """Withhold a whole figure, of the communities first; False, if that is done already."""
        cells = (what,) if what in PLAIN else ("closed", "split")
        every = {(row, cell) for row in self.rows for cell in cells}
        left = every - self.hidden - self.public
        self.hidden |= {each for each in left if each[0][0] == WEEK} or left
        if not left and self.corrects:
            raise Unsafe(what)
        return bool(left)

    # --- a second set of counts -------------------------------------------------------------

    def _reach(self, row, what, value):
        """None if a small count could as well be `value`, else where one got stuck."""
        first = None
        for plan in self._plans(row, what, value):
            for net in self.nets.values():
                net.now = dict(net.true)
            stuck = next((s for s in (self._push(*step) for step in plan) if s is not None), None)
            if stuck is None:
                return None
            first = first or stuck
        return first

    def _plans(self, row, what, value):
        """Ways to get there, each a list of (network, row, value)."""
        if what in PLAIN:
            return [[(what, row, value)]]
        closed = self.nets["closed"].true[row]
        late = self.nets["late"].true.get(row, 0)
        if what == "closed":
            return [[("late", row, min(late, value)), ("closed", row, value)]]
        if what == "late":
            most = value + SMALL - 1 if self._few_on_time(row) else closed
            return [[("closed", row, max(value, min(closed, most))), ("late", row, value)]]
        plans = []
        if self._open("closed", row):
            plans.append([("closed", row, late + value)])
            plans.append([("late", row, 0), ("closed", row, value)])
        if row in self.nets["late"].ends and closed >= value:
            plans.append([("late", row, closed - value)])
        return plans

    def _push(self, name, row, value):
        """Move a count to `value`, others taking it back; None, or where one got stuck."""
        net = self.nets[name]
        if row not in net.ends:
            return None if value == net.now.get(row, 0) else _Stuck(name)
        step = 1 if value > net.now[row] else -1
        while net.now[row] != value:
            if not self._may(name, row, step):
                return _Stuck(name)
            reached = self._carry(name, row, step)
            if reached is not None:
                return _Stuck(name, frozenset(reached))
        return None

    def _carry(self, name, row, step):
        """Change a count by one and those on a shortest way back; None, or the nodes reached."""
        net = self.nets[name]
        goal, start = net.ends[row] if step > 0 else reversed(net.ends[row])
        came, queue = {start: None}, deque([start])
        while queue and goal not in came:
            node = queue.popleft()
            for other in net.at[node]:
                tail, head = net.ends[other]
                onward, turn = (head, 1) if tail == node else (tail, -1)
                if onward in came or other == row or not self._may(name, other, turn):
                    continue
                came[onward] = (node, other, turn)
                queue.append(onward)
        if goal not in came:
            return set(came)
        net.now[row] += step
        while came[goal] is not None:
            goal, other, turn = came[goal]
            net.now[other] += turn
        return None

    def _open(self, name, row):
        """Whether a reader does not know this count."""
        if row not in self.rows:
            return True
        if name == "late":
            gone = (row, "closed") in self.hidden or (row, "split") in self.hidden
            return gone and (row, "split") not in self.public
        return (row, name) in self.hidden

    def _may(self, name, row, step):
        if not self._open(name, row):
            return False
        least, most = self._bounds(name, row)
        return least <= self.nets[name].now[row] + step <= most

    def _bounds(self, name, row):
        """Between what a count may lie, if one knows that the small ones are small."""
        net = self.nets[name]
        most = SMALL - 1 if row in self.rows and net.true[row] < SMALL else _ENDLESS
        if name in PLAIN:
            return 0, most
        on_time = SMALL - 1 if self._few_on_time(row) else _ENDLESS
        if name == "closed":
            late = self.nets["late"].now.get(row, 0)
            return late, min(most, late + on_time)
        closed = self.nets["closed"].now.get(row, _ENDLESS)
        return max(0, closed - on_time), min(most, closed)

    def _few_on_time(self, row):
        counts = self.rows.get(row)
        return counts is not None and counts["closed"] - counts["late"] < SMALL


def _rows(week):
    for name, day in week.days.items():
        yield (name, "total", ""), day.total
        yield from (((name, "street", code), counts) for code, counts in day.streets.items())
        yield from (((name, "unit", code), counts) for code, counts in day.units.items())
    for code, (_street, counts) in (week.communities or {}).items():
        yield (WEEK, "community", code), counts


def _networks(week):
    nets = {name: _Net() for name in NETS}
    for name, net in nets.items():
        for label, day in week.days.items():
            _lay_day(net, name, label, day, week)
        if week.communities is not None:
            _lay_week(net, name, week)
    return nets


def _lay_day(net, name, label, day, week):
    """The arcs of a day: units, their rest, the city, the streets."""
    city, units = f"city {label}", f"units {label}"
    over = day.total[name] - sum(counts[name] for counts in day.units.values() if name in counts)
    # What units count may go beyond the city: a verdict is the unit's own. Then the two say
    # nothing of one another, and the units stand alone.
    bound = name not in ("intake", "filed") and day.units and over >= 0
    net.add((label, "total", ""), units if bound else _OUT, city, day.total[name])
    for code, counts in day.units.items():
        if name in counts:
            net.add((label, "unit", code), _OUT, units if bound else _OUT, counts[name])
    weekly = week.communities is not None and (name != "overdue" or label == week.last)
    for code, counts in day.streets.items():
        net.add((label, "street", code), city, f"week {code}" if weekly else _OUT, counts[name])
    if bound:
        net.rest((label, "rest of units", ""), units, out=False)
    net.rest((label, "rest of streets", ""), city, out=True)


def _lay_week(net, name, week):
    """The communities of each street's week."""
    streets = set()
    for code, (street, counts) in week.communities.items():
        net.add((WEEK, "community", code), f"week {street}", _OUT, counts[name])
        streets.add(street)
    for street in sorted(streets):
        net.rest((WEEK, "rest of communities", street), f"week {street}", out=True)
