"""What the API's tests report: words, a place, a photo."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, point_in

LON, LAT = point_in(GRID)
REPORT = {"what": "路灯坏了三天", "where": {"lon": LON, "lat": LAT}}


def a_photo(colour: str = "teal") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile("现场.jpg", out.getvalue(), "image/jpeg")


def reasons(kind: str) -> Any:
    return rulebook.current(COUNTY).reasons(kind)
