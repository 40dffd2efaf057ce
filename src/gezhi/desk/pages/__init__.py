"""Pages of the desk: the inbox, the case, working lists, new cases, bulk acts, exports."""

from gezhi.desk.pages.bulk import bulk, do_bulk
from gezhi.desk.pages.exporting import export
from gezhi.desk.pages.inbox import (
    bell,
    counts,
    drop_filter,
    filter_form,
    inbox,
    more_rows,
    points,
    save_filter,
)
from gezhi.desk.pages.opening import new_case, suggest
from gezhi.desk.pages.panel import case, panel
from gezhi.desk.pages.proposal import take
from gezhi.desk.pages.visits import approvals, visits

__all__ = [
    "approvals",
    "bell",
    "bulk",
    "case",
    "counts",
    "do_bulk",
    "drop_filter",
    "export",
    "filter_form",
    "inbox",
    "more_rows",
    "new_case",
    "panel",
    "points",
    "save_filter",
    "suggest",
    "take",
    "visits",
]
