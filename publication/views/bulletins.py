"""The bulletin for everybody: today's page, each day's, the archive, and the files behind them."""

import json
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from grids.backends import posts_of
from lib import now as clock
from lib.numbers import whole
from publication import editions, publishing, sheets
from publication.models import Bulletin, Schedule
from publication.visitors import FOREVER, HOUR, MINUTES, open_to_all, page

VERIFIER = settings.BASE_DIR / "docs" / "verify_bulletins.py"
CORS = {"Access-Control-Allow-Origin": "*"}  # open data, for pages of others too


def _shown(request, city, template, **context):
    """A page of a city; links keep the city that was asked for."""
    asked = f"?city={city.slug}" if request.GET.get("city") == city.slug else ""
    return page(template, get_language(), city=city, query=asked, **context)


def _missing(request, city):
    return page("publication/missing.html", get_language(), status=404, city=city, begun=True)


def _to_come(request, city):
    """Before the first bulletin: when it comes."""
    schedule = Schedule.objects.get(city=city)
    due = publishing.due_at(schedule, schedule.first_day, ZoneInfo(city.time_zone))
    said = {"due": due if due > clock.now() else None, "here": "bulletin"}
    return _shown(request, city, "publication/none.html", **said)


@require_safe
def home(request):
    """From the pages of members to the newest bulletin of their city, in the language that they
    read."""
    address = reverse("bulletin" if get_language().startswith("zh") else "bulletin_en")
    own = [post.city_id for post in posts_of(request.user)]
    first = Schedule.objects.first_publishing()
    theirs = Schedule.objects.of_cities(own).first_publishing() if own else None
    named = theirs is not None and theirs.city_id != first.city_id
    return redirect(f"{address}?city={theirs.city.slug}" if named else address)


@open_to_all(MINUTES)
def latest(request, city):
    """The newest bulletin."""
    return _edition(request, city, editions.edition_of(city), newest=True)


@open_to_all(HOUR)
def of_day(request, city, day):
    """The bulletin of a day, as it was corrected last."""
    return _edition(request, city, editions.edition_of(city, day), newest=False)


def _edition(request, city, edition, *, newest):
    if edition is None:
        return _to_come(request, city) if newest else _missing(request, city)
    day = edition.entry.day
    return _shown(
        request,
        city,
        "publication/bulletin.html",
        edition=edition,
        trend=editions.trend_of(city, day),
        map=editions.map_of(city, day),
        here="bulletin",
        day=None if newest else day,
    )


@open_to_all(MINUTES)
def archive(request, city, month=None):
    """The bulletins of a month, by default the newest."""
    months = editions.months_of(city)
    if not months and month is None:
        return _to_come(request, city)
    first = month or (months[0] if months else None)
    if first not in months:
        return _missing(request, city)
    days = editions.days_of(city, first)
    parts = {"months": months, "month": first, "days": days, "asked": month}
    return _shown(request, city, "publication/archive.html", here="archive", **parts)


@open_to_all(MINUTES)
def data(request, city):
    """What the files hold, what is withheld, and how anybody checks the chain."""
    newest = Bulletin.objects.of(city).last_entry()
    address = request.build_absolute_uri("/public/")
    return _shown(
        request, city, "publication/data.html", here="data", newest=newest, address=address
    )


@open_to_all(MINUTES)
def index(request, city):
    """The entries of the chain by number, 500 at a time: `next` is what to ask for `after` then."""
    entries, more = editions.index_of(city, whole(request.GET.get("after", "")) or 0)
    told = {"city": city.slug, "entries": [_line_of(row) for row in entries], "next": more}
    return JsonResponse(told, headers=CORS)


def _line_of(row):
    """An entry as the index tells of it, with the names of its files."""
    number = row["number"]
    return {
        "number": number,
        "day": row["day"].isoformat(),
        "sha256": row["sha256"],
        "corrects": row["corrects__number"],
        "json": f"{number}.json",
        "csv": f"{number}.csv",
    }


@open_to_all(FOREVER)
def as_json(request, city, number):
    """An entry as it was hashed, to the byte; it never changes."""
    entry = Bulletin.objects.of(city).filter(number=number).first()
    if entry is None:
        return _missing(request, city)
    headers = CORS | {"X-SHA-256": entry.sha256}
    return HttpResponse(entry.body, "application/json; charset=utf-8", headers=headers)


@open_to_all(FOREVER)
def as_csv(request, city, number):
    """The same as a table."""
    entry = Bulletin.objects.of(city).filter(number=number).first()
    if entry is None:
        return _missing(request, city)
    name = f"{city.slug}-{entry.day}-{number}.csv"
    headers = CORS | {"Content-Disposition": f'attachment; filename="{name}"'}
    text = sheets.sheet_of(json.loads(entry.body))
    return HttpResponse(text, "text/csv; charset=utf-8", headers=headers)


@open_to_all(HOUR)
def verifier(request, city):
    """The script that checks the chain, as it stands in docs/."""
    return HttpResponse(VERIFIER.read_text(encoding="utf-8"), "text/x-python; charset=utf-8")
