"""Named queries of the loop. `visible_to` stands before every list, count, file and page."""

from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.contrib.gis.measure import D
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Prefetch, Q
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
# A degree of longitude at 60° north: a box that holds a circle anywhere south of it.
DEGREE_M = 55_000
# Sorts after every due time.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def _in_posts(posts):
    """Q of the cases that posts see for their places: one condition a column, however many posts a
    member holds (the desk of a unit's parent holds one for each of its units)."""
    places, units = {}, set()
    for post in posts:
        if post.role == "handler":
            units.add(post.unit_id)
        elif post.role in _CITYWIDE | _IN_AREA:
            column, key = _place_of(post)
            if column == "unit":
                units.add(key)
            elif column:
                places.setdefault(column, set()).add(key)
    scope = Q(pk__in=[])
    for column, keys in sorted(places.items()):
        scope |= Q(**{f"{column}__in": sorted(keys)})
    return scope | _of_units(units) if units else scope


def _place_of(post):
    """(column of a case, key) of the place of a post; (None, None) for a post that has none."""
    if post.role in _IN_AREA and post.duty_grid_id:
        return "duty_grid", post.duty_grid_id
    if post.area_id:
        level = post.area.level
        return (level, post.city_id) if level == "city" else (level, post.area_id)
    if post.role in _IN_AREA and post.unit_id:
        return "unit", post.unit_id
    if post.role in _CITYWIDE or post.role == "leader":
        return "city", post.city_id
    return None, None


def _of_units(units):
    """Cases that are the units' now, or were within their memory."""
    since = clock.now() - UNIT_MEMORY
    times = _model("CaseUnit").objects.filter(unit__in=sorted(units))
    return _one_of("pk", times.filter(Q(until_at__isnull=True) | Q(until_at__gte=since)), "case")


def _one_of(column, rows, key="pk"):
    """Q: the column is among the `key`s of some rows. They are read once, as an array that an index
    is asked by; an EXISTS within an OR would be asked for every case of the city."""
    return Q(_IsAnyOf(F(column), Func(ArraySubquery(rows.order_by().values(key)), function="ANY")))


class _IsAnyOf(Func):
    """`a = ANY(array)`."""

    template, arg_joiner = "%(expressions)s", " = "
    output_field = models.BooleanField()


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
        # Whoever owes something on a case sees it while they do: a spot check is owed by a worker
        # of another duty grid.
        owed = _one_of("pk", _model("Demand").objects.owned_by(user).open(), "case")
        return self.filter(scope | owed | _in_posts(posts))

    def still_with(self, units, user):
        """Cases that are some units' now, or were reported by the member themselves."""
        times = _model("CaseUnit").objects.filter(unit__in=units, until_step__isnull=True)
        return self.filter(_one_of("pk", times, "case") | Q(reported_by=user.pk))

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
            else:
                party |= Q(stage__in=stages) & _in_posts(posts)
        owned = _model("Demand").objects.owned_by(user).open()
        return self.filter(party | _one_of("pk", owned, "case"))

    def saying(self, text):
        """Cases in whose number, place, description or subclass a text stands."""
        words = _model("Words").objects.filter(text__icontains=text)
        names = Q(name_zh__icontains=text) | Q(name_en__icontains=text)
        categories = _model("Category").objects.filter(names)
        return self.filter(
            Q(number__icontains=text)
            | Q(place__icontains=text)
            | _one_of("description", words)
            | _one_of("category", categories)
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
