"""When a promise is late: one rule for lists, pages and programs.

A clock that stands, stands at the moment it was stopped. What was late then is late as long as it
stands, what was not is not; `cases.reads.late_at` says the same in SQL.
"""

from datetime import datetime, timedelta


def measured_at(
    due: datetime,
    *,
    paused_until: datetime | None,
    paused_at: datetime | None,
    runs_on: bool = False,
    now: datetime,
) -> datetime:
    """The moment at which a promise is looked at: now, or when its case's clock was stopped.

    `runs_on`: this promise does not stand with the clock. Where nobody wrote down when a clock
    was stopped, that was before the promise was due.
    """
    if paused_until is None or runs_on:
        return now
    return min(now, paused_at or due)


def is_late(due: datetime, *, met_at: datetime | None = None, at: datetime) -> bool:
    """Whether a promise was not met by its due moment, as far as that can be said `at` a moment."""
    return due < (met_at or at)


def extension_span(
    finish_by: datetime | None, *, now: datetime, days: int
) -> tuple[datetime, datetime]:
    """After which moment, and until which, a finish may be extended.

    It is measured from what is promised now, so that more time is never less; where that is late
    already (or nobody wrote it on the case), from now.
    """
    first = max(finish_by or now, now)
    return first, first + timedelta(days=days)
