"""Small files that want to be large: each refused, or kept unopened, in little time and memory.

| file | as | answer |
| --- | --- | --- |
| a picture of 30 000 × 30 000 or of 2³¹ × 1 points | photo | refused by its head, never drawn |
| a workbook with a part of 300 MB | import | refused |
| a workbook whose entities become 3 GB (`&lol;`) | import | refused, or read without them |
| the same as a letter (docx), and one that bursts | document | kept as it is, never unpacked |
| the same as a picture | photo | refused |
"""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import xlsxwriter

from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.intake import rules as intake
from tests.cast import County

_LAUGHS = "".join(
    f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "lol" * 10}">' for at in range(9)
)
_DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE x [{_LAUGHS}]>'.encode()
MUCH = 100 * 1024 * 1024


@contextmanager
def _little() -> Iterator[None]:
    """Neither much memory nor much time goes into it."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        yield
    finally:
        most, took = tracemalloc.get_traced_memory()[1], time.perf_counter() - began
        tracemalloc.stop()
    assert most < MUCH, f"{most / 1024 / 1024:.0f} MB"
    assert took < 20, f"{took:.1f} s"


def _png(width: int, height: int) -> bytes:
    """A file of some hundred bytes that says it is this large."""

    def part(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def _laughing_workbook() -> bytes:
    made, out = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(made)
    book.add_worksheet().write_row(0, 0, ["留言编号", "留言主题", "留言时间", "留言详情"])
    book.close()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/sharedStrings.xml":
                data = _DOCTYPE + data[data.index(b"<sst") :].replace("留言主题".encode(), b"&l8;")
            new.writestr(name, data)
    return out.getvalue()


def _docx(document: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as letter:
        letter.writestr("[Content_Types].xml", "<Types/>")
        letter.writestr("word/document.xml", document)
    return out.getvalue()


LETTERS = {
    "laughs": _docx(_DOCTYPE + b"<x>&l8;</x>"),
    "bursts": _docx(b" " * 200_000_000),
}


@pytest.mark.django_db
@pytest.mark.parametrize("size", [(30_000, 30_000), (2**31 - 1, 1)])
def test_a_picture_that_says_it_is_huge_is_never_drawn(
    size: tuple[int, int], handled: Case, county: County
) -> None:
    upload = cases.Upload("p.png", _png(*size), "photo")
    with _little(), pytest.raises(Refusal):
        cases.attach(handled.id, upload=upload, actor=county.actor("shui"))


def test_a_workbook_whose_entities_grow_is_not_let_grow() -> None:
    with _little():
        try:
            found = intake.read_table(_laughing_workbook())
        except Refusal:
            return
    assert max(map(len, map(str, found.header)), default=0) < 1000


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_kept_without_being_unpacked(name: str, handled: Case, county: County) -> None:
    data = LETTERS[name]
    upload = cases.Upload("回函.docx", data, "document")
    with _little():
        kept = cases.attach(handled.id, upload=upload, actor=county.actor("shui"))
        assert case_reads.file_bytes(kept) == data


@pytest.mark.django_db
@pytest.mark.parametrize("make", [_laughing_workbook, lambda: LETTERS["bursts"]])
def test_neither_is_taken_for_a_picture(
    make: Callable[[], bytes], handled: Case, county: County
) -> None:
    upload = cases.Upload("p.jpg", make(), "photo")
    with _little(), pytest.raises(Refusal):
        cases.attach(handled.id, upload=upload, actor=county.actor("shui"))
