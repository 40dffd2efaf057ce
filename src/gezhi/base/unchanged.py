"""Answers that are given again for as long as nothing in the database has changed.

For what very many ask and few change, as a city's map asks for the newest cases. PostgreSQL
tells what a question sees (`pg_current_snapshot`: which transactions have ended): the same
snapshot sees the same rows, so the same question has the same answer, and whatever is written by
whomever, in any process, makes another snapshot. There is nothing to be thrown away by hand.

A process also has copies of its own (rulebook, units, places), which may be a second behind. What
was made in the first second of a standing is therefore made once more after it.

Source: PostgreSQL manual, 9.27.14 "Transaction ID and Snapshot Information Functions".
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import connection

from gezhi.base import clock, rows

T = TypeVar("T")
COPIES_HOLD = 1.0  # seconds after which a copy in this process is looked at again


@dataclass
class _Standing(Generic[T]):
    """What was answered while the database stood like this, each with whether copies were new."""

    snapshot: str
    minute: int
    since: float
    answers: dict[Hashable, tuple[T, bool]] = field(default_factory=dict)


class Unchanged(Generic[T]):
    """Up to `most` answers of this process, by what was asked; a new one takes the oldest's place.

    None is older than the minute it was made in: what is told may depend on the time, and a
    database that was restored behind our back may give a number of a transaction twice.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._standing: _Standing[T] = _Standing("", 0, 0.0)

    def __len__(self) -> int:
        return len(self._standing.answers)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to `key`, made anew by `make` if anything was written since.

        Always made in a transaction that is under way, whose own rows aren't in its snapshot, and
        by a standby, whose snapshots don't name what is not committed yet.
        """
        if connection.in_atomic_block:
            return make()
        # Looked at first: what is written while the answer is made belongs to the next standing.
        snapshot = _snapshot()
        if not snapshot:
            return make()
        standing, now = self._standing_of(snapshot), time.monotonic()
        has_new_copies = now - standing.since > COPIES_HOLD
        known = standing.answers.get(key)
        if known and (known[1] or not has_new_copies):
            return known[0]
        answer = make()
        with self._lock:
            standing.answers.pop(key, None)
            if len(standing.answers) >= self._most:
                standing.answers.pop(next(iter(standing.answers)))
            standing.answers[key] = (answer, has_new_copies)
        return answer

    def _standing_of(self, snapshot: str) -> _Standing[T]:
        minute = int(clock.now().timestamp()) // 60
        standing = self._standing
        if (standing.snapshot, standing.minute) != (snapshot, minute):
            standing = self._standing = _Standing(snapshot, minute, time.monotonic())
        return standing


def _snapshot() -> str:
    """What a question sees now; empty on a standby."""
    asked = "SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_current_snapshot()::text END"
    [(snapshot,)] = rows.ask(asked, [])
    return str(snapshot)
