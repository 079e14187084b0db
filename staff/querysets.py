"""Named queries over units."""

from django.db import models

# The centres take part in the loop by their people, not as units that handle.
CENTRES = ("supervision", "command")


class UnitQuerySet(models.QuerySet):
    def in_work(self):
        """Units that are still there."""
        return self.filter(is_active=True)

    def that_handle(self):
        """Those in work that a case may be given to."""
        return self.in_work().exclude(kind__in=CENTRES)
