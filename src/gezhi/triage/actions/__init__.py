"""Acts of triage."""

from gezhi.triage.actions.dispatching import keep_dispatches
from gezhi.triage.actions.printing import print_cases, print_unprinted
from gezhi.triage.actions.roots import end_root, open_root
from gezhi.triage.actions.topics import ask_run, leave_to_worker, note_likes

__all__ = [
    "ask_run",
    "end_root",
    "keep_dispatches",
    "leave_to_worker",
    "note_likes",
    "open_root",
    "print_cases",
    "print_unprinted",
]
