"""Changing imports (files, row by row) and sources (messages that come by themselves)."""

from gezhi.intake.actions.answering import Answer, answer_letter, forget_code, note_answer
from gezhi.intake.actions.arriving import ask_source, queue_asking, take_sent
from gezhi.intake.actions.forgetting import forget_rows_of, forget_senders_of
from gezhi.intake.actions.receiving import (
    drop_import,
    go_on,
    queue_rest,
    receive_file,
    start_import,
    stop_import,
    sweep,
)
from gezhi.intake.actions.settling import drop_message, try_again
from gezhi.intake.actions.sources import (
    Wanted,
    add_source,
    change_source,
    remove_source,
    renew_secret,
    switch_source,
    try_map,
)
from gezhi.intake.actions.taking import Brought, read_kept, receive
from gezhi.intake.actions.working import import_messages, take_batch, work_on

__all__ = [
    "Answer",
    "Brought",
    "Wanted",
    "add_source",
    "answer_letter",
    "ask_source",
    "change_source",
    "drop_message",
    "queue_asking",
    "read_kept",
    "receive",
    "remove_source",
    "renew_secret",
    "switch_source",
    "take_sent",
    "try_again",
    "try_map",
    "drop_import",
    "forget_code",
    "forget_rows_of",
    "forget_senders_of",
    "go_on",
    "import_messages",
    "note_answer",
    "queue_rest",
    "receive_file",
    "start_import",
    "stop_import",
    "sweep",
    "take_batch",
    "work_on",
]
