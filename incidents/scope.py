"""Who sees which cases, and how far: by the places of posts, and for a unit that a case has left,
up to the unit's own last step of it.

A case is read *whole* by whoever sees it for another reason than a unit that it has left, or an
answer that their unit owes on it. Everything else is *cut*: page, API, photos, clocks, files and
streams end at the last step that is theirs to read. All of them ask here. Why in SQL and not as a
tree of Q: docs/decisions/0025.
"""

from datetime import timedelta

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, Expression, F, Func, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest

from grids.backends import posts_of
from lib import now as clock
from staff.querysets import CENTRES
from staff.roles import AREA, CITY, DUTY_GRID, HANDLING, LEADING, ROLES, UNIT, roles_with

# Roles that read the cases of a place, by what kind of place.
_CITYWIDE = roles_with("incidents.view_case", CITY)
_IN_AREA = roles_with("incidents.view_case", AREA, DUTY_GRID)
_OF_UNIT = roles_with("incidents.view_case", UNIT)
# Scope over time: a unit that a case has left reads it for 400 days (house rule).
UNIT_MEMORY = timedelta(days=400)
# Stages in which the worker who was asked sees a case.
ASKED = ("confirming", "handled")


# --- places --------------------------------------------------------------------------------------


def _place_of(post):
    """(column of a case, key) of the place of a post; (None, None) for a post that has none."""
    if post.role in _OF_UNIT:
        return "unit", post.unit_id
    if post.role in _IN_AREA and post.duty_grid_id:
        return "duty_grid", post.duty_grid_id
    if post.role not in _CITYWIDE | _IN_AREA:
        return None, None
    if post.area_id:
        level = post.area.level
        return (level, post.city_id) if level == "city" else (level, post.area_id)
    if post.role in _IN_AREA and post.unit_id:
        return "unit", post.unit_id
    if post.role in _CITYWIDE or ROLES[post.role].axis == LEADING:
        return "city", post.city_id
    return None, None


def _places(posts):
    """{column of a case: keys} of the places of posts, units apart: one condition a column, however
    many posts a member holds (the desk of a unit's parent holds one for each of its units)."""
    places = {}
    for post in posts:
        column, key = _place_of(post)
        if column and column != "unit":
            places.setdefault(column, set()).add(key)
    return places


def _units(posts):
    found = [_place_of(post) for post in posts]
    return sorted({key for column, key in found if column == "unit"})


def _of_places(posts):
    return [among(f"{column}_id", keys) for column, keys in sorted(_places(posts).items())]


# Read once, as an array that an index is asked by; an EXISTS within an OR would be asked for every
# case of the city.
_HAD = """{{row}}.id = ANY(ARRAY(SELECT u.case_id FROM incidents_caseunit u
    WHERE {theirs} AND (u.until_at IS NULL OR u.until_at >= %s)))"""


def of_posts(posts):
    """[condition on the cases that posts see for their places, those that a unit had included]."""
    units = _units(posts)
    if not units:
        return _of_places(posts)
    theirs, params = among("unit_id", units).of("u")
    had = Where(_HAD.format(theirs=theirs), (*params, clock.now() - UNIT_MEMORY))
    return [*_of_places(posts), had]


def cities_seen_by(user):
    """The keys of the cities of which a member sees every case, for a post that is for no one area;
    empty for everybody else."""
    posts = posts_of(user)
    if not any(p.role in _CITYWIDE and not p.area_id for p in posts):
        return set()
    return {p.city_id for p in posts if p.role in _CITYWIDE}


# --- seen, and seen whole ------------------------------------------------------------------------


def visible(user):
    """The condition on cases that a member may see today, some perhaps only up to a step of their
    past; what `visible_to` asks. A superuser sees all, to set up."""
    if user.is_superuser:
        return Where("true", ())
    if not posts_of(user):
        return _reported(user) if user.pk else any_of()
    if cities := cities_seen_by(user):
        return among("city_id", cities)
    return _seen(user)


def followed(user):
    """The condition on those of them that the member reads to their end, of which the later state
    is theirs to ask for."""
    return whole(user) if units_cut(user) else visible(user)


def _seen(user):
    """Of a member without a whole city: by the places of their posts, what they are asked to
    confirm or verify, what they reported, and on what they owe something (a spot check is owed by a
    worker of another duty grid)."""
    return any_of(_by_themselves(user), owing(user), *of_posts(posts_of(user)))


def _by_themselves(user):
    return any_of(
        _reported(user), Where("{row}.worker_id = %s", (user.pk,)) & among("stage", ASKED)
    )


def _reported(user):
    """What a member reported, and what became of it: the reporter of a report that was merged
    follows the case it was merged into."""
    return Where(_REPORTED, (user.pk, user.pk))


