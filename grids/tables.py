"""Posts as an Excel sheet, and what forms and sheets alike refuse of them."""

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Area, DutyGrid, Post
from staff.models import Member, Unit
from staff.roles import ROLES, may_stand_together
from staff.tables import Day, OfCity, OneOf, Table, column


def refuse_clash(post):
    """Raises ValidationError if the member holds a post at that time whose role excludes this
    one; the database would refuse it without words."""
    others = Post.objects.filter(member=post.member_id).exclude(pk=post.pk)
    others = others.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=post.valid_from))
    if post.valid_until:
        others = others.filter(valid_from__lt=post.valid_until)
    for role in others.values_list("role", flat=True):
        if not may_stand_together(role, post.role):
            raise ValidationError(
                _("This member is %(role)s at the time; the two roles exclude one another."),
                params={"role": ROLES[role].name},
            )


def refuse_own(post, giver):
    """Raises ValidationError if somebody gives a post to themselves; set-up may."""
    if giver is not None and not giver.is_superuser and post.member_id == giver.pk:
        raise ValidationError(_("Nobody gives posts to themselves."))


class OneOfColleagues(OneOf):
    """A member by the name of the account, among those whose posts the importer may keep."""

    colleagues = None

    def __init__(self):
        super().__init__(Member, "username", city_path="")

    def find(self, text, row):
        found = super().find(text, row)
        kept = self.colleagues
        if kept is not None and not Member.objects.filter(kept, pk=found.pk).exists():
            raise ValueError(
                _("There is no %(what)s “%(value)s” here.") % {"what": _("member"), "value": text}
            )
        return found


class PostTable(Table):
    """Posts by member, role, place and first day; a row that differs only in its last day or
    deputy changes the post that is there."""

    may_miss = ("city", "area", "duty_grid", "unit")
    city = column("city", OfCity())
    member = column("member", OneOfColleagues())
    role = column("role")
    area = column("area", OneOf(Area))
    duty_grid = column("duty_grid", OneOf(DutyGrid, city_path="community__city"))
    unit = column("unit", OneOf(Unit))
    deputy = column("deputy", OneOfColleagues())
    valid_from = column("valid_from", Day())
    valid_until = column("valid_until", Day())

    class Meta(Table.Meta):
        model = Post
        fields = [
            "city",
            "member",
            "role",
            "area",
            "duty_grid",
            "unit",
            "deputy",
            "valid_from",
            "valid_until",
        ]
        import_id_fields = ["city", "member", "role", "area", "duty_grid", "unit", "valid_from"]

    def __init__(self, colleagues=None, giver=None, **kwargs):
        super().__init__(**kwargs)
        self.giver = giver
        for name in ("member", "deputy"):
            self.fields[name].widget.colleagues = colleagues

    def before_save_instance(self, instance, row, **kwargs):
        refuse_own(instance, self.giver)
        refuse_clash(instance)
