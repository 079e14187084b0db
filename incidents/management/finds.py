"""What a check prints of what it found, and how it ends."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from staff.models import City


def cities_of(slug):
    """The city of a slug, all for None; CommandError where there is none."""
    found = City.objects.order_by("pk") if slug is None else City.objects.filter(slug=slug)
    if not found:
        raise CommandError("--city: " + _("There is no city “%(slug)s”.") % {"slug": slug})
    return found


def write_found(command, found):
    """A line for a rule, then the first of its offenders."""
    count = f"{found.count:>9}"
    mark = command.style.ERROR(count) if found.count else count
    command.stdout.write(f"{mark}  {found.rule.key:<13} {found.rule.says}")
    for name, wrong in found.shown:
        command.stdout.write(f"{'':>11}{name}  {wrong}")
    if found.count > len(found.shown):
        more = found.count - len(found.shown)
        command.stdout.write(f"{'':>11}" + _("… and %(count)s more") % {"count": more})


def conclude(command, wrong, *, seconds, sound):
    """How long it took, and the words of a sound city; CommandError if anything was found."""
    command.stdout.write(f"{seconds:.1f} s")
    if wrong:
        raise CommandError(_("%(count)s offenders were found.") % {"count": wrong})
    command.stdout.write(str(sound))
