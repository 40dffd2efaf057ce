"""How a resident reports in these tests: what, where, send."""

import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.cast import GRID, point_in

WORDS = "村口自来水管破裂，路上全是水，已经半天没人管"


def photo(name: str = "a.jpg", size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def tell_what(rita: Client, what: str = WORDS, **more: Any) -> Any:
    return rita.post("/report/", {"what": what, **more})


def tell_where(rita: Client, grid: str = GRID, **more: Any) -> Any:
    lon, lat = point_in(grid)
    return rita.post("/report/where/", {"lon": lon, "lat": lat, **more})


def send(rita: Client, **contact: Any) -> Any:
    return rita.post("/report/send/", contact)


def code_on(page: str) -> str:
    found = re.search(r'gz-ticket-code">([^<]+)<', page)
    assert found
    return found.group(1)
