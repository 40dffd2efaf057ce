"""Open data: what there is and since when, and the files themselves, for people and programs."""

import os
import re
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from gezhi.base.refusal import NotFound
from gezhi.exchange import reads
from gezhi.exchange.rules import opendata as rules
from gezhi.portal.pages import keeping

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


@dataclass(frozen=True)
class Part:
    """A month, or the latest: its files."""

    name: str
    rows: int
    files: list[rules.File]


@login_not_required
@require_safe
def opendata(request: HttpRequest) -> HttpResponse:
    """The files by month, the newest first."""
    found = reads.published()
    parts = [
        Part("" if part == rules.LATEST else part, same[0].rows, same)
        for part, same in (
            (part, list(files))
            for part, files in groupby(found.files if found else (), key=lambda file: file.part)
        )
    ]
    values = {
        "at": timezone.localtime(found.at) if found else None,
        "licence": found.licence if found else {},
        "parts": parts,
        "days": rules.LATEST_IS.days,
        "described": (rules.PACKAGE, rules.TABLE_SCHEMA, rules.FEATURE_SCHEMA),
    }
    return keeping.show(request, "portal/opendata.html", values)


@login_not_required
@require_safe
def opendata_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file, or the part of it that is asked for; other sites' pages may read it too."""
    path, kind = reads.open_data_file(name), rules.media_type_of(name)
    if path is None or kind is None:
        raise NotFound()
    answer = _given(request, path)
    answer["Content-Type"] = f"{kind}; charset=utf-8"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Accept-Ranges"] = "bytes"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, no-cache"  # what is no longer public is in no cache either
    return answer


def _given(request: HttpRequest, path: Path) -> HttpResponseBase:
    # Opened before it is measured: another may take its name meanwhile.
    file = path.open("rb")
    found = os.fstat(file.fileno())
    tag, at = f'"{found.st_mtime_ns:x}-{found.st_size:x}"', int(found.st_mtime)
    is_same_file = request.headers.get("If-Range", tag) == tag
    part = _part(request.headers.get("Range", "") if is_same_file else "", found.st_size)
    answer: HttpResponseBase | None = get_conditional_response(request, tag, at)
    if answer is not None:
        file.close()
    elif part is None:
        file.close()
        answer = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        answer["Content-Range"] = f"bytes */{found.st_size}"
    else:
        answer = _piece(file, part, found.st_size)
    answer["ETag"], answer["Last-Modified"] = tag, http_date(at)
    return answer


def _piece(file: BinaryIO, part: range, size: int) -> FileResponse:
    file.seek(part.start)
    answer = FileResponse(_Piece(file, len(part)))
    answer["Content-Length"] = str(len(part))
    if len(part) < size:
        answer.status_code = HTTPStatus.PARTIAL_CONTENT
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return answer


def _part(wanted: str, size: int) -> range | None:
    """Which bytes `Range` asks for, all where it can't be read; None if there are no such."""
    found = _RANGE.fullmatch(wanted)
    if found is None or found[1] + found[2] == "":
        return range(size)
    if not found[1]:  # the last so many
        part = range(max(size - int(found[2]), 0), size)
    else:
        part = range(int(found[1]), min(int(found[2] or size) + 1, size))
    return part or None


class _Piece:
    """So many bytes of an open file, as FileResponse reads them."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int) -> bytes:
        read = self._file.read(min(size, self._left))
        self._left -= len(read)
        return read

    def close(self) -> None:
        self._file.close()
