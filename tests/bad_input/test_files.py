"""Photos that are none, too many, too large, or oddly named."""

import io
import re
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from gezhi.cases.models import Attachment, Case
from tests.bad_input.stage import (
    HAN,
    HERE,
    KEYS,
    WORDS,
    Login,
    browser,
    knock,
    nothing_stored,
    problem,
    refused,
)
from tests.cast import County


def _png(width: int, height: int) -> bytes:
    """A small file that says it is this large."""

    def part(kind: bytes, body: bytes) -> bytes:
        sealed = kind + body
        return struct.pack(">I", len(body)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((200, 150), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


JPEG = _jpeg()
NO_PHOTOS: dict[str, bytes] = {
    "text": b"this is no photo",
    "nothing": b"",
    "half a jpeg": JPEG[: len(JPEG) // 2],
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "bomb": _png(30_000, 30_000),
    "wide bomb": _png(2**31 - 1, 1),
    "png without picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "zip": b"PK\x03\x04" + bytes(100),
    "script": b"#!/bin/sh\nrm -rf /",
    "30 MB": JPEG + bytes(30 * 1024 * 1024),
}


def _photo(data: bytes = JPEG, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


@pytest.mark.parametrize("name", NO_PHOTOS)
def test_a_photo_that_is_none_is_refused_at_every_door(
    county: County, login: Login, handled: Case, name: str
) -> None:
    data = NO_PHOTOS[name]
    moves = f"/desk/cases/{handled.number}/moves"
    done = {"outcome": "solved", "answer": WORDS, "after": _photo(data)}
    with nothing_stored():
        refused(knock(browser(), "/report/files/", {"photos": _photo(data)}), status=422)
        refused(
            knock(browser(), "/report/", {"what": WORDS, "photos": _photo(data)}),
            typed=WORDS, status=422,
        )  # fmt: skip
        typed = {"channel": "desk", "what": WORDS, "photos": _photo(data), **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), typed=WORDS, status=422)
        attach = {"photo": _photo(data), "is_public": "yes"}
        refused(knock(login("shui"), f"{moves}/attach/", attach), "photo.jpg", status=422)
        refused(knock(login("shui"), f"{moves}/finish/", done), typed=WORDS, status=422)
        header = {"Authorization": f"Bearer {KEYS['shui']}"}
        for path, field in (
            (f"/cases/{handled.number}/attachments", "file"),
            ("/cases/with-files", "photos"),
        ):
            sent = {"what": WORDS, "kind": "photo", "place": "村口", field: _photo(data)}
            problem(knock(browser(), f"/api/v1{path}", sent, headers=header), status=422)
    assert not Attachment.objects.exists()


def test_forty_photos_are_too_many_at_every_door(
    county: County, login: Login, handled: Case
) -> None:
    small = io.BytesIO()
    Image.new("RGB", (2, 2)).save(small, "JPEG")

    def forty() -> list[SimpleUploadedFile]:
        return [_photo(small.getvalue(), f"{at}.jpg") for at in range(40)]

    with nothing_stored():
        refused(knock(browser(), "/report/files/", {"photos": forty()}), "最多上传")
        refused(knock(browser(), "/report/", {"what": WORDS, "photos": forty()}), typed=WORDS)
        typed = {"channel": "desk", "what": WORDS, "photos": forty(), **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), "最多上传", typed=WORDS)
        sent = {"what": WORDS, "place": "村口", "photos": forty()}
        problem(knock(browser(), "/api/v1/cases/with-files", sent), "case_too_many_files")
    address = f"/desk/cases/{handled.number}/moves/attach/"
    refused(knock(login("shui"), address, {"photo": forty(), "is_public": "yes"}), "最多上传")
    assert Attachment.objects.count() <= 27


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.jpg", "..\\..\\boot.jpg", "a\x00b.jpg", "长" * 300 + ".jpg", ".", "..jpg",
     "\u202egpj.exe", "a\r\nContent-Type: text/html.jpg", '"><script>.jpg', "CON", "👨‍👩‍👧.jpg"],
)  # fmt: skip
def test_a_wrong_file_name_becomes_a_name_and_no_more(
    county: County, login: Login, handled: Case, name: str
) -> None:
    doors = [
        (login("shui"), f"/desk/cases/{handled.number}/moves/attach/", "photo", {}),
        (
            browser(), f"/api/v1/cases/{handled.number}/attachments", "file",
            {"Authorization": f"Bearer {KEYS['shui']}"},
        ),
    ]  # fmt: skip
    for client, address, field, headers in doors:
        body = (
            b'--x\r\nContent-Disposition: form-data; name="is_public"\r\n\r\nyes\r\n--x\r\n'
            b'Content-Disposition: form-data; name="%s"; filename="%s"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n%s\r\n--x--\r\n"
        ) % (field.encode(), name.replace('"', '\\"').encode(), JPEG)
        answer = knock(
            client, address, raw=body, kind="multipart/form-data; boundary=x", headers=headers
        )
        if answer.status_code >= 400:  # the server found no file in it at all
            assert answer.status_code < 500
            assert HAN.search(answer.content.decode())
    for kept in Attachment.objects.all():
        assert re.fullmatch(r"[\w.\- ]{1,85}", kept.name), kept.name
        assert kept.name.endswith(".jpg")
        shown = knock(login("shui"), f"/desk/cases/files/{kept.id}/", method="GET")
        assert shown.status_code == 200
        assert "\n" not in shown["Content-Disposition"]
