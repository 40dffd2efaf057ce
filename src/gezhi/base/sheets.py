"""Tables as files: the lines of an xlsx, ods, xls or csv file, and a workbook to be saved."""

import csv
import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from gezhi.base.words import safe_cell, typed_cell

MOST_MB = 30
MOST_ROWS = 100_000
Cell = str | int | float | bool | date | time | timedelta
Cells = Sequence[str | int | float | datetime]  # moments without a zone, as the city has them
_MOST_UNPACKED_MB = 400  # an xlsx is a zip, and a small zip may hold a very large table
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",\t;|"
_CALAMINE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, ods and old xls
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_MOST_SIGNS = 32_767  # of a cell in Excel


class SheetUnreadable(Exception):
    """No table that we can read."""


class SheetTooLarge(Exception):
    """More than is taken at once."""


def lines_of(data: bytes) -> list[tuple[Cell, ...]]:
    """Every line of the first sheet with anything on it, or of a csv file in a usual encoding.

    No lines where there is nothing at all.
    """
    if len(data) > MOST_MB * 1024 * 1024:
        raise SheetTooLarge()
    return _of_sheets(data) if data.startswith(_CALAMINE) else _of_csv(data)


def is_filled(cells: Sequence[Cell]) -> bool:
    """Whether anything stands in a line."""
    return any(not isinstance(cell, str) or cell_text(cell) for cell in cells)


def cell_text(cell: Cell) -> str:
    """A cell as a person would type it."""
    if isinstance(cell, str):
        return cell.replace("\x00", "").strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell):
        return str(int(cell))
    return str(cell)


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
                raise SheetTooLarge()
            lines = [_trimmed(row) for row in sheet.to_python(skip_empty_area=False)]
            if any(is_filled(cells) for cells in lines):
                return lines
    except (CalamineError, OSError, ValueError) as error:
        raise SheetUnreadable() from error
    return []


def _refuse_bombs(data: bytes) -> None:
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SheetUnreadable() from error
    if unpacked > _MOST_UNPACKED_MB * 1024 * 1024:
        raise SheetTooLarge()


def _of_csv(data: bytes) -> list[tuple[Cell, ...]]:
    text = _decoded(data)
    head = text[:4000].partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [_trimmed(cells) for cells in reader]
    except csv.Error as error:
        raise SheetUnreadable() from error


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
    raise SheetUnreadable()


def _looks_binary(text: str) -> bool:
    """A picture decodes as something too, but no table is full of control signs."""
    odd = sum(1 for sign in text[:4000] if ord(sign) < 32 and sign not in "\t\r\n\x00")
    return odd > 4


def csv_lines(rows: Iterable[Sequence[str | int | float | None]]) -> bytes:
    """Lines of a csv file (RFC 4180, UTF-8), whose texts no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode()


def write_sheet(name: str, header: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """An xlsx with one sheet. Text stays text: nothing in it becomes a formula or a link."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#e8eef5", "border": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(header) - 1, 0), 20)
    for at, head in enumerate(header):
        sheet.write_string(0, at, head, bold)
    for line, cells in enumerate(rows, 1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(line, at, safe_cell(cell)[:_MOST_SIGNS])
            elif isinstance(cell, datetime):
                sheet.write_datetime(line, at, cell, moment)
            else:
                sheet.write_number(line, at, cell)
    book.close()
    return file.getvalue()
