"""Pages of notices: one's own list and choices, the outbox, what a move will send."""

from gezhi.notices.pages.choosing import choices, confirm, send_again
from gezhi.notices.pages.mine import (
    bell,
    mine,
    open_notice,
    read_all,
    read_one,
    rows,
)
from gezhi.notices.pages.outbox import export, outbox, try_again
from gezhi.notices.pages.sending import preview

__all__ = [
    "bell",
    "choices",
    "confirm",
    "export",
    "mine",
    "open_notice",
    "outbox",
    "preview",
    "read_all",
    "read_one",
    "rows",
    "send_again",
    "try_again",
]
