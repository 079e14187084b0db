"""Named queries of the loop. `visible_to` stands before every list, count, file and page."""

from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.contrib.gis.measure import D
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from grids.backends import posts_of
from lib import now as clock

ENDS = ("closed", "dismissed", "voided", "merged")

_CITYWIDE = frozenset(["intake", "chief", "dispatcher", "adjudicator", "assessor", "sysadmin"])
_IN_AREA = frozenset(["supervisor", "leader", "worker", "grid_head"])
# Scope over time: a unit that a case has left reads it for 400 days (house rule).
UNIT_MEMORY = timedelta(days=400)

# Which stages wait on a role; the party of a stage (domain rule: "Stages whose party they are").
PARTY = {
    "intake": ("reported",),
    "chief": ("accepted",),
    "dispatcher": ("filed",),
    "supervisor": ("verified",),
    "handler": ("dispatched",),
    "worker": ("confirming", "handled"),
}

# The groups of a board in their order: stages by the loop, then what is owed beside it.
_STAGES = (
    "reported",
    "confirming",
    "accepted",
    "filed",
    "dispatched",
    "suspended",
    "handled",
    "verified",
    *ENDS,
)
_DEMANDS = ("request", "reply", "answer", "opine", "decide", "spot_check")
QUEUES = (*_STAGES, *_DEMANDS)
_STAGED = [(QUEUES.index(word), word) for word in _STAGES]
_DEMANDED = [(QUEUES.index(word), word) for word in _DEMANDS]
# Sorts after every due time.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def _in_area(area, prefix=""):
    """Q for rows whose flat area columns lie in `area`; a city area holds everything."""
    if area.level == "city":
        return Q(**{f"{prefix}city": area.city_id})
    return Q(**{f"{prefix}{area.level}": area.pk})


def _in_post(post):
    """Q of the cases that one post sees for its place."""
    if post.role == "handler":
        return _of_unit(post.unit_id)
    if post.role in _CITYWIDE:
        return _in_area(post.area) if post.area_id else Q(city=post.city_id)
    if post.role in _IN_AREA:
        if post.duty_grid_id:
            return Q(duty_grid=post.duty_grid_id)
        if post.area_id:
            return _in_area(post.area)
        if post.unit_id:
            return _of_unit(post.unit_id)
        return Q(city=post.city_id) if post.role == "leader" else Q(pk__in=[])
    return Q(pk__in=[])


def _of_unit(unit_id):
    """Cases that are the unit's now, or were within its memory."""
    since = clock.now() - UNIT_MEMORY
    times = _model("CaseUnit").objects.filter(case=OuterRef("pk"), unit=unit_id)
    return Q(Exists(times.filter(Q(until_at__isnull=True) | Q(until_at__gte=since))))


def _model(name):
    # Querysets lie below models and may not import them.
    return apps.get_model("incidents", name)


