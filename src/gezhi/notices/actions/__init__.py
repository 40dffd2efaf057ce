"""Every change of notices: made from the book, sent, read; how one wants to hear of things."""

from gezhi.notices.actions.noting import note
from gezhi.notices.actions.reading import choose, mark_all_read, mark_read
from gezhi.notices.actions.sending import leave_to_worker, send, sweep

__all__ = [
    "choose",
    "leave_to_worker",
    "mark_all_read",
    "mark_read",
    "note",
    "send",
    "sweep",
]
