"""A file as a table: a header, rows with their numbers in the file, nothing dropped. Pure."""

from dataclasses import dataclass

from gezhi.base.sheets import (
    MOST_MB,
    MOST_ROWS,
    Cell,
    SheetTooLarge,
    SheetUnreadable,
    cell_text,
    is_filled,
    lines_of,
)
from gezhi.intake.errors import TableEmpty, TableTooLarge, TableUnreadable
from gezhi.intake.rules.columns import best_header

MOST_COLUMNS = 60


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
    try:
        lines = lines_of(data)
    except SheetTooLarge as error:
        raise _too_large() from error
    except SheetUnreadable as error:
        raise TableUnreadable() from error
    filled = [Row(number, cells) for number, cells in enumerate(lines, 1) if is_filled(cells)]
    if not filled:
        raise TableEmpty()
    if len(filled) > MOST_ROWS or max(len(row.cells) for row in filled) > MOST_COLUMNS:
        raise _too_large()
    at = best_header([[cell_text(cell) for cell in row.cells] for row in filled[:10]])
    header = tuple(" ".join(cell_text(cell).split()) for cell in filled[at].cells)
    if not filled[at + 1 :]:
        raise TableEmpty()
    return Table(header, tuple(filled[at + 1 :]))


def _too_large() -> TableTooLarge:
    return TableTooLarge(mb=MOST_MB, rows=MOST_ROWS, columns=MOST_COLUMNS)