class CategoryQuerySet(models.QuerySet):
    def of_city(self, city):
        """The city's own catalogue if it has one, else the shared one."""
        own = self.filter(city=city, is_active=True)
        return own if own.exists() else self.filter(city__isnull=True, is_active=True)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The cases that a member may see today: by the places of their posts, what they are
        asked to confirm or verify, and what they reported. A superuser sees all, to set up."""
        if user.is_superuser:
            return self
        posts = posts_of(user)
        if not posts:
            return self.filter(reported_by=user) if user.pk else self.none()
        if any(p.role in _CITYWIDE and not p.area_id for p in posts):
            return self.filter(city__in={p.city_id for p in posts if p.role in _CITYWIDE})
        scope = Q(reported_by=user.pk) | Q(worker=user.pk, stage__in=PARTY["worker"])
        for post in posts:
            scope |= _in_post(post)
        return self.filter(scope)

    def open(self):
        """Cases that are not at an end."""
        return self.exclude(stage__in=("", *ENDS))

    def waiting_on(self, user):
        """Cases that wait on a member: stages whose party they are and demands they own."""
        party = Q(pk__in=[])
        for post in posts_of(user):
            stages = PARTY.get(post.role)
            if not stages:
                continue
            if post.role == "worker":
                party |= Q(stage__in=stages, worker=user.pk)
            elif post.role == "handler":
                party |= Q(stage__in=stages, unit=post.unit_id)
            else:
                party |= Q(stage__in=stages) & _in_post(post)
        owned = _model("Demand").objects.owned_by(user).filter(outcome="", case=OuterRef("pk"))
        return self.filter(party | Q(Exists(owned)))

    def newest(self):
        return self.order_by("-reported_at", "-id")

    def similar_to(self, *, category_id, point, city_id, metres=200, days=30, moment=None):
        """Cases of the same subclass within `metres` and `days`, nearest in time first."""
        since = (moment or clock.now()) - timedelta(days=days)
        # 55 km is a degree of longitude at 60° north: a box that holds the circle anywhere south.
        return (
            self.filter(
                city=city_id,
                category=category_id,
                reported_at__gte=since,
                point__dwithin=(point, metres / 55_000),
            )
            .extra(  # noqa: S610 - exact distance in metres on the ellipsoid; parameters are bound
                where=[
                    "ST_DWithin(incidents_case.point::geography,"
                    " ST_SetSRID(ST_MakePoint(%s,%s),4326)::geography, %s)"
                ],
                params=[point.x, point.y, D(m=metres).m],
            )
            .order_by("-reported_at")
        )

    def with_light(self, light, moment=None):
        """Cases whose running clock shows green, yellow or red at a moment; `paused` and `none`
        for cases with no running clock and for clocks without a limit."""
        moment = moment or clock.now()
        return self.filter(
            {
                "red": Q(due_at__lt=moment),
                "yellow": Q(warn_at__lte=moment, due_at__gte=moment),
                "green": Q(warn_at__gt=moment),
                "paused": Q(stage="suspended"),
                "none": Q(due_at__isnull=True) & ~Q(stage="suspended"),
            }[light]
        )

    def queued_for(self, owed):
        """Cases with their place in a member's queue: `queue`, the place of the group in `QUEUES`,
        and `falls_due`, when what the member owes, else the stage, falls due (`NEVER` without a
        limit). `owed` are the member's open demands: few, and named by key the database answers
        several times faster than asked who owns them for every column."""
        groups = {}
        for demand in owed:
            groups.setdefault(demand.kind, []).append(demand.case_id)
        clocks = _model("Clock").objects.filter(
            case=OuterRef("pk"), demand__in=[demand.pk for demand in owed]
        )
        due = models.Subquery(clocks.order_by("demand").values("due_at")[:1])
        return self.annotate(
            queue=models.Case(
                *(
                    models.When(pk__in=groups[word], then=place)
                    for place, word in _DEMANDED
                    if word in groups
                ),
                *(models.When(stage=word, then=place) for place, word in _STAGED),
                default=len(QUEUES),
                output_field=models.IntegerField(),
            ),
            falls_due=Coalesce(
                models.Case(
                    models.When(pk__in=[demand.case_id for demand in owed], then=due),
                    default=models.F("due_at"),
                ),
                models.Value(NEVER),
                output_field=models.DateTimeField(),
            ),
        )

    def in_queue_order(self, after=None):
        """The queue by group, then by what falls due first; `after` is (queue, falls_due, pk) of
        the last row of the page before."""
        cases = self.order_by("queue", "falls_due", "pk")
        if after is None:
            return cases
        queue, due, key = after
        return cases.filter(
            Q(queue__gt=queue)
            | Q(queue=queue, falls_due__gt=due)
            | Q(queue=queue, falls_due=due, pk__gt=key)
        )


class ClockQuerySet(models.QuerySet):
    def open(self):
        return self.exclude(state="stopped")

    def falling_due(self, moment):
        """Running clocks whose due time has come."""
        return self.filter(state="running", due_at__lt=moment)


class DemandQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")

    def owned_by(self, user):
        """Demands whose one owner is this member, by name or by a post of today."""
        mine = Q(owner=user.pk)
        for post in posts_of(user):
            held = Q(owner_role=post.role, owner__isnull=True)
            place = Q(
                owner_area__isnull=True,
                owner_unit__isnull=True,
                owner_duty_grid__isnull=True,
                case__city=post.city_id,
            )
            if post.area_id:
                place |= Q(owner_area=post.area_id)
            if post.unit_id:
                place |= Q(owner_unit=post.unit_id)
            if post.duty_grid_id:
                place |= Q(owner_duty_grid=post.duty_grid_id)
            mine |= held & place
        return self.filter(mine)


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Photos of the cases that a member may see, and those they uploaded and have not named
        yet. A unit that a case has left sees none of a later step."""
        cases = _model("Case").objects.visible_to(user)
        seen = Q(case__isnull=False, case__in=cases.values("pk"))
        if not user.is_superuser:
            seen &= ~Q(Exists(self._after_leaving(user))) if _only_units(user) else Q()
        return self.filter(Q(case__isnull=True, uploaded_by=user.pk) | seen)

    @staticmethod
    def _after_leaving(user):
        units = [p.unit_id for p in posts_of(user) if p.role == "handler"]
        still = _model("CaseUnit").objects.filter(
            case=OuterRef("case"), unit__in=units, until_step__isnull=True
        )
        reached = _model("CaseUnit").objects.filter(
            case=OuterRef("case"), unit__in=units, until_step__gte=OuterRef("seq")
        )
        return (
            _model("Step")
            .objects.filter(pk=OuterRef("step"))
            .filter(~Exists(still), ~Exists(reached))
        )


class OutboxQuerySet(models.QuerySet):
    def not_told(self):
        return self.filter(told_at__isnull=True)


def _only_units(user):
    return all(p.role == "handler" for p in posts_of(user))


def last_step_for(user, case):
    """The last step of a case that a member may read, or None for no end: a unit that the case
    has left reads up to its own last step."""
    posts = posts_of(user)
    if user.is_superuser or not posts or not _only_units(user) or case.reported_by_id == user.pk:
        return None
    times = list(case.units.filter(unit__in=[p.unit_id for p in posts]))
    if any(t.until_step is None for t in times):
        return None
    return max((t.until_step for t in times), default=0)
