"""What holds for a report before there is a case: who may report from where, what it must bring,
whom it came from, and the number it gets; and the case that it makes."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from grids.backends import posts_of
from grids.models import Component
from incidents import facts, rules
from incidents.facts import BadFacts, Faults, Forbidden
from incidents.models import Case, Reporter
from incidents.placing import set_category, set_condition, set_place
from lib import now as clock

TOLD = ("hotline", "counter", "superior", "import")
FROM_THE_PUBLIC = ("public", "open311")


def may_report(by, city, chosen, source):
    """Raises Forbidden unless this member reports in this city from this source (domain rule:
    report: grid worker, intake officer, the public member); BadFacts for an unknown source."""
    if source not in Case.Source.values:
        raise BadFacts({"source": [_("There is no such source.")]})
    if not rules.may(by, chosen.permission):
        raise Forbidden(_("Your post does not include this move."))
    posts = posts_of(by)
    if posts and city.pk not in {post.city_id for post in posts}:
        raise Forbidden(_("You have no post in this city."))
    takes_down = rules.may(by, "told_case")
    if source in TOLD and not takes_down:
        raise Forbidden(_("Only an intake officer takes down what others tell."))
    if source in FROM_THE_PUBLIC and by.username != rules.PUBLIC:
        raise Forbidden(_("Only the public reports as the public."))
    if source == "patrol" and takes_down:
        raise Forbidden(_("Only who walks the grids reports from patrol."))


def begun(by, city, point, chosen, source, given):
    """(a Case that is not saved, the facts read) of a report. `chosen` is its row of the table,
    with photo and position as facts that may be left out: what it must prove, and to whom,
    `complete` says by field. `given`: category, condition, description, evidence, after (photos of
    the self-handled result), position, component, reporter, source_id, refused (what a form has
    refused by itself). Raises BadFacts with all that is wrong at once."""
    faults = Faults(given.get("refused", ()))
    photos, position = facts.brought(given.get("evidence", ()), given.get("position"), by, faults)
    after, _position = facts.brought(given.get("after", ()), None, by, faults)
    case = Case(
        city=city,
        reported_by=by,
        source=source,
        reported_at=clock.now(),
        source_id=given.get("source_id") or "",
    )
    said = {name: given.get(name) for name in ("category", "condition", "description")}
    said |= {"photo": photos + after, "position": position}
    read = facts.read(chosen, case, said, faults)
    complete(chosen, source, read, photos, after, faults)
    with faults.gathered():
        place(case, point, faults)
    with faults.gathered():
        case.component = component_of(given.get("component"), city)
    faults.say()
    if "condition" in read:
        set_condition(case, read["condition"])
    elif "category" in read:
        set_category(case, read["category"])
    case.reporter = reporter_of(given.get("reporter"))
    return case, read


def place(case, point, faults):
    """Put the case on the map, where its point can be read."""
    if point is None:
        faults.missing("longitude")
    elif not faults.any_of("longitude", "latitude"):
        set_place(case, facts.read_place(point), case.city.local_date(case.reported_at))


def complete(chosen, source, read, photos, after, faults):
    """A report names a category or says something; a worker's also brings photo and position, a
    self-handled one a photo before and one after."""
    what = ("category", "condition", "description")
    if not set(what) & set(read) and not faults.any_of(*what):
        faults.missing("category", _("Name a category or describe the problem."))
    if chosen.move == "self_handle" and len(photos) + len(after) < 2:
        faults.missing("evidence", _("A photo before and one after are needed."))
    if source == "patrol" or chosen.move == "self_handle":
        if "position" not in read:
            faults.missing("position", _("A position is needed."))
        if not photos:
            faults.missing("evidence", _("A photo is needed."))


def component_of(code, city):
    """The component that a report is about, or None; BadFacts for a code nobody has."""
    if not code:
        return None
    found = Component.objects.filter(city=city, code=code).first()
    if found is None:
        raise BadFacts({"component": [_("There is no such component in this city.")]})
    return found


def reporter_of(given):
    """A row of their own for {"name", "phone"} of who told of it; None if nobody is named."""
    if not given:
        return None
    return Reporter.objects.create(
        name=str(given.get("name", ""))[:80], phone=str(given.get("phone", ""))[:40]
    )


def next_number(city, moment):
    """The next number of the city's day, from a counter row that is locked last."""
    day = city.local_date(moment)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"city": city.pk, "day": day})
        (last,) = cursor.fetchone()
    return f"{city.number_prefix}-{day:%Y%m%d}-{last:04d}"


_COUNTED = """
    INSERT INTO incidents_numbercounter AS counter (city_id, day, last)
         VALUES (%(city)s, %(day)s, 1)
    ON CONFLICT (city_id, day) DO UPDATE SET last = counter.last + 1
      RETURNING last
"""
