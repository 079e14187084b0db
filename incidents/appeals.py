"""Appeals of late verdicts: what a unit may object to, who still has to say something, and what
became of it.

An appeal is a demand for the dispatcher's opinion; the decision is the demand that comes of that
opinion. The verdict stays whatever is decided; a granted one exempts the case from the unit's
statistics (assessment.measures.counting.late).
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from grids.backends import posts_of, posts_with
from incidents.clocks import current_version
from incidents.models import Case, Clock, Demand, Step
from incidents.rules import APPEAL_WORK_DAYS
from lib import now as clock
from lib import worktime
from lib.pages import page_behind
from staff.models import calendar_of

# No calendar has ten work days that take longer.
LONGEST_DAYS = 60
OPINION, DECISION, GRANTED, REFUSED = "opinion", "decision", "granted", "refused"
STATES = {
    OPINION: _("waits for the dispatcher's opinion"),
    DECISION: _("waits for the decision"),
    GRANTED: _("granted: exempted from statistics"),
    REFUSED: _("refused: it counts as late"),
}
# What an appeal reads of the rows around it.
_SHOWN = (
    "case__category",
    "case__community",
    "unit",
    "cause__by",
    "cause__words",
)


def units_of(user):
    """The units for which a member handles."""
    return sorted({post.unit_id for post in posts_with(user, "incidents.appeal_case")})


# --- what may be objected to ---------------------------------------------------------------------


def objectionable(user):
    """The handle clocks of the member's units with a late verdict, on closed cases, to which may
    still be objected."""
    clocks = Clock.objects.late_on(units_of(user)).filter(
        objected=False,
        case__stage="closed",
        round=F("case__round"),
        case__ended_at__gte=since_objectionable(calendar_of_days(user)),
    )
    return clocks.select_related("case__category", "case__community", "unit")


def verdict_of(case, user):
    """The late verdict on the member's unit in this round of a case, one that was not objected to
    first; or None."""
    clocks = Clock.objects.late_on(units_of(user)).filter(case=case, round=case.round)
    return clocks.select_related("unit").order_by("objected", "pk").first()


def calendar_of_days(user):
    """The calendar on which the days for an appeal are counted: the city's."""
    city = next((post.city for post in posts_of(user)), None)
    version = current_version(city.calendar_id) if city else None
    return calendar_of(version.pk) if version else None


def last_moment(ended_at, calendar):
    """Until when a verdict of a case that was closed then may be objected to."""
    return worktime.due_at(ended_at, worktime.Limit(APPEAL_WORK_DAYS, "work_day"), calendar)


def since_objectionable(calendar):
    """The earliest closing of which the verdict may still be objected to now, to the minute: the
    domain's ten work days, counted backwards."""
    now = clock.now()
    first = now - timedelta(days=LONGEST_DAYS)
    if calendar is None:
        return first
    minutes = range(LONGEST_DAYS * 24 * 60)
    place = bisect_left(
        minutes, now, key=lambda minute: last_moment(first + timedelta(minutes=minute), calendar)
    )
    return first + timedelta(minutes=place)


# --- what was objected to ------------------------------------------------------------------------


def visible_appeals(user):
    """The appeals that a member may read: a unit its own, the centres those of the cases that they
    see; with `decision`, the key of the demand for it, and `decided`, its outcome."""
    decisions = Demand.objects.filter(kind="decide", cause=OuterRef("ended_by")).order_by("-pk")
    appeals = Demand.objects.filter(kind="opine").annotate(
        decision=Subquery(decisions.values("pk")[:1]),
        decided=Subquery(decisions.values("outcome")[:1]),
    )
    mine = Q(unit__in=units_of(user))
    if user.is_superuser or user.has_perm("incidents.view_demand"):
        mine |= Q(case__in=Case.objects.followed_by(user).values("pk"))
    return appeals.filter(mine)


def narrowed_appeals(appeals, user, which):
    """Those that wait for the member ("mine"), for anybody ("open"), or are decided ("decided")."""
    if which == "mine":
        owed = Demand.objects.open().owned_by(user)
        return appeals.filter(
            Q(pk__in=owed.filter(kind="opine").values("pk"))
            | Q(decision__in=owed.filter(kind="decide").values("pk"))
        )
    if which == "open":
        return appeals.filter(Q(outcome="") | Q(decided=""))
    if which == "decided":
        return appeals.filter(decided__in=(GRANTED, REFUSED))
    return appeals


class Standing:
    """What follows from the `state` of an appeal, a key of STATES."""

    @property
    def exempted(self):
        return self.state == GRANTED

    @property
    def state_words(self):
        return STATES[self.state]


@dataclass
class Appeal(Standing):
    """One appeal with what was said: steps (None while still owed), the verdict's clock, the open
    demand (None when decided), its `state`, a key of STATES."""

    demand: object
    objection: object
    opinion: object
    decision: object
    verdict: object
    owed: object
    state: str


def appeals_on(demands):
    """[Appeal] of demands for an opinion, in their order; four queries, whatever the length."""
    demands = list(demands)
    cases = {demand.case_id for demand in demands}
    decisions = {
        row.cause_id: row
        for row in Demand.objects.filter(kind="decide", case__in=cases).select_related(
            "ended_by__by", "ended_by__words"
        )
    }
    opinions = Step.objects.filter(case__in=cases, move="opine").select_related("by", "words")
    opinions = {step.pk: step for step in opinions}
    clocks = {}
    for row in Clock.objects.filter(case__in=cases, kind="handle", verdict="late").order_by("pk"):
        clocks.setdefault((row.case_id, row.round, row.unit_id), row)
    found = []
    for demand in demands:
        decision = decisions.get(demand.ended_by_id)
        found.append(
            Appeal(
                demand=demand,
                objection=demand.cause,
                opinion=opinions.get(demand.ended_by_id),
                decision=decision.ended_by if decision else None,
                verdict=clocks.get((demand.case_id, demand.round, demand.unit_id)),
                owed=demand if not demand.outcome else decision if _open(decision) else None,
                state=state_of(demand, decision),
            )
        )
    return found


def _open(decision):
    return decision is not None and not decision.outcome


def state_of(demand, decision):
    """How an appeal stands, a key of STATES: of the demand for an opinion, and of the one for a
    decision that came of it, None as long as there is none."""
    if not demand.outcome or decision is None:
        return OPINION
    return decision.outcome or DECISION


def appeals_of(case, user):
    """[Appeal] of a case that a member may read, the newest first."""
    rows = visible_appeals(user).filter(case=case).select_related(*_SHOWN)
    return appeals_on(rows.order_by("-pk"))


def page_of_appeals(appeals, before, size):
    """([Appeal] of a page, the newest first, the key of the next): as `page_behind`."""
    rows = appeals.select_related(*_SHOWN).order_by("-pk")
    found, following = page_behind(rows, before, size)
    return appeals_on(found), following
