"""Writing, proving and restoring backups, and the rows that tell how it went."""

from gezhi.backup.actions.erasing import keep_erasures, set_anchors_aside
from gezhi.backup.actions.restoring import Place, Restored, restore
from gezhi.backup.actions.running import (
    ask_for,
    look_after,
    secret,
    sweep,
    target,
    verify_now,
    work_on,
    write_now,
)
from gezhi.backup.actions.writing import Target, Written

__all__ = [
    "Place",
    "Restored",
    "Target",
    "Written",
    "ask_for",
    "keep_erasures",
    "look_after",
    "restore",
    "secret",
    "set_anchors_aside",
    "sweep",
    "target",
    "verify_now",
    "work_on",
    "write_now",
]
