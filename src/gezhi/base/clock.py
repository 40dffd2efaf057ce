"""The one place that says what time it is, so a simulated county can live sixty days in minutes.

Acts call `now()` once. Nothing else in the house reads the wall clock for a
decision; the database's `now()` is used by nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_standing: ContextVar[datetime | None] = ContextVar("gezhi_clock", default=None)


def now() -> datetime:
    """The current moment, aware and in UTC."""
    return _standing.get() or datetime.now(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let `now()` answer `moment` inside this block, in this thread or task only."""
    if moment.tzinfo is None:
        raise ValueError("A standing clock needs an aware moment.")
    token = _standing.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing.reset(token)
