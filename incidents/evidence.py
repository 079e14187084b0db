"""Photos: taken in, looked at, stripped for others' eyes, kept sealed, swept if nobody names them.

What a file is, its content says; its name is never asked. The original is kept as it came,
under the hash of its content, and never served. What others see is made anew from the pixels, so
that nothing of the phone, the hour or the home of who took it goes along.

Files are written under a name of their upload and renamed when the transaction is committed: a
photo that was rolled back leaves no row, and what it leaves in `incoming/` the sweep takes away.
"""

import hashlib
import io
import math
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pillow_heif
from django.contrib.gis.geos import Point
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from grids.backends import posts_of
from incidents.facts import BadFacts, Conflict
from incidents.models import Evidence, Fingerprint
from lib import coords
from lib import now as clock
from lib.likeness import keys_of, likeness

pillow_heif.register_heif_opener()

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
SHOWN_SIDE, THUMBNAIL_SIDE = 1600, 320
THUMBNAIL_BYTES = 60_000
# Pillow's format -> media type and suffix. MPO is a JPEG with more pictures behind it (phones).
MEDIA = {
    "JPEG": ("image/jpeg", "jpg"),
    "MPO": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "HEIF": ("image/heic", "heic"),
}
FILES = ("original", "shown", "thumbnail")
INCOMING = "incoming"
# An Idempotency-Key gives the photo its id; the name space is this project's own.
_KEYS = uuid.UUID("6f0d2f0e-2b5d-4a52-9f3a-3f8c1b7d9e11")

_EXIF, _GPS = 0x8769, 0x8825
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL = 0x9003, 0x9011


@dataclass(frozen=True)
class Picture:
    """What was read from a file: its upright pixels, at most `SHOWN_SIDE` a side, and the facts
    beside them; width and height are the file's own."""

    pixels: Image.Image
    format: str
    width: int
    height: int
    taken_at: datetime | None
    position: Point | None


def take_in(file, by, *, city=None, key=""):
    """Store an uploaded file as a new, unnamed Evidence of `by`; no case is read or locked.

    `city` (by default that of the member's post) says in whose zone a capture time without an
    offset is read. With `key` the same upload again gives the same row, another file Conflict.
    Raises BadFacts("file") for what is no picture, too large, or cannot be read.
    """
    city = city or _city_of(by)
    data = _read_all(file)
    digest = hashlib.sha256(data).hexdigest()
    row_id = uuid.uuid5(_KEYS, f"{by.pk}:{key}") if key else uuid.uuid4()
    if key and (before := _uploaded_before(row_id, digest)):
        return before
    picture = look_at(data, ZoneInfo(city.time_zone) if city else UTC)
    prints, grains = likeness(picture.pixels)
    row = _row_of(picture, digest, len(data))
    row.id, row.city, row.uploaded_by, row.uploaded_at = row_id, city, by, clock.now()
    row.phash = prints[0] if prints else None
    _write_incoming(row, data, picture.pixels)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            Fingerprint.objects.create(
                evidence=row, prints=prints, grains=grains, keys=keys_of(prints)
            )
            transaction.on_commit(lambda: settle(row))
    except IntegrityError:  # the same key at the same moment: the other request's row holds
        return _uploaded_before(row_id, digest)
    return row


def _row_of(picture, digest, size):
    """An Evidence, not saved, with what was read from a file of `size` bytes."""
    kind, suffix = MEDIA[picture.format]
    return Evidence(
        sha256=digest,
        size=size,
        media_type=kind,
        taken_at=picture.taken_at,
        position=picture.position,
        width=picture.width,
        height=picture.height,
        **_names(digest, suffix),
    )


def _uploaded_before(row_id, digest):
    row = Evidence.objects.filter(pk=row_id).first()
    if row is not None and row.sha256 != digest:
        raise Conflict(
            _("This key was used for another file."), who=row.uploaded_by, when=row.uploaded_at
        )
    return row


def _city_of(by):
    post = next(iter(posts_of(by)), None)
    return post.city if post else None


