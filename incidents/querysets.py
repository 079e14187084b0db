"""Named queries of the loop. `visible_to` stands before every list, count, file and page."""

from collections import namedtuple
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.contrib.gis.measure import D
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Count, Exists, F, Func, OuterRef, Prefetch, Q, Value, When
from django.db.models.functions import Coalesce

from grids.backends import posts_of
from incidents import scope
from incidents.lights import is_light, light_at
from incidents.scope import ASKED, Where, among, any_of
from lib import now as clock
from lib.coords import DEGREE_M

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
# The stages in which a unit has a case.
HANDLING = ("dispatched", "suspended")
_DEMANDS = ("request", "reply", "answer", "opine", "decide", "spot_check")
QUEUES = (*_STAGES, *_DEMANDS)
# One expression, not a WHEN a stage: putting those together cost more than the database's work.
_PLACE_OF_STAGE = Coalesce(
    Func(
        Value(list(_STAGES), output_field=ArrayField(models.TextField())),
        F("stage"),
        function="array_position",
        output_field=models.IntegerField(),
    )
    - 1,
    len(QUEUES),
)
_DEMANDED = [(QUEUES.index(word), word) for word in _DEMANDS]
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


class ConditionQuerySet(models.QuerySet):
    def in_use_for(self, category_id):
        """The filing conditions of a subclass that may be chosen, by code."""
        return self.filter(category=category_id, is_active=True).order_by("code")


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The cases that a member may see today (see `scope`); some perhaps only up to a step of
        their past."""
        return self.filter(scope.visible(user))

    def followed_by(self, user):
        """Those of them that the member reads to their end, of which the later state is theirs to
        ask for."""
        return self.filter(scope.followed(user))

    def open(self):
        """Cases that are not at an end."""
        return self.exclude(stage__in=("", *ENDS))

    def waiting_on(self, user):
        """Cases that wait on a member: stages whose party they are and demands they own."""
        return self.filter(waiting(user))

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

    def counted_by_community(self, moment):
        """[(code and name of a community, stage, light at a moment, how many)]."""
        rows = self.order_by().annotate(light=light_at(moment))
        rows = rows.values_list("community__code", "community__name", "stage", "light")
        return rows.annotate(count=Count("pk"))

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
                    When(pk__in=groups[word], then=place)
                    for place, word in _DEMANDED
                    if word in groups
                ),
                default=_PLACE_OF_STAGE,
                output_field=models.IntegerField(),
            ),
            falls_due=Coalesce(
                models.Case(
                    When(pk__in=[demand.case_id for demand in owed], then=due),
                    default=models.F("due_at"),
                ),
                Value(NEVER),
                output_field=models.DateTimeField(),
            ),
        )

    def counted_by_queue(self, moment):
        """{place of a group: {number, handling, overdue}} of cases with their places in a queue:
        how many there are, how many of them units have, how many are overdue at a moment."""
        rows = self.order_by().values("queue").annotate(number=Count("pk"), **_parts_at(moment))
        return {row.pop("queue"): row for row in rows}

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

    def in_groups(self, places, owed):
        """Those of the queue's cases that stand in some of its groups; the columns by which they
        are found first are those of an index, as the place itself is not."""
        stages = [_STAGES[place] for place in places if place < len(_STAGES)]
        found = Q(stage__in=stages) | Q(pk__in=[demand.case_id for demand in owed])
        return self.filter(found, queue__in=places)

    def of_stage_by_due(self, place, owed, after=None):
        """The group of a stage in the queue's order, which here is the order of
        `open_cases_by_due`: a page of many thousands costs what a page of twenty does."""
        cases = self.filter(stage=_STAGES[place])
        if owed:
            cases = cases.exclude(pk__in=[demand.case_id for demand in owed])
        if after is not None:
            _queue, due, key = after
            later = Q(due_at__gt=due) | Q(due_at=due, pk__gt=key) | Q(due_at__isnull=True)
            cases = cases.filter(Q(due_at__isnull=True, pk__gt=key) if due == NEVER else later)
        return cases.order_by(F("due_at").asc(nulls_last=True), "pk")


def _parts_at(moment):
    """What boards count of open cases beside their number."""
    return {
        "handling": Count("pk", filter=Q(stage__in=HANDLING)),
        "overdue": Count("pk", filter=Q(due_at__lt=moment)),
    }


# --- conditions on cases, in the words of `scope` ------------------------------------------------


def waiting(user):
    """The condition on cases that wait on a member: by the stages whose party a post is, and by
    what they owe."""
    by_stages = {}
    for post in posts_of(user):
        if stages := PARTY.get(post.role):
            by_stages.setdefault((post.role, stages), []).append(post)
    return any_of(
        scope.owing(user),
        *(
            among("stage", stages) & _party(role, user, posts)
            for (role, stages), posts in by_stages.items()
        ),
    )


def _party(role, user, posts):
    if role == "worker":
        return Where("{row}.worker_id = %s", (user.pk,))
    if role == "handler":
        return among("unit_id", {post.unit_id for post in posts})
    if role == "supervisor":
        return _closed_by(user, posts)
    return any_of(*scope.of_posts(posts))


def _closed_by(user, posts):
    """The condition on verified cases that are a member's to close: for a list of cases
    `checks.closings_of` says the same, and why.

    What the communities are and who acts in them is asked first, and compared by CASE: joined or
    asked for within the condition, planning took forty times as long as the answer."""
    places = {post.area_id: post.area for post in posts if post.area}
    streets = sorted(key for key, area in places.items() if area.level == "street")
    others = apps.get_model("grids", "Area").objects.filter(parent__in=streets) if streets else ()
    led = _led_by_community({area.pk: area.unit_id for area in (*places.values(), *others)})
    within = among("community_id", places)
    found = within & ~led
    if streets:
        above = among("street_id", streets) & ~within
        found = any_of(found, above & any_of(led, _without_closer(streets)))
    return found & Where(_NOT_BY, (user.pk, user.pk))


_NOT_BY = "{row}.verified_by_id IS DISTINCT FROM %s AND {row}.handled_by_id IS DISTINCT FROM %s"


def _led_by_community(units):
    """The condition on cases of which the unit is the community's own, of {community: its unit}."""
    own = {key: Where("%s", (unit,)) for key, unit in units.items() if unit}
    unit = _by_community(own, "0")
    return Where(f"{{row}}.unit_id = {unit.sql}", unit.params)


