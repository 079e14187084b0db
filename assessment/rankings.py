"""The table of a ranking: who stands in it, and its parts as they were drawn, kept until a count, a
formula or a publication changes, and drawn ahead of whoever looks when the counts have changed."""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from assessment.measures import AREAS, EVERYDAY, is_person
from assessment.models import CountedDay, Progress
from assessment.periods import Period
from assessment.scorecards import stock_day
from assessment.standings import shown_of, standings
from assessment.subjects import WORDS, named, seen_by
from lib import now as clock

PAGE = 60
# What somebody asked for beyond what is drawn ahead. Names of subjects have no version: a new one
# stands in it so much later at most.
KEPT_FOR = timedelta(minutes=10)
# What is drawn ahead: the periods of these lengths on whose days something was counted. It stays
# until a count or a name changes; what nobody has drawn anew for so long is of a city that is gone.
AHEAD = ("month", "quarter", "year")
AHEAD_FOR = timedelta(days=60)
KINDS_AHEAD = (*(kind for kind in AREAS if kind != "city"), "unit")
# Beside the score; of other kinds the items of the formula.
COLUMNS = {
    "area": (
        "R_PUB_RATE",
        "R_INST_SCORE",
        "R_NEED_CLOSE",
        "R_CLOSE_RATE",
        "R_INTIME_CLOSE_RATE",
        "R_OVERTIME_CLOSE",
    ),
    "unit": (
        "D_COUNT_SCORE",
        "D_NEED_DISPOSE",
        "D_CLOSE_RATE",
        "D_INTIME_DISPOSE_RATE",
        "D_REWORK_RATE",
        "D_OVERTIME_TO_DISPOSE",
    ),
    "grid_head": ("R_PATROL_RATE", "R_NEED_CLOSE", "R_CLOSE_RATE", "R_INTIME_CLOSE_RATE"),
}


@dataclass(frozen=True)
class Wanted:
    """Which ranking: of whom and when, of the area above with the key `within`, as frozen by the
    entry of a key, from which line on."""

    city: object
    kind: str
    period: Period
    within: int | None = None
    entry: int | None = None
    start: int = 0

    @property
    def query(self):
        """The address of its first page, without the entry."""
        narrowed = f"&within={self.within}" if self.within else ""
        return f"?kind={self.kind}&period={self.period}{narrowed}"

    @property
    def key(self):
        """The place where it is kept, in each language by itself."""
        said = (self.city.pk, self.kind, self.period, self.within, self.entry, self.start)
        return "ranking-" + "-".join(str(each) for each in (*said, get_language()))


@dataclass
class Drawn:
    """The parts of a ranking that are the same for everybody who may read it, as HTML, and what
    the rest of the page says of it."""

    formula: str
    within: str
    table: str
    has_changed: bool = False
    publication: object = None
    entries: list = field(default_factory=list)
    progress: object = None
    # What the subjects were called, where it was drawn ahead.
    called: str = ""


def columns_of(kind, formula):
    """The codes of the figures beside the score."""
    if kind in EVERYDAY:
        word = EVERYDAY[kind]
        return tuple(f"E_{word}_{what}" for what in ("DUE", "DONE", "LEFT", "RATE"))
    items = tuple(item["code"] for item in formula.items) if formula else ()
    return COLUMNS.get("area" if kind in AREAS else kind, items)


# --- kept ----------------------------------------------------------------------------------------


def drawn(wanted, user):
    """The parts of a ranking; kept ones where nothing has changed since. Those of persons differ
    by who looks, so they are drawn anew each time."""
    progress, versions = _state(wanted.city, wanted.period)
    found = None if is_person(wanted.kind) else _kept(wanted, versions)
    if found is None:
        found = _draw(wanted, user, _standings(wanted, progress), versions)
    # Until when was counted moves on also where no count changes.
    found.progress = progress
    return found


def draw_ahead(city):
    """Draw those of a city's rankings of which a count, a formula, a publication or a name has
    changed since they were drawn, so that who looks waits for none; returns how many. Safe to run
    twice."""
    names = {kind: _names(city, kind) for kind in KINDS_AHEAD}
    many = 0
    for period in _periods_of(city):
        state = _state(city, period)
        many += sum(freshen(Wanted(city, kind, period), names[kind], state) for kind in names)
    return many


def _periods_of(city):
    """All periods that are drawn ahead, the newest first."""
    days = CountedDay.objects.days_of(city)
    found = {Period.of(length, day, city.time_zone) for length in AHEAD for day in days}
    return sorted(found, key=lambda period: period.first, reverse=True)


