"""Turns today's posts into permissions."""

from django.contrib.auth.backends import ModelBackend

from grids.models import Post
from lib import now as clock
from staff.roles import ROLES


def posts_of(user):
    """Today's posts of a member, each with its area; read once and kept on the member's object
    for the day of the loop's own clock."""
    if not getattr(user, "pk", None):
        return []
    today = clock.now().date()
    # By attribute: a request's user is a lazy wrapper, whose own __dict__ is not the member's.
    kept = getattr(user, "_posts", None)
    if kept is None or kept[0] != today:
        posts = list(Post.objects.on(today).filter(member=user.pk).select_related("area", "city"))
        kept = user._posts = (today, posts)
    return kept[1]


def give_posts(user, posts):
    """Spare a member's object the reading: these are its posts on the day of the loop's own clock,
    each with its area and city."""
    user._posts = (clock.now().date(), list(posts))


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
