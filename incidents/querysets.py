"""Named queries of the loop. `visible_to` stands before every list, count, file and page."""

from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.contrib.gis.measure import D
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce

from grids.backends import posts_of
from incidents import scope
from incidents.lights import is_light
from incidents.scope import ASKED
from lib import now as clock

ENDS = ("closed", "dismissed", "voided", "merged")

# Which stages wait on a role; the party of a stage (domain rule: "Stages whose party they are").
PARTY = {
    "intake": ("reported",),
    "chief": ("accepted",),
    "dispatcher": ("filed",),
    "supervisor": ("verified",),
    "handler": ("dispatched",),
    "worker": ASKED,
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
# One expression, not a WHEN a stage: putting those together cost more than the database's work.
_PLACE_OF_STAGE = Coalesce(
    Func(
        models.Value(list(_STAGES), output_field=ArrayField(models.TextField())),
        F("stage"),
        function="array_position",
        output_field=models.IntegerField(),
    )
    - 1,
    len(QUEUES),
)
_DEMANDED = [(QUEUES.index(word), word) for word in _DEMANDS]
# A degree of longitude at 60° north: a box that holds a circle anywhere south of it.
DEGREE_M = 55_000
# Sorts after every due time.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def _model(name):
    # Querysets lie below models and may not import them.
    return apps.get_model("incidents", name)


class CategoryQuerySet(models.QuerySet):
    def of_city(self, city):
        """The city's own catalogue if it has one, else the shared one."""
        own = self.filter(city=city, is_active=True)
        return own if own.exists() else self.filter(city__isnull=True, is_active=True)

    def saying(self, words):
        """Those whose names, class, code or filing conditions hold every word; `named` where the
        words stand in the names alone, `in_use` the conditions in use."""
        rows = self.annotate(named=_holds(words, _NAMES))
        rows = rows.filter(_holds(words, (*_NAMES, *_TEXTS))).distinct()
        active = _model("Condition").objects.filter(is_active=True).order_by("code")
        rows = rows.prefetch_related(Prefetch("conditions", active, to_attr="in_use"))
        return rows.order_by("-named", "code")


_NAMES = ("name_zh", "name_en", "class_zh", "class_en", "code")
_TEXTS = ("conditions__text_zh", "conditions__text_en")


def _holds(words, columns):
    """Q: every word stands in one of the columns."""
    every = Q()
    for word in words:
        one = Q()
        for column in columns:
            one |= Q(**{f"{column}__icontains": word})
        every &= one
    return every


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The cases that a member may see today (see `scope`); some perhaps only up to a step of
        their past. A superuser sees all, to set up."""
        if user.is_superuser:
            return self
        if not posts_of(user):
            return self.filter(scope.reported_by(user)) if user.pk else self.none()
        if cities := scope.cities_seen_by(user):
            return self.filter(city__in=cities)
        return self.filter(scope.seen(user))

    def followed_by(self, user):
        """Those of them that the member reads to their end, of which the later state is theirs to
        ask for."""
        return self.filter(scope.whole(user)) if scope.units_cut(user) else self.visible_to(user)

    def open(self):
        """Cases that are not at an end."""
        return self.exclude(stage__in=("", *ENDS))

    def waiting_on(self, user):
        """Cases that wait on a member: stages whose party they are and demands they own."""
        party, by_stages = Q(pk__in=[]), {}
        for post in posts_of(user):
            if stages := PARTY.get(post.role):
                by_stages.setdefault((post.role, stages), []).append(post)
        for (role, stages), posts in by_stages.items():
            if role == "worker":
                party |= Q(stage__in=stages, worker=user.pk)
            elif role == "handler":
                party |= Q(stage__in=stages, unit__in=sorted({post.unit_id for post in posts}))
            elif role == "supervisor":
                party |= Q(stage__in=stages) & _closed_by(user, posts)
            else:
                party |= Q(stage__in=stages) & scope.in_posts(posts)
        owned = _model("Demand").objects.owned_by(user).open()
        return self.filter(party | scope.one_of("pk", owned, "case"))

    def saying(self, text):
        """Cases in whose number, place, description or subclass a text stands."""
        words = _model("Words").objects.filter(text__icontains=text)
        names = Q(name_zh__icontains=text) | Q(name_en__icontains=text)
        categories = _model("Category").objects.filter(names)
        return self.filter(
            Q(number__icontains=text)
            | Q(place__icontains=text)
            | scope.one_of("description", words)
            | scope.one_of("category", categories)
        )

    def loads(self, stages):
        """{code of a unit: (cases in these stages, those of them overdue)}."""
        rows = self.filter(stage__in=stages).order_by().values_list("unit__code")
        late = Count("pk", filter=Q(due_at__lt=clock.now()))
        return {unit: (count, over) for unit, count, over in rows.annotate(Count("pk"), late=late)}

    def usual(self, most=None):
        """[(category, how often)], the most frequent first."""
        counted = self.order_by().values("category").annotate(times=Count("pk"))
        rows = counted.order_by("-times", "category").values_list("category", "times")
        return list(rows[:most])

    def around(self, point, metres):
        """Cases in a box that holds the circle round a point, anywhere south of 60° north."""
        return self.filter(point__dwithin=(point, metres / DEGREE_M))

    def newest(self):
        return self.order_by("-reported_at", "-id")

    def similar_to(self, *, category_id, point, city_id, metres=200, days=30, moment=None):
        """Cases of the same subclass within `metres` and `days`, nearest in time first."""
        since = (moment or clock.now()) - timedelta(days=days)
        return (
            self.filter(
                city=city_id,
                category=category_id,
                reported_at__gte=since,
                point__dwithin=(point, metres / DEGREE_M),
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
        """Cases that show a light at a moment (see `lights`)."""
        return self.filter(is_light(moment or clock.now())[light])

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
                default=_PLACE_OF_STAGE,
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


def _closed_by(user, posts):
    """Q of the verified cases that are a member's to close: for a list of cases
    `checks.closings_of` says the same, and why."""
    areas = sorted({post.area_id for post in posts})
    led_by_community = Q(unit=F("community__unit"))
    moment = clock.now()
    free = apps.get_model("grids", "Post").objects.with_role("supervisor").acting(moment)
    free = free.at_moment(moment).filter(area=OuterRef("community"))
    for hand in ("verified_by", "handled_by"):
        free = free.exclude(who=Coalesce(OuterRef(hand), 0))
    own = Q(community__in=areas) & ~led_by_community
    streets = Q(street__in=areas) & ~Q(community__in=areas) & (led_by_community | ~Exists(free))
    return (own | streets) & ~Q(verified_by=user.pk) & ~Q(handled_by=user.pk)


class ClockQuerySet(models.QuerySet):
    def open(self):
        return self.exclude(state="stopped")

    def late_on(self, units):
        """Handle clocks with a late verdict on some units, each with whether its unit has
        `objected`: it may once a round."""
        objections = _model("Demand").objects.filter(
            case=OuterRef("case"), round=OuterRef("round"), unit=OuterRef("unit"), kind="opine"
        )
        found = self.filter(kind="handle", verdict="late", unit__in=units)
        return found.annotate(objected=Exists(objections))

    def falling_due(self, moment):
        """Clocks whose next warning or breach is to be recorded."""
        return self.filter(next_at__lt=moment)


class DemandQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")

    def owned_by(self, user):
        """Demands whose one owner is this member, by name or by a post of today."""
        mine, by_role = Q(owner=user.pk), {}
        for post in posts_of(user):
            by_role.setdefault(post.role, []).append(post)
        for role, posts in by_role.items():
            place = Q(
                owner_area__isnull=True,
                owner_unit__isnull=True,
                owner_duty_grid__isnull=True,
                case__city__in=sorted({post.city_id for post in posts}),
            )
            for column in ("area_id", "unit_id", "duty_grid_id"):
                if keys := sorted({key for p in posts if (key := getattr(p, column))}):
                    place |= Q(**{f"owner_{column.removesuffix('_id')}__in": keys})
            mine |= Q(owner_role=role, owner__isnull=True) & place
        return self.filter(mine)


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Photos of the cases that a member may see, and those they uploaded and have not named
        yet. A unit that a case has left sees none of a later step."""
        seen = Q(case__isnull=False) & scope.within_reach(user, "case", "step__seq")
        return self.filter(Q(case__isnull=True, uploaded_by=user.pk) | seen)


class OutboxQuerySet(models.QuerySet):
    def not_told(self):
        return self.filter(told_at__isnull=True)

    def failed_in(self, cities):
        """Notices about cases of some cities that could not be made into messages."""
        return self.not_told().exclude(error="").filter(step__case__city__in=cities)
