"""Say when a limit from a moment is due, without touching any case."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from staff.models import City
from staff.trial import MOST_DAYS, BadTrial, national_calendars, try_limit


class Command(BaseCommand):
    help = (
        "Say when LIMIT of KIND (hour, work_hour, work_day, day) from START is due. Times are local"
        " to the calendar, as 2026-03-05T09:00. The due time stands alone on the last line."
    )

    def add_arguments(self, parser):
        parser.add_argument("limit", metavar="LIMIT", help="An amount, as 3, 1.5 or 1/3.")
        parser.add_argument("kind", metavar="KIND", help="hour, work_hour, work_day or day.")
        parser.add_argument("start", metavar="START", help="Local time, as 2026-03-05T09:00.")
        parser.add_argument(
            "--pause",
            nargs=2,
            action="append",
            default=[],
            metavar=("FROM", "TO"),
            help="The clock rests from FROM to TO; may be given again.",
        )
        parser.add_argument(
            "--extend",
            action="append",
            default=[],
            metavar="AT",
            help="The original limit is granted once more at AT; may be given again.",
        )
        parser.add_argument("--calendar", metavar="NAME", help="By default the city's own.")
        parser.add_argument("--city", metavar="SLUG", help="By default the first.")

    def handle(self, *, limit, kind, start, pause, extend, calendar, city, **options):
        try:
            name, chosen = _calendar(city, calendar)
            trial = try_limit(
                chosen, amount=limit, kind=kind, start=start, pauses=pause, extensions=extend
            )
        except BadTrial as bad:
            raise CommandError(str(bad)) from bad
        for line in told(name, trial):
            self.stdout.write(line)
        self.stdout.write(trial.due_at.isoformat())


def _calendar(slug, name):
    """(what it is called, the calendar): of the city that was named or the first; without any
    city the national default."""
    cities = City.objects.order_by("pk")
    city = (cities.filter(slug=slug) if slug else cities).first()
    if city is None:
        if slug:
            raise BadTrial(("--city", _("There is no city “%(slug)s”.") % {"slug": slug}))
        known = national_calendars()
        return _among(known, name, next(iter(known)))
    default = city.calendar
    known = {calendar.name: calendar for calendar in city.calendars.order_by("name")}
    if name is None and default is None:
        return _among(national_calendars(), None, next(iter(national_calendars())))
    said, found = _among(known, name, default.name if default else "")
    version = found.current()
    if version is None:
        raise BadTrial(("--calendar", _("“%(name)s” has no office hours yet.") % {"name": said}))
    return f"{city.slug} · {version}", version.worktime()


def _among(known, name, default):
    name = name if name is not None else default
    if name not in known:
        words = _("There is no calendar “%(name)s”; there are: %(known)s.")
        raise BadTrial(("--calendar", words % {"name": name, "known": ", ".join(known)}))
    return name, known[name]


def told(name, trial):
    """The explanation, a line each."""
    calendar = trial.calendar
    yield _("Calendar %(name)s, %(zone)s, office hours %(hours)s.") % {
        "name": name,
        "zone": calendar.timezone,
        "hours": ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in calendar.hours),
    }
    yield _("%(amount)s %(kind)s from %(start)s.") % {
        "amount": trial.limit.amount,
        "kind": trial.limit.kind,
        "start": _local(trial.begins),
    }
    for opens, closes, kept in trial.pauses:
        yield _("Paused from %(from)s to %(to)s: %(time)s kept off the clock.") % {
            "from": _local(opens),
            "to": _local(closes),
            "time": _length(kept),
        }
    for at in trial.extensions:
        yield _("Extended by the original limit at %(at)s.") % {"at": _local(at)}
    for day, length in trial.days[:MOST_DAYS]:
        yield f"  {day.isoformat()}  {_length(length)}"
    if (more := len(trial.days) - MOST_DAYS) > 0:
        yield _("  … and %(days)s days more") % {"days": more}
    yield _("Warned at %(at)s.") % {"at": _local(trial.warn_at)}
    if trial.beyond_table:
        yield _("Holidays are known until %(day)s; beyond it the plain week is counted.") % {
            "day": calendar.known_until.isoformat()
        }


def _local(moment):
    return moment.isoformat(sep=" ", timespec="minutes")


def _clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def _length(length):
    minutes = length // timedelta(minutes=1)
    return f"{minutes // 60}:{minutes % 60:02} h"
