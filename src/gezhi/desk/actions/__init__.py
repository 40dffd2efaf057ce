"""Acts of the desk: saved filters, taking a proposal, one act on many cases."""

from gezhi.desk.actions.filters import drop_filter, save_filter
from gezhi.desk.actions.many import (
    Wanted,
    act_on_next,
    leave_to_worker,
    start_bulk,
    stop_bulk,
    sweep,
    work_on,
)
from gezhi.desk.actions.taking import take_as_shown

__all__ = [
    "Wanted",
    "act_on_next",
    "drop_filter",
    "leave_to_worker",
    "save_filter",
    "start_bulk",
    "stop_bulk",
    "sweep",
    "take_as_shown",
    "work_on",
]
