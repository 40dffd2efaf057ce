"""A list of triage as a workbook; text stays text."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from gezhi.base.words import safe_cell

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """An xlsx with one sheet of these rows."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.set_column(0, len(header) - 1, 18)
    page.write_row(0, 0, header, book.add_format({"bold": True, "border": 1}))
    for line, cells in enumerate(rows, 1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                page.write_string(line, at, safe_cell(cell))
            else:
                page.write_number(line, at, cell)
    book.close()
    return file.getvalue()
