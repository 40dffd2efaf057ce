"""Small drawn pictures that stand for photographs, and a page that stands for a document."""

import io
from datetime import datetime

import numpy as np
from PIL import ExifTags, Image, ImageDraw

_SIZE = (400, 300)
_MESS = ((92, 70, 48), (120, 96, 60), (70, 82, 60), (140, 130, 120))


def draw_photo(
    what: str, chance: np.random.Generator, *, place: tuple[float, float] | None, at: datetime
) -> bytes:
    """A street with sky, wall and ground; `before` has a heap on it, `after` is clean.

    Where `place` (longitude, latitude) is given, it stands in the EXIF with the time.
    """
    light = int(chance.integers(150, 235))
    image = Image.new("RGB", _SIZE, (light - 40, light - 15, light))
    draw = ImageDraw.Draw(image)
    wall = int(chance.integers(90, 170))
    for house in range(5):
        left = house * 86 - int(chance.integers(0, 30))
        top = int(chance.integers(60, 130))
        shade = wall + int(chance.integers(-18, 18))
        draw.rectangle((left, top, left + 78, 196), fill=(shade + 30, shade + 12, shade - 8))
        for row in range(top + 14, 180, 34):
            draw.rectangle((left + 16, row, left + 30, row + 16), fill=(70, 84, 100))
            draw.rectangle((left + 48, row, left + 62, row + 16), fill=(70, 84, 100))
    draw.rectangle((0, 190, 400, 300), fill=(126, 120, 112))
    draw.line((0, 246, 400, 250), fill=(214, 208, 196), width=4)
    if what != "after":
        for _ in range(26):
            x, y = chance.normal(205, 42), chance.normal(232, 15)
            size = chance.uniform(5, 17)
            colour = _MESS[int(chance.integers(len(_MESS)))]
            draw.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.7), fill=colour)
    draw.text((8, 284), f"DEMO {what}", fill=(250, 250, 250))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72, exif=_exif(place, at) if place else Image.Exif())
    return out.getvalue()


def draw_signature(chance: np.random.Generator) -> bytes:
    """A scrawl on white paper."""
    image = Image.new("RGB", (300, 120), "white")
    points = np.column_stack([np.linspace(30, 270, 24), chance.normal(60, 20, 24)])
    ImageDraw.Draw(image).line(
        [(float(x), float(y)) for x, y in points], fill=(20, 24, 60), width=3
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def make_document(number: int, *, at: datetime) -> bytes:
    """One page of PDF that says it belongs to the demo."""
    image = Image.new("RGB", (420, 594), "white")
    ImageDraw.Draw(image).text((40, 40), f"DEMO DOCUMENT {number}", fill=(30, 30, 30))
    out = io.BytesIO()
    stamp = at.utctimetuple()  # else the wall clock would get into the file
    image.save(out, "PDF", creationDate=stamp, modDate=stamp)
    return out.getvalue()


def _exif(place: tuple[float, float], at: datetime) -> Image.Exif:
    exif = Image.Exif()
    stamp = at.strftime("%Y:%m:%d %H:%M:%S")
    exif[ExifTags.Base.DateTime] = stamp
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = stamp
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    lon, lat = place
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", _parts(lat)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", _parts(lon)
    return exif


def _parts(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    rest = (degrees - whole) * 60
    return float(whole), float(int(rest)), round((rest - int(rest)) * 60, 3)
