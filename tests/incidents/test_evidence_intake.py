"""What happens to a photo that comes in."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pillow_heif
import pytest
from django.contrib.gis.geos import Point
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import override
from PIL import Image, ImageFile

from demo.pictures import hashing
from incidents import evidence
from incidents.facts import BadFacts, Conflict
from incidents.models import Evidence
from incidents.tasks import sweep_evidence
from lib import now
from lib.likeness import phash
from tests.incidents import play
from tests.incidents.conftest import phone_photo, saved, scene, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(town, django_capture_on_commit_callbacks):
    """A function: bytes -> Evidence of the worker, committed."""

    def run(content, by=None, name="x.jpg", **options):
        with django_capture_on_commit_callbacks(execute=True):
            return evidence.take_in(upload(content, name), by or town.worker, **options)

    return run


def opened(photo, which):
    return Image.open(default_storage.path(getattr(photo, which)))


def heic(image, **options):
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=60, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "media_type"),
    [
        (lambda: saved(scene(), "JPEG"), "image/jpeg"),
        (lambda: saved(scene(), "PNG"), "image/png"),
        (lambda: saved(scene(), "WEBP"), "image/webp"),
        (lambda: heic(scene()), "image/heic"),
    ],
)
def test_four_formats_are_taken_whatever_the_file_is_called(take, make, media_type):
    photo = take(make(), name="holiday.exe")
    assert photo.media_type == media_type
    assert (photo.width, photo.height) == (640, 480)
    for which in ("shown", "thumbnail"):
        assert opened(photo, which).format == "JPEG"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0 cut short",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\0\0\0\x18ftypheic" + b"\0" * 60,
    ],
)
def test_what_is_no_picture_is_refused_by_its_content(take, content):
    with pytest.raises(BadFacts) as refusal:
        take(content, name="photo.jpg")
    assert list(refusal.value.errors) == ["file"]
    assert not Evidence.objects.exists()


def test_a_gif_is_refused_though_pillow_could_read_it(take):
    with pytest.raises(BadFacts):
        take(saved(scene(), "GIF"))


def test_half_a_picture_is_refused(take):
    whole = saved(scene(), "JPEG")
    with pytest.raises(BadFacts):
        take(whole[: len(whole) // 2])


def test_fifteen_megabytes_are_the_limit(take):
    small = saved(scene(), "JPEG")
    full = small + b"\0" * (evidence.MOST_BYTES - len(small))
    assert take(full).size == evidence.MOST_BYTES
    with pytest.raises(BadFacts) as refusal:
        take(full + b"\0")
    assert "15 MB" in str(refusal.value.errors["file"][0])


def test_a_picture_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(take, monkeypatch):
    bomb = saved(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 200_000
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("unpacked"))
    with pytest.raises(BadFacts) as refusal:
        take(bomb)
    with override("en"):
        assert "50 million" in str(refusal.value.errors["file"][0])


def test_just_over_fifty_megapixels_is_refused_too(take):
    with pytest.raises(BadFacts):
        take(saved(Image.new("1", (10_000, 5_001)), "PNG"))


def test_time_and_place_are_read(take):
    taken = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    photo = take(phone_photo(taken_at=taken, longitude=-113.25, latitude=-30.5))
    assert photo.taken_at == taken
    assert photo.position.distance(Point(-113.25, -30.5, srid=4326)) < 1e-7


def test_a_time_without_an_offset_is_the_citys_wall_time(take):
    photo = take(phone_photo(taken_at=datetime(2026, 3, 3, 9, 0)))
    assert photo.taken_at == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


def test_time_and_place_of_a_heic_are_read_too(take):
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: "2026:03:03 08:55:00", 0x9011: "+08:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 30.0, 0.0), 3: "E", 4: (113.0, 15.0, 0.0)})
    photo = take(heic(scene(), exif=exif.tobytes()))
    assert photo.taken_at == datetime(2026, 3, 3, 0, 55, tzinfo=UTC)
    assert (photo.position.x, photo.position.y) == (113.25, 30.5)


@pytest.mark.parametrize("stamp", ["0000:00:00 00:00:00", "yesterday", "    :  :     :  :  ", "9"])
def test_a_phone_that_does_not_know_the_hour_says_nothing(take, stamp):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = stamp
    exif.get_ifd(0x8825).update({2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)})
    photo = take(saved(scene(), "JPEG", exif=exif))
    assert photo.taken_at is None
    assert photo.position is None


def test_a_position_off_the_globe_is_none(take):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (10.0, 0.0, 0.0)})
    assert take(saved(scene(), "JPEG", exif=exif)).position is None


def test_a_picture_taken_sideways_is_shown_upright(take):
    lying = Image.new("RGB", (400, 300), "black")
    lying.paste("white", (0, 0, 400, 40))  # the top edge as stored
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to see it
    photo = take(saved(lying, "JPEG", exif=exif))
    assert (photo.width, photo.height) == (300, 400)
    shown = opened(photo, "shown")
    assert shown.size == (300, 400)
    assert shown.getpixel((295, 200))[0] > 200 and shown.getpixel((5, 200))[0] < 50


def test_what_others_see_carries_nothing_of_the_phone(take):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Zhang's phone", "model"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 0.0, 0.0), 3: "E", 4: (113.0, 0.0, 0.0)})
    file = saved(
        scene(),
        "JPEG",
        exif=exif,
        comment=b"at home",
        icc_profile=b"profile" * 20,
        xmp=b"<x:xmpmeta>secret</x:xmpmeta>",
    )
    photo = take(file)
    for which in ("shown", "thumbnail"):
        with default_storage.open(getattr(photo, which)) as stored:
            content = stored.read()
        for trace in (b"Zhang", b"home", b"Exif", b"profile", b"secret", b"xmpmeta", b"ICC"):
            assert trace not in content
        info = Image.open(io.BytesIO(content)).info
        assert set(info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    with default_storage.open(photo.original) as stored:
        assert stored.read() == file


def test_sizes_of_what_is_shown(take):
    noise = Image.fromarray(
        np.random.default_rng(1).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
    )
    photo = take(saved(noise, "JPEG", quality=60))
    assert opened(photo, "shown").size == (1600, 1200)
    assert max(opened(photo, "thumbnail").size) == 320
    assert default_storage.size(photo.thumbnail) < 60_000


def test_a_small_picture_is_not_blown_up(take):
    assert opened(take(saved(Image.new("RGB", (7, 5)), "PNG")), "shown").size == (7, 5)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_shown(take, mode):
    image = (
        scene().convert("L").convert("I").convert("I;16")
        if mode == "I;16"
        else (scene().convert(mode))
    )
    assert opened(take(saved(image, "PNG")), "shown").mode == "RGB"


def test_what_is_transparent_becomes_white(take):
    photo = take(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
    assert opened(photo, "shown").getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("seed", range(12))
def test_the_perceptual_hash_is_the_known_one_stored_signed(seed):
    image = scene(seed=seed)
    unsigned = hashing.phash(image)
    signed = unsigned - 2**64 if unsigned >= 2**63 else unsigned
    assert phash(image) == signed
    assert -(2**63) <= phash(image) < 2**63


def test_a_smaller_copy_of_a_picture_has_nearly_its_hash(take):
    one = take(saved(scene(1600, 1200), "JPEG", quality=90))
    two = take(saved(scene(1600, 1200).resize((800, 600)), "JPEG", quality=50))
    assert bin((one.phash ^ two.phash) & (2**64 - 1)).count("1") <= 4
    one.refresh_from_db()
    assert phash(scene(1600, 1200)) ^ one.phash in range(-(2**63), 2**63)


def test_files_lie_under_the_hash_of_the_content_outside_the_web_root(take, client):
    photo = take(phone_photo())
    start = f"{photo.sha256[:2]}/{photo.sha256[2:4]}/{photo.sha256}"
    assert photo.original == f"original/{start}.jpg"
    for root in ("/", "/media/", "/static/"):
        assert client.get(root + photo.original).status_code == 404


def test_the_same_content_of_another_is_a_row_of_its_own_that_shares_the_file(take, town):
    content = phone_photo()
    one, two = take(content), take(content, by=town.mate)
    assert one.pk != two.pk and one.original == two.original
    assert {one.uploaded_by, two.uploaded_by} == {town.worker, town.mate}


def test_a_rolled_back_upload_leaves_no_row_and_no_file_in_its_place(town, media):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        photo = evidence.take_in(upload(phone_photo()), town.worker)
        raise Undone
    assert not Evidence.objects.exists()
    assert not default_storage.exists(photo.original)
    assert len(list((media / "incoming").iterdir())) == 3


def test_a_file_that_was_committed_but_not_moved_is_found_all_the_same(town):
    photo = evidence.take_in(upload(phone_photo()), town.worker)  # no commit callback has run
    assert not default_storage.exists(photo.shown)
    with evidence.open_file(photo, "shown") as file:
        assert Image.open(file).size == (640, 480)


def test_the_same_key_and_file_give_the_same_photo(take):
    content = phone_photo()
    assert take(content, key="k1").pk == take(content, key="k1").pk
    assert Evidence.objects.count() == 1
    with pytest.raises(Conflict):
        take(phone_photo(scene(seed=9)), key="k1")


def test_a_key_belongs_to_who_used_it(take, town):
    content = phone_photo()
    assert take(content, key="k1").pk != take(content, key="k1", by=town.mate).pk


def test_distance_and_time_are_told(take, town):
    photo = take(phone_photo(longitude=113.9015, latitude=30.9005))
    case = play.reported(town)
    assert 90 < evidence.distance_m(photo, case) < 100
    assert evidence.time_between(photo, case) == timedelta(minutes=5)
    bare = take(saved(scene(), "JPEG"))
    assert evidence.distance_m(bare, case) is None
    assert evidence.time_between(bare, case) is None


def test_a_photo_far_away_and_long_ago_is_taken_all_the_same(take, town):
    photo = take(phone_photo(taken_at=datetime(2020, 1, 1, tzinfo=UTC), longitude=10, latitude=50))
    with now.at(now.now() + timedelta(minutes=1)):
        assert (
            play.workflow.report(
                town.worker,
                city=town.city,
                point=town.inside,
                category=town.rubbish.code,
                evidence=[photo.pk],
            ).stage
            == "reported"
        )


# --- sweeping -----------------------------------------------------------------------------


def later(**options):
    return now.now() + timedelta(**options)


def test_the_sweep_takes_what_nobody_named_and_its_files(take):
    photo = take(phone_photo())
    assert evidence.sweep(later(hours=-1)) == 0
    assert evidence.sweep(later(hours=1)) == 1
    assert not Evidence.objects.exists()
    for which in evidence.FILES:
        assert not default_storage.exists(getattr(photo, which))


def test_the_sweep_leaves_files_that_another_photo_shares(take, town):
    content = phone_photo()
    take(content)
    with now.at(later(hours=2)):
        kept = take(content, by=town.mate)
    assert evidence.sweep(later(hours=1)) == 1
    with evidence.open_file(kept, "thumbnail") as file:
        assert Image.open(file).format == "JPEG"
    assert default_storage.exists(kept.original)


def test_the_sweep_never_takes_a_named_photo(take, town):
    photo = take(phone_photo())
    play.workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        category=town.rubbish.code,
        evidence=[photo.pk],
    )
    assert evidence.sweep(later(days=400)) == 0
    assert default_storage.exists(photo.original)


def test_the_sweep_clears_what_rolled_back_uploads_left(town, media):
    with pytest.raises(RuntimeError), transaction.atomic():
        evidence.take_in(upload(phone_photo()), town.worker)
        raise RuntimeError
    evidence.sweep(datetime.now(UTC) - timedelta(hours=1))
    assert len(list((media / "incoming").iterdir())) == 3
    evidence.sweep(datetime.now(UTC) + timedelta(hours=1))
    assert not list((media / "incoming").iterdir())


def test_the_nightly_task_sweeps_and_may_run_twice(take):
    take(phone_photo())
    with now.at(later(days=2)):
        sweep_evidence()
        sweep_evidence()
    assert not Evidence.objects.exists()


def test_a_large_picture_keeps_its_measures_and_is_shown_small(take):
    big = scene(2400, 3300)
    exif = Image.Exif()
    exif[0x0112] = 6  # the phone was held on its side
    for options, size, shown in (
        ({}, (2400, 3300), (1164, 1600)),
        ({"exif": exif}, (3300, 2400), (1600, 1164)),
    ):
        photo = take(saved(big, "JPEG", **options))
        assert (photo.width, photo.height) == size
        with opened(photo, "shown") as picture:
            assert picture.size == shown
        with opened(photo, "thumbnail") as picture:
            assert max(picture.size) == 320


def test_a_strip_is_a_picture_too(take):
    assert take(saved(scene(9000, 3), "JPEG")).width == 9000
