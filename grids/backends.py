"""Turns today's posts into permissions."""

from datetime import UTC, date, datetime
from functools import cache

from django.contrib.auth.backends import ModelBackend
from django.db import connection

from grids.models import Area, Post
from lib import now as clock
from staff.models import City
from staff.roles import ROLES, may_stand_together

# Every place's midnight falls on a quarter of an hour: what holds at a moment holds until the next.
QUARTER_S = 900


def posts_of(user):
    """Today's posts of a member, each by the day of its own city and with its area, and those on
    which they stand in for somebody absent; read once and kept on the member's object for the
    quarter of an hour of the loop's own clock."""
    if not getattr(user, "pk", None):
        return []
    moment = clock.now()
    # By attribute: a request's user is a lazy wrapper, whose own __dict__ is not the member's.
    kept = getattr(user, "_posts", None)
    if kept is None or kept[0] != _quarter(moment):
        kept = _kept(user, moment, _together(user, _read(user.pk, moment)))
    return kept[1]


def posts_with(user, permission):
    """Those of the posts by which a member has a permission ("incidents.close_case")."""
    return [post for post in posts_of(user) if permission in ROLES[post.role].permissions]


def cities_with(user, *permissions):
    """The cities in which a member holds one of some permissions, with none named a post at all; in
    the order of their posts, each once. Whoever leads one city and serves in another leads in the
    one alone."""
    cities = {
        post.city_id: post.city
        for post in posts_of(user)
        if not permissions or not ROLES[post.role].permissions.isdisjoint(permissions)
    }
    return list(cities.values())


def _together(user, posts):
    """A member's own posts, and of those on which they stand in the ones that may be joined to
    them: no deputy comes to both axes (invariant 3)."""
    found = []
    for post in sorted(posts, key=lambda post: (post.member_id != user.pk, post.pk)):
        if post.member_id == user.pk or all(
            may_stand_together(post.role, held.role) for held in found
        ):
            found.append(post)
    return found


# --- read for every request ----------------------------------------------------------------------

# What stands for a member and a moment in the query that is put together once.
_MEMBER, _MOMENT = -1, datetime(1, 1, 2, tzinfo=UTC)
# A post, and what it is read with: by the names under which it finds them.
_TABLES = (("", Post), ("area", Area), ("city", City))


@cache
def _query():
    """(SQL, parameters) of the posts of a member at a moment, with their areas and cities. Every
    request asks it, and Django took longer to put it together than the database to answer."""
    names = [
        f"{path}__{column.attname}" if path else column.attname
        for path, model in _TABLES
        for column in model._meta.concrete_fields
    ]
    rows = Post.objects.at_moment(_MOMENT).held_by(_MEMBER, _MOMENT)
    sql, given = rows.values_list(*names).query.sql_with_params()
    # A day reckoned from the moment would stay that of the stand-in, and so would a key.
    assert _MEMBER in given and {one for one in given if isinstance(one, date)} == {_MOMENT}
    assert not any(isinstance(one, (list, tuple)) for one in given)
    return sql, given


def _read(member, moment):
    sql, stand_ins = _query()
    given = {_MEMBER: member, _MOMENT: moment}
    with connection.cursor() as cursor:
        cursor.execute(sql, [given.get(one, one) for one in stand_ins])
        return [_post_of(row) for row in cursor]


def _post_of(row):
    post = None
    for path, model in _TABLES:
        columns = model._meta.concrete_fields
        values, row = row[: len(columns)], row[len(columns) :]
        found = _instance(model, columns, values) if values[0] is not None else None
        if path:
            Post._meta.get_field(path).set_cached_value(post, found)
        else:
            post = found
    return post


def _instance(model, columns, values):
    converted = [
        column.from_db_value(value, None, connection) if hasattr(column, "from_db_value") else value
        for column, value in zip(columns, values, strict=True)
    ]
    return model.from_db(connection.alias, [column.attname for column in columns], converted)


def give_posts(user, posts):
    """Spare a member's object the reading: these are its posts at the moment of the loop's own
    clock, each with its area and city."""
    _kept(user, clock.now(), posts)


def _kept(user, moment, posts):
    user._posts = (_quarter(moment), list(posts))
    return user._posts


def _quarter(moment):
    return int(moment.timestamp()) // QUARTER_S


class PostBackend(ModelBackend):
    """Signs in by password; permissions come from posts and never from groups."""

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {p for post in posts_of(user_obj) for p in ROLES[post.role].permissions}

    def get_group_permissions(self, user_obj, obj=None):
        return set()

    def get_user_permissions(self, user_obj, obj=None):
        return self.get_all_permissions(user_obj, obj)

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.is_active and perm in self.get_all_permissions(user_obj, obj)
