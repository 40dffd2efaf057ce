"""A file as a table: a header, rows with their numbers in the file, nothing dropped. Pure."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from gezhi.base.words import typed_cell
from gezhi.intake.errors import TableEmpty, TableTooLarge, TableUnreadable
from gezhi.intake.rules.columns import best_header
from gezhi.intake.rules.dates import Cell

MOST_MB = 30
MOST_ROWS = 100_000
MOST_COLUMNS = 60
_MOST_UNPACKED_MB = 400  # an xlsx is a zip, and a small zip may hold a very large table
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",\t;|"
_CALAMINE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, ods and old xls


@dataclass(frozen=True)
class Row:
    """One row; `line` is its number in the file, the header's being 1 in most."""

    line: int
    cells: tuple[Cell, ...]

    def at(self, column: int | None) -> Cell:
        """The cell of a column; empty where the row is short or the column is not there."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """What a file holds. Empty rows are left out, the others keep their numbers."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(data: bytes) -> Table:
    """The first sheet with anything on it, or a csv file in any of the usual encodings."""
    if len(data) > MOST_MB * 1024 * 1024:
        raise _too_large()
    lines = _of_sheets(data) if data.startswith(_CALAMINE) else _of_csv(data)
    filled = [Row(number, cells) for number, cells in enumerate(lines, 1) if _is_filled(cells)]
    if not filled:
        raise TableEmpty()
    if len(filled) > MOST_ROWS or max(len(row.cells) for row in filled) > MOST_COLUMNS:
        raise _too_large()
    at = best_header([[cell_text(cell) for cell in row.cells] for row in filled[:10]])
    header = tuple(" ".join(cell_text(cell).split()) for cell in filled[at].cells)
    if not filled[at + 1 :]:
        raise TableEmpty()
    return Table(header, tuple(filled[at + 1 :]))


def cell_text(cell: Cell) -> str:
    """A cell as a person would type it."""
    if isinstance(cell, str):
        return cell.replace("\x00", "").strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    return str(cell)


def _too_large() -> TableTooLarge:
    return TableTooLarge(mb=MOST_MB, rows=MOST_ROWS, columns=MOST_COLUMNS)


def _is_filled(cells: Sequence[Cell]) -> bool:
    return any(not isinstance(cell, str) or cell_text(cell) for cell in cells)


def _trimmed(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Without the empty cells at the end, which formatting leaves behind."""
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return tuple(typed_cell(cell) if isinstance(cell, str) else cell for cell in cells[:end])


def _of_sheets(data: bytes) -> list[tuple[Cell, ...]]:
    _refuse_bombs(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for number in range(len(book.sheet_names)):
            sheet = book.get_sheet_by_index(number)
            if sheet.total_height > MOST_ROWS * 2 or sheet.total_width > 16_384:
                raise _too_large()
            lines = [_trimmed(row) for row in sheet.to_python(skip_empty_area=False)]
            if any(_is_filled(cells) for cells in lines):
                return lines
    except (CalamineError, OSError, ValueError) as error:
        raise TableUnreadable() from error
    raise TableEmpty()


def _refuse_bombs(data: bytes) -> None:
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise TableUnreadable() from error
    if unpacked > _MOST_UNPACKED_MB * 1024 * 1024:
        raise _too_large()


def _of_csv(data: bytes) -> list[tuple[Cell, ...]]:
    text = _decoded(data)
    head = text[:4000].partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [_trimmed(cells) for cells in reader]
    except csv.Error as error:
        raise TableUnreadable() from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _looks_binary(text):
            return text.replace("\x00", "")
        break
    raise TableUnreadable()


def _looks_binary(text: str) -> bool:
    """A picture decodes as something too, but no table is full of control signs."""
    odd = sum(1 for sign in text[:4000] if ord(sign) < 32 and sign not in "\t\r\n\x00")
    return odd > 4
