"""When a city publishes, as its system administrator sets it, and what it has published."""

from django.contrib import admin

from publication.models import Bulletin, Schedule
from staff.admin import AppendOnly, CityAdmin


@admin.register(Schedule)
class ScheduleAdmin(CityAdmin):
    """The hour may change; a first day counts only before the first bulletin."""

    list_display = ["city", "first_day", "minute"]


@admin.register(Bulletin)
class BulletinAdmin(AppendOnly, CityAdmin):
    """The entries of the chain, to look at: only the clock adds one."""

    list_display = ["number", "day", "corrects", "published_at", "sha256"]
    ordering = ["city", "-number"]
    date_hierarchy = "day"

    def has_add_permission(self, request):
        return False
