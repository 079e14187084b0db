"""The administration of cities, calendars, units and members, and what all its pages share."""

from staff.admin import pages  # noqa: F401 - registers the pages
from staff.admin.base import AppendOnly, CityAdmin, ReadOnly, autocompleting
from staff.admin.effects import EffectAdmin
from staff.admin.sheets import SheetAdmin

__all__ = ["AppendOnly", "CityAdmin", "EffectAdmin", "ReadOnly", "SheetAdmin", "autocompleting"]
