"""Which photos are one picture: how many copies are found, how many different pictures are held for
copies, and that an index finds them among all photos of all time."""

import random
import re
from importlib import import_module
from itertools import combinations

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from PIL import Image

from incidents import checks
from incidents.evidence import settle, take_in
from incidents.models import Evidence, Fingerprint
from lib import likeness
from tests.cast import photo_of
from tests.incidents import labelled, play
from tests.incidents.conftest import phone_photo, scene, upload

MAKE = import_module("incidents.migrations.0011_photos_like").MAKE
# Measured on 244 pictures by tests/bench/test_likeness.py, less some hundredths for the smaller set
# here (docs/decisions/0015).
FLOORS = {
    "re-encoded": 0.97,
    "brightened": 0.90,
    "darkened": 0.97,
    "cropped to 92-98 %": 0.92,
    "cropped to 86-92 %": 0.85,
    "cropped to 80-86 %": 0.20,
    "mirrored": 0.97,
    "mirrored and cropped": 0.92,
}


def test_copies_are_found_and_others_are_not():
    recall, precision, pairs = labelled.measured(labelled.originals(12))
    assert precision == 1 and pairs == 0
    assert {kind: share for kind, share in recall.items() if share < FLOORS[kind]} == {}


@pytest.mark.parametrize("flips", [0, 1, 5, 8])
def test_the_keys_find_whatever_differs_in_at_most_eight_bits(flips):
    rng = random.Random(flips)
    for _each in range(200):
        one = rng.getrandbits(64) - 2**63
        other = one
        for place in rng.sample(range(63), flips):
            other ^= 1 << place
        assert likeness.bits_apart(one, other) == flips
        assert set(likeness.keys_near([one, one])) & set(likeness.keys_of([other]))


def test_every_way_to_differ_is_within_reach_of_one_band():
    """Eight bits over three bands leave one band with at most two of them."""
    for cuts in combinations(range(10), 2):
        a, b, c = cuts[0], cuts[1] - cuts[0] - 1, 9 - cuts[1]
        assert a + b + c == 8 and min(a, b, c) <= likeness._NEIGHBOURS


def test_keys_fit_an_integer_and_bands_do_not_mix():
    keys = likeness.keys_of([-1]) + likeness.keys_of([0])
    assert len(set(keys)) == 6 and min(keys) >= 0 and max(keys) < 2**31


def test_a_picture_that_shows_nothing_is_like_none():
    assert likeness.likeness(Image.new("RGB", (640, 480), (9, 9, 9))) == ([], [])
    assert likeness.keys_near([]) == []


@pytest.mark.django_db
def test_a_photo_is_fingerprinted_as_it_comes_in(town):
    photo = take_in(upload(phone_photo()), town.worker)
    row = Fingerprint.objects.get(evidence=photo)
    assert row.prints[0] == photo.phash and len(row.prints) == 2 + len(likeness.VIEWS)
    assert row.keys == likeness.keys_of(row.prints)
    photo.delete()
    assert not Fingerprint.objects.exists()


@pytest.mark.django_db
def test_photos_of_before_are_fingerprinted_by_a_command(town, capsys):
    with transaction.atomic():
        photo = take_in(upload(phone_photo()), town.worker)
    settle(photo)
    missing = photo_of(town.worker, town)
    row = Fingerprint.objects.get(evidence=photo)
    row.delete()
    call_command("fingerprint_photos", "--dry-run")
    assert "2 photos have no fingerprint" in capsys.readouterr().out
    call_command("fingerprint_photos")
    assert "1 photos fingerprinted, 1 files not readable" in capsys.readouterr().out
    again = Fingerprint.objects.get()
    assert again.evidence_id == photo.pk != missing.pk
    assert likeness.bits_apart(again.prints[0], row.prints[0]) <= 2
    call_command("fingerprint_photos", "--dry-run")
    assert "1 photos have no fingerprint" in capsys.readouterr().out


def filled(number):
    """So many photos named by steps of other cases, with random prints, written by SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO incidents_evidence (id, city_id, uploaded_by_id, uploaded_at, case_id,
                    step_id, sha256, original, shown, thumbnail, width, height, size, media_type)
                SELECT gen_random_uuid(), e.city_id, e.uploaded_by_id,
                       e.uploaded_at - n * interval '1 minute', e.case_id, e.step_id,
                       md5(n::text) || md5(n::text), 'o', 's', 't', 1, 1, 1, 'image/jpeg'
                  FROM (SELECT * FROM incidents_evidence WHERE step_id IS NOT NULL LIMIT 1) e,
                       generate_series(1, %s) n RETURNING id)
            INSERT INTO incidents_fingerprint (evidence_id, prints, grains, keys)
            SELECT id, ARRAY[h, h], ARRAY[h, h], ARRAY[(h & 4194303)::int,
                   (4194304 | ((h >> 22) & 2097151))::int, (8388608 | ((h >> 43) & 2097151))::int]
              FROM (SELECT id, ('x' || md5(id::text))::bit(64)::bigint AS h FROM made) m
            """,
            [number],
        )
        # What waits to be sorted in is sorted in.
        cursor.execute("SELECT gin_clean_pending_list('photos_by_likeness')")
        cursor.execute("ANALYZE incidents_evidence, incidents_fingerprint")


@pytest.fixture
def crowd(town):
    """A case with real photos and 20,000 older photos of another."""
    play.reported(town)
    filled(20_000)
    case = play.handled(town)
    photo = take_in(upload(phone_photo(scene(seed=9))), town.mate)
    Evidence.objects.filter(pk=photo.pk).update(case=case, step=case.steps.last())
    return case, list(Evidence.objects.filter(case=case, step__isnull=False))


def scans(cursor):
    """{table or index: how often this transaction has read it}: tables whole, indexes by key."""
    cursor.execute(
        "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname LIKE 'incidents_%%'"
    )
    whole = dict(cursor.fetchall())
    cursor.execute(
        "SELECT relname, pg_stat_get_xact_numscans(oid) FROM pg_class WHERE relname IN"
        " ('photos_by_likeness', 'evidence_by_content')"
    )
    return whole | dict(cursor.fetchall())


@pytest.mark.django_db
def test_an_index_is_asked_not_every_photo(crowd):
    case, photos = crowd
    with connection.cursor() as cursor:
        before = scans(cursor)
        assert checks.reuses_of(case, photos) == []
        after = scans(cursor)
    for table in ("incidents_fingerprint", "incidents_evidence"):
        assert after[table] == before[table], f"{table} was read whole"
    for index in ("photos_by_likeness", "evidence_by_content"):
        assert after[index] > before[index], f"{index} was not asked"


@pytest.mark.django_db
def test_the_plan_of_the_search_is_the_index(crowd):
    """The function's own statement, as it stands in the migration."""
    statement = MAKE.split("$$")[1]
    for name, value in {
        "near": "'{1,2,3}'::int[]",
        "own_prints": "'{1,2}'::bigint[]",
        "own_grains": "'{1,2}'::bigint[]",
        "most_bits": "8",
        "most_grain_bits": "18",
    }.items():
        statement = re.sub(rf"\b{name}\b", value, statement)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Bitmap Index Scan on photos_by_likeness" in plan and "Seq Scan" not in plan


@pytest.mark.django_db
def test_beyond_some_thousands_their_number_is_the_databases_own(crowd):
    case, _photos = crowd
    number, counted = checks.photos_compared(case)
    assert not counted and 19_000 < number < 21_000