def _without_closer(streets):
    """Every supervisor who acts in the case's community has had a hand in it."""
    acting = apps.get_model("grids", "Post").objects.closers_in(clock.now(), parents=streets)
    arms = {}
    for community, members in acting.items():
        verified = among("verified_by_id", members)
        handled = among("handled_by_id", members)
        both = {1: any_of(verified, handled), 2: verified & handled}
        # Of three or more one has had none: nobody verifies what they handled (invariant 3).
        arms[community] = both.get(len(members), any_of())
    return _by_community(arms, "true")


def _by_community(arms, otherwise):
    """In SQL what stands for the case's community in {community: Where}."""
    if not arms:
        return Where(otherwise, ())
    sql, params = [], []
    for community, arm in sorted(arms.items(), key=lambda one: one[0]):
        sql.append(f"WHEN %s THEN ({arm.sql})")
        params += [community, *arm.params]
    return Where(f"CASE {{row}}.community_id {' '.join(sql)} ELSE {otherwise} END", params)


class StepQuerySet(models.QuerySet):
    def up_to(self, last):
        """The steps of a case that may be read, with who made them and what they said: up to the
        place `last`, all of them for None."""
        steps = self.select_related("by", "unit", "words")
        return steps if last is None else steps.filter(seq__lte=last)

    def made_by(self, member, moves):
        """Some moves that a member made."""
        return self.filter(by=member, move__in=moves)

    def said_by(self, member, key):
        """The step that a member's idempotency key made."""
        return self.filter(by=member, idempotency_key=key)


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

    def not_settled(self, moment):
        """Those of them that were not set aside."""
        # Not NOT IN: a suspension that was set aside has no clock, and one NULL would empty it.
        aside = _model("SetAside").objects.filter(clock=OuterRef("pk"))
        return self.falling_due(moment).exclude(Exists(aside))


# In SQL of its own: a board asks it each time, and as two queries of rows it took four times as
# long to put together as to run.
_LEDGERS = """
    SELECT k.id, k.case_id, k.demand_id, k.state = 'running', e.kind, e.at, e.limit_value,
           e.limit_unit, e.calendar_id, e.judged
      FROM incidents_clock k JOIN incidents_clockentry e ON e.clock_id = k.id
     WHERE k.state <> 'stopped'
       AND (k.case_id = ANY(%s) AND k.demand_id IS NULL OR k.demand_id = ANY(%s))
     ORDER BY k.id, e.seq"""
LedgerLine = namedtuple(
    "LedgerLine",
    "clock case demand is_running kind at limit_value limit_unit calendar_id judged",
)


def open_ledgers(cases, demands=()):
    """The lines of the ledgers of the open clocks of the loop of some cases, and of some demands,
    a clock after the other. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LEDGERS, [list(cases), list(demands)])
        return [LedgerLine(*row) for row in cursor.fetchall()]


Owed = namedtuple("Owed", "pk case_id kind ask")


# In SQL of its own, as above: every board asks it.
_TABS = """
    SELECT count(*) AS open, count(*) FILTER (WHERE {handling}) AS handling,
           count(*) FILTER (WHERE c.due_at < %s) AS overdue,
           min(c.due_at) FILTER (WHERE c.due_at > %s) AS next_due
      FROM incidents_case c WHERE {mine}"""


def counted_for_tabs(user, moment):
    """{open, handling, overdue} of the open cases that a member reads to their end, and when the
    next of them falls due (`next_due`)."""
    handling, stages = among("stage", HANDLING).of("c")
    mine, params = (among("stage", _STAGES[: -len(ENDS)]) & scope.followed(user)).of("c")
    sql = _TABS.format(handling=handling, mine=mine)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*stages, moment, moment, *params])
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def owed_by(user):
    """The open demands of a member, the newest first: what a queue asks of them."""
    sql, params = scope.owed_sql(user)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 1 DESC", params)
        return [Owed(*row) for row in cursor.fetchall()]


class DemandQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")

    def owned_by(self, user):
        """Demands whose one owner is this member, by name or by a post of today."""
        return self.filter(scope.owned_by(user))


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Photos of the cases that a member may see, and those they uploaded and have not named
        yet. A unit that a case has left sees none of a later step."""
        seen = Q(case__isnull=False) & scope.within_reach(user, "case", "step__seq")
        return self.filter(Q(case__isnull=True, uploaded_by=user.pk) | seen)

    def first_of(self, cases):
        """{key of a case: the first of these photos}, one query."""
        first = {}
        rows = self.filter(case__in=[case.pk for case in cases])
        for photo in rows.order_by("uploaded_at", "pk"):
            first.setdefault(photo.case_id, photo)
        return first


class OutboxQuerySet(models.QuerySet):
    def not_told(self):
        return self.filter(told_at__isnull=True)

    def failed_in(self, cities):
        """Notices about cases of some cities that could not be made into messages."""
        return self.not_told().exclude(error="").filter(step__case__city__in=cities)
