"""Followers read the book after commit, in order, each from its own cursor.

A follower handles a batch inside one transaction together with its cursor: it
may be killed anywhere and neither skips nor doubles a line in the database.
"""

from collections.abc import Callable, Sequence

from django.db import transaction

from gezhi.base import clock
from gezhi.record import actions, reads
from gezhi.record.models import Line

Follower = Callable[[Sequence[Line]], None]
BATCH = 500

_followers: dict[str, Follower] = {}


def follows(name: str) -> Callable[[Follower], Follower]:
    """Register a follower under the name its cursor has."""

    def register(follower: Follower) -> Follower:
        _followers[name] = follower
        return follower

    return register


def run_once(name: str, *, most: int = BATCH) -> int:
    """Let one follower handle its next batch; returns how many lines that was."""
    with transaction.atomic():
        cursor = reads.cursor_to_move(name)
        if cursor is None:
            return 0
        lines = reads.lines_after(cursor.xid, cursor.line, most=most)
        if lines:
            _followers[name](lines)
            actions.move_cursor(cursor, lines[-1], now=clock.now())
        return len(lines)


def catch_up() -> int:
    """Let every follower read to the end of what is settled; returns the lines handled.

    What comes in while one reads waits for the next time: read line by line as they are
    written, lines cost ten times as much.
    """
    total = 0
    for name in sorted(_followers):
        handled = BATCH
        while handled == BATCH:
            handled = run_once(name)
            total += handled
    return total


@follows("seal")
def seal(lines: Sequence[Line]) -> None:
    """Seal each batch of lines, so that a later change to any of them shows."""
    actions.seal_lines(lines, now=clock.now())
