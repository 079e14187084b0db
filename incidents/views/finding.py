"""What the report form looks up while somebody fills it in: the place in words, categories by words
and by what is usual here, filing conditions, cases that may be the same."""

from datetime import timedelta

from django.db.models import Count, Prefetch, Q

from grids.coverage import containing, place_in_words, point_of
from incidents import evidence
from incidents.filters import as_read_by
from incidents.models import Case, Category, Condition, Evidence
from lib import now as clock
from staff.models import in_language

USUAL_DAYS = 90
USUAL_METRES = 300
MOST_USUAL, MOST_FOUND, MOST_SIMILAR = 6, 12, 4
# A degree of longitude at 60° north: a box that holds a circle anywhere south of it.
DEGREE_M = 55_000


def point_in(given):
    """The Point of a request's longitude and latitude, or None where there is none."""
    try:
        return point_of([given["longitude"], given["latitude"]])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def place_at(point, city):
    """{"words", "place"}: how people say the place, and the grids it lies in (None outside)."""
    return {"words": place_in_words(point, city), "place": containing(point, city)}


def usual_at(user, city, point):
    """([Category with `times`], near): the subclasses reported most often within USUAL_METRES in
    USUAL_DAYS; `near` is False where none was and the member's whole reach is meant instead."""
    recent = _recent(user, city)
    near = _times(recent.filter(point__dwithin=(point, USUAL_METRES / DEGREE_M))) if point else []
    times = dict(near or _times(recent))
    found = Category.objects.in_bulk(list(times))
    for key, category in found.items():
        category.times = times[key]
    return [found[key] for key in times if key in found], bool(near)


def _recent(user, city):
    since = clock.now() - timedelta(days=USUAL_DAYS)
    cases = Case.objects.visible_to(user).filter(city=city, reported_at__gte=since)
    return cases.filter(category__is_active=True)


def _times(cases, most=MOST_USUAL):
    counted = cases.order_by().values("category").annotate(times=Count("pk"))
    rows = counted.order_by("-times", "category").values_list("category", "times")
    return list(rows[:most])


def categories_matching(user, city, text):
    """Categories whose names, class, code or filing conditions hold every word, those by name and
    of those the most used first; each with `hint`, the condition that a word was found in. Three
    queries."""
    words = [word for word in text.split() if "\x00" not in word][:6]
    rows = Category.objects.of_city(city).annotate(named=_holds(words, _NAMES))
    rows = rows.filter(_holds(words, (*_NAMES, *_TEXTS))).distinct()
    active = Condition.objects.filter(is_active=True).order_by("code")
    rows = rows.prefetch_related(Prefetch("conditions", active, to_attr="in_use"))
    found = list(rows.order_by("-named", "code"))
    used = dict(_times(_recent(user, city).filter(category__in=[row.pk for row in found]), None))
    found.sort(key=lambda row: (not row.named, -used.get(row.pk, 0), row.code))
    for category in found[:MOST_FOUND]:
        category.hint = _hint(category, words)
    return found[:MOST_FOUND]


_NAMES = ("name_zh", "name_en", "class_zh", "class_en", "code")
_TEXTS = ("conditions__text_zh", "conditions__text_en")


def _holds(words, columns):
    """Q: every word stands in one of the columns."""
    every = Q()
    for word in words:
        one = Q()
        for column in columns:
            one |= Q(**{f"{column}__icontains": word})
        every &= one
    return every


def _hint(category, words):
    for condition in category.in_use:
        text = f"{condition.text_zh} {condition.text_en}".lower()
        if any(word.lower() in text for word in words):
            return str(condition)
    return ""


def all_categories(city):
    """[(class, [Category])] of the catalogue."""
    classes = {}
    for category in Category.objects.of_city(city).order_by("code"):
        name = in_language(category.class_zh, category.class_en)
        classes.setdefault((category.kind, category.class_code, name), []).append(category)
    return [(name, rows) for (_kind, _code, name), rows in classes.items()]


def conditions_of(city, code):
    """(Category or None, its filing conditions in use)."""
    known = code and "\x00" not in code
    category = Category.objects.of_city(city).filter(code=code).first() if known else None
    rows = Condition.objects.filter(category=category, is_active=True) if category else []
    return category, list(rows.order_by("code")) if category else []


def similar_at(user, city, category, point):
    """Open cases of the subclass near and recent, each with `photo`, `metres`; two queries."""
    cases = Case.objects.visible_to(user).open()
    cases = cases.similar_to(category_id=category.pk, point=point, city_id=city.pk)
    cases = as_read_by(user, list(cases.select_related("category", "condition")[:MOST_SIMILAR]))
    photos = Evidence.objects.visible_to(user).filter(case__in=[case.pk for case in cases])
    first = {}
    for photo in photos.order_by("uploaded_at", "pk"):
        first.setdefault(photo.case_id, photo)
    for case in cases:
        case.photo = first.get(case.pk)
        case.metres = evidence.metres(case.point, point)
    return cases