# A case may be merged into one that is merged on.
_REPORTED = """{row}.reported_by_id = %s OR {row}.id = ANY(ARRAY(
    WITH RECURSIVE followed (pk) AS (
        SELECT m.merged_into_id FROM incidents_case m
         WHERE m.reported_by_id = %s AND m.merged_into_id IS NOT NULL
         UNION
        SELECT n.merged_into_id FROM incidents_case n JOIN followed f ON n.id = f.pk
         WHERE n.merged_into_id IS NOT NULL)
    SELECT pk FROM followed))"""


# --- owed ----------------------------------------------------------------------------------------


def owing(user):
    """The condition on cases on which a member owes something."""
    sql, params = owed_sql(user)
    return Where(f"{{row}}.id = ANY(ARRAY(SELECT case_id FROM ({sql}) owed))", params)


def owed_sql(user):
    """(SQL, parameters) of the id, case_id, kind and ask of the open demands of a member."""
    mine, params = owned_by(user).of("d")
    return _OWED.format(mine=mine), params


_OWED = """SELECT d.id, d.case_id, d.kind, d.ask FROM incidents_demand d
    WHERE d.outcome = '' AND ({mine})"""


def owned_by(user):
    """A condition on demands: their one owner is this member, by name or by a post of today."""
    by_role = {}
    for post in posts_of(user):
        by_role.setdefault(post.role, []).append(post)
    mine = Where("{row}.owner_id = %s", (user.pk,))
    return any_of(mine, *(_owned_as(role, posts) for role, posts in by_role.items()))


# Asked of each: with the cases joined, planning took ten times as long.
_OWNED_IN_CITY = """{{row}}.owner_area_id IS NULL AND {{row}}.owner_unit_id IS NULL
    AND {{row}}.owner_duty_grid_id IS NULL AND EXISTS (
        SELECT 1 FROM incidents_case c WHERE c.id = {{row}}.case_id AND {there})"""


def _owned_as(role, posts):
    """The same of the demands on a role, for posts of it: on nobody by name, and on their place or
    on none in their city."""
    there, params = among("city_id", {post.city_id for post in posts}).of("c")
    places = [Where(_OWNED_IN_CITY.format(there=there), params)]
    for column in ("area_id", "unit_id", "duty_grid_id"):
        if keys := {key for post in posts if (key := getattr(post, column))}:
            places.append(among(f"owner_{column}", keys))
    placed = any_of(*places)
    sql = f"{{row}}.owner_role = %s AND {{row}}.owner_id IS NULL AND ({placed.sql})"
    return Where(sql, (role, *placed.params))


def _owed_by(user):
    return _model("Demand").objects.owned_by(user).open()


def units_cut(user):
    """The units by which a member sees cases that may be cut; empty for who reads all they see."""
    if user.is_superuser or cities_seen_by(user):
        return []
    return _units(posts_of(user))


_THEIRS = "SELECT u.case_id FROM incidents_caseunit u WHERE {theirs} AND u.until_step IS NULL"
# What a centre owes it is told of everything for; a unit that owes an answer, up to the question.
_BY_CENTRES = """SELECT d.case_id FROM incidents_demand d LEFT JOIN staff_unit w
    ON w.id = d.owner_unit_id WHERE d.outcome = '' AND ({mine})
   AND (d.owner_unit_id IS NULL OR w.kind = ANY(%s))"""


def whole(user, *, each=False):
    """The condition on cases that a member of units (`units_cut`) reads to their end. `each` asks
    every case by itself, which is quicker for a few that are named by key, and may be negated."""
    own = any_of(_by_themselves(user), *_of_places(posts_of(user)))
    theirs, units = among("unit_id", units_cut(user)).of("u")
    mine, params = owned_by(user).of("d")
    rows = (
        (_THEIRS.format(theirs=theirs), units),
        (_BY_CENTRES.format(mine=mine), [*params, list(CENTRES)]),
    )
    if not each:
        return any_of(own, *(Where(f"{{row}}.id = ANY(ARRAY({sql}))", p) for sql, p in rows))
    one = "{{row}}.id IN (SELECT case_id FROM ({}) t WHERE t.case_id = {{row}}.id)"
    return any_of(own.or_not(), *(Where(one.format(sql), p) for sql, p in rows))


def last_steps(user, keys):
    """{case: the last step that a member may read} of those among these cases that are cut. No
    query for who reads everything, one for the members of units, another where not all of the
    cases are their units' own."""
    units = units_cut(user)
    if not units or not keys:
        return {}
    own = _times_of(units).filter(case__in=keys, until_step__isnull=True)
    if not (rest := set(keys).difference(own.values_list("case", flat=True))):
        return {}
    times = _times_of(units).filter(case=OuterRef("pk"), until_at__gte=clock.now() - UNIT_MEMORY)
    owed = _owed_by(user).filter(case=OuterRef("pk"))
    cases = _model("Case").objects.filter(pk__in=rest).exclude(whole(user, each=True))
    cases = cases.annotate(left_at=_greatest(times, "until_step"))
    cases = cases.annotate(owed_since=_greatest(owed, "cause__seq"))
    return dict(cases.order_by().values_list("pk", Greatest("left_at", "owed_since")))


