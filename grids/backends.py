"""Turns today's posts into permissions."""

from datetime import datetime

from django.contrib.auth.backends import ModelBackend

from grids.models import Post
from lib import now as clock
from staff.kept import KeptQuery
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
        kept = _kept(user, moment, _together(user, _POSTS(member=user.pk, moment=moment)))
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

# With their areas and cities. Every request asks it.
_POSTS = KeptQuery(
    lambda member, moment: (
        Post.objects.at_moment(moment).held_by(member, moment).select_related("area", "city")
    ),
    member=int,
    moment=datetime,
)


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
