"""Workbooks: a table as xlsx, and one that was filled in, read back as text."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from gezhi.base.words import safe_cell

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
Cells = Sequence[str | int | float]


def write_sheet(name: str, header: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """An xlsx with one sheet. Text stays text: nothing in it becomes a formula or a link."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#e8eef5", "border": 1})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(header) - 1, 0), 20)
    for at, head in enumerate(header):
        sheet.write_string(0, at, head, bold)
    for line, cells in enumerate(rows, 1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(line, at, safe_cell(cell))
            else:
                sheet.write_number(line, at, cell)
    book.close()
    return file.getvalue()


def read_sheet(data: bytes) -> list[list[str]] | None:
    """The rows of the first sheet under its heading, as text; None where it is no workbook."""
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except (CalamineError, IndexError):
        return None
    return [[_text(cell) for cell in row] for row in rows[1:] if any(map(_text, row))]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
