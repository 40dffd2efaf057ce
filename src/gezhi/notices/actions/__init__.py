"""Every change of notices: made from the book, sent, read; how one wants to hear of things."""

from gezhi.notices.actions.choosing import choose
from gezhi.notices.actions.confirming import ask_again, confirm, send_code
from gezhi.notices.actions.noting import note
from gezhi.notices.actions.reading import mark_all_read, mark_read
from gezhi.notices.actions.sending import send, send_again, sweep

__all__ = [
    "ask_again",
    "choose",
    "confirm",
    "mark_all_read",
    "mark_read",
    "note",
    "send",
    "send_again",
    "send_code",
    "sweep",
]
