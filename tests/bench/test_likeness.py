"""How many copies of photos are found among how many pictures, and what the search for them costs
as the photos grow in number."""

import statistics
import time

import pytest
from django.db import connection

from incidents import checks
from incidents.evidence import take_in
from incidents.models import Evidence
from tests.incidents import labelled, play
from tests.incidents.conftest import phone_photo, scene, upload
from tests.incidents.test_likeness import filled

FLOORS = {
    "re-encoded": 0.99,
    "brightened": 0.90,
    "darkened": 0.99,
    "cropped to 92-98 %": 0.96,
    "cropped to 86-92 %": 0.90,
    "cropped to 80-86 %": 0.30,
    "mirrored": 0.99,
    "mirrored and cropped": 0.96,
}
ROUNDS = 15
# Ten times as many photos: a walk over all of them would take ten times as long.
MOST_GROWTH = 4

WALK = """
    SELECT count(*) FROM incidents_fingerprint f
     WHERE EXISTS (SELECT 1 FROM unnest(f.prints) p
                    WHERE bit_count((p # %(print)s)::bit(64)) <= 8)
"""


def test_recall_and_precision_on_the_labelled_set(capsys):
    pictures = labelled.originals(61, seeds=(1, 2))
    recall, precision, pairs = labelled.measured(pictures)
    with capsys.disabled():
        print(f"\n{len(pictures)} pictures, precision {precision:.4f}, {pairs} pairs confused")
        for kind, share in recall.items():
            print(f"  {kind:22} {share:.3f}")
    assert precision >= 0.999
    assert {kind: share for kind, share in recall.items() if share < FLOORS[kind]} == {}


def seconds(deed):
    """The median of some runs."""
    taken = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def walk(print_):
    with connection.cursor() as cursor:
        cursor.execute(WALK, {"print": print_})


@pytest.mark.django_db
def test_the_search_hardly_grows_with_the_photos(town, capsys):
    play.reported(town)
    filled(20_000)
    case = play.handled(town)
    photo = take_in(upload(phone_photo(scene(seed=9))), town.mate)
    Evidence.objects.filter(pk=photo.pk).update(case=case, step=case.steps.last())
    photos = [Evidence.objects.get(pk=photo.pk)]

    def search():
        assert checks.reuses_of(case, photos) == []

    few, few_walked = seconds(search), seconds(lambda: walk(photo.phash))
    filled(180_000)
    many, many_walked = seconds(search), seconds(lambda: walk(photo.phash))
    with capsys.disabled():
        print(
            f"\na photo among 20,000: {few * 1000:.1f} ms (a walk {few_walked * 1000:.1f}); among"
            f" 200,000: {many * 1000:.1f} ms (a walk {many_walked * 1000:.1f})"
        )
    assert many <= MOST_GROWTH * few
    assert many < many_walked
