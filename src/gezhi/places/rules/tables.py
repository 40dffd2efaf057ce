"""Reading tables of divisions and of their changes, as they are published. Pure.

Nothing is dropped: every line becomes a row or an error with its line number.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gezhi.places.errors import CodeWrong, DivisionsUnreadable
from gezhi.places.rules.changes import Change
from gezhi.places.rules.codes import path_of


@dataclass(frozen=True)
class RowError:
    """A line that could not be taken, and why (a key of `errors.REASONS`)."""

    line: int
    reason: str
    value: str = ""


@dataclass(frozen=True)
class DivisionRow:
    """One division as a table gives it."""

    line: int
    path: str
    name: str


@dataclass(frozen=True)
class DivisionTable:
    """A table of divisions: which kind it was, what it says, what could not be read."""

    kind: str
    rows: tuple[DivisionRow, ...]
    errors: tuple[RowError, ...]
    lines: int


_Cells = Sequence[str]
_Pick = Callable[[_Cells], tuple[str, str]]

# Header words that name the column of the code and of the name, in order of preference.
_CODE_HEADS = ("12位码", "code", "代码", "区划代码", "编码")
_NAME_HEADS = ("名称", "name", "区划名称")
_VONNG_WIDTH = 20
_NAME_LENGTH = 60


def lines_of(data: bytes | str) -> list[tuple[int, list[str]]]:
    """The lines of a csv file that are not empty, with their numbers; UTF-8 or GB 18030."""
    text = data if isinstance(data, str) else _decoded(data)
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff").replace("\0", "")))
    try:
        return [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise DivisionsUnreadable() from error


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _column(head: _Cells, names: Sequence[str]) -> int | None:
    plain = [cell.strip() for cell in head]
    return next((plain.index(name) for name in names if name in plain), None)


def _layout(first: _Cells) -> tuple[str, bool, _Pick]:
    """What kind of table this is, whether its first line is a header, how to read a line."""
    if len(first) == _VONNG_WIDTH and first[0].strip().isdecimal():
        return "vonng", False, lambda cells: (cells[0], cells[2])
    code, name = _column(first, _CODE_HEADS), _column(first, _NAME_HEADS)
    if code is None or name is None:
        raise DivisionsUnreadable()
    kind = "streets" if _column(first, ("areaCode",)) is not None else "villages"
    at_code, at_name = code, name
    return kind, True, lambda cells: (cells[at_code], cells[at_name])


def _row(line: int, cells: _Cells, pick: _Pick) -> DivisionRow | RowError:
    try:
        code, name = (cell.strip() for cell in pick(cells))
    except IndexError:
        return RowError(line, "cells_missing", ",".join(cells)[:80])
    if not name or len(name) > _NAME_LENGTH:
        return RowError(line, "name_wrong", code[:20])
    try:
        return DivisionRow(line, path_of(code), name)
    except CodeWrong:
        return RowError(line, "code_wrong", code[:20])


def read_divisions(data: bytes | str) -> DivisionTable:
    """Read one of the three published kinds of tables, or any with columns `code` and `name`."""
    lines = lines_of(data)
    if not lines:
        raise DivisionsUnreadable()
    kind, has_header, pick = _layout(lines[0][1])
    body = lines[1:] if has_header else lines
    read = [_row(line, cells, pick) for line, cells in body]
    return DivisionTable(
        kind=kind,
        rows=tuple(row for row in read if isinstance(row, DivisionRow)),
        errors=tuple(row for row in read if isinstance(row, RowError)),
        lines=len(body),
    )


def read_changes(data: bytes | str) -> tuple[tuple[Change, ...], tuple[RowError, ...]]:
    """Read a table of changed towns: county, code, name before, name after (empty: gone or new)."""
    changes: list[Change] = []
    errors: list[RowError] = []
    for line, cells in lines_of(data):
        if len(cells) < 4:
            errors.append(RowError(line, "cells_missing", ",".join(cells)[:80]))
            continue
        code, before, after = (cell.strip() for cell in cells[1:4])
        if not code.isdecimal() and line == 1:
            continue  # the header
        try:
            path = path_of(code)
        except CodeWrong:
            errors.append(RowError(line, "code_wrong", code[:20]))
            continue
        if not before and not after:
            errors.append(RowError(line, "name_wrong", code))
            continue
        changes.append(Change(line, path, before, after))
    return tuple(changes), tuple(errors)
