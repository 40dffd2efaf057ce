"""Writing workbooks: the rows that need mending, and a file to begin with."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

from gezhi.base.words import safe_cell

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_MOST_SIGNS = 32_767  # of a cell in Excel
Cells = Sequence[str | int | float | datetime]  # moments without a zone, as the city has them


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
