"""Changing imports: receiving a file, starting, stopping, taking rows in, sweeping up."""

from gezhi.intake.actions.forgetting import forget_rows_of
from gezhi.intake.actions.receiving import (
    drop_import,
    go_on,
    queue_rest,
    receive_file,
    start_import,
    stop_import,
    sweep,
)
from gezhi.intake.actions.working import import_messages, take_batch, work_on

__all__ = [
    "drop_import",
    "forget_rows_of",
    "go_on",
    "import_messages",
    "queue_rest",
    "receive_file",
    "start_import",
    "stop_import",
    "sweep",
    "take_batch",
    "work_on",
]