def _read_all(file):
    """The bytes of an upload, never more than one beyond the limit."""
    data = b"" if (getattr(file, "size", None) or 0) > MOST_BYTES else file.read(MOST_BYTES + 1)
    if not data and getattr(file, "size", None) == 0:
        raise BadFacts({"file": [_("The file is empty.")]})
    if not data or len(data) > MOST_BYTES:
        raise BadFacts({"file": [_("A photo may have at most 15 MB.")]})
    return data


# --- Reading ------------------------------------------------------------------------------


def look_at(data, zone):
    """The Picture in a file's bytes; raises BadFacts("file")."""
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "HEIF"))
        # Only the header has been read so far: the size is judged before a pixel is unpacked.
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        exif = image.getexif()
        taken_at, position = _taken_at(exif, zone), _position(exif)
        kind = image.format
        pixels, width, height = _unpacked(image)
    except Image.DecompressionBombError:
        raise BadFacts({"file": [_("A photo may have at most 50 million pixels.")]}) from None
    except Exception:  # decoders raise whatever a broken or hostile file makes them raise
        raise BadFacts(
            {"file": [_("This is no JPEG, PNG, WebP or HEIC picture, or it is damaged.")]}
        ) from None
    return Picture(pixels, kind, width, height, taken_at, position)