def _names(city, kind):
    """{language: the subjects of a kind as they are called in it}."""
    found = {}
    for language, _word in settings.LANGUAGES:
        with override(language):
            found[language] = named(city, kind)
    return found


def freshen(wanted, names=None, state=None):
    """Draw a ranking in the languages in which the kept one will not do; returns in how many. The
    standings are the same in all. `names` are as of `_names`, `state` as of `_state`."""
    names = names or _names(wanted.city, wanted.kind)
    progress, versions = state or _state(wanted.city, wanted.period)
    found, many = None, 0
    for language, subjects in names.items():
        with override(language):
            kept, called = _kept(wanted, versions), _called(subjects)
            if kept is None or kept.called != called:
                found = found or _standings(wanted, progress)
                _draw(wanted, None, found, versions, subjects, called)
                many += 1
    return many


def _called(subjects):
    """A mark of what subjects are called: other names, another mark."""
    return sha256(repr(list(subjects.values())).encode()).hexdigest()


def _kept(wanted, versions):
    """What is kept of a ranking, unless something of it has changed since."""
    of, found = caches["tables"].get(wanted.key, (None, None))
    return found if of == versions else None


def _state(city, period):
    """How far the roll-ups have come, and the versions of all that a ranking of a period is made
    of: how often its counts have changed, the newest formula, the newest publication that it shows,
    which day's stocks stand for it, whether it is over. One query, which every look asks."""
    found = Progress.objects.with_versions(city, period, shown_of(period))
    progress = found or Progress(city=city)
    made_of = (found.changes, found.formula, found.publication) if found else ()
    is_over = period.end <= clock.now()
    return progress, (*made_of, stock_day(period, progress), is_over)


# --- drawn ---------------------------------------------------------------------------------------


def _draw(wanted, user, found, versions, names=None, called=""):
    _name(found, wanted, user, names or named(wanted.city, wanted.kind))
    start = wanted.start if wanted.start < len(found.lines) else 0
    context = {
        "asked": wanted,
        "found": found,
        "user": user,
        "lines": found.lines[start : start + PAGE],
        "columns": columns_of(wanted.kind, found.formula),
        "kind_word": WORDS[wanted.kind],
        "is_person": is_person(wanted.kind),
        "shown": (start + 1, min(start + PAGE, len(found.lines))),
        "next_from": start + PAGE if start + PAGE < len(found.lines) else None,
        "previous_from": max(start - PAGE, 0) if start else None,
    }
    made = Drawn(
        formula=render_to_string("assessment/_formula.html", {"formula": found.formula}),
        within=render_to_string("assessment/_within.html", context),
        table=render_to_string("assessment/_ranking.html", context),
        has_changed=found.has_changed,
        publication=found.publication,
        entries=found.entries,
        called=called,
    )
    if _is_kept(wanted, found, start):
        kept_for = AHEAD_FOR if called else KEPT_FOR
        caches["tables"].set(wanted.key, (versions, made), kept_for.total_seconds())
    return made


def _is_kept(wanted, found, start):
    """True for a ranking that is the same for everybody and is asked for by what there is: numbers
    that somebody made up would fill the store."""
    there = {None, *(entry.pk for entry in found.entries)}
    asked = (wanted.within, wanted.start) == (found.within, start)
    return asked and wanted.entry in there and not is_person(wanted.kind)


def table_of(wanted, user):
    """The standings with their subjects' names, narrowed to what this member may see and to the
    area above that is asked for."""
    found = _standings(wanted, None, check=False)
    _name(found, wanted, user, named(wanted.city, wanted.kind))
    return found


def _standings(wanted, progress, check=True):
    return standings(
        wanted.city,
        wanted.kind,
        wanted.period,
        check=check,
        progress=progress,
        entry=wanted.entry,
    )


def _name(found, wanted, user, names):
    lines = [line for line in found.lines if line.row.subject in names]
    if is_person(wanted.kind):
        keys = seen_by(user, wanted.city, wanted.kind)
        seen = None if keys is None else set(keys.values_list("member", flat=True))
        order = {key: place for place, key in enumerate(names)}
        lines = [line for line in lines if seen is None or line.row.subject in seen]
        lines.sort(key=lambda line: order[line.row.subject])
    for line in lines:
        line.subject = names[line.row.subject]
    _narrow(found, lines, wanted.within)


def _narrow(found, lines, within):
    places = {line.subject.above: line.subject.place for line in lines if line.subject.above}
    found.places = sorted(places.items(), key=lambda row: row[1]) if len(places) > 1 else []
    found.within = within if within in places else None
    if found.within:
        lines, found.total = [n for n in lines if n.subject.above == found.within], None
    found.lines = lines
