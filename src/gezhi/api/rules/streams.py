"""Many rows as one file, written piece by piece: CSV (RFC 4180), JSON or XML of one content."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gezhi.api.rules.trees import Scalar, as_json, as_xml, clean_text
from gezhi.base.days import in_utc
from gezhi.base.sheets import csv_lines

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
    yield csv_lines([columns])
    for rows in batches:
        yield csv_lines([_cell(row[name]) for name in columns] for row in rows)


def _cell(value: Scalar) -> str | int | float | None:
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, int | float):
        return value
    return in_utc(value)


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
