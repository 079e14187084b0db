"""The administration of cities, calendars, units and members, and what all its pages share."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from staff.models import Calendar, CalendarVersion, City, Member, Unit

# A count of everything is the dearest query of a long list, and nobody turns to page 200.
MOST_COUNTED = 10_000
# Members without a password, in whose name the system and the public act; nobody gives them one.
NOBODY = ("system", "public")


class BoundedPaginator(Paginator):
    """Counts no further than `MOST_COUNTED`; what lies behind is found by searching."""

    @cached_property
    def count(self):
        if isinstance(self.object_list, (list, tuple)):
            return len(self.object_list)
        return self.object_list.order_by()[: MOST_COUNTED + 1].count()


class CityAdmin(ModelAdmin):
    """A list of rows that belong to a city: a member sees those of the cities of their posts.

    `city_path` leads from a row to its city ("calendar__city"); empty for what belongs to none.
    """

    city_path = "city"
    shared = False  # rows without a city belong to all
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    warn_unsaved_form = True

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        cities = getattr(request, "cities", None)
        if cities is None or not self.city_path:
            return rows
        mine = Q(**{f"{self.city_path}__in": cities})
        return rows.filter(mine | Q(**{f"{self.city_path}__isnull": True}) if self.shared else mine)


class AppendOnly:
    """Rows that may be added where a post allows it, never changed or deleted."""

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnly(AppendOnly):
    """Rows that only the loop, or another part of the system, writes."""

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(City)
class CitiesAdmin(CityAdmin):
    city_path = "pk"
    list_display = ["name_zh", "name_en", "slug", "number_prefix", "time_zone", "calendar"]
    list_select_related = ["calendar"]
    search_fields = ["name_zh", "name_en", "slug"]
    autocomplete_fields = ["calendar", "patrol_calendar"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Calendar)
class CalendarAdmin(CityAdmin):
    list_display = ["name", "city"]
    list_filter = ["city"]
    list_select_related = ["city"]
    search_fields = ["name"]
    autocomplete_fields = ["city"]


@admin.register(CalendarVersion)
class CalendarVersionAdmin(AppendOnly, CityAdmin):
    city_path = "calendar__city"
    list_display = ["calendar", "number", "day_minutes", "known_until", "created_at"]
    list_select_related = ["calendar"]
    search_fields = ["calendar__name"]
    autocomplete_fields = ["calendar"]
    ordering = ["calendar", "-number"]


@admin.register(Unit)
class UnitAdmin(CityAdmin):
    list_display = ["name_zh", "name_en", "code", "kind", "parent", "is_active"]
    list_filter = ["kind", "is_active", "city"]
    list_select_related = ["parent"]
    search_fields = ["code", "name_zh", "name_en"]
    autocomplete_fields = ["city", "parent", "calendar"]


@admin.register(Member)
class MemberAdmin(UserAdmin, CityAdmin):
    """Accounts. What a member may do comes from posts alone, so groups and flags are not offered;
    being superuser is given on the command line."""

    city_path = ""
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
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

    def has_change_permission(self, request, obj=None):
        if obj is not None and (
            obj.username in NOBODY or (obj.is_superuser and not request.user.is_superuser)
        ):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        # Steps name who made them: an account is ended, never deleted.
        return False


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly, CityAdmin):
    """What administrators did here."""

    city_path = ""
    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag"]
    list_filter = ["action_flag"]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "user__username"]


class AccessAdmin(ReadOnly, CityAdmin):
    """Who tried to sign in; the log of django-axes."""

    city_path = ""
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
