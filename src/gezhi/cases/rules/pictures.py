"""Pictures: what is one, what its EXIF says, and a clean copy without EXIF. Bytes in, bytes out."""

import io
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import GPS, IFD, Base

MOST_PIXELS = 60_000_000  # what a phone of today makes; a bomb is far above
LONGEST_SIDE = 2560
_QUALITY = 85
_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "MPO"]


class NotAPicture(ValueError):
    """The bytes are no picture of a kind that is taken, or are too large a one."""


@dataclass(frozen=True)
class Picture:
    """A clean JPEG and what its EXIF said of place (WGS-84 degrees) and time before it was cut."""

    data: bytes
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None


def read_picture(data: bytes, *, zone: timezone = timezone(timedelta(hours=8))) -> Picture:
    """Decode, turn upright, shrink, re-encode; raises NotAPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise NotAPicture("too many pixels")
            exif = image.getexif()
            taken_at, point = _taken_at(exif, zone), _point(exif)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
            image = _upright(image)
    except NotAPicture:
        raise
    except (
        UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError,
        ArithmeticError, LookupError, MemoryError, Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:  # fmt: skip
        raise NotAPicture(str(error)) from error
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image.info.clear()  # a comment would be written again
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=False)
    lon, lat = point or (None, None)
    return Picture(out.getvalue(), image.width, image.height, taken_at, lon, lat)


def _upright(image: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("RGBA", "LA", "P"):
        layer = turned.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return turned.convert("RGB")


def _taken_at(exif: Image.Exif, zone: timezone) -> datetime | None:
    inner = exif.get_ifd(IFD.Exif)
    text = inner.get(Base.DateTimeOriginal) or exif.get(Base.DateTime)
    try:
        local = datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        return None
    return local.astimezone(UTC)


def _point(exif: Image.Exif) -> tuple[float, float] | None:
    gps = exif.get_ifd(IFD.GPSInfo)
    try:
        lat = _degrees(gps[GPS.GPSLatitude], gps.get(GPS.GPSLatitudeRef, "N"))
        lon = _degrees(gps[GPS.GPSLongitude], gps.get(GPS.GPSLongitudeRef, "E"))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _degrees(parts: Any, side: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    sign = -1 if str(side) in ("S", "W") else 1
    return sign * (degrees + minutes / 60 + seconds / 3600)
