"""Named queries of the demo city: what was simulated, and what of it may go on by itself."""

from django.db.models import Exists, OuterRef, Q

from incidents.draws import Draw
from incidents.models import Case, Demand, Evidence, Step
from incidents.querysets import ENDS


def first_steps(city, day, key):
    """The first steps of the cases that were simulated of a day; their idempotency keys begin with
    `key`."""
    return Step.objects.filter(
        seq=1,
        idempotency_key__startswith=key,
        case__city=city,
        case__number__startswith=f"{city.number_prefix}-{day:%Y%m%d}-",
    )


def known_hashes(city):
    """The perceptual hashes of all photos of a city."""
    return Evidence.objects.filter(city=city, phash__isnull=False).values_list("phash", flat=True)


def going_on(city, key, mark, system, home):
    """Cases that may be played on: simulated, open or with something owed, outside the duty grid
    `home`, and nobody's but the simulator's, whose steps bear its `mark`, and the system's."""
    first = Step.objects.filter(case=OuterRef("pk"), seq=1, idempotency_key__startswith=key)
    later = Step.objects.filter(case=OuterRef("pk"), seq__gt=1)
    by_hand = later.exclude(body_hash=mark).exclude(by=system)
    owed = Demand.objects.open().filter(
        case=OuterRef("pk"), kind__in=("spot_check", "opine", "decide")
    )
    cases = Case.objects.filter(city=city).exclude(duty_grid=home)
    cases = cases.filter(~Q(stage__in=ENDS) | Q(Exists(owed)))
    return cases.filter(Exists(first), ~Exists(by_hand)).order_by("pk")


def undrawn(city, days):
    """The days of a list of which no spot checks were drawn, the oldest first."""
    drawn = Draw.objects.filter(seal__city=city, seal__day__in=days)
    return sorted(set(days) - set(drawn.values_list("seal__day", flat=True)))
