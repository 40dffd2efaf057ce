"""Many rows as one file, written piece by piece: CSV (RFC 4180), JSON or XML of one content."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gezhi.api.rules.trees import Scalar, as_json, as_xml, clean_text, moment
from gezhi.base.words import safe_cell

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
Row = Mapping[str, Scalar]
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def write(kind: str, columns: Sequence[str], batches: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    """The pieces of the file; each batch of rows is one, so that none but the last is kept."""
    if kind == "csv":
        return _csv(columns, batches)
    return _json(batches) if kind == "json" else _xml(batches)


def _csv(columns: Sequence[str], batches: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    yield _lines([columns])
    for rows in batches:
        yield _lines([_cell(row[name]) for name in columns] for row in rows)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _cell(value: Scalar) -> Any:
    if isinstance(value, str):
        return safe_cell(clean_text(value))
    if value is None or isinstance(value, int | float):
        return value
    return moment(value)


def _json(batches: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    before = b"["
    for rows in batches:
        for row in rows:
            yield before + as_json(row)
            before = b",\n"
    yield b"[]" if before == b"[" else b"]"


def _xml(batches: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    yield f"{_HEAD}<service_requests>".encode()
    for rows in batches:
        yield b"".join(as_xml("request", row).removeprefix(_HEAD.encode()) for row in rows)
    yield b"</service_requests>"
