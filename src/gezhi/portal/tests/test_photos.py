"""Photos and voice of a report: kept at once, sealed, refused one by one."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gezhi.cases.models import Attachment
from gezhi.portal import adapters, jobs
from gezhi.portal.tests.reporting import WORDS, photo, send, tell_what, tell_where
from tests.cast import County


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("big.jpg", bytes(30 * 1024 * 1024)), "文件有 30 MB，最多 15 MB"),
        (SimpleUploadedFile("a.jpg", b"not a photo"), "这不是能打开的照片"),
        (SimpleUploadedFile("../../etc/a.svg", b"<svg onload=alert(1)>"), "这不是能打开的照片"),
    ],
)
def test_a_bad_photo_is_refused_in_words_and_the_rest_is_kept(
    county: County, rita: Client, file: SimpleUploadedFile, words: str
) -> None:
    file.seek(0)
    refused = tell_what(rita, photos=[photo("good.jpg"), file])
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    assert WORDS in page
    assert page.count("report/files/") >= 2  # the good photo is there, with its own address
    # Without the bad one the report goes on, the good photo with it.
    tell_what(rita)
    tell_where(rita)
    send(rita)
    assert Attachment.objects.count() == 1


def test_a_tenth_photo_is_refused(county: County, rita: Client) -> None:
    refused = tell_what(rita, photos=[photo(f"{n}.jpg") for n in range(10)])
    assert refused.status_code == 422
    assert "最多上传 9 个文件" in refused.content.decode()


def test_a_photo_is_kept_as_soon_as_it_is_chosen_and_can_be_taken_out(
    county: County, rita: Client
) -> None:
    part = rita.post("/report/files/", {"photos": photo()})
    assert part.status_code == 200
    assert b"<html" not in part.content
    address = re.search(rb'src="(/report/files/[^"]+)"', part.content)
    assert address
    url = address.group(1).decode()
    small = rita.get(url)
    assert small["Content-Type"] == "image/jpeg"
    assert small["X-Content-Type-Options"] == "nosniff"
    assert Client().get(url).status_code == 404
    assert rita.post(url + "drop/").status_code == 302
    assert rita.get(url).status_code == 404


def test_drafts_lie_sealed_and_are_swept_away(county: County, rita: Client) -> None:
    tell_what(rita, photos=photo())
    folder = Path(settings.FILES_DIR) / "drafts"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert WORDS.encode() not in path.read_bytes()
        assert b"JFIF" not in path.read_bytes()
    adapters.sweep(before=datetime.now(UTC) - timedelta(days=1))
    assert WORDS in rita.get("/report/").content.decode()
    adapters.sweep(before=datetime.now(UTC) + timedelta(days=1))
    assert WORDS not in rita.get("/report/").content.decode()
    jobs.sweep_drafts(0)
