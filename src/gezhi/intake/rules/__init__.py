"""What is decided about imports from values alone: tables, columns, dates, messages."""

from gezhi.base.sheets import MOST_MB, MOST_ROWS, Cell, cell_text, write_sheet
from gezhi.intake.rules.columns import (
    ERROR_HEADERS,
    FIELD_NAMES,
    Columns,
    Field,
    check_columns,
    guess_columns,
    is_error_column,
)
from gezhi.intake.rules.dates import read_moment
from gezhi.intake.rules.messages import (
    ODD_DATES_NAMES,
    Message,
    OddDates,
    Reading,
    cells_of,
    read_message,
    split_words,
)
from gezhi.intake.rules.progress import (
    CHANNEL_NAMES,
    CHANNELS,
    DRAFT_LIFE,
    SILENCE,
    STATE_NAMES,
    WORKING,
    Outcome,
    State,
)
from gezhi.intake.rules.tables import (
    MOST_COLUMNS,
    Row,
    Table,
    read_table,
)

__all__ = [
    "CHANNELS",
    "CHANNEL_NAMES",
    "DRAFT_LIFE",
    "ERROR_HEADERS",
    "FIELD_NAMES",
    "MOST_COLUMNS",
    "MOST_MB",
    "MOST_ROWS",
    "ODD_DATES_NAMES",
    "SILENCE",
    "STATE_NAMES",
    "WORKING",
    "Cell",
    "Columns",
    "Field",
    "Message",
    "OddDates",
    "Outcome",
    "Reading",
    "Row",
    "State",
    "Table",
    "cell_text",
    "cells_of",
    "check_columns",
    "guess_columns",
    "is_error_column",
    "read_message",
    "read_moment",
    "read_table",
    "split_words",
    "write_sheet",
]
