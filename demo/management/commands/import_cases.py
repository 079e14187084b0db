"""Cases of another system from a CSV file, through the loop."""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from demo import geojson, importers, source

# As many refused rows are shown; the rest is counted.
SHOWN = 200


class Command(BaseCommand):
    help = "Send the cases of a CSV file round the loop at their real times; safe to run twice."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="TOML: what columns mean")
        parser.add_argument("--city", help="short name; by default the mapping's")
        parser.add_argument(
            "--replay",
            action="store_true",
            help="in the order in which things happened, all cases side by side",
        )
        parser.add_argument("--dry-run", action="store_true", help="read and check, write nothing")
        parser.add_argument("--strict", action="store_true", help="exit 1 if a row was refused")

    def handle(self, **options):
        try:
            with transaction.atomic():
                outcome = self._check(options)
                transaction.set_rollback(options["dry_run"])
            if not options["dry_run"]:
                self._run(options)
        except geojson.Unreadable as refused:
            raise CommandError("\n".join(refused.reasons)) from None
        outcome = self.work.outcome
        self._tell(outcome, options)
        if options["strict"] and (outcome.refused or outcome.disagreed):
            sys.exit(1)

    def _check(self, options):
        """Read file and mapping and see which points lie in the city."""
        mapping = source.read_mapping(Path(options["mapping"]))
        told = mapping.city
        city = geojson.city_of(
            options["city"] or told["slug"],
            name_en=told.get("name_en", ""),
            name_zh=told.get("name_zh", ""),
            time_zone=told["time_zone"],
            prefix=told["prefix"],
        )
        zone = ZoneInfo(city.time_zone)
        rows, refused = source.read_rows(options["file"], mapping, zone=zone)
        self.work = importers.Import(city, mapping, rows, refused)
        importers.agreement(city, self.work.rows, self.work.outcome, verdicts=False)

    def _run(self, options):
        quiet = options["verbosity"] == 0
        self.work.run(
            in_order=options["replay"],
            progress=lambda acts: tqdm(acts, unit=" acts", disable=quiet, mininterval=0.5),
        )
        importers.agreement(self.work.city, self.work.rows, self.work.outcome)

    def _tell(self, outcome, options):
        say = self.stdout.write
        if options["dry_run"]:
            say(_("Dry run: nothing was written."))
        outcome.refused.sort(key=lambda refusal: refusal.line)
        for refusal in outcome.refused[:SHOWN]:
            say(str(refusal))
        say(
            _(
                "rows: %(rows)s; cases opened: %(opened)s, closed: %(closed)s; known before: "
                "%(known)s; moved on by others: %(left)s"
            )
            % vars(outcome)
        )
        say(_("rows refused: %s") % len({refusal.line for refusal in outcome.refused}))
        if outcome.located:
            say(
                _("points in the grid that the file names: %(inside)s of %(all)s (%(share).1f %%)")
                % {
                    "inside": outcome.inside_named,
                    "all": outcome.located,
                    "share": 100 * outcome.inside_named / outcome.located,
                }
            )
        if options["dry_run"]:
            return
        say(_("verdicts that are the file's own: %(agreed)s of %(judged)s") % vars(outcome))
        for line, number, verdict in outcome.disagreed[:SHOWN]:
            say(f"  {line} {number}: {verdict}")
        done = max(outcome.opened, outcome.closed)
        say(
            _("%(seconds).1f s, %(rate).0f cases a second")
            % {"seconds": outcome.seconds, "rate": done / max(outcome.seconds, 0.001)}
        )
