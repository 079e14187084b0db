"""Units and members as tables."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from staff.models import Calendar, Member, Unit
from staff.tables.base import Table
from staff.tables.columns import OfCity, OneOf, YesNo, column


class UnitTable(Table):
    city = column("city", OfCity())
    code = column("code")
    name_zh = column("name_zh")
    name_en = column("name_en")
    kind = column("kind")
    parent = column("parent", OneOf(Unit))
    calendar = column("calendar", OneOf(Calendar, "name"))
    is_active = column("is_active", YesNo())

    class Meta(Table.Meta):
        model = Unit
        fields = ["city", "code", "name_zh", "name_en", "kind", "parent", "calendar", "is_active"]
        import_id_fields = ["city", "code"]


class MemberTable(Table):
    """Accounts by their names; one made here has no password until one is set. `kept` is a
    queryset of the members that the importer may change (None: all)."""

    city_path = ""
    fill_city = False
    username = column("username")
    name = column("name")
    language = column("language")
    is_active = column("is_active", YesNo())

    class Meta(Table.Meta):
        model = Member
        fields = ["username", "name", "language", "is_active"]
        import_id_fields = ["username"]

    def __init__(self, kept=None, **kwargs):
        super().__init__(**kwargs)
        self.kept = kept

    def after_init_instance(self, instance, new, row, **kwargs):
        super().after_init_instance(instance, new, row, **kwargs)
        if new:
            instance.set_unusable_password()
        elif self.kept is not None and not self.kept.filter(pk=instance.pk).exists():
            raise ValidationError(_("This account is not yours to change."))

    def import_instance(self, instance, row, **kwargs):
        super().import_instance(instance, row, **kwargs)
        instance.language = instance.language or "zh-hans"
