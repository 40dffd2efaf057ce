"""Pages of notices: one's own list and choices, the outbox, what a move will send."""

from gezhi.notices.pages.mine import (
    bell,
    choices,
    mine,
    open_notice,
    read_all,
    read_one,
    rows,
)
from gezhi.notices.pages.outbox import export, outbox
from gezhi.notices.pages.sending import preview

__all__ = [
    "bell",
    "choices",
    "export",
    "mine",
    "open_notice",
    "outbox",
    "preview",
    "read_all",
    "read_one",
    "rows",
]
