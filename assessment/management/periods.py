"""The period that a command is asked for."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from assessment.periods import Period


def period_named(text, city):
    """The Period that a text names in a city's time zone. Raises CommandError for what names
    none."""
    try:
        return Period.read(text, city.time_zone)
    except (ValueError, IndexError):
        raise CommandError(
            _("%(text)s is no period; periods are 2026, 2026-Q4, 2026-11, 2026-W48, 2026-11-24.")
            % {"text": text}
        ) from None
