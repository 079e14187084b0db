"""The queue of a board: its tabs with counts, filters, groups by time left, pages by key, and what
several cases at once may be asked."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.core import signing
from django.core.cache import cache
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from grids.backends import posts_of
from grids.models import Area
from incidents import querysets, routing, rules, workflow
from incidents.chips import chips_of
from incidents.facts import BadFacts, Conflict, Refused
from incidents.filters import as_read_by, readable
from incidents.lights import WORDS
from incidents.models import OPEN, Case, Category
from incidents.querysets import HANDLING, QUEUES
from incidents.scope import cities_seen_by
from incidents.templatetags.loop import stage_word
from incidents.views.casefile import narrowed_list
from incidents.views.panel import won_by
from lib import now as clock
from staff.models import Unit, in_language

PAGE = 20
# So many cases are moved at once at most; more would hold up a server's thread for too long.
MOST_AT_ONCE = 50
# What the choices of the filters are is asked again after so many seconds.
KEPT = 600
_SALT = "incidents.board.cursor"

TABS = {
    "mine": gettext_lazy("My turn"),
    "handling": gettext_lazy("In handling"),
    "overdue": gettext_lazy("Overdue"),
    "open": gettext_lazy("All open"),
}
# Groups of more than so many cases are read in the order of an index, others sorted.
MANY = 200
# The columns of a row; a whole case with all it names has a hundred more.
SHOWN = (
    *("number", "version", "stage", "priority", "source", "place", "reported_by"),
    *("category__name_zh", "category__name_en", "condition__text_zh", "condition__text_en"),
    *("community__name", "community__code", "unit__name_zh", "unit__name_en"),
)
FILTERS = ("stage", "category", "area", "unit", "light", "text")
OWED = {
    "request": gettext_lazy("Requests to decide"),
    "reply": gettext_lazy("Supervise orders to reply to"),
    "answer": gettext_lazy("Escalations to answer"),
    "opine": gettext_lazy("Appeals to give an opinion on"),
    "decide": gettext_lazy("Appeals to decide"),
    "spot_check": gettext_lazy("Spot checks"),
}
ASKS = {
    "extend": gettext_lazy("asks to extend"),
    "suspend": gettext_lazy("asks to suspend"),
    "return": gettext_lazy("asks to return"),
}


# --- what was asked ------------------------------------------------------------------------------


@dataclass
class Asked:
    """What the address of a board says: the tab, the filters as given and as read, the case that
    stands in the preview and those that are ticked."""

    tab: str = "mine"
    given: dict = field(default_factory=dict)
    filters: dict = field(default_factory=dict)
    current: str = ""
    picked: tuple = ()
    left_out: list = field(default_factory=list)

    @property
    def query(self):
        """The address without selection, for links."""
        return urlencode({"tab": self.tab, **self.given})

    @property
    def narrows(self):
        return bool(self.given)


def asked_of(request):
    """What is wrong in an address is left out and said, not refused: a board must open."""
    tab = request.GET.get("tab", "")
    given = {k: v for k in FILTERS if (v := request.GET.get(k, "").replace("\x00", "").strip())}
    # Most boards have none, and to set the fields up costs more than all else an address does.
    given, filters, left_out = readable(given, request.user) if given else ({}, {}, [])
    return Asked(
        tab=tab if tab in TABS else "mine",
        given=given,
        filters=filters,
        current=request.GET.get("case", "")[:40],
        picked=tuple(request.GET.get("pick", "").split(",")[:MOST_AT_ONCE]),
        left_out=left_out,
    )


# --- the queue -----------------------------------------------------------------------------------


def owed_by(user):
    """{case: the first demand on it that a member owes}."""
    return {demand.case_id: demand for demand in querysets.owed_by(user)}


def queue_of(user, asked, owed):
    """The cases of the tab within the filters, with their places in the member's queue."""
    words = dict(asked.filters)
    if asked.tab == "mine":
        words["waiting_on"] = "me"
    else:
        words.setdefault("stage", ["open"])
    cases = narrowed_list(Case.objects.visible_to(user), words, user)
    if asked.tab == "handling":
        cases = cases.filter(stage__in=HANDLING)
    elif asked.tab == "overdue":
        cases = cases.with_light("red")
    return cases.queued_for(owed.values())


@dataclass
class Group:
    """The rows of one page that wait for the same thing; `count` is of the whole queue, `goes_on`
    says that the page before began it."""

    word: object
    count: int
    rows: list = field(default_factory=list)
    goes_on: bool = False


