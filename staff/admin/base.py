"""What all pages of the administration share: whose rows, whose pages, and what is noted down."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from staff.admin import history
from staff.forms import RowForm

# A count of everything is the dearest query of a long list, and nobody turns to page 200.
MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than `MOST_COUNTED`; what lies behind is found by searching."""

    @cached_property
    def count(self):
        if isinstance(self.object_list, (list, tuple)):
            return len(self.object_list)
        return self.object_list.order_by()[: MOST_COUNTED + 1].count()


def autocompleting(request):
    """True while a form of another page looks for rows to choose from."""
    match = getattr(request, "resolver_match", None)
    return match is not None and match.url_name == "autocomplete"


class CityAdmin(ModelAdmin):
    """A list of rows that belong to a city: a member sees those of the cities of their posts.

    `city_path` leads from a row to its city ("calendar__city"); empty for what belongs to none.
    `keeper` is the one of the three administrators whose page this is: the other two do not see
    it, though their forms may still choose among its rows.
    """

    city_path = "city"
    shared = False  # rows without a city belong to all
    keeper = "sysadmin"
    form = RowForm
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

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        # Unfold leaves the empty choice out: the first one would be taken unseen.
        if not db_field.blank and not db_field.has_default():
            nothing = [("", _("Select value"))]
            kwargs.setdefault("choices", db_field.get_choices(blank_choice=nothing))
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        return super().formfield_for_foreignkey(
            db_field, request, **self._within(db_field, request, kwargs)
        )

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        return super().formfield_for_manytomany(
            db_field, request, **self._within(db_field, request, kwargs)
        )

    def _within(self, db_field, request, kwargs):
        """A choice of rows is one of the member's own cities, whatever a form sends."""
        page = self.admin_site._registry.get(db_field.related_model)
        if isinstance(page, CityAdmin) and "queryset" not in kwargs:
            kwargs["queryset"] = page.get_queryset(request)
        return kwargs

    # --- the three administrators exclude one another -------------------------------------------

    def is_anothers(self, request):
        """True if the page is one of another of the three administrators."""
        held = getattr(request, "administers", None)
        return bool(held) and self.keeper not in held and not autocompleting(request)

    def has_module_permission(self, request):
        return not self.is_anothers(request) and super().has_module_permission(request)

    def has_view_permission(self, request, obj=None):
        return not self.is_anothers(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request):
        return not self.is_anothers(request) and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return not self.is_anothers(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return not self.is_anothers(request) and super().has_delete_permission(request, obj)

    # --- history --------------------------------------------------------------------------------

    def construct_change_message(self, request, form, formsets, add=False):
        return history.message_of(form, formsets, add)

    def history_view(self, request, object_id, extra_context=None):
        page = super().history_view(request, object_id, extra_context)
        for entry in getattr(page, "context_data", {}).get("action_list", ()):
            entry.changes = history.changes_of(entry)
        return page


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
