"""The six every-days: what the five kinds of subject did on a day, the week's pattern, and who did
nothing where something was due. The sixth, publishing, is the bulletin's."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from assessment.measures import EVERYDAY
from assessment.models import DayCount, Publication, PublishedScore
from assessment.periods import Period
from assessment.scorecards import counts_of_kinds, rolled_up

DAYS = 7
# What each kind does every day, as the six every-days have it.
DEEDS = {
    "owner": _("maintain every day"),
    "maintainer": _("keep up every day"),
    "overseer": _("supervise every day"),
    "managing": _("manage every day"),
    "enforcer": _("enforce every day"),
}
assert set(DEEDS) == set(EVERYDAY)


@dataclass(frozen=True)
class Deed:
    """What one subject did on one day: done, and left past the limit at the day's end."""

    done: int = 0
    left: int = 0
    found: int = 0

    @property
    def due(self):
        return self.done + self.left

    @property
    def state(self):
        """ "idle" where something was due and nothing was done; "part", "all", or "none" due."""
        if not self.due:
            return "none"
        if not self.done:
            return "idle"
        return "part" if self.left else "all"


@dataclass
class KindOfDay:
    """A kind of subject on a day: how many had something due, and what came of it."""

    kind: str
    deeds: dict
    publication: object = None

    def _many(self, *states):
        return sum(deed.state in states for deed in self.deeds.values())

    @property
    def with_due(self):
        return self._many("idle", "part", "all")

    @property
    def all_done(self):
        return self._many("all")

    @property
    def part(self):
        return self._many("part")

    @property
    def idle(self):
        return self._many("idle")

    @property
    def done(self):
        return sum(deed.done for deed in self.deeds.values())

    @property
    def left(self):
        return sum(deed.left for deed in self.deeds.values())


@dataclass
class WeekRow:
    """A subject's last seven days as (day, Deed), the one asked for last."""

    subject: object
    deeds: list = field(default_factory=list)

    @property
    def today(self):
        return self.deeds[-1][1]


def deed_of(kind, counts):
    """A Deed from the counts of one subject and day."""
    word = EVERYDAY[kind]
    done, left = (counts.get(f"E_{word}_{what}", 0) for what in ("DONE", "LEFT"))
    return Deed(done, left, counts.get(f"E_{word}_FOUND", 0))


def day_of(city, day):
    """{kind: KindOfDay}: as the night's evaluation froze it, else as counted so far."""
    period = Period.of("day", day, city.time_zone)
    newest = Publication.objects.newest_of_kinds(city, list(EVERYDAY), period)
    counts = _counts(city, period, newest)
    return {
        kind: KindOfDay(
            kind,
            {key: deed_of(kind, of) for key, of in counts[kind].items()},
            newest.get(kind),
        )
        for kind in EVERYDAY
    }


def _counts(city, period, newest):
    counts = {kind: {} for kind in EVERYDAY}
    if newest:
        kinds = {row.pk: kind for kind, row in newest.items()}
        rows = PublishedScore.objects.filter(publication__in=list(kinds))
        for entry, subject, of in rows.values_list("publication", "subject", "counts"):
            counts[kinds[entry]][subject] = of
    if missing := [kind for kind in EVERYDAY if kind not in newest]:
        counts |= counts_of_kinds(city, missing, period, rolled_up(city))
    return counts


def week_of(city, kind, day, today):
    """{subject: [(day, Deed)]} of the seven days up to one; its own Deeds are given as `today`."""
    first = day - timedelta(days=DAYS - 1)
    rows = DayCount.objects.between(city, first, day).filter(kind=kind)
    counts = defaultdict(lambda: defaultdict(dict))
    for subject, on, code, amount in rows.values_list("subject", "day", "code", "amount"):
        counts[subject][on][code] = amount
    return {
        subject: [(on, deed_of(kind, counts[subject][on])) for on in days_to(day)[:-1]]
        + [(day, today.get(subject, Deed()))]
        for subject in counts.keys() | today.keys()
    }


def days_to(day):
    """The seven days up to one."""
    return [day - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]


def rows_of(week, names):
    """The week's rows of the subjects that are named: who did nothing first, then who left most."""
    rows = [WeekRow(names[key], deeds) for key, deeds in week.items() if key in names]
    order = {"idle": 0, "part": 1, "all": 2, "none": 3}
    return sorted(rows, key=lambda row: (order[row.today.state], -row.today.left, row.subject.name))
