"""Import and export of a page's rows as an Excel sheet."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.tmp_storages import CacheStorage
from unfold.contrib.import_export.forms import ExportForm
from unfold.contrib.import_export.forms import ImportForm as UnfoldImportForm

from staff.admin import history
from staff.admin.base import CityAdmin
from staff.tables import Sheet, UnreadableSheet

LARGEST = 8_000_000  # bytes of a file


class SheetStorage(CacheStorage):
    """Where a sheet waits for its confirmation: beside the sessions, for half an hour."""

    CACHE_LIFETIME = 1800
    CACHE_PREFIX = "sheet:"


class ImportForm(UnfoldImportForm):
    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > LARGEST:
            self.add_error("import_file", _("A sheet has at most 8 MB."))
        return file


class SheetAdmin(ImportExportMixin, CityAdmin):
    """A page with a Table (`resource_classes`). A sheet is shown before it is taken, then taken
    whole or not at all, with a log entry for each row that it changed."""

    formats = [Sheet]
    import_form_class, export_form_class = ImportForm, ExportForm
    tmp_storage_class = SheetStorage

    def has_import_permission(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request):
        """Whoever keeps the rows; everybody else reads them here."""
        return self.has_add_permission(request)

    def get_resource_kwargs(self, request, *args, **kwargs):
        return {"cities": getattr(request, "cities", None)}

    def get_import_data_kwargs(self, **kwargs):
        return super().get_import_data_kwargs(**kwargs) | {"rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form, e):
        if not isinstance(e, UnreadableSheet):
            raise e
        form.add_error("import_file", str(e))

    def process_import(self, request, **kwargs):
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            with transaction.atomic():
                return super().process_import(request, **kwargs)
        except _Refused as refused:
            return self._said_again(request, refused.result)
        except (UnreadableSheet, TypeError):
            # Nothing waits under that name: it was taken already, or half an hour has passed.
            return self._said_again(request, None)

    def process_result(self, result, request):
        # The rows may have changed since they were shown.
        if result.has_errors() or result.has_validation_errors():
            raise _Refused(result)
        return super().process_result(result, request)

    def _said_again(self, request, result):
        request.method, request.POST = "GET", {}
        page = self.import_action(request)
        page.context_data |= {"result": result, "gone": result is None}
        return page

    def generate_log_entries(self, result, request):
        for row in result:
            if row.import_type in (row.IMPORT_TYPE_NEW, row.IMPORT_TYPE_UPDATE):
                history.note_import(row, request.user, self.model)


class _Refused(Exception):
    """Rows were refused on confirmation; carries the result."""

    def __init__(self, result):
        super().__init__()
        self.result = result
