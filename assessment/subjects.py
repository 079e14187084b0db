"""Who and what is scored: names, addresses, and which persons a member may look at."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.measures import AREAS, KINDS, POSTS, is_person
from assessment.querysets import posts_by_name, within
from grids.backends import cities_with, posts_with
from grids.models import Area, DutyGrid, Post
from incidents.names import masked
from lib.numbers import whole
from staff.models import City, Unit, in_language
from staff.roles import ROLES

WORDS = {
    "duty_grid": _("Duty grids"),
    "community": _("Communities"),
    "street": _("Street offices"),
    "district": _("Districts"),
    "city": _("City"),
    "unit": _("Units"),
    "grid_head": _("Grid heads"),
    "worker": _("Grid workers"),
    "intake": _("Intake officers"),
    "chief": _("Shift chiefs"),
    "supervisor": _("Community supervisors"),
    "dispatcher": _("Dispatchers"),
    "handler": _("Handlers"),
    "owner": _("Owners"),
    "maintainer": _("Maintainers"),
    "overseer": _("Supervisors"),
    "managing": _("Departments and communities"),
    "enforcer": _("Enforcers"),
}
# The centre to which a post without a place of its own belongs.
_CENTRE = {
    "supervision": ("intake", "chief"),
    "command": ("dispatcher",),
}
AREA_SCORES, POST_SCORES, LED = (
    "assessment.view_score",
    "assessment.view_post_score",
    "assessment.view_led_score",
)
assert set(WORDS) == set(KINDS) and set(POSTS) < set(ROLES)


@dataclass(frozen=True)
class Subject:
    """One subject: `key` stands in addresses; `place` says where a person or grid belongs."""

    kind: str
    pk: int
    key: str
    name: str
    place: str = ""
    above: int | None = None

    @property
    def is_person(self):
        return is_person(self.kind)

    def name_for(self, user):
        """The name as a member is told it: masked where it is another person's."""
        return masked(self.name) if self.is_person and self.pk != user.pk else self.name


def role_of(kind):
    """The role of the posts of a kind of person."""
    return "worker" if kind == "overseer" else kind


def named(city, kind, keys=None):
    """{pk: Subject} of a kind, of these keys or of all; one query."""
    rows = _rows(city, kind)
    if keys is not None:
        rows = rows.filter(**{"member__in" if is_person(kind) else "pk__in": keys})
    return {subject.pk: subject for subject in _subjects(kind, rows)}


def find(city, kind, key):
    """The Subject of an address, or None."""
    column = "slug" if kind == "city" else "code"
    if is_person(kind):
        column, key = "member", whole(key)
        if key is None:
            return None
    return next(iter(_subjects(kind, _rows(city, kind).filter(**{column: key})[:1])), None)


def _rows(city, kind):
    if kind == "city":
        return City.objects.filter(pk=city.pk)
    if kind == "duty_grid":
        rows = DutyGrid.objects.filter(community__city=city).select_related("community")
        return rows.order_by("code")
    if kind in AREAS:
        rows = Area.objects.filter(city=city, level=kind).select_related("parent")
        return rows.order_by("code")
    if not is_person(kind):
        return Unit.objects.filter(city=city)
    return posts_by_name(city, role_of(kind))


def _subjects(kind, rows):
    seen = set()
    for row in rows:
        if kind == "city":
            yield Subject(kind, row.pk, row.slug, str(row))
        elif kind == "duty_grid":
            yield Subject(kind, row.pk, row.code, row.name, str(row.community), row.community_id)
        elif kind in AREAS:
            yield Subject(kind, row.pk, row.code, str(row), str(row.parent or ""), row.parent_id)
        elif not is_person(kind):
            name = in_language(row.name_zh, row.name_en)
            yield Subject(kind, row.pk, row.code, name, row.get_kind_display())
        elif row.member_id not in seen:
            seen.add(row.member_id)
            place = row.duty_grid or row.area or row.unit or ""
            yield Subject(kind, row.member_id, str(row.member_id), row.member.name, str(place))


def seen_by(user, city, kind):
    """Keys of the persons of a kind at whose scores a member may look, as a query; None for all.

    The person, who answers for them today (head of the grid, leader of the area, unit or centre,
    above them), and whoever reads every person's score."""
    if city in cities_with(user, POST_SCORES):
        return None
    led = Q(pk__in=[])
    for post in posts_with(user, LED):
        if post.city_id == city.pk:
            led |= _led_by(post)
    today = Post.objects.on(city.today()).filter(led)
    posts = Post.objects.filter(Q(member=user.pk) | Q(pk__in=today.values("pk")))
    return posts.filter(city=city, role=role_of(kind)).values("member")


def _led_by(post):
    """Q of the posts that a post answers for."""
    if post.duty_grid_id:
        # Those who hold the same post before or after them answer to the level above.
        return Q(duty_grid=post.duty_grid_id) & ~Q(role=post.role)
    if post.area_id:
        return within(post.area)
    unit = post.unit
    if unit is None:
        return Q(pk__in=[])
    return Q(unit=unit.pk) | Q(unit__parent=unit.pk) | Q(role__in=_CENTRE.get(unit.kind, ()))


def may_see(user, city, subject):
    """True if a member may look at a subject: areas and units by the right to read scores."""
    if not subject.is_person:
        return city in cities_with(user, AREA_SCORES)
    keys = seen_by(user, city, subject.kind)
    return keys is None or keys.filter(member=subject.pk).exists()


def scores_read(kind):
    """The permissions of which one lets a member look at the ranking of a kind."""
    return (POST_SCORES, LED) if is_person(kind) else (AREA_SCORES,)
