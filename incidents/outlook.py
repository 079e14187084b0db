"""What falls due next, what is late, who owes an answer, and at which level matters were solved:
each one statement, over the cases that the reader may see."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q

from incidents.filters import cursor_of, narrowed, read_cursor
from incidents.models import Case, Clock, Demand, Step
from lib import now as clock

HOUR, FOUR_HOURS = timedelta(hours=1), timedelta(hours=4)
PAGE = 50
# The grid itself, then each level it was lifted to (domain rule: escalation ladder).
LEVELS = range(5)
_SALT = "incidents.outlook.cursor"


@dataclass
class Due:
    """How many clocks of one unit or stage are overdue, and due within one and four hours (the
    hour counted in both)."""

    code: str
    name_zh: str = ""
    name_en: str = ""
    over: int = 0
    hour: int = 0
    four: int = 0
    later: int = 0

    def add(self, row):
        for name in ("over", "hour", "four", "later"):
            setattr(self, name, getattr(self, name) + row[name])

    @property
    def soon(self):
        """Due after the hour and within the four: what the bar adds to the hour."""
        return self.four - self.hour

    @property
    def shown(self):
        return self.over + self.four


def falling_due(user, moment=None):
    """(stages, units): a Due of each stage that has a clock and each unit that handles, the most
    pressing first. One query."""
    moment = moment or clock.now()
    ahead = Q(due_at__gte=moment)
    rows = (
        narrowed(Case.objects.visible_to(user), {"stage": ["open"]}, user)
        .filter(due_at__isnull=False)
        .order_by()
        .values("stage", "unit__code", "unit__name_zh", "unit__name_en")
        .annotate(
            over=Count("pk", filter=Q(due_at__lt=moment)),
            hour=Count("pk", filter=ahead & Q(due_at__lt=moment + HOUR)),
            four=Count("pk", filter=ahead & Q(due_at__lt=moment + FOUR_HOURS)),
            later=Count("pk", filter=Q(due_at__gte=moment + FOUR_HOURS)),
        )
    )
    stages, units = {}, {}
    for row in rows:
        stages.setdefault(row["stage"], Due(row["stage"])).add(row)
        # Before dispatch a case has no unit; after handling it waits on the supervision centre.
        if row["stage"] == "dispatched" and row["unit__code"]:
            names = row["unit__name_zh"], row["unit__name_en"]
            units.setdefault(row["unit__code"], Due(row["unit__code"], *names)).add(row)
    return list(stages.values()), sorted(units.values(), key=_pressing)


def _pressing(due):
    return (-due.hour, -due.four, -due.over, due.code)


# --- clocks that are yellow or red ---------------------------------------------------------------


def warnings_of(user, asked, moment=None):
    """Running clocks that are yellow or red, the latest first, over the cases that a member may
    see; `asked` narrows by light, kind of clock, area and unit code. Clocks of demands are only for
    those who may read demands."""
    moment = moment or clock.now()
    cases = narrowed(
        Case.objects.visible_to(user),
        {"stage": ["open"], **{k: asked[k] for k in ("area", "unit") if asked.get(k)}},
        user,
    )
    clocks = Clock.objects.filter(
        state="running", warn_at__lte=moment, due_at__isnull=False, case__in=cases.values("pk")
    )
    if not user.has_perm("incidents.view_demand"):
        clocks = clocks.filter(demand=None)
    if asked.get("light") == "red":
        clocks = clocks.filter(due_at__lt=moment)
    elif asked.get("light") == "yellow":
        clocks = clocks.filter(due_at__gte=moment)
    if asked.get("clock"):
        clocks = clocks.filter(kind=asked["clock"])
    return clocks.select_related("case__category", "case__community", "case__unit", "demand")


def demands_of(user, *, mine, kind="", late=False, moment=None):
    """Open orders and escalations with their clocks: the member's own, or all that they may see."""
    demands = Demand.objects.open().filter(kind__in=("reply", "answer"))
    if mine or not user.has_perm("incidents.view_demand"):
        demands = demands.owned_by(user)
    else:
        cases = narrowed(Case.objects.visible_to(user), {"stage": ["open"]}, user)
        demands = demands.filter(case__in=cases.values("pk"))
    if kind in ("reply", "answer"):
        demands = demands.filter(kind=kind)
    if late:
        demands = demands.filter(clock__due_at__lt=moment or clock.now())
    return demands.select_related(
        "case__category",
        "case__community",
        "clock",
        "cause__by",
        "cause__words",
        "owner",
        "owner_area",
        "owner_unit",
        "owner_duty_grid",
    )


def page_by_due(rows, cursor, path="due_at"):
    """(rows of one page, cursor of the next or nothing): oldest due time first, by (due, key);
    `path` is the due time's own. BadFacts for a cursor that was not given out."""
    rows = rows.filter(**{f"{path}__isnull": False})
    if cursor:
        due, key = read_cursor(cursor, _SALT)
        rows = rows.filter(**{f"{path}__gte": due}).filter(
            Q(**{f"{path}__gt": due}) | Q(pk__gt=key)
        )
    found = list(rows.order_by(path, "pk")[: PAGE + 1])
    page = found[:PAGE]
    if len(found) <= PAGE:
        return page, None
    last = page[-1]
    for name in path.split("__"):
        last = getattr(last, name)
    return page, cursor_of(last, page[-1], _SALT)


# --- solved at each level ------------------------------------------------------------------------


@dataclass
class Solved:
    """The closed cases of a street by the level at which each was solved, 0 (the grid) to 4."""

    street: object
    counts: list

    @property
    def total(self):
        return sum(self.counts)

    @property
    def shares(self):
        """Per cent of each level, two decimals."""
        return [round(100 * n / self.total, 2) if self.total else 0 for n in self.counts]

    @property
    def pairs(self):
        return list(zip(self.counts, self.shares, strict=True))

    @property
    def bars(self):
        """[(level, from, width)] in per cent, for the drawing."""
        at, bars = 0.0, []
        for level, share in enumerate(self.shares):
            if share:
                bars.append((level, round(at, 2), share))
            at += share
        return bars


def solved_by_level(user, begins, until):
    """(a Solved of every street, the Solved of them all) over the cases closed in [begins, until)
    and still closed, by how far they were lifted in the round that solved them. One query."""
    closings = Step.objects.filter(move="close", at__gte=begins, at__lt=until)
    rows = (
        Case.objects.followed_by(user)
        .filter(stage="closed", pk__in=closings.values("case"))
        .order_by()
        .values("street", "level")
        .annotate(name=Max("street__name"), code=Max("street__code"), n=Count("pk"))
    )
    streets = {}
    for row in rows:
        place = {"code": row["code"] or "", "name": row["name"] or ""}
        solved = streets.setdefault(row["street"], Solved(place, [0] * len(LEVELS)))
        solved.counts[min(row["level"], LEVELS[-1])] += row["n"]
    found = sorted(streets.values(), key=lambda solved: solved.street["code"])
    whole = [sum(counts) for counts in zip(*(s.counts for s in found), strict=True)]
    return found, Solved(None, whole or [0] * len(LEVELS))