def list_of(user, asked, cursor=""):
    """The context of one page of rows: groups, and the cursor of the next."""
    owed = owed_by(user)
    cases, after, at = queue_of(user, asked, owed), _read(cursor), clock.now()
    counted = cases.counted_by_queue(at)
    counts = counts_of(user, asked, counted, at)
    in_order = cities_seen_by(user) and not asked.narrows
    rows = page_of(cases, counted, owed.values(), after, MANY if in_order else None)
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    following = _cursor(rows[-1]) if more else ""
    rows = _with_chips(as_read_by(user, rows), owed)
    return {
        "asked": asked,
        "query": asked.query,
        "groups": _groups(rows, counted, after),
        "total": sum(each["number"] for each in counted.values()),
        "following": following,
        "at": at,
        "tabs": [(tab, word, counts.get(tab)) for tab, word in TABS.items()],
        "next_due": counts.get("next_due"),
    }


def page_of(cases, counted, owed, after, many):
    """The rows of a page and, if more follow, one of those. Groups of more than `many` cases are
    read by themselves, in the order of their index, the small ones between them sorted together;
    without `many` all are."""
    rows, begun = [], after[0] if after else -1
    for places, is_large in _runs(counted, begun, many):
        behind, most = after if begun in places else None, PAGE + 1 - len(rows)
        if is_large:
            # By keys first, from the index alone: with what rows name joined to it, every case of
            # the group would be read and sorted.
            keys = cases.of_stage_by_due(places[0], owed, behind).values_list("pk", flat=True)
            found = cases.filter(pk__in=list(keys[:most])).of_stage_by_due(places[0], owed)
        else:
            within = cases if len(places) == len(counted) else cases.in_groups(places, owed)
            found = within.in_queue_order(behind)
        rows += found.only(*SHOWN)[:most]
        if len(rows) > PAGE:
            break
    return rows


def _runs(counted, begun, many):
    """[(places of groups, whether it is one large group)] of the queue from a group on."""
    runs = []
    for place in sorted(place for place in counted if place >= begun):
        is_large = many is not None and counted[place]["number"] > many and place < len(OPEN)
        if is_large or not runs or runs[-1][1]:
            runs.append(([place], is_large))
        else:
            runs[-1][0].append(place)
    return runs


def _groups(rows, counted, after):
    groups = {}
    for row in rows:
        if row.queue not in groups:
            word = QUEUES[row.queue] if row.queue < len(QUEUES) else ""
            begun = after is not None and after[0] == row.queue
            words = OWED.get(word) or stage_word(word)
            number = counted[row.queue]["number"] if row.queue in counted else 0
            groups[row.queue] = Group(words, number, goes_on=begun)
        groups[row.queue].rows.append(row)
    return list(groups.values())


def _with_chips(rows, owed):
    """The rows with what the member owes on them and the chip of that, else of the stage; one
    query."""
    whole = [row.pk for row in rows if not getattr(row, "is_set_back", False)]
    demands = [owed[row.pk].pk for row in rows if row.pk in owed]
    of_cases, of_demands = chips_of(whole, demands) if rows else ({}, {})
    for row in rows:
        mine = owed.get(row.pk)
        row.asks = ASKS.get(mine.ask, "") if mine else ""
        row.chip = of_demands.get(mine.pk) if mine else of_cases.get(row.pk)
    return rows


def _cursor(row):
    return signing.dumps([row.queue, row.falls_due.isoformat(), row.pk], salt=_SALT)


def _read(text):
    if not text:
        return None
    try:
        queue, due, key = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return queue, datetime.fromisoformat(due), key


def counts_of(user, asked, counted, moment):
    """{tab: how many cases} and when the next of them falls due (`next_due`); the count of the
    first tab is the top bar's own. The queue of all that is open says them by itself; beside every
    other queue they take one query."""
    if asked.tab != "open" or asked.narrows:
        return querysets.counted_for_tabs(user, moment)
    columns = {"open": "number", "handling": "handling", "overdue": "overdue"}
    return {tab: sum(each[column] for each in counted.values()) for tab, column in columns.items()}


# --- choices of the filters ----------------------------------------------------------------------


def choices_of(user):
    """{filter: <option>s} of the member's city. There are hundreds; made anew for each page they
    would cost more than all its queries."""
    city = next((post.city_id for post in posts_of(user)), None)
    key = f"board-options-{city}-{get_language()}"
    return cache.get_or_set(key, lambda: _choices(city), KEPT)


