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
from gezhi.desk.actions.verifying import (
    ask_verification,
    leave_verification_to_worker,
    make_anchor,
    sweep_verifications,
    work_on_verification,
)

__all__ = [
    "ask_verification",
    "leave_verification_to_worker",
    "make_anchor",
    "sweep_verifications",
    "work_on_verification",
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
