"""Areas of a city from a GeoJSON file."""

from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from demo import geojson
from grids.models import Area
from staff.models import City


class Command(BaseCommand):
    help = "Import areas (grids, communities, …) from GeoJSON; refuses what it cannot trust."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--level", required=True, choices=Area.Level.values)
        parser.add_argument("--code-field", required=True)
        parser.add_argument("--name-field")
        parser.add_argument("--parent-field", help="code of the area above; made when missing")
        parser.add_argument("--city", help="short name of the city; by default the only one")
        parser.add_argument("--city-name", help="makes the city when it is missing")
        parser.add_argument("--time-zone", default="", help="of a city that is made")
        parser.add_argument("--prefix", default="", help="of the case numbers of a city made")
        parser.add_argument("--gcj02", action="store_true", help="the file is in GCJ-02: convert")
        parser.add_argument("--valid-from", type=date.fromisoformat, default=geojson.SINCE_EVER)
        parser.add_argument("--duty-grids", choices=["yes", "no"], default="yes")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")

    def handle(self, **options):
        try:
            shapes = geojson.read(
                options["file"],
                code_field=options["code_field"],
                gcj02=options["gcj02"],
                name_field=options["name_field"],
                parent_field=options["parent_field"],
            )
            with transaction.atomic():
                done = geojson.write(
                    shapes,
                    city=self._city(options),
                    level=options["level"],
                    valid_from=options["valid_from"],
                    duty_grids=options["duty_grids"] == "yes",
                )
                transaction.set_rollback(options["dry_run"])
        except geojson.Unreadable as refused:
            raise CommandError("\n".join(refused.reasons)) from None
        self._tell(done, options)

    def _city(self, options):
        if options["city"] is None:
            if City.objects.count() != 1:
                raise CommandError(_("Say with --city which city the areas belong to."))
            return City.objects.get()
        if options["city_name"] is None and not City.objects.filter(slug=options["city"]).exists():
            raise CommandError(
                _("There is no city %s; --city-name, --time-zone and --prefix make it.")
                % options["city"]
            )
        return geojson.city_of(
            options["city"],
            name_en=options["city_name"] or "",
            time_zone=options["time_zone"],
            prefix=options["prefix"],
        )

    def _tell(self, done, options):
        say = self.stdout.write
        if options["dry_run"]:
            say(_("Dry run: nothing was written."))
        say(_("areas: %(made)s made, %(changed)s changed, %(same)s as they were") % vars(done))
        if done.parents:
            say(_("areas above made: %s") % ", ".join(sorted(done.parents)))
        if done.duty_grids:
            say(_("duty grids made: %s") % done.duty_grids)
        sizes = [metres for *_codes, metres in done.overlaps]
        say(
            _("overlaps: %(n)s, together %(m2).1f m²; %(large)s of them larger than 1 m²")
            % {"n": len(sizes), "m2": sum(sizes), "large": sum(size > 1 for size in sizes)}
        )
        for one, other, metres in done.overlaps:
            say(f"  {one} × {other}: {metres:.3f} m²")
        total = sum(metres for *_where, metres in done.gaps)
        say(_("gaps: %(n)s, together %(m2).1f m²") % {"n": len(done.gaps), "m2": total})
        for code, lon, lat, metres in done.gaps:
            say(f"  {code or '–'} {lon:.6f}, {lat:.6f}: {metres:.3f} m²")
