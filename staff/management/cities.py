"""The option of a command that is about one city."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from staff.models import City


def add_city(parser):
    """The option --city, by default the first."""
    parser.add_argument("--city", metavar="SLUG", help="Short name; by default the first.")


def city_named(slug):
    """The city of a short name, the first one for None. Raises CommandError where there is none."""
    cities = City.objects.order_by("pk")
    found = (cities.filter(slug=slug) if slug else cities).first()
    if found is None:
        raise CommandError(_("There is no such city."))
    return found
