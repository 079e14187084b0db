"""The pages of cities, calendars, units, members, and of what administrators did."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from staff.admin import calendars, history
from staff.admin.base import CityAdmin, ReadOnly
from staff.admin.sheets import SheetAdmin
from staff.forms import Named
from staff.models import CalendarVersion, City, Member, Unit
from staff.tables import MemberTable, UnitTable

# Members without a password, in whose name the system and the public act; nobody gives them one.
NOBODY = ("system", "public")


@admin.register(City)
class CitiesAdmin(CityAdmin):
    city_path = "pk"
    form = calendars.CityForm
    list_display = ["name_zh", "name_en", "slug", "number_prefix", "time_zone", "calendar"]
    list_select_related = ["calendar"]
    search_fields = ["name_zh", "name_en", "slug"]
    autocomplete_fields = ["calendar", "patrol_calendar"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(CalendarVersion)
class CalendarVersionAdmin(ReadOnly, CityAdmin):
    """The next version is written where it shows which open clocks it moves, above this app."""

    city_path = "calendar__city"
    list_display = ["calendar", "number", "office_hours", "week", "known_until", "created_at"]
    list_filter = ["calendar"]
    list_select_related = ["calendar"]
    search_fields = ["calendar__name"]
    ordering = ["calendar", "-number"]
    fields = [
        "calendar",
        "number",
        "created_at",
        "office_hours",
        "week",
        "day_minutes",
        "days",
        "known_until",
    ]

    @display(description=_("office hours"))
    def office_hours(self, version):
        return calendars.hours_as_text(version.hours)

    @display(description=_("work days of the week"))
    def week(self, version):
        return calendars.week_as_text(version.workweek)

    @display(description=_("days off and make-up days"))
    def days(self, version):
        rows = sorted(version.exceptions.items())
        words = {True: _("make-up day"), False: _("day off")}
        return format_html_join("", "{} {}<br>", ((day, words[works]) for day, works in rows))


@admin.register(Unit)
class UnitAdmin(SheetAdmin):
    resource_classes = [UnitTable]
    list_display = ["name_zh", "name_en", "code", "kind", "parent", "is_active"]
    list_filter = ["kind", "is_active", "city"]
    list_select_related = ["parent"]
    search_fields = ["code", "name_zh", "name_en"]
    autocomplete_fields = ["city", "parent", "calendar"]

    def get_readonly_fields(self, request, obj=None):
        # By its code a unit stands in bulletins, steps and tables: another code is another unit.
        return ["code"] if obj else []


class AccountForm(Named, UserChangeForm):
    """An account that there is."""


class NewAccountForm(Named, UserCreationForm):
    """A new one."""


class NewPasswordForm(Named, AdminPasswordChangeForm):
    """Another password for one."""


@admin.register(Member)
class MemberAdmin(UserAdmin, SheetAdmin):
    """Accounts: those with a post in the administrator's cities, and new ones without any. What a
    member may do comes from posts alone, so groups and flags are not offered; being superuser is
    given on the command line."""

    city_path, keeper = "", "secadmin"
    resource_classes = [MemberTable]
    form = AccountForm
    add_form = NewAccountForm
    change_password_form = NewPasswordForm
    list_display = ["username", "name", "language", "is_active", "last_login"]
    list_filter = ["is_active", "language"]
    search_fields = ["username", "name"]
    ordering = ["username"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["name", "email", "phone", "language"]}),
        (_("Account"), {"fields": ["is_active", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "name",
                    "language",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        ),
    ]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        colleagues = getattr(request, "colleagues", None)
        return rows if colleagues is None else rows.filter(colleagues)

    def _kept(self, request):
        """The accounts that a sheet may carry: no superuser's, and none of nobody's."""
        return self.get_queryset(request).filter(is_superuser=False).exclude(username__in=NOBODY)

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).filter(pk__in=self._kept(request).values("pk"))

    def get_resource_kwargs(self, request, *args, **kwargs):
        return super().get_resource_kwargs(request) | {"kept": self._kept(request)}

    def has_change_permission(self, request, obj=None):
        if obj is not None and (
            obj.username in NOBODY or (obj.is_superuser and not request.user.is_superuser)
        ):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        # Steps name who made them: an account is ended, never deleted.
        return False


class KindFilter(admin.SimpleListFilter):
    """What was changed: the tables that the log speaks of."""

    title = _("table")
    parameter_name = "content_type__id__exact"

    def lookups(self, request, model_admin):
        rows = LogEntry.objects.order_by().values_list("content_type", flat=True).distinct()
        kinds = ContentType.objects.get_for_id
        return [(pk, kinds(pk).name) for pk in rows if pk]

    def queryset(self, request, queryset):
        return queryset.filter(content_type=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly, CityAdmin):
    """What administrators did here: who, when, which row, what it was and what it became."""

    city_path, keeper = "", "auditor"
    list_display = ["action_time", "user", "content_type", "object_repr", "flag", "what"]
    list_filter = ["action_flag", KindFilter]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "user__username", "user__name", "object_id__exact"]
    date_hierarchy = "action_time"
    fields = ["action_time", "user", "content_type", "row", "flag", "changes"]
    readonly_fields = ["row", "flag", "changes"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        colleagues = getattr(request, "colleagues", None)
        if colleagues is None:
            return rows
        return rows.filter(user__in=Member.objects.filter(colleagues).values("pk"))

    @display(description=_("action"), ordering="action_flag")
    def flag(self, entry):
        return entry.get_action_flag_display()

    @display(description=_("changes"))
    def what(self, entry):
        return Truncator(history.summary_of(entry)).chars(160)

    @display(description=_("row"))
    def row(self, entry):
        """The row, with the way to everything noted about it."""
        query = f"?q={entry.object_id}&content_type__id__exact={entry.content_type_id}"
        page = reverse("admin:admin_logentry_changelist") + query
        return format_html(
            '{} · <a href="{}">{}</a>', entry.object_repr, page, _("All changes of this row")
        )

    @display(description=_("changes"))
    def changes(self, entry):
        rows = history.changes_of(entry)
        if not rows:
            return entry.get_change_message()
        return format_html(
            '<table class="changes"><thead><tr><th scope="col">{}</th><th scope="col">{}</th>'
            '<th scope="col">{}</th></tr></thead><tbody>{}</tbody></table>',
            _("field"),
            _("from"),
            _("to"),
            format_html_join(
                "",
                '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
                ((name, was or "–", now or "–") for name, was, now in rows),
            ),
        )


class AccessAdmin(ReadOnly, CityAdmin):
    """Who tried to sign in; the log of django-axes."""

    city_path, keeper = "", "auditor"
    list_display = ["attempt_time", "username", "ip_address", "path_info"]
    search_fields = ["username", "ip_address"]
    ordering = ["-attempt_time"]


@admin.register(AccessAttempt)
class AccessAttemptAdmin(AccessAdmin):
    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    # What was posted holds a guess at a password.
    exclude = ["get_data", "post_data"]


admin.site.register([AccessLog, AccessFailureLog], AccessAdmin)

# Groups grant nothing here, and the list of tokens would show them.
for unused in (Group, TokenProxy):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)
