"""Named queries over units."""

from django.db import connection, models

# The centres take part in the loop by their people, not as units that handle.
CENTRES = ("supervision", "command")


# In SQL of its own: every page of a case asks it.
_NAMES = "SELECT code, name_zh, name_en FROM staff_unit WHERE city_id = %s AND code = ANY(%s)"


def names_of_units(city_id, codes):
    """{code: (Chinese, English name)} of units of a city; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [city_id, sorted(codes)])
        return {code: names for code, *names in cursor.fetchall()}


class UnitQuerySet(models.QuerySet):
    def in_work(self):
        """Units that are still there."""
        return self.filter(is_active=True)

    def that_handle(self):
        """Those in work that a case may be given to."""
        return self.in_work().exclude(kind__in=CENTRES)
