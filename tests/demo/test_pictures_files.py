"""The file that leaves the drawing board: stamped with time and place, its hash stable."""

from datetime import datetime, timedelta, timezone
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from demo.pictures import draw, jpeg, phash
from demo.pictures.exif import EXIF_BLOCK, GPS_BLOCK

TAKEN = datetime(2026, 7, 14, 10, 21, 36, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="module")
def picture():
    """A manhole cover that is missing."""
    return draw("C-01-03", "before", 7)


def opened(picture, **changes):
    """The picture as a file and back."""
    facts = {"taken_at": TAKEN, "longitude": 114.0579, "latitude": 22.5431} | changes
    return Image.open(BytesIO(jpeg(picture, **facts)))


def degrees(parts):
    """EXIF's degrees, minutes, seconds as one number."""
    return float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600


def test_the_time_and_its_zone_come_back(picture):
    block = opened(picture).getexif().get_ifd(EXIF_BLOCK)
    assert (block[0x9003], block[0x9011]) == ("2026:07:14 10:21:36", "+08:00")


def test_a_time_without_a_zone_has_no_offset(picture):
    block = opened(picture, taken_at=TAKEN.replace(tzinfo=None)).getexif().get_ifd(EXIF_BLOCK)
    assert block[0x9003] == "2026:07:14 10:21:36"
    assert 0x9011 not in block


@pytest.mark.parametrize(
    ("longitude", "latitude", "letters"),
    [(114.0579, 22.5431, "EN"), (-58.3816, -34.6037, "WS"), (179.9999999, 0.0, "EN")],
)
def test_the_place_comes_back(picture, longitude, latitude, letters):
    block = opened(picture, longitude=longitude, latitude=latitude).getexif().get_ifd(GPS_BLOCK)
    assert block[3] + block[1] == letters
    assert degrees(block[4]) == pytest.approx(abs(longitude), abs=1e-8)
    assert degrees(block[2]) == pytest.approx(abs(latitude), abs=1e-8)


def test_the_satellites_keep_universal_time(picture):
    block = opened(picture).getexif().get_ifd(GPS_BLOCK)
    assert block[29] == "2026:07:14"
    assert [float(part) for part in block[7]] == [2.0, 21.0, 36.0]


def test_a_file_is_small(picture):
    facts = {"taken_at": TAKEN, "longitude": 114.0, "latitude": 22.5}
    assert 8_000 < len(jpeg(picture, **facts)) < 60_000


@pytest.mark.parametrize("quality", [30, 60, 90])
@pytest.mark.parametrize("code", ["C-01-03", "E-01-10", "E-02-07"])
def test_the_hash_survives_another_encoding(code, quality):
    picture = draw(code, "before", 7)
    again = opened(picture, quality=quality)
    smaller = again.resize((480, 360))
    for copy in (again, smaller):
        assert (phash(picture) ^ phash(copy)).bit_count() <= 6


def test_the_hash_follows_the_published_definition(picture):
    """Written out from the definition: the sums of cosines, the median, the order of the bits."""
    small = picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    grey = np.asarray(small, dtype=float)
    n = np.arange(32)
    low = np.array(
        [
            [
                (
                    grey
                    * np.cos(np.pi * v * (2 * n[:, None] + 1) / 64)
                    * np.cos(np.pi * u * (2 * n[None, :] + 1) / 64)
                ).sum()
                for u in range(8)
            ]
            for v in range(8)
        ]
    )
    bits = "".join("1" if bit else "0" for bit in (low > np.median(low)).ravel())
    assert phash(picture) == int(bits, 2)
