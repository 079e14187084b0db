"""Prove that the matrix is complete and every unit has a person, or list the holes."""

from django.utils.translation import gettext_lazy as _

from incidents import division
from incidents.management.commands import check_areas


class Command(check_areas.Command):
    help = (
        "Check that the matrix names a unit for every subclass in every unit grid, and that every"
        " unit that it names has somebody. Exits with 1 if anything was found."
    )
    rules = division.MATRIX
    sound = _("The matrix has no hole.")