def _choices(city):
    areas = Area.objects.filter(city=city, level__in=("street", "community")).order_by("code")
    units = Unit.objects.filter(city=city, is_active=True)
    units = units.exclude(kind__in=("supervision", "command")).order_by("code")
    categories = Category.objects.of_city(city).order_by("code")
    rows = {
        "category": [(c.code, in_language(c.name_zh, c.name_en)) for c in categories],
        "area": [(a.code, ("" if a.level == "street" else "\u3000") + a.name) for a in areas],
        "unit": [(u.code, in_language(u.name_zh, u.name_en)) for u in units],
        "stage": [(stage, stage_word(stage)) for stage in _OPEN_FIRST],
        "light": LIGHTS,
    }
    return {name: _options(rows[name]) for name in rows}


def _options(rows):
    return format_html_join("", '<option value="{}">{}</option>', rows)


def _with_chosen(options, value):
    """The same <option>s, one of them selected."""
    if not value:
        return options
    words = format_html('value="{}"', value)
    return mark_safe(options.replace(words, f"{words} selected", 1))  # noqa: S308 - both are escaped


def fields_of(options, asked):
    """The filters of the form: [(name, label, <option>s, chosen value)]."""
    given = asked.given
    chosen = {name: given.get(name, "") for name in FIELDS}
    return [(n, FIELDS[n], _with_chosen(options[n], chosen[n]), chosen[n]) for n in FIELDS]


_OPEN_FIRST = QUEUES[: len(OPEN)]
assert set(_OPEN_FIRST) == set(OPEN)
LIGHTS = tuple((light, words) for light, words in WORDS.items() if light != "none")
FIELDS = {
    "stage": gettext_lazy("Stage"),
    "category": gettext_lazy("Category"),
    "area": gettext_lazy("Area"),
    "unit": gettext_lazy("Unit"),
    "light": gettext_lazy("Time left"),
}


# --- several at once -----------------------------------------------------------------------------

# The moves that make sense for several cases at once; those that need words take the same for all.
AT_ONCE = ("dispatch", "file", "accept", "ask_confirm", "grant", "resume", "refuse", "dismiss")
WITH_REASON = ("refuse", "dismiss")


@dataclass
class AtOnce:
    """A move that a member may try on several cases, and the stages it starts at."""

    move: str
    label: object
    stages: str
    reason: bool


def moves_at_once(user):
    """What a member's posts allow, by the table alone; each case is asked when it is moved."""
    found = {}
    for row in workflow.TABLE:
        if row.move in AT_ONCE and row.permission != "system" and rules.may(user, row.permission):
            found.setdefault(row.move, set()).update(row.stages)
    return [
        AtOnce(move, workflow.LABELS[move], " ".join(sorted(found[move])), move in WITH_REASON)
        for move in AT_ONCE
        if move in found
    ]


@dataclass
class Result:
    """What became of one case of several."""

    number: str
    done: bool
    words: str


def move_all(user, name, picked, unit="", reason=""):
    """One move for each of `picked` ("NUMBER:VERSION"), each through the one door and in a
    transaction of its own: [Result]."""
    results = []
    allowed = [offer.move for offer in moves_at_once(user)]
    for each in dict.fromkeys(picked[:MOST_AT_ONCE]):
        number, _colon, version = each.replace("\x00", "").partition(":")
        try:
            if name not in allowed:
                raise Refused(_("Your post does not include this move."))
            results.append(_move_one(user, name, number, version, unit, reason))
        except Conflict as refused:
            results.append(Result(number, False, won_by(refused)))
        except BadFacts as refused:
            errors = [str(word) for words in refused.errors.values() for word in words]
            results.append(Result(number, False, " ".join(errors)))
        except Refused as refused:
            results.append(Result(number, False, str(refused.message)))
    return results


def _move_one(user, name, number, version, unit, reason):
    cases = Case.objects.visible_to(user).select_related("category", "condition")
    case = cases.filter(number=number).first()
    if case is None:
        raise Refused(_("There is no such case."))
    seen = int(version) if version.isdigit() and len(version) < 9 else case.version
    made = workflow.move(case, name, user, version=seen, **_facts(name, case, unit, reason))
    words = str(workflow.LABELS[name])
    if made.unit and name == "dispatch":
        words = f"{words} → {made.unit}"
    return Result(number, True, words)


def _facts(name, case, unit, reason):
    """The facts of a move for one of several: its own where the case has them."""
    if name == "dispatch":
        return _units(case, unit)
    if name == "accept":
        return {"category": case.category.code} if case.category else {}
    if name == "file":
        return {"condition": case.condition.code} if case.condition else {}
    return {"reason": reason} if name in WITH_REASON else {}


def _units(case, unit):
    """The unit that was named for all, else the one that the responsibility matrix says."""
    if unit or case.category is None:
        return {"unit": unit}
    choice = routing.route(case)
    return {
        "unit": choice.lead.code if choice.lead else "",
        "assisting": [each.code for each in choice.assisting],
    }
