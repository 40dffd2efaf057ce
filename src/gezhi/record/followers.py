"""Followers read the book after commit, in order, each from its own cursor.

A follower handles a batch inside one transaction together with its cursor: it
may be killed anywhere and neither skips nor doubles a line in the database.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from django.db import transaction

from gezhi.base import clock
from gezhi.record import actions, reads
from gezhi.record.models import AuditLine, Entry, Line

Follower = Callable[[Sequence[Any]], None]
Reader = Callable[[], bool]
F = TypeVar("F", bound=Follower)
BATCH = 500

_followers: dict[str, Follower] = {}
_books: dict[str, type[Entry]] = {}
_readers: dict[str, Reader] = {}


def follows(name: str, *, book: type[Entry] = Line) -> Callable[[F], F]:
    """Register a follower of a book (the facts, if it names none) by the name its cursor has."""

    def register(follower: F) -> F:
        _followers[name] = follower
        _books[name] = book
        return follower

    return register


def reads_by_itself(name: str) -> Callable[[Reader], Reader]:
    """Register something that reads the book from places of its own, beside the followers.

    It takes its next batch when it is called, in a transaction with its places, and says whether
    there is more to do.
    """

    def register(reader: Reader) -> Reader:
        _readers[name] = reader
        return reader

    return register


def run_once(name: str, *, most: int = BATCH) -> int:
    """Let one follower handle its next batch; returns how many lines that was."""
    with transaction.atomic():
        cursor = reads.cursor_to_move(name)
        if cursor is None:
            return 0
        book = _books.get(name, Line)
        lines = reads.entries_after(book, cursor.xid, cursor.line, most=most)
        if lines:
            _followers[name](lines)
            actions.move_cursor(cursor, lines[-1], now=clock.now())
        return len(lines)


def read_on() -> bool:
    """Let every follower handle its next batch, one after the other; true if any has more to do.

    So none waits for another that has far to go, or that fell over its lines: what they raised
    comes together at the end. What comes in while one reads waits for the next time: read line by
    line as they are written, lines cost ten times as much.
    """
    more, faults = False, []
    turns = {name: partial(_has_more, name) for name in _followers} | _readers
    for name in sorted(turns):
        try:
            more = turns[name]() or more
        except Exception as fault:  # the others have their turn first
            fault.add_note(f"follower: {name}")
            faults.append(fault)
    if faults:
        raise ExceptionGroup("followers fell over their lines", faults)
    return more


def _has_more(name: str) -> bool:
    return run_once(name) == BATCH


@follows(reads.SEALS_AUDIT, book=AuditLine)
@follows("seal")
def seal(lines: Sequence[Entry]) -> None:
    """Seal each batch of lines, so that a later change to any of them shows."""
    actions.seal_lines(lines, now=clock.now())
