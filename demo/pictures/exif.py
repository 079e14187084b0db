"""A picture as the JPEG file that a phone would send: with the time and the place it was taken."""

from datetime import UTC
from io import BytesIO

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

EXIF_BLOCK, GPS_BLOCK = 0x8769, 0x8825
DATE_TIME, DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL = 0x0132, 0x9003, 0x9011


def _sexagesimal(degrees):
    """Degrees as EXIF's three rationals; a hundred-thousandth of a second is far below a
    millimetre."""
    hundred_thousandths = round(abs(degrees) * 3600 * 100_000)
    minutes, seconds = divmod(hundred_thousandths, 60 * 100_000)
    return (
        IFDRational(minutes // 60, 1),
        IFDRational(minutes % 60, 1),
        IFDRational(seconds, 100_000),
    )


def _offset(moment):
    """The offset from UTC as EXIF writes it, such as +08:00."""
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def jpeg(image, *, taken_at, longitude, latitude, quality=72):
    """The file's bytes. A time without a zone is written as it is, without an offset."""
    exif = Image.Exif()
    stamp = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif[DATE_TIME] = stamp
    details = {DATE_TIME_ORIGINAL: stamp}
    place = {0: b"\x02\x03\x00\x00", 1: "N" if latitude >= 0 else "S", 2: _sexagesimal(latitude)}
    place |= {3: "E" if longitude >= 0 else "W", 4: _sexagesimal(longitude), 18: "WGS-84"}
    if taken_at.tzinfo is not None:
        details[OFFSET_TIME_ORIGINAL] = _offset(taken_at)
        satellite = taken_at.astimezone(UTC)
        place[7] = (
            IFDRational(satellite.hour, 1),
            IFDRational(satellite.minute, 1),
            IFDRational(satellite.second, 1),
        )
        place[29] = satellite.strftime("%Y:%m:%d")
    exif.get_ifd(EXIF_BLOCK).update(details)
    exif.get_ifd(GPS_BLOCK).update(place)
    file = BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality, exif=exif)
    return file.getvalue()
