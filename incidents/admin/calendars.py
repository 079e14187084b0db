"""The page of calendars: their content is in versions, which are written on the page that shows
which open clocks move, or by a sheet of days that shows the same."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from incidents.admin.days import DayTable
from staff.admin import SheetAdmin
from staff.models import Calendar


@admin.register(Calendar)
class CalendarAdmin(SheetAdmin):
    """A calendar's content is in its versions; a sheet of days makes the next one."""

    resource_classes = [DayTable]
    list_display = ["name", "city", "newest"]
    list_filter = ["city"]
    list_select_related = ["city"]
    search_fields = ["name"]
    autocomplete_fields = ["city"]
    readonly_fields = ["newest"]

    def get_fields(self, request, obj=None):
        return ["city", "name", "newest"] if obj else ["city", "name"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("versions")

    @display(description=_("newest version"))
    def newest(self, calendar):
        """The number of the newest version, with the way to it and to the next."""
        versions = sorted(calendar.versions.all(), key=lambda version: version.number)
        add = reverse("calendar_edit", args=[calendar.pk])
        if not versions:
            return format_html('<a href="{}">{}</a>', add, _("Write its office hours"))
        page = reverse("admin:staff_calendarversion_change", args=[versions[-1].pk])
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            page,
            versions[-1].number,
            add,
            _("Write the next version"),
        )