def _unpacked(image):
    """Pixels as others see them, and the width and height of the whole, all upright."""
    whole, longer = image.size, max(image.size)
    # A JPEG is unpacked at half, a quarter or an eighth of its size where that still is enough.
    image.draft(None, tuple(max(side * SHOWN_SIDE // longer, 1) for side in whole))
    image.load()  # here, not at the first use, so that a damaged file is refused
    drafted = image.size
    ImageOps.exif_transpose(image, in_place=True)
    turned = image.size != drafted
    pixels = _on_white(image)
    if drafted == whole:
        whole = pixels.size
    elif turned:
        whole = whole[::-1]
    pixels.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS)
    return pixels, *whole


def _on_white(image):
    """Plain RGB; what is transparent becomes white."""
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        image = ground
    return image if image.mode == "RGB" else image.convert("RGB")


def _taken_at(exif, zone):
    """The capture time, aware; without an offset of its own it is wall time in `zone`."""
    block = exif.get_ifd(_EXIF)
    text, offset = block.get(_DATE_TIME_ORIGINAL), block.get(_OFFSET_TIME_ORIGINAL)
    try:
        wall = datetime.strptime(text.strip("\x00 "), "%Y:%m:%d %H:%M:%S")
        return wall.replace(tzinfo=_zone_of(offset) or zone).astimezone(UTC)
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None  # a phone that does not know the hour says nothing


def _zone_of(offset):
    try:
        return datetime.strptime(offset.strip("\x00 "), "%z").tzinfo
    except (AttributeError, TypeError, ValueError):
        return None


def _position(exif):
    """Where it was taken, or None where that is missing or nonsense."""
    block = exif.get_ifd(_GPS)
    try:
        latitude = _degrees(block[2]) * (-1 if str(block.get(1, "N"))[:1] in "Ss" else 1)
        longitude = _degrees(block[4]) * (-1 if str(block.get(3, "E"))[:1] in "Ww" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    sound = math.isfinite(latitude + longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    # A phone without a fix writes zeros, and nobody photographs a street there.
    if not sound or latitude == longitude == 0:
        return None
    return Point(longitude, latitude, srid=4326)


def _degrees(value):
    degrees, minutes, seconds = (float(part) for part in value)
    return degrees + minutes / 60 + seconds / 3600


# --- Files --------------------------------------------------------------------------------


def _names(digest, suffix):
    folder = f"{digest[:2]}/{digest[2:4]}/{digest}"
    return {
        "original": f"original/{folder}.{suffix}",
        "shown": f"shown/{folder}.jpg",
        "thumbnail": f"thumbnail/{folder}.jpg",
    }


def _incoming(row, which):
    """Where a file waits for its row; two uploads under one key are told apart by content."""
    return _waiting(f"{row.pk}.{row.sha256}", which)


def _waiting(name, which):
    return Path(default_storage.path(f"{INCOMING}/{name}.{which}"))


def _write_incoming(row, data, pixels):
    contents = {"original": data, "shown": _jpeg(pixels, quality=85)}
    contents["thumbnail"] = _small(pixels)
    for which, content in contents.items():
        # Whole or not at all: the same upload may be settled by another request at this moment.
        path = _waiting(uuid.uuid4(), which)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o440 if which == "original" else 0o660)
        path.replace(_incoming(row, which))


def _jpeg(pixels, *, quality):
    """A JPEG with no metadata at all."""
    pixels.info = {}  # Pillow would write a comment or a profile from here into the new file
    file = io.BytesIO()
    pixels.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _small(pixels):
    """A thumbnail below its limit of bytes."""
    small = pixels.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    for quality in (80, 60, 40, 20):
        content = _jpeg(small, quality=quality)
        if len(content) < THUMBNAIL_BYTES:
            break
    return content


def settle(row):
    """Move a committed photo's files to their final names; safe to do again, and done again by
    whoever opens a file if the process died between commit and here."""
    for which in FILES:
        source, target = _incoming(row, which), Path(default_storage.path(getattr(row, which)))
        target.parent.mkdir(parents=True, exist_ok=True)
        # Equal content has an equal name, so replacing a file that is there changes nothing; what
        # is no longer waiting has been settled by somebody else.
        with suppress(FileNotFoundError):
            source.replace(target)


def open_file(row, which):
    """The open file `which` ("shown" or "thumbnail") of a photo, or FileNotFoundError."""
    name = getattr(row, which)
    if not default_storage.exists(name):
        settle(row)
    return default_storage.open(name)


# --- Sweeping -----------------------------------------------------------------------------


def sweep(before):
    """Delete photos uploaded before a moment that no step ever named, and their files where no
    other photo shares them; returns how many rows went."""
    unnamed = Evidence.objects.filter(case__isnull=True, step__isnull=True, uploaded_at__lt=before)
    gone = 0
    for row in unnamed.iterator(chunk_size=500):
        with transaction.atomic():
            # Locked and asked again: a move may be naming it at this moment.
            kept = unnamed.select_for_update(skip_locked=True).filter(pk=row.pk).first()
            if kept is None:
                continue
            kept.delete()
        settle(row)
        for which in FILES:
            _delete_unless_shared(row, which)
        gone += 1
    _sweep_incoming(before)
    return gone


def _delete_unless_shared(row, which):
    path = Path(default_storage.path(getattr(row, which)))
    aside = _waiting(uuid.uuid4(), which)
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Moved aside first, then asked: an upload of the same content that commits in between is
        # either seen here or puts its own file at the name.
        path.replace(aside)
    except FileNotFoundError:
        return
    if Evidence.objects.filter(sha256=row.sha256).exists():
        aside.replace(path)
    else:
        aside.unlink(missing_ok=True)


def _sweep_incoming(before):
    """Take away what rolled-back uploads left; finish what a killed process did not."""
    folder = Path(default_storage.path(INCOMING))
    for path in folder.iterdir() if folder.exists() else ():
        try:
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:  # an upload that has just been committed took it to its place
            continue
        if written_at >= before:
            continue
        row = Evidence.objects.filter(pk=path.name.partition(".")[0]).first()
        if row is None or row.sha256 not in path.name:
            path.unlink(missing_ok=True)
        else:
            settle(row)


# --- Photo and case -----------------------------------------------------------------------


def distance_m(evidence, case):
    """Metres between where a photo was taken and the case; None without a position. Shown to who
    judges, never held against anybody: phones are wrong among tall houses."""
    if evidence.position is None:
        return None
    return metres(evidence.position, case.point)


def metres(one, other):
    """The distance of two points, to a tenth of a metre."""
    return round(coords.distance(one.x, one.y, other.x, other.y), 1)


def time_between(evidence, case):
    """How long before its step (before the report, while unnamed) a photo was taken, as a
    timedelta, negative if after; None without a capture time. Shown, never punished."""
    if evidence.taken_at is None:
        return None
    moment = evidence.step.at if evidence.step_id else case.reported_at
    return moment - evidence.taken_at
