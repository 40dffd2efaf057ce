"""The acts of the hotline: calls begun, ended, settled; articles written; what is forgotten."""

from gezhi.hotline.actions.articles import (
    change_article,
    drop_article,
    make_article,
    take_article,
)
from gezhi.hotline.actions.calls import (
    TYPED,
    begin_call,
    end_call,
    note_looked_up,
    note_typed,
    write_down,
)
from gezhi.hotline.actions.forgetting import forget_calls_from, forget_calls_of
from gezhi.hotline.actions.settling import (
    answer_call,
    drop_call,
    join_case,
    open_case,
    take_up_again,
)

__all__ = [
    "TYPED",
    "answer_call",
    "begin_call",
    "change_article",
    "drop_article",
    "drop_call",
    "end_call",
    "forget_calls_from",
    "forget_calls_of",
    "join_case",
    "make_article",
    "note_looked_up",
    "note_typed",
    "open_case",
    "take_article",
    "take_up_again",
    "write_down",
]
