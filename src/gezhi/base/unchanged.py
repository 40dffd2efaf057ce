"""Answers that are given again for as long as nothing in the database has changed.

For what very many ask and few change, as a city's map asks for the newest cases. PostgreSQL
tells what a question sees (`pg_current_snapshot`: which transactions have ended): the same
snapshot sees the same rows, so the same question has the same answer, and whatever is written by
whomever, in any process, makes another snapshot. There is nothing to be thrown away by hand.

Source: PostgreSQL manual, 9.27.14 "Transaction ID and Snapshot Information Functions".
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.db import connection

from gezhi.base import clock, rows

T = TypeVar("T")
_Standing = tuple[str, int]


class Unchanged(Generic[T]):
    """Up to `most` answers of this process, by what was asked.

    None is older than the minute it was made in: what is told may depend on the time, and a
    database that was restored behind our back may give a number of a transaction twice.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: tuple[_Standing, dict[Hashable, T]] = (("", 0), {})

    def __len__(self) -> int:
        return len(self._known[1])

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to `key`, made anew by `make` if anything was written since.

        In a transaction that is under way it is always made: what that wrote itself isn't seen in
        its snapshot.
        """
        if connection.in_atomic_block:
            return make()
        # Looked at first: what is written while the answer is made belongs to the next standing.
        standing, known = _standing(), self._known
        if known[0] != standing:
            known = self._known = (standing, {})
        kept = known[1]
        if key in kept:
            return kept[key]
        answer = make()
        if len(kept) < self._most:
            kept[key] = answer
        return answer


def _standing() -> _Standing:
    [(snapshot,)] = rows.ask("SELECT pg_current_snapshot()::text", [])
    return snapshot, int(clock.now().timestamp()) // 60
