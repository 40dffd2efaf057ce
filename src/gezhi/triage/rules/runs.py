"""How a search for topics stands."""

from datetime import timedelta
from enum import StrEnum


class RunState(StrEnum):
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


LOST_AFTER = timedelta(minutes=10)  # not a word for so long: its worker was stopped
KEPT = 48  # runs, of two days