def _greatest(rows, path):
    """The greatest value of a column of the case's rows, 0 without any."""
    found = rows.order_by().values("case").annotate(greatest=Max(path)).values("greatest")
    return Coalesce(Subquery(found), 0)


def last_step_for(user, case):
    """The last step of a case that a member may read, or None for no end: a unit that the case
    has left reads up to its own last step, one that owes an answer up to what asked for it."""
    return last_steps(user, [case.pk]).get(case.pk)


def within_reach(user, case="case", seq="seq"):
    """Q of the rows of cases that a member may read: `case` leads to the case of a row, `seq` to
    the step that it is of."""
    cases = _model("Case").objects.followed_by(user).order_by()
    to_the_end = Q(**{f"{case}__in": cases.values("pk")})
    units = units_cut(user)
    if not units:
        return to_the_end
    times = _times_of(units).filter(case=OuterRef(case), until_step__gte=OuterRef(seq))
    times = times.filter(until_at__gte=clock.now() - UNIT_MEMORY)
    owed = _owed_by(user).filter(case=OuterRef(case), cause__seq__gte=OuterRef(seq))
    return to_the_end | Q(Exists(times)) | Q(Exists(owed))


# --- the reporter --------------------------------------------------------------------------------


def hidden_from(user):
    """True for everybody who works for a handling unit: who reported a case they never learn
    (invariant 5 of the loop)."""
    return any(
        post.unit_id and ROLES[post.role].axis in (HANDLING, LEADING) for post in posts_of(user)
    )


# --- in the database's own terms -----------------------------------------------------------------


class Where(Expression):
    """A condition on the rows of a query's own table in SQL, which calls the row `{row}`. Nearly
    every query asks what a member may see: as a tree of Django's conditions that took longer to put
    together than the database to answer. A subquery in it gives other rows other names."""

    conditional = True

    def __init__(self, sql, params, row=None):
        super().__init__(output_field=models.BooleanField())
        self.sql, self.params, self.row = sql, tuple(params), row

    def __and__(self, other):
        return Where(f"({self.sql}) AND ({other.sql})", self.params + other.params)

    def __or__(self, other):
        return any_of(self, other)

    def __invert__(self):
        return Where(f"({self.sql}) IS NOT TRUE", self.params)

    def or_not(self):
        """The same where it may be negated: false where a column of it is empty, not unknown. An
        index answers only the condition as it is."""
        return Where(f"({self.sql}) IS TRUE", self.params)

    def of(self, row):
        """(SQL, parameters) of the condition on a row of this name."""
        return self.sql.replace("{row}", row), list(self.params)

    def resolve_expression(self, query, *_args, **_kwargs):
        # A subquery resolves what it holds once more, against the query around it.
        return self if self.row else Where(self.sql, self.params, query.get_initial_alias())

    def relabeled_clone(self, change_map):
        return Where(self.sql, self.params, change_map.get(self.row, self.row))

    def as_sql(self, compiler, connection):
        sql, params = self.of(compiler.quote_name_unless_alias(self.row))
        return f"({sql})", params


def among(column, values):
    """The condition that a column of the row is one of some values. One alone is compared by
    itself: by an array no index is read in its order."""
    values = sorted(values)
    if len(values) == 1:
        return Where(f"{{row}}.{column} = %s", values)
    return Where(f"{{row}}.{column} = ANY(%s)", (values,))


def any_of(*conditions):
    """The condition that one of some is true; never, where there are none."""
    if not conditions:
        return Where("false", ())
    sql = " OR ".join(f"({each.sql})" for each in conditions)
    return Where(sql, [param for each in conditions for param in each.params])


def one_of(column, rows, key="pk"):
    """Q: the column is among the `key`s of some rows. They are read once, as an array that an index
    is asked by; an EXISTS within an OR would be asked for every case of the city."""
    return Q(_IsAnyOf(F(column), Func(ArraySubquery(rows.order_by().values(key)), function="ANY")))


class _IsAnyOf(Func):
    """`a = ANY(array)`."""

    template, arg_joiner = "%(expressions)s", " = "
    output_field = models.BooleanField()


def _times_of(units):
    return _model("CaseUnit").objects.filter(unit__in=units)


def _model(name):
    # Scope lies below models and may not import them.
    return apps.get_model("incidents", name)
