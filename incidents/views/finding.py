"""What the report form looks up while somebody fills it in: the place in words, categories by words
and by what is usual here, filing conditions, cases that may be the same."""

from datetime import timedelta

from grids.coverage import containing, place_in_words, point_of
from incidents import evidence
from incidents.filters import as_read_by
from incidents.models import Case, Category, Condition, Evidence
from lib import now as clock
from staff.models import in_language

USUAL_DAYS = 90
USUAL_METRES = 300
MOST_USUAL, MOST_FOUND, MOST_SIMILAR = 6, 12, 4


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
    near = recent.around(point, USUAL_METRES).usual(MOST_USUAL) if point else []
    times = dict(near or recent.usual(MOST_USUAL))
    found = Category.objects.in_bulk(list(times))
    for key, category in found.items():
        category.times = times[key]
    return [found[key] for key in times if key in found], bool(near)


def _recent(user, city):
    since = clock.now() - timedelta(days=USUAL_DAYS)
    cases = Case.objects.visible_to(user).filter(city=city, reported_at__gte=since)
    return cases.filter(category__is_active=True)


def categories_matching(user, city, text):
    """Categories whose names, class, code or filing conditions hold every word, those by name and
    of those the most used first; each with `hint`, the condition that a word was found in. Three
    queries."""
    words = [word for word in text.split() if "\x00" not in word][:6]
    found = list(Category.objects.of_city(city).saying(words))
    known = _recent(user, city).filter(category__in=[row.pk for row in found])
    used = dict(known.usual())
    found.sort(key=lambda row: (not row.named, -used.get(row.pk, 0), row.code))
    for category in found[:MOST_FOUND]:
        category.hint = _hint(category, words)
    return found[:MOST_FOUND]


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
    return category, list(Condition.objects.in_use_for(category.pk)) if category else []


def similar_at(user, city, category, point):
    """Open cases of the subclass near and recent, each with `photo`, `metres`; two queries."""
    cases = Case.objects.followed_by(user).open()
    cases = cases.similar_to(category_id=category.pk, point=point, city_id=city.pk)
    cases = as_read_by(user, list(cases.select_related("category", "condition")[:MOST_SIMILAR]))
    first = Evidence.objects.visible_to(user).first_of(cases)
    for case in cases:
        case.photo = first.get(case.pk)
        case.metres = evidence.metres(case.point, point)
    return cases
